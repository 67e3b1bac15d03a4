"""A TLS server that behaves badly in one way, whatever it is asked."""
import contextlib
import socket
import ssl
import struct
import threading
import time

GIGABYTE = 1 << 30
DRIP_SECONDS = 0.05
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def answer(status, body, *headers):
    lines = [f"HTTP/1.1 {status} troubled", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def drip(tls, is_open):
    tls.sendall(JSON_HEAD + b"Content-Length: 1000000\r\n\r\n")
    for byte in b'{"kind": "Status", "items": [' + b" " * 1000000:
        if not is_open():
            return
        tls.sendall(bytes([byte]))
        time.sleep(DRIP_SECONDS)


def drip_head(tls, is_open):
    for byte in b"HTTP/1.1 200 OK\r\nX-Drip: " + b"x" * 1000000:
        if not is_open():
            return
        tls.sendall(bytes([byte]))
        time.sleep(DRIP_SECONDS)


def pour(tls, is_open, first, piece):
    tls.sendall(JSON_HEAD + b"Content-Length: %d\r\n\r\n" % GIGABYTE + first)
    piece *= max(1, 65536 // len(piece))
    for _ in range(GIGABYTE // len(piece)):
        if not is_open():
            return
        tls.sendall(piece)


def hang(tls, is_open):
    while is_open():
        time.sleep(0.05)


def reset(tls, is_open):
    tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    tls.close()


def send(*pieces):
    return lambda tls, is_open: [tls.sendall(piece) for piece in pieces] and None


def headers_without_end(tls, is_open):
    tls.sendall(JSON_HEAD)
    line = b"X-Header: " + b"x" * 4000 + b"\r\n"
    for _ in range(GIGABYTE // len(line)):
        if not is_open():
            return
        tls.sendall(line)


TABLE = (b'{"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "columnDefinitions": [{"name": "Name", "type": "string", "format": "name"}], '
         b'"rows": [')
# Names of the troubles; each ends the connection after one request, unless it goes on for ever.
TROUBLES = {
    "mute": hang,
    "drips its head": drip_head,
    "drips its body": drip,
    "resets": reset,
    "closes": send(),
    "429": send(answer(429, b'{"kind": "Status", "message": "slow down"}')),
    "429, come back in an hour": send(answer(429, b"{}", "Retry-After: 3600")),
    "500": send(answer(500, b'{"kind": "Status", "message": "broken"}')),
    "503": send(answer(503, b"no")),
    "promises more than it sends": send(JSON_HEAD + b'Content-Length: 100000\r\n\r\n{"kind": "Status"'),
    "sends more than it promises": send(JSON_HEAD + b'Content-Length: 5\r\n\r\n{"kind": "Status", "items": []}'),
    "a negative length": send(JSON_HEAD + b"Content-Length: -1\r\n\r\n{}"),
    "a chunk of 2^64": send(JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}"),
    "1 GB of one string": lambda tls, is_open: pour(tls, is_open, b'{"kind": "', b"x"),
    "1 GB of rows": lambda tls, is_open: pour(tls, is_open, TABLE, b'{"cells": ["x", "y"]},'),
    "1 GB of items": lambda tls, is_open: pour(tls, is_open, b'{"kind": "List", "items": [', b'{"metadata": {"name": "x"}},'),
    "1 GB of depth": lambda tls, is_open: pour(tls, is_open, b'{"kind": ', b"["),
    "1 GB of blanks": lambda tls, is_open: pour(tls, is_open, b"", b" "),
    "headers without end": headers_without_end,
    "no HTTP": send(b"\x00\xff\x1b[2J nonsense\n" * 100),
    "HTML": send(answer(200, b"<html>\x1b[2JSign in</html>", "Content-Type: text/html")),
    "an empty body": send(answer(200, b"")),
    "null": send(answer(200, b"null")),
    "redirects to itself": send(answer(302, b"", "Location: /again")),
}


class TroubledServer:
    def __init__(self, authority, trouble):
        self.trouble = TROUBLES[trouble]
        self.is_open = True
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*authority.make())
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"https://localhost:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while self.is_open:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError, ssl.SSLError, ValueError):
            with self.context.wrap_socket(connection, server_side=True) as tls:
                text = b""
                while b"\r\n\r\n" not in text:
                    more = tls.recv(65536)
                    if not more:
                        return
                    text += more
                self.trouble(tls, lambda: self.is_open)

    def close(self):
        self.is_open = False
        self.listener.close()
