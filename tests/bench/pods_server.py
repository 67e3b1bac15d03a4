"""A cluster of many pods for the bench: answers lists of them as Table rows, in pages, over TLS on loopback."""
import http.server
import json
import pathlib
import ssl
import sys
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from scripted_server import Authority  # noqa: E402

COLUMNS = ("Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates")


class PodsServer:
    def __init__(self, folder, count, page=500):
        authority = Authority(folder)
        self.ca = authority.ca
        definitions = [{"name": name, "type": "string", "format": "name" if name == "Name" else "",
                        "description": "what kubectl explain says of it, in a sentence or two", "priority": 0} for name in COLUMNS]
        rows = [{"cells": [f"checkout-{i // 20:04x}d9f8c7b6-{i:05d}", "1/1", "Running", 0, "3d", "10.0.0.1",
                           "ip-10-0-0-1.eu-west-1.compute.internal", "<none>", "<none>"], "object": None} for i in range(count)]
        self.pages = {}
        for at in range(0, count, page):
            onward = str(at + page) if at + page < count else ""
            self.pages[str(at)] = json.dumps({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"continue": onward},
                                              "columnDefinitions": definitions, "rows": rows[at:at + page]}).encode()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.make())
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def handler(self):
        pages = self.pages

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
                body = pages[query.get("continue", ["0"])[0]]
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler

    def close(self):
        self.server.shutdown()
        self.server.server_close()
