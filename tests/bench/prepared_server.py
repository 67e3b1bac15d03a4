"""Servers of prepared bytes on loopback, over HTTP or TLS: the clients are measured and not they."""
import atexit
import pathlib
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from scripted_server import Authority, ScriptedServer  # noqa: E402


class PreparedServer(ScriptedServer):
    """Subclasses say in answer_for(path) what is sent, as bytes; `asked` keeps the paths in order."""

    def __init__(self, folder, over):
        self.over = over  # before the first connection
        self.asked = []
        authority = Authority(str(folder))
        self.ca = authority.ca
        super().__init__("", authority)
        if over == "HTTP":
            self.url = self.url.replace("https:", "http:")

    def serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as API servers do
        if self.over == "TLS":
            super().serve(connection)
            return
        try:
            with connection:
                while self.answer(connection):
                    pass
        except OSError:
            pass

    def pick(self, method, path, said):
        self.asked.append(path)
        return {"action": None, "cut": None, "meet": 0, "status": "200", "headers": [], "body": self.answer_for(path)}

    def answer_for(self, path):
        raise NotImplementedError


class AnswersServer:
    """tests/bench/prepared_server.c, built as `program`; `answers` is {path: (status, bytes)}."""

    def __init__(self, program, folder, over, answers):
        authority = Authority(str(folder))
        self.ca = authority.ca
        credentials = authority.make() if over == "TLS" else ()
        lines = []
        for at, (path, (status, body)) in enumerate(answers.items()):
            (folder / f"answer-{at}").write_bytes(body)
            lines.append(f"{status} {path} {folder}/answer-{at}\n")
        (folder / "answers").write_text("".join(lines))
        self.process = subprocess.Popen([program, str(folder / "answers"), *credentials], stdout=subprocess.PIPE, text=True)
        atexit.register(self.close)  # whatever ends the bench
        self.url = f"{'https' if over == 'TLS' else 'http'}://localhost:{int(self.process.stdout.readline())}"

    def close(self):
        self.process.kill()
        self.process.wait()
