"""Answers every request with one JSON object and records what identified it: path and identity headers.

Usage: recording_server.py FOLDER    writes FOLDER/url, FOLDER/ca.pem; appends to FOLDER/record
"""
import http.server
import pathlib
import ssl
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from scripted_server import Authority  # noqa: E402

FOLDER = pathlib.Path(sys.argv[1])
IDENTITY = ("authorization", "proxy-authorization", "impersonate-user", "impersonate-uid", "impersonate-group", "impersonate-extra-scope")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802
        seen = [f"{name}={value}" for name in IDENTITY for value in sorted(self.headers.get_all(name) or [])]
        with open(FOLDER / "record", "a", encoding="utf-8") as record:
            record.write(" ".join([self.path.partition("?")[0]] + seen) + "\n")
        body = b'{"major":"1","minor":"32"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(*Authority(FOLDER).make("localhost,recorder.example"))
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
(FOLDER / "url.new").write_text(f"https://127.0.0.1:{server.server_address[1]}")
(FOLDER / "url.new").rename(FOLDER / "url")
server.serve_forever()
