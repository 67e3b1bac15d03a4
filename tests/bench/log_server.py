#!/usr/bin/env python3
"""An API server of prepared bytes: pods of one application and their logs, as fast as a socket takes them.

    tests/bench/log_server.py PODS LINES CERTIFICATE KEY     prints its ports: of HTTP, of TLS

LINES a pod, 129 bytes each as kubectl shows them; pods write in turns, so that a merge has work.  Answers are
chunked, as the API server's are.
"""
import http.server
import json
import ssl
import sys
import threading
import urllib.parse

pods, lines = int(sys.argv[1]), int(sys.argv[2])
names = [f"shop-5ddd654489-{i:05d}" for i in range(pods)]


def text(pod, with_times, tail=lines):
    message = "GET /orders/%08d 200 " + "x" * 105
    whole = []
    for i in range(max(lines - tail, 0), lines):
        at = i * pods + pod
        time = f"2026-11-24T{at // 3_600_000_0 % 24:02d}:{at // 600_000_0 % 60:02d}:{at // 10_000_0 % 60:02d}.{at % 100_000:05d}1234Z "
        whole.append((time if with_times else "") + message % i)
    return ("\n".join(whole) + "\n").encode()


def answer_of(body):
    """Head and body, to leave together: how the client reads them is then less a matter of chance."""
    size = 32 * 1024
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + size]), body[i:i + size]) for i in range(0, len(body), size)) + b"0\r\n\r\n"


logs = {(name, times): answer_of(text(i, times)) for i, name in enumerate(names) for times in (False, True)}


def pod(name):
    state = {"name": "shop", "restartCount": 0, "ready": True, "state": {"running": {}}, "containerID": "x://1"}
    return {"kind": "Pod", "apiVersion": "v1",
            "metadata": {"name": name, "namespace": "bench", "uid": name, "labels": {"app": "shop"}},
            "spec": {"nodeName": "n", "containers": [{"name": "shop"}]},
            "status": {"phase": "Running", "containerStatuses": [state]}}


discovery = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [
        {"name": "pods", "singularName": "pod", "namespaced": True, "kind": "Pod", "verbs": ["get", "list"]}]},
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body leave apart: a delayed ACK would cost 40 ms

    def log_message(self, *_):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path, _, query = self.path.partition("?")
        words = path.strip("/").split("/")
        if words[-1] == "log":
            asked = urllib.parse.parse_qs(query)
            times = asked.get("timestamps") == ["true"]
            if "tailLines" in asked:
                self.connection.sendall(answer_of(text(names.index(words[-2]), times, int(asked["tailLines"][0]))))
            else:
                self.connection.sendall(logs[words[-2], times])
        elif words[-1] == "pods":
            self.answer(200, {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"},
                              "items": [pod(name) for name in names]})
        elif path in discovery:
            self.answer(200, discovery[path])
        elif words[-1] in names:
            self.answer(200, pod(words[-1]))
        else:
            self.answer(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound",
                              "message": "not found", "code": 404, "details": {"name": words[-1]}})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


plain, secure = Server(("127.0.0.1", 0), Handler), Server(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[3], sys.argv[4])
secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)  # each in its own thread
print(plain.server_port, secure.server_port, flush=True)
threading.Thread(target=plain.serve_forever, daemon=True).start()
secure.serve_forever()
