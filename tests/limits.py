#!/usr/bin/env python3
"""What one server holds up under: a thousand slow senders and ten thousand idle connections, and beside them one
honest client that must not notice. Python 3.9, standard library only.

    python3 tests/limits.py --bin target/release/guichet
"""

import argparse
import json
import os
import resource
import selectors
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib

SLOW = 1_000
IDLE = 10_000
REQUESTS = 1_000
PRODUCTS = 20
PRICES = 3
P99_MS = 100
RSS_MIB = 150
SECONDS = 60
# What this process and the server need beside the connections.
SPARE = 400

DEADLINE = time.monotonic() + SECONDS


def left():
    return max(0.1, DEADLINE - time.monotonic())


def check_time(what):
    if time.monotonic() > DEADLINE:
        raise SystemExit(f"limits: {SECONDS} s were not enough: {what}")


def raise_file_limit():
    """As many files as the system gives; how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (max(hard, 65_536), hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
            return wanted
        except (ValueError, OSError):
            pass
    return soft


def free_ports(count):
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def png():
    """A small red square."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side = 16
    rows = (b"\0" + b"\xc8\x1e\x1e" * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Client:
    """One keep-alive connection."""

    def __init__(self, address, host):
        self.host = host
        self.socket = socket.create_connection(address, timeout=left())
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ahead = b""

    def ask(self, method, path, headers=(), body=b""):
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head = self.take(lambda data: data.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in data else 0)
        length = 0
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = self.take(lambda data: length if len(data) >= length else 0) if length else b""
        return int(head.split(b" ", 2)[1]), body

    def take(self, enough):
        while True:
            count = enough(self.ahead)
            if count:
                taken, self.ahead = self.ahead[:count], self.ahead[count:]
                return taken
            more = self.socket.recv(65_536)
            if not more:
                raise ConnectionError("the server has closed the connection")
            self.ahead += more


class House:
    """A server with one shop on a directory of its own."""

    def __init__(self, binary, home):
        self.binary = os.path.abspath(binary)
        self.data = os.path.join(home, "house")
        self.host = "le-bisik.example.org"
        port, = free_ports(1)
        self.address = ("127.0.0.1", port)
        self.log = open(os.path.join(home, "log"), "wb")
        self.process = None

    def verb(self, *args):
        done = subprocess.run(
            [self.binary, "--data", self.data, *args],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=left(),
        )
        if done.returncode != 0:
            raise SystemExit(f"limits: {' '.join(args)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def start(self):
        self.verb("init", "--domain", "example.org")
        self.verb("tenant", "create", "Le Bisik")
        self.verb("user", "create", "boss@example.org", "--superuser")
        key = self.verb(
            "key", "create", "--tenant", "le-bisik", "--user", "boss@example.org", "--name", "all",
            "--rights", "product",
        )
        environment = dict(
            os.environ, GUICHET_CONNECTIONS="100000", GUICHET_CONNECTIONS_PER_ADDRESS="100000",
            GUICHET_HEAD_SECONDS="120", GUICHET_IDLE_SECONDS="120", GUICHET_LOG_LEVEL="warn",
        )
        listen = "%s:%d" % self.address
        self.process = subprocess.Popen(
            [self.binary, "--data", self.data, "serve", "--listen", listen],
            env=environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )
        while True:
            check_time("the server does not start")
            try:
                Client(self.address, self.host).socket.close()
                break
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit("limits: the server has ended")
                time.sleep(0.01)
        self.fill(["Authorization: Api-Key " + key])

    def fill(self, credentials):
        client = Client(self.address, self.host)
        for number in range(PRODUCTS):
            form = (
                b'--edge\r\nContent-Disposition: form-data; name="name"\r\n\r\nProduit %d\r\n'
                b'--edge\r\nContent-Disposition: form-data; name="publish"\r\n\r\ntrue\r\n'
                b'--edge\r\nContent-Disposition: form-data; name="img"; filename="a.png"\r\n\r\n%s\r\n--edge--\r\n'
            ) % (number, png())
            kind = "Content-Type: multipart/form-data; boundary=edge"
            status, answer = client.ask("POST", "/api/products/", [*credentials, kind], form)
            if status != 201:
                raise SystemExit(f"limits: a product is answered {status}: {answer.decode()}")
            product = json.loads(answer)["uuid"]
            for tariff in range(PRICES):
                body = json.dumps({"product": product, "name": f"Tarif {tariff}", "prix": f"{tariff + 1}.00"})
                kind = "Content-Type: application/json"
                status, answer = client.ask("POST", "/api/prices/", [*credentials, kind], body.encode())
                if status != 201:
                    raise SystemExit(f"limits: a price is answered {status}: {answer.decode()}")

    def resident_mib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Slow(threading.Thread):
    """Slow senders: each says one byte of an endless head a second."""

    def __init__(self, address, count):
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.sockets = [socket.create_connection(address, timeout=left()) for _ in range(count)]
        for peer in self.sockets:
            peer.sendall(b"GET /api/products/ HTTP/1.1\r\nX-Slow: ")
            peer.setblocking(False)

    def run(self):
        # A tenth of them every tenth of a second, so that they do not come all at once.
        turn = 0
        while not self.over.wait(0.1):
            for peer in self.sockets[turn::10]:
                try:
                    peer.send(b"y")
                except OSError:
                    pass
            turn = (turn + 1) % 10

    def alive(self):
        return alive(self.sockets)


def open_idle(address, host, count):
    """Connections that have had one answer and say nothing more."""
    request = f"GET /up HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    held = []
    for _ in range(count):
        check_time("the idle connections are not open")
        peer = socket.create_connection(address, timeout=left())
        peer.sendall(request)
        held.append(peer)
    for peer in held:
        check_time("the idle connections have no answer")
        if not peer.recv(4_096).startswith(b"HTTP/1.1 200"):
            raise SystemExit("limits: an idle connection was not answered")
        peer.setblocking(False)
    return held


def alive(sockets):
    """How many the server has not closed."""
    with selectors.DefaultSelector() as selector:
        for peer in sockets:
            selector.register(peer, selectors.EVENT_READ)
        return len(sockets) - len(selector.select(0))


def measure(house):
    """The times of an honest client's requests in milliseconds, and how many were not answered 200."""
    client, times, wrong = Client(house.address, house.host), [], 0
    for _ in range(REQUESTS):
        check_time("the honest client is not done")
        begun = time.monotonic()
        status, body = client.ask("GET", "/api/products/")
        times.append((time.monotonic() - begun) * 1_000)
        if status != 200 or len(json.loads(body)) != PRODUCTS:
            wrong += 1
    return sorted(times), wrong


def run(binary, home):
    files = raise_file_limit()
    slow_count = min(SLOW, max(0, (files - SPARE) // 4))
    idle_count = min(IDLE, max(0, files - SPARE - slow_count))
    if (slow_count, idle_count) != (SLOW, IDLE):
        print(f"limits: {files} files allow {slow_count} slow and {idle_count} idle connections only")
    house = House(binary, home)
    try:
        house.start()
        slow = Slow(house.address, slow_count)
        slow.start()
        idle = open_idle(house.address, house.host, idle_count)
        times, wrong = measure(house)
        resident = house.resident_mib()
        slow_alive, idle_alive = slow.alive(), alive(idle)
        slow.over.set()
    finally:
        house.stop()
    middle, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
    print(
        f"{slow_alive} slow and {idle_alive} idle connections; {REQUESTS} requests: p50 {middle:.2f} ms, "
        f"p99 {p99:.2f} ms, max {times[-1]:.2f} ms, {wrong} wrong; resident {resident:.0f} MiB"
    )
    return {
        f"p99 under {P99_MS} ms": p99 < P99_MS,
        "every answer 200 and whole": wrong == 0,
        f"resident under {RSS_MIB} MiB": 0 < resident < RSS_MIB,
        "every connection still open": (slow_alive, idle_alive) == (slow_count, idle_count),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", default="target/release/guichet", help="the program")
    binary = parser.parse_args().bin
    with tempfile.TemporaryDirectory() as home:
        outcome = run(binary, home)
    for name, held in outcome.items():
        if not held:
            print(f"failed: {name}")
    passed = sum(outcome.values())
    print(f"{passed} passed, {len(outcome) - passed} failed")
    return 0 if passed == len(outcome) else 1


if __name__ == "__main__":
    sys.exit(main())
