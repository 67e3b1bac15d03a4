"""A TLS server on loopback that answers from a script, for case files' @SERVER sections.

Each line of the script is used once, in order, by the first request that fits it:

    METHOD /path -> STATUS <Header: value; Header: value> body   (METHOD and path may be "any"; path is a regex)
    METHOD /path -> 200* body                             used for every such request
    METHOD /path -> hang | reset | close | cut N STATUS body
    METHOD /path {regex} -> 200 body                      only a request whose head or body, as sent, has the regex in it
    METHOD /path -> meet N 200 body                       held until N such requests wait, here or at other paths

A request that no line fits gets 599 and its text.  A "Header: value; attribute" without a colon goes on with the value, and
"; Header: value" begins the next one, which may have the name of one before.

A server may demand a client certificate of the case's CA and show a certificate that is expired or
for other names.  A proxy (@PROXY) speaks CONNECT and SOCKS5 on one port and leads every name to one
server, so that a name which no resolver knows proves that the proxy was used.
"""
import base64
import re
import socket
import ssl
import struct
import subprocess
import threading
import time

EC_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
LINE = re.compile(r"(\S+) (\S+)(?: \{(.+)\})? -> (?:(hang|reset|close)|(?:(cut|meet) (\d+) )?(\d{3})(\*?))\s*(?:<(.*?)>)?\s*(.*)$")
MEET_SECONDS = 60  # who waits alone for that long gets 599


class Authority:
    """A CA of its own in `folder`, and what it signs."""

    def __init__(self, folder):
        self.folder = folder
        self.lock = threading.Lock()
        self.made = {}
        self.ca = f"{folder}/ca.pem"
        self.openssl("req", "-x509", *EC_KEY, "-days", "2", "-subj", "/CN=case CA", "-keyout", "ca.key", "-out", "ca.pem")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=self.folder)

    def make(self, names="localhost", expired=False):
        """-> (certificate file, key file) for these DNS names and 127.0.0.1; the same ones when asked again."""
        with self.lock:
            if (names, expired) not in self.made:
                self.made[names, expired] = self.sign(f"leaf-{len(self.made)}", names, "-1" if expired else "2")
            return self.made[names, expired]

    def sign(self, stem, names, days):
        self.openssl("req", *EC_KEY, "-subj", f"/CN={names.split(',')[0]}", "-keyout", f"{stem}.key", "-out", f"{stem}.csr")
        with open(f"{self.folder}/extensions", "w", encoding="ascii") as extensions:
            dns = "".join(f"DNS:{name}," for name in names.split(","))
            extensions.write(f"subjectAltName={dns}{'IP:127.0.0.1' if 'localhost' in names else dns[:-1]}\n")
        self.openssl("x509", "-req", "-in", f"{stem}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-days", days, "-extfile", "extensions", "-out", f"{stem}.pem")
        return f"{self.folder}/{stem}.pem", f"{self.folder}/{stem}.key"


