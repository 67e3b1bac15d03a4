"""Types at a real shell on a pseudo-terminal, as somebody who has set up completion does, and judges by the line and the screen.

Usage: completing_shell.py bash|zsh|fish    in an empty folder that may be filled; exit 0 = completes as it should
"""
import fcntl
import os
import pathlib
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from scripted_server import Authority, ScriptedServer  # noqa: E402

PATIENCE = 10  # seconds until something that has to come is given up
LIST_SECONDS = 2  # for a list that is on its way to the screen
PROMPT_SECONDS = 1  # until the prompt can be used again, whatever the servers do
TAKE = "\x14"  # Ctrl-T: shows the line between << and >> and empties it
LEFT = "\x02"
LOOK_OF_TROUBLE = re.compile(r"(?i)error|not found|no such|unknown|usage:|invalid|cannot|fail|unexpected|syntax|warning|expected|missing|"
                             r"(?:bash|zsh|fish|paas|_\w+|math|test|string)(?::|\(.*\):) ")
HOSTILE = ("good", "$(touch ran)", "`touch ran`", ";touch ran", "x;touch ran", "a b", "-f", "\\u001b[2Jx", "c\\nd", "'x", "&touch ran",
           "good\\u202e", "*", "~root", "{a,b}")

# How the help of `paas completion` says it, and what lets us look.
SET_UP = {
    "bash": (".bashrc", "PS1='ready> '\nsource <(paas completion bash)\n"
             "take() { printf '\\n<<%s>>\\n' \"$READLINE_LINE\"; READLINE_LINE= READLINE_POINT=0; }\n"
             "bind -x '\"\\C-t\": take'\nbind 'set enable-bracketed-paste off'\nbind 'set bell-style none'\n"),
    "zsh": (".zshrc", "PS1='ready> '\nautoload -Uz compinit; compinit -u\nsource <(paas completion zsh)\nunsetopt beep prompt_sp\n"
            "take() { print -r -- $'\\n'\"<<$BUFFER>>\"; BUFFER=; zle -I; zle redisplay }\nzle -N take; bindkey -e; bindkey '^T' take\n"),
    "fish": (".config/fish/config.fish", "set -g fish_greeting\nset -g fish_autosuggestion_enabled 0\nfunction fish_prompt; echo -n 'ready> '; end\n"
             "paas completion fish | source\n"
             "function take; echo; echo '<<'(commandline -b)'>>'; commandline -r ''; commandline -f repaint; end\nbind \\ct take\n"),
}
START = {"bash": ["bash", "-i"], "zsh": ["zsh", "-i"], "fish": ["fish", "-i"]}


class Failed(Exception):
    pass


class Terminal:
    """A shell behind a pseudo-terminal; `screen` is what it wrote since `forget`, without what moves and colours."""

    def __init__(self, shell, folder, env):
        self.forget()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(folder)
                os.execvpe(START[shell][0], START[shell], env)
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))
        self.wait_for("ready> ")

    @property
    def screen(self):
        text = re.sub(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\].*?(?:\x07|\x1b\\)|[()].|[=>78cEM])", "", self.raw)
        return text.replace("\r", "")

    def read(self, seconds):
        """What comes within that time; false when nothing does."""
        if not select.select([self.fd], [], [], max(seconds, 0))[0]:
            return False
        try:
            more = os.read(self.fd, 65536).decode(errors="replace")
        except OSError:
            raise Failed(f"the shell has ended\n{self.screen}") from None
        self.raw += more
        if "\x1b[c" in more:  # which terminal is this?
            os.write(self.fd, b"\x1b[?62c")
        return True

    def forget(self):
        self.raw = ""
        self.looked_at = 0

    def type(self, text):
        os.write(self.fd, text.encode())

    def find(self, pattern, seconds):
        """The first match after the one before, once it is on the screen; None when it does not come."""
        until = time.monotonic() + seconds
        while True:
            found = re.compile(pattern, re.DOTALL).search(self.screen, self.looked_at)
            if found:
                return found
            if not self.read(until - time.monotonic()) and time.monotonic() >= until:
                return None

    def wait_for(self, pattern):
        found = self.find(pattern, PATIENCE)
        if not found:
            raise Failed(f"{pattern!r} is not on the screen after {PATIENCE} s:\n{self.screen}\n({self.raw[-600:]!r})")
        self.looked_at = found.end()
        return found

    def take_line(self):
        self.type(TAKE)
        line = self.wait_for(r"<<(.*?)>>")[1]
        self.wait_for("ready> ")
        return line.replace("\n", "")

    def close(self):
        os.close(self.fd)
        try:
            os.kill(self.pid, signal.SIGKILL)
        finally:
            os.waitpid(self.pid, 0)


