"""The SMTP servers of tests/smtp.rs. First line out: their ports; then a line for each letter, all JSON.

What a server does depends on the local part of an address: `never550` and `later451` are answered so at RCPT, `from550`
at MAIL, `data554` after the text, `silent` not at all. After three letters a connection has had enough: 421. Letters are
read back by Python's own parser, which shares nothing with lettre. Ends when stdin does.
"""

import asyncio
import email
import email.policy
import json
import os
import ssl
import sys

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def part(p):
    content = p.get_content()
    content = content.hex() if isinstance(content, bytes) else content
    return {"type": p.get_content_type(), "file": p.get_filename(), "content": content}


class Handler:
    def __init__(self):
        self.letters = {}

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.letters.get(session.peer, 0) >= 3:
            return "421 4.7.0 enough for one connection"
        if address.startswith("from550"):
            return "550 5.7.1 not your address"
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("silent"):
            await asyncio.sleep(3600)
        if address.startswith("never550"):
            return "550-5.1.1 no such\r\n550 5.1.1 person"
        if address.startswith("later451"):
            return "451 4.3.0 not now"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("data554"):
            return "554 5.6.0 not this letter"
        self.letters[session.peer] = self.letters.get(session.peer, 0) + 1
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        print(
            json.dumps(
                {
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "hello": session.host_name,
                    "login": session.auth_data and session.auth_data.decode(),
                    "connection": str(session.peer),
                    "headers": [[name, str(value)] for name, value in message.items()],
                    "raw": envelope.original_content.decode("ascii"),
                    "shape": [p.get_content_type() for p in message.walk()],
                    "parts": [part(p) for p in message.walk() if not p.is_multipart()],
                    "defects": [str(d) for p in message.walk() for d in p.defects]
                    + [str(d) for value in message.values() for d in value.defects],
                }
            ),
            flush=True,
        )
        return "250 ok"


def login(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data == LoginPassword(b"u@b", b"p:/")
    return AuthResult(success=right, handled=False, auth_data=data.login if right else None)


async def main():
    loop = asyncio.get_running_loop()
    handler = Handler()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    asks = {"auth_required": True, "auth_require_tls": False, "authenticator": login}
    kinds = {
        "plain": ({}, None),
        "login": (asks, None),
        "starttls": ({"tls_context": context}, None),
        "smtps": ({}, context),
    }
    ports = {}
    for kind, (options, tls) in kinds.items():

        def protocol(options=options):
            return SMTP(handler, enable_SMTPUTF8=False, **options)

        server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
        ports[kind] = server.sockets[0].getsockname()[1]
    print(json.dumps(ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    os._exit(0)


asyncio.run(main())
