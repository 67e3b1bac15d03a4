"""A forge: git http-backend behind TLS, for whoever brings the token as a password; and GET /api/v3/user.

Usage: git_server.py FOLDER TOKEN    writes ca.pem, FOLDER.url, FOLDER.log; a file FOLDER.revoked ends the token
"""
import base64
import http.server
import os
import pathlib
import ssl
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from scripted_server import Authority  # noqa: E402

FOLDER, TOKEN = sys.argv[1:3]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def is_authorized(self):
        scheme, _, value = (self.headers.get("Authorization") or "").partition(" ")
        given = base64.b64decode(value).decode().partition(":")[2] if scheme == "Basic" else value
        return given == TOKEN and not os.path.exists(f"{FOLDER}.revoked")

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self):
        path, _, query = self.path.partition("?")
        known = self.is_authorized()
        with open(f"{FOLDER}.log", "a", encoding="ascii") as log:
            log.write(f"{self.headers.get('Host')} {self.command} {path} {'authorized' if known else 'anonymous'}\n")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not known:
            self.answer(401, [("WWW-Authenticate", 'Basic realm="forge"')], b"")
            return
        if path == "/api/v3/user":
            self.answer(200, [("Content-Type", "application/json")], b'{"login":"ada"}')
            return
        environment = {**os.environ, "GIT_PROJECT_ROOT": os.path.abspath(FOLDER), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
                       "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_USER": "ada", "CONTENT_LENGTH": str(len(body)),
                       "CONTENT_TYPE": self.headers.get("Content-Type") or "",
                       "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding") or ""}
        done = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        self.answer(status, [pair for pair in headers if pair[0] != "Status"], content)

    do_GET = do_POST = serve  # noqa: N815

    def log_message(self, *_):
        pass


authority = Authority(".")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(*authority.make())
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
pathlib.Path(f"{FOLDER}.new").write_text(f"https://localhost:{server.server_address[1]}", encoding="ascii")
os.rename(f"{FOLDER}.new", f"{FOLDER}.url")
server.serve_forever()
