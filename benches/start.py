#!/usr/bin/env python3
"""Milliseconds from exec to the first 200 of /up and of a tenant's products: start.py BIN DATA HOST RUNS"""
import os
import socket
import statistics
import subprocess
import sys
import time


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def status(port, host, path):
    """The status of one GET, or 0 while nobody answers."""
    try:
        with socket.create_connection(('127.0.0.1', port), timeout=10) as s:
            s.sendall(f'GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n'.encode())
            return int(s.recv(65536).split(b' ', 2)[1])
    except (OSError, IndexError):
        return 0


def start(binary, data, host):
    port = free_port()
    environment = {**os.environ, 'GUICHET_LISTEN': f'127.0.0.1:{port}', 'GUICHET_OPS': ''}
    began = time.monotonic()
    server = subprocess.Popen([binary, '--data', data, 'serve'], env=environment, stderr=subprocess.DEVNULL)
    try:
        times = []
        for path in '/up', '/api/products/':
            while status(port, host, path) != 200:
                if server.poll() is not None or time.monotonic() - began > 30:
                    sys.exit(f'start.py: {path} never answered 200')
            times.append((time.monotonic() - began) * 1000)
        return times
    finally:
        server.terminate()
        server.wait()


binary, data, host, runs = sys.argv[1:]
times = [start(binary, data, host) for _ in range(int(runs))]
print(*(f'{statistics.median(column):.1f}' for column in zip(*times)))