class ScriptedServer:
    def __init__(self, script, authority, options=()):
        """Options: "expired", "names=a.example,b.example", "demands-certificate"."""
        self.lines = [self.parse(line) for line in script.splitlines() if line.strip() and not line.startswith("#")]
        self.lock = threading.Lock()
        self.arrival = threading.Condition()
        self.arrived = 0
        self.open = True
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        names = next((option[6:] for option in options if option.startswith("names=")), "localhost")
        self.context.load_cert_chain(*authority.make(names, "expired" in options))
        if "demands-certificate" in options:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(authority.ca)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"https://localhost:{self.listener.getsockname()[1]}"
        self.url_name = "https://localhost:PORT"
        threading.Thread(target=self.accept, daemon=True).start()

    @staticmethod
    def parse(line):
        found = LINE.match(line)
        if not found:
            raise ValueError(f"not a server line: {line!r}")
        method, path, said, action, way, number, status, again, headers, body = found.groups()
        return {"method": method, "path": re.compile(".*" if path == "any" else path + r"$"), "said": re.compile(said or ""),
                "action": action, "cut": int(number) if way == "cut" else None, "status": status, "again": bool(again),
                "meet": int(number) if way == "meet" else 0,
                "headers": re.findall(r"([^\s:;]+): (.*?)(?=; [^\s:;]+: |$)", headers or ""),
                "body": body.encode().decode("unicode_escape").encode("latin-1"), "used": False}

    def accept(self):
        while self.open:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as tls:
                if self.shake_hands(tls):
                    while self.answer(tls):
                        pass
        except (OSError, ssl.SSLError):
            pass

    @staticmethod
    def shake_hands(tls):
        """After a refusal the client's words are read to their end: a reset would swallow the alert that says why."""
        try:
            tls.do_handshake()
            return True
        except ssl.SSLError:
            tls.settimeout(5)
            socket.socket.shutdown(tls, socket.SHUT_WR)
            while socket.socket.recv(tls, 4096):
                pass
            return False

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
        line = self.pick(method.decode(), path.decode(), (head + b"\r\n\r\n" + body).decode("latin-1"))
        return self.reply(tls, line if self.meet(line) else None, f"{method.decode()} {path.decode()}")

    def pick(self, method, path, said):
        with self.lock:
            for line in self.lines:
                if (line["method"] in ("any", method) and line["path"].match(path) and line["said"].search(said)
                        and (line["again"] or not line["used"])):
                    line["used"] = True
                    return line
        return None

    def meet(self, line):
        """Waits until as many are here as the line says; false when they never come."""
        if not line or not line["meet"]:
            return True
        with self.arrival:
            self.arrived += 1
            self.arrival.notify_all()
            return self.arrival.wait_for(lambda: self.arrived >= line["meet"], MEET_SECONDS)

    def reply(self, tls, line, request):
        if line is None:
            line = {"action": None, "cut": None, "status": "599", "headers": [], "body": f"unexpected {request}".encode()}
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
        given = [(name, value.replace("$SELF", self.url)) for name, value in line["headers"]]
        usual = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        headers = [(name, value) for name, value in usual.items() if name not in dict(given)] + given
        head = f"HTTP/1.1 {line['status']} scripted\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers) + "\r\n"
        sent = head.encode() + body
        if line["cut"] is not None:
            tls.sendall(head.encode() + body[:line["cut"]])
            return False
        tls.sendall(sent)
        return True

    def close(self):
        self.open = False
        self.listener.close()


class Proxy:
    """Leads each name to `target` (host, port), whichever is asked for; each is a line of the file `log`."""

    def __init__(self, target, credentials, log):
        self.target = target
        self.credentials = credentials
        self.log = log
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.place = f"localhost:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            with connection:
                first = connection.recv(1, socket.MSG_PEEK)
                greeted = self.greet_socks(connection) if first == b"\x05" else self.greet_http(connection)
                if greeted:
                    with socket.create_connection(self.target) as server:
                        back = threading.Thread(target=self.pump, args=(server, connection), daemon=True)
                        back.start()
                        self.pump(connection, server)
                        back.join()
        except OSError:
            pass

    def tell(self, line):
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(line + "\n")

    def greet_http(self, connection):
        text = b""
        while b"\r\n\r\n" not in text:
            more = connection.recv(4096)
            if not more:
                return False
            text += more
        method, name = text.decode().split(" ")[:2]
        self.tell(f"{method} {name}")
        wanted = "Basic " + base64.b64encode(self.credentials.encode()).decode()
        if self.credentials and f"proxy-authorization: {wanted}".lower() not in text.decode().lower():
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return False
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return True

    def greet_socks(self, connection):
        """RFC 1928, without authentication, by domain name alone."""
        _, n_methods = connection.recv(2)
        connection.recv(n_methods)
        connection.sendall(b"\x05\x00")
        _, _, _, kind = connection.recv(4, socket.MSG_WAITALL)
        if kind != 3:
            connection.sendall(b"\x05\x08\x00\x01\x00\x00\x00\x00\x00\x00")
            return False
        name = connection.recv(connection.recv(1)[0], socket.MSG_WAITALL).decode()
        port = int.from_bytes(connection.recv(2, socket.MSG_WAITALL), "big")
        self.tell(f"SOCKS {name}:{port}")
        connection.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        return True

    @staticmethod
    def pump(source, sink):
        try:
            while True:
                data = source.recv(65536)
                if not data:
                    break
                sink.sendall(data)
        except OSError:
            pass
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()
