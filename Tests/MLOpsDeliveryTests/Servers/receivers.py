"""Receivers of notifications on loopback, good and bad ones, until the standard input ends.

Usage: receivers.py FOLDER

It prints a line of JSON with the ports, and keeps what it received in FOLDER: requests in
<key>.jsonl, where a URL is /<key>/<behaviour>[/<argument>][?<value of Retry-After>], and mails in
<local part of the Message-ID>.json.
"""
import base64
import datetime
import json
import logging
import os
import socket
import ssl
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

FOLDER = sys.argv[1]
# Clients that break off are what the tests are about.
logging.disable()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        url = urllib.parse.urlsplit(self.path)
        key, behaviour, *arguments = url.path.strip("/").split("/")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        record(key + ".jsonl", {
            "path": url.path, "headers": {k.lower(): v for k, v in self.headers.items()},
            "body": body.decode(),
        })
        self.close_connection = True
        getattr(self, "be_" + behaviour)(urllib.parse.unquote(url.query), *arguments)

    def answer(self, status, text="ok", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        content = b"" if status in (204, 304) else text.encode()
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def be_status(self, retry, status, text="ok"):
        headers = {"Retry_After": retry} if retry else {}
        self.answer(int(status), urllib.parse.unquote(text), **headers)

    def be_redirect(self, query, status):
        key = self.path.strip("/").split("/")[0]
        self.answer(int(status), Location=f"/{key}-target/status/200")

    def be_echo(self, query, *rest):
        self.answer(404, "no service at " + self.path + " of " + str(dict(self.headers)))

    def be_hang(self, query):
        time.sleep(20)

    def be_drip(self, query):
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000:
            self.wfile.write(bytes([byte]))
            time.sleep(0.05)

    def be_big(self, query):
        self.send_response(200)
        self.send_header("Content-Length", str(100_000_000))
        self.end_headers()
        sent = 0
        try:
            for _ in range(1000):
                self.wfile.write(b"x" * 100_000)
                sent += 100_000
        except OSError:
            pass
        record(self.path.strip("/").split("/")[0] + ".sent.jsonl", {"sent": sent})

    def be_headers(self, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        try:
            for number in range(100_000):
                self.wfile.write(f"X-{number}: {'x' * 1000}\r\n".encode())
        except OSError:
            pass

    def be_cut(self, query):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half")

    def be_cutheaders(self, query):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Le")

    def be_silence(self, query):
        pass

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, address):
        pass


def record(name, content):
    with open(os.path.join(FOLDER, name), "a") as file:
        file.write(json.dumps(content) + "\n")


def serve(context=None):
    server = Server(("127.0.0.1", 0), Receiver)
    if context:
        # The handshake belongs to the thread of the connection, which a bad client may hold up.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


class Mailbox:
    """Refuses by the local part: of a recipient at RCPT, of the sender after DATA."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.split("@")[0]
        if local.startswith("refused"):
            return "550 5.1.1 No such user here"
        if local.startswith("later"):
            return "450 4.2.0 Try again later"
        if local.startswith("abort"):
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        local = envelope.mail_from.split("@")[0]
        if local == "full":
            return "452 4.3.1 No room"
        if local == "spam":
            return "554 5.7.1 No"
        content = envelope.original_content
        mail_id = content.split(b"Message-ID: <")[1].split(b"@")[0].decode()
        record(mail_id + ".json", {
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "ehlo": session.host_name,
            "isEncrypted": server.transport.get_extra_info("ssl_object") is not None,
            "content": base64.b64encode(content).decode(),
            "login": session.auth_data or "",
        })
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    if data.login == b"busy":
        return AuthResult(success=False, handled=False, message="454 4.7.0 Try again later")
    if data.password == b"se\"cret=1":
        return AuthResult(success=True, auth_data=data.login.decode())
    return AuthResult(success=False, handled=False)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def mail(**arguments):
    controller = Controller(
        Mailbox(), hostname="127.0.0.1", port=free_port(), server_hostname="mail.example",
        **arguments)
    controller.start()
    return controller.port


def context(certificate):
    result = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(result)
    return result


authority, foreign = trustme.CA(), trustme.CA()
authority.cert_pem.write_to_path(os.path.join(FOLDER, "authority.pem"))
good = context(authority.issue_cert("localhost", "127.0.0.1"))
yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
login = {"authenticator": authenticate}
print(json.dumps({
    "http": serve(),
    "https": serve(good),
    "expired": serve(context(authority.issue_cert(
        "localhost", not_before=yesterday - datetime.timedelta(days=9), not_after=yesterday))),
    "foreign": serve(context(foreign.issue_cert("localhost"))),
    "misnamed": serve(context(authority.issue_cert("other.example"))),
    "closed": free_port(),
    "startTLS": mail(tls_context=good, require_starttls=True, **login),
    "plainMail": mail(auth_require_tls=False, **login),
    "foreignMail": mail(tls_context=context(foreign.issue_cert("localhost"))),
    "tlsMail": mail(ssl_context=good, auth_require_tls=False, **login),
}), flush=True)
sys.stdin.read()
# Without waiting for the threads of receivers that hang.
os._exit(0)