class Witness:
    def __init__(self, shell, folder):
        self.shell = shell
        self.folder = folder
        self.home = folder / "home"
        self.work = folder / "work"
        self.work.mkdir()
        name, text = SET_UP[shell]
        (self.home / name).parent.mkdir(parents=True)
        (self.home / name).write_text(text)
        # fish would read all manual pages at its first start.
        (self.home / ".local/share/fish/generated_completions").mkdir(parents=True)
        self.env = {"HOME": str(self.home), "PATH": os.environ["PATH"], "TMPDIR": str(folder), "TERM": "xterm", "LANG": "C.UTF-8",
                    "PAAS_CLOCK_RATE": "20"}
        self.terminal = None
        self.failures = []

    def open(self, **env):
        self.close()
        self.terminal = Terminal(self.shell, self.work, {**self.env, **env})

    def close(self):
        if self.terminal:
            self.terminal.close()
        self.terminal = None
        # A refresh that is under way would write after us.
        for path in self.home.glob(".cache/paas/*.lock"):
            with open(path, "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)

    def paas(self, *words, check=True, folder=None):
        return subprocess.run(["paas", *words], env=self.env, cwd=folder or self.work, check=check, capture_output=True, text=True).stdout

    # ---- what is expected ----

    def attempt(self, typed, tabs, names=()):
        """-> (the line, the screen, whether all names are there)"""
        self.terminal.forget()
        self.terminal.type(typed + tabs)
        everything = "".join(rf"(?=.*{re.escape(name)}(?![\w-]))" for name in names)
        shown = self.terminal.find(everything, LIST_SECONDS)
        line = self.terminal.take_line()
        found = LOOK_OF_TROUBLE.search(self.terminal.screen)
        if found:
            raise Failed(f"{typed!r} and TAB: {found[0]!r} is on the screen\n{self.terminal.screen}")
        return line, self.terminal.screen, bool(shown)

    def expect_line(self, typed, expected):
        """A list that is not cached may come too late for the first TAB."""
        until = time.monotonic() + PATIENCE
        while True:
            line, screen, _ = self.attempt(typed, "\t")
            if re.sub(" +", " ", line).rstrip(" ") == expected:
                return
            if time.monotonic() > until:
                self.failures.append(f"{typed!r} and TAB makes {line!r}, expected {expected!r}\n{screen}")
                return

    def expect_list(self, typed, names, absent=()):
        until = time.monotonic() + PATIENCE
        while True:
            line, screen, is_shown = self.attempt(typed, "\t\t\t" if self.shell == "bash" else "\t\t", names)
            if is_shown and line.startswith(typed):
                break
            if time.monotonic() > until:
                self.failures.append(f"{typed!r} and TAB TAB makes {line!r} and shows\n{screen}\nexpected {names}")
                return
        for name in absent:
            if name in screen:
                self.failures.append(f"{typed!r} and TAB TAB shows {name!r}:\n{screen}")

    def expect_nothing_soon(self, typed):
        began = time.monotonic()
        line, screen, _ = self.attempt(typed, "\t")
        took = time.monotonic() - began
        if took > PROMPT_SECONDS:
            self.failures.append(f"{typed!r} and TAB: the prompt can be used again after {took:.1f} s")
        if line.rstrip(" ") != typed.rstrip(" "):
            self.failures.append(f"{typed!r} and TAB makes {line!r}, expected nothing\n{screen}")

    # ---- what is tried ----

    def try_sandbox(self):
        """Commands, and names of a cluster that answers."""
        self.env["PAAS_SANDBOX_DIR"] = str(self.folder / "sandbox")
        self.paas("sandbox", "start", "--rate", "20")
        try:
            for word in shlex.split(self.paas("sandbox", "env").replace("export ", " ")):
                name, _, value = word.partition("=")
                self.env[name] = value
            self.deploy()
            self.complete_names()
        finally:
            self.close()
            self.paas("sandbox", "stop", check=False)

    def deploy(self):
        image = self.env["PAAS_SANDBOX_REGISTRY"] + "/payments/checkout:1.0"
        for name in ("checkout", "checkout-two", "search"):
            self.paas("deploy", "--name", name, "--image", image, folder=self.env["PAAS_SANDBOX_APPLICATION"])

    def pods_of(self, application):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            lines = self.paas("__complete", "--", "logs", application, "--pod", "").splitlines()
            if len(lines) == 3:
                return [line.partition("\t")[0] for line in lines[:2]]
        raise Failed(f"{application} has no two pods: {lines}")

    def complete_names(self):
        registry = self.env["PAAS_SANDBOX_REGISTRY"]
        self.open()
        self.expect_line("paas res", "paas restart")
        self.expect_list("paas logs ", ["checkout", "checkout-two", "search"])
        self.expect_line("paas logs se", "paas logs search")
        self.expect_line("paas logs che", "paas logs checkout")
        self.expect_list("paas logs che", ["checkout", "checkout-two"])
        self.expect_list("paas deploy --env ", ["dev", "pro"])
        self.expect_line("paas deploy --env=p", "paas deploy --env=pro")
        # fish shortens what is common
        self.expect_list("paas logs search --pod ", [pod.rpartition("-")[2] for pod in self.pods_of("search")])
        self.expect_line("paas logs search --env pro --pod ", "paas logs search --env pro --pod")
        if self.shell != "fish":  # which hides what comes after the cursor from its completions
            self.expect_line("paas logs --pod se search --env pro" + LEFT * 17, "paas logs --pod se search --env pro")
            self.expect_line("paas logs se --env pro" + LEFT * 10, "paas logs se --env pro")
        self.expect_line("paas logs se --env dev" + LEFT * 10, "paas logs search --env dev")
        self.expect_line("paas deploy --image ", f"paas deploy --image {registry}/payments/checkout:1.0")
        self.expect_line("paas deploy --image=loc", f"paas deploy --image={registry}/payments/checkout:1.0")
        self.expect_line("paas deploy --image " + registry + "/p", f"paas deploy --image {registry}/payments/checkout:1.0")

    def serve(self, script):
        """The environment of a platform whose cluster is a server with this script."""
        authority = Authority(self.folder)
        server = ScriptedServer(script, authority)
        platform = self.folder / "platform.yml"
        platform.write_text(f"version: 1\nclusters: {{dev: {{server: '{server.url}', ca_file: '{authority.ca}'}}}}\n"
                            "environments: [{name: dev, cluster: dev, namespace: team}]\n")
        return server, {"PAAS_PLATFORM": str(platform)}

    def try_hostile_server(self):
        """What is no name is neither shown nor run."""
        rows = ", ".join('{"cells": ["%s"]}' % name.replace("\\", "\\\\") for name in HOSTILE)
        server, env = self.serve('any .* -> 200* {"kind": "Table", "metadata": {}, '
                                 f'"columnDefinitions": [{{"name": "Name", "format": "name"}}], "rows": [{rows}]}}')
        try:
            self.open(**env)
            self.expect_line("paas logs ", "paas logs good")
            self.expect_list("paas logs ", ["good"], absent=("touch", "a b", "c\nd", "'x", "~root", "{a", "$"))
            self.close()
        finally:
            server.close()
        ran = [str(path) for path in self.folder.rglob("ran*")]
        if ran:
            self.failures.append(f"a name was run: {ran}")

    def try_mute_server(self):
        """A server that never answers holds nobody up."""
        server, env = self.serve("any any -> hang")
        try:
            self.open(**env)
            self.expect_nothing_soon("paas logs ")
            self.expect_nothing_soon("paas logs ")
            self.expect_nothing_soon("paas logs shop --pod ")
            self.expect_line("paas res", "paas restart")
        finally:
            server.close()
            self.close()

    def try_quotes_and_files(self):
        """What a shell makes of quotes, blanks and paths is not ours, but has to go on working."""
        (self.work / "my file.yml").write_text("version: 3\n")
        (self.home / "bin").mkdir()
        (self.home / "bin/paas").symlink_to(subprocess.run(["sh", "-c", "command -v paas"], capture_output=True, text=True,
                                                           check=True).stdout.strip())
        platform = self.work / "platform.yml"
        platform.write_text("version: 1\nclusters: {dev: {server: 'https://localhost:1'}}\n"
                            "environments: [{name: dev, cluster: dev, namespace: team}, {name: 'x$(touch ran) y', cluster: dev, namespace: team}]\n")
        self.open(PAAS_PLATFORM=str(platform))
        self.expect_line("paas validate my", "paas validate my\\ file.yml")
        self.expect_line("paas validate my\\ f", "paas validate my\\ file.yml")
        self.expect_line("paas render --labels=my", "paas render --labels=my\\ file.yml")
        self.expect_line("paas validate ~/b", "paas validate ~/bin/")
        self.expect_line("~/bin/paas res", "~/bin/paas restart")
        self.expect_line("PAAS_NO_INPUT=1 paas res", "PAAS_NO_INPUT=1 paas restart")
        self.expect_line("paas logs --env d", "paas logs --env dev")
        self.expect_line("paas logs --env \"d", "paas logs --env \"dev\"")
        self.expect_line("paas logs --env x", "paas logs --env x\\$\\(touch\\ ran\\)\\ y")
        self.expect_line("paas nonsense ", "paas nonsense")
        self.expect_line("paas res dev" + LEFT * 4, "paas restart dev")

    def witness(self):
        bad = 0
        for trial in (self.try_sandbox, self.try_hostile_server, self.try_mute_server, self.try_quotes_and_files):
            try:
                trial()
            except Failed as why:
                self.failures.append(str(why))
            except subprocess.CalledProcessError as why:
                self.failures.append(f"{why}\n{why.stderr}")
            finally:
                self.close()
            print(f"{'failed ' if self.failures else 'ok     '} {trial.__doc__}", *self.failures, sep="\n", flush=True)
            bad += len(self.failures)
            self.failures = []
        return bad


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(1 if Witness(sys.argv[1], pathlib.Path.cwd()).witness() else 0)
