"""A TLS server on loopback that answers from a script, for case files' @SERVER sections.

Each line of the script is used once, in order, by the first request that fits it:

    METHOD /path -> STATUS <Header: value; Header: value> body   (METHOD and path may be "any"; path is a regex)
    METHOD /path -> 200* body                             used for every such request
    METHOD /path -> hang | reset | close | cut N STATUS body

A request that no line fits gets 599 and its text.
"""
import re
import socket
import ssl
import struct
import subprocess
import threading
import time

LINE = re.compile(r"(\S+) (\S+) -> (?:(hang|reset|close)|(?:cut (\d+) )?(\d{3})(\*?))\s*(?:<(.*?)>)?\s*(.*)$")


def make_certificate(folder):
    """An own CA and a certificate for localhost and 127.0.0.1 -> paths."""
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=case CA", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
            "-keyout", "server.key", "-out", "server.csr")
    with open(f"{folder}/extensions", "w", encoding="ascii") as extensions:
        extensions.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", "extensions", "-out", "server.pem")
    return {"ca": f"{folder}/ca.pem", "chain": f"{folder}/server.pem", "key": f"{folder}/server.key"}


class ScriptedServer:
    def __init__(self, script, certificate):
        self.lines = [self.parse(line) for line in script.splitlines() if line.strip() and not line.startswith("#")]
        self.lock = threading.Lock()
        self.open = True
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate["chain"], certificate["key"])
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"https://localhost:{self.listener.getsockname()[1]}"
        self.url_name = "https://localhost:PORT"
        threading.Thread(target=self.accept, daemon=True).start()

    @staticmethod
    def parse(line):
        found = LINE.match(line)
        if not found:
            raise ValueError(f"not a server line: {line!r}")
        method, path, action, cut, status, again, headers, body = found.groups()
        return {"method": method, "path": re.compile(".*" if path == "any" else path + r"$"), "action": action,
                "cut": cut and int(cut), "status": status, "again": bool(again),
                "headers": dict(part.strip().split(": ", 1) for part in headers.split(";")) if headers else {}, "body": body.encode().decode("unicode_escape").encode("latin-1"),
                "used": False}

    def accept(self):
        while self.open:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as tls:
                while self.answer(tls):
                    pass
        except (OSError, ssl.SSLError):
            pass

    def answer(self, tls):
        """One request; false when the connection ends."""
        text = b""
        while b"\r\n\r\n" not in text:
            more = tls.recv(65536)
            if not more:
                return False
            text += more
        head, _, body = text.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        while length and len(body) < int(length[1]):
            body += tls.recv(65536)
        method, path = head.split(b" ")[:2]
        return self.reply(tls, self.pick(method.decode(), path.decode()), f"{method.decode()} {path.decode()}")

    def pick(self, method, path):
        with self.lock:
            for line in self.lines:
                if line["method"] in ("any", method) and line["path"].match(path) and (line["again"] or not line["used"]):
                    line["used"] = True
                    return line
        return None

    def reply(self, tls, line, request):
        if line is None:
            line = {"action": None, "cut": None, "status": "599", "headers": {}, "body": f"unexpected {request}".encode()}
        if line["action"] == "hang":
            while self.open:
                time.sleep(0.05)
            return False
        if line["action"] == "reset":
            tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            tls.close()
            return False
        if line["action"] == "close":
            return False
        body = line["body"].replace(b"$SELF", self.url.encode())
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        headers.update({name: value.replace("$SELF", self.url) for name, value in line["headers"].items()})
        head = f"HTTP/1.1 {line['status']} scripted\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
        sent = head.encode() + body
        if line["cut"] is not None:
            tls.sendall(head.encode() + body[:line["cut"]])
            return False
        tls.sendall(sent)
        return True

    def close(self):
        self.open = False
        self.listener.close()
