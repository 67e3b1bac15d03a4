"""Where commands are run: the sandbox, pipes, pseudo-terminals; and what the binary says of itself."""
import configparser
import contextlib
import fcntl
import json
import os
import pathlib
import pty
import queue
import re
import select
import shlex
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unicodedata

from scripted_server import Authority, ScriptedServer

TESTS = pathlib.Path(__file__).resolve().parent.parent
RATE = "20"  # of the sandbox's clock and ours
PATIENCE = 30  # seconds; a command that takes longer hangs
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\].*?(?:\x07|\x1b\\)|[@-Z\\^_])")


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def expect(is_so, what):
    if not is_so:
        raise Failed(what)


def show(text, lines=12):
    """The beginning of an output, for a message."""
    shown = text if isinstance(text, str) else text.decode(errors="replace")
    parts = shown.splitlines()
    return "\n".join("    | " + part[:200] for part in parts[:lines]) + ("\n    | …" if len(parts) > lines else "")


class Done:
    """A run that has ended."""

    def __init__(self, words, status, out, err, kilobytes=0, seconds=0.0):
        self.words = words
        self.status = status
        self.out = out
        self.err = err
        self.kilobytes = kilobytes
        self.seconds = seconds

    @property
    def line(self):
        return shlex.join(map(str, self.words))

    def told(self):
        return f"  command: {self.line}\n  exit: {self.status}\n  stdout:\n{show(self.out)}\n  stderr:\n{show(self.err)}"

    def expect(self, is_so, what):
        if not is_so:
            raise Failed(f"{what}\n{self.told()}")


def plain_environment(build, home):
    return {"PATH": f"{build}:{os.environ.get('PATH', '/usr/bin:/bin')}", "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8",
            "TZ": "UTC", "TERM": "dumb", "ASAN_OPTIONS": "detect_leaks=1:exitcode=99"}


def finish(process, words, patience):
    """Reads to the end; the status as a shell counts."""
    began = time.monotonic()
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        done = Done(words, "none", text_of(out), text_of(err))
        raise Failed(f"no end after {patience} s\n{done.told()}") from None
    status = process.returncode if process.returncode >= 0 else 128 - process.returncode
    return Done(words, status, text_of(out), text_of(err), seconds=time.monotonic() - began)


def text_of(stream):
    return (stream or b"").decode(errors="surrogateescape")


# What a stream may be instead of a pipe that is read.
CLOSED = "closed"
FULL = "full"
SILENT = "silent"  # of standard input: an open pipe into which nobody writes


def run(words, env, cwd, stdin=b"", stdout=None, stderr=None, patience=PATIENCE, interrupt_after=None, whole_group=False):
    """stdin: bytes, CLOSED or SILENT; stdout, stderr: None (read), CLOSED or FULL."""
    closing = ("<&-" if stdin == CLOSED else "") + (" >&-" if stdout == CLOSED else "") + (" 2>&-" if stderr == CLOSED else "")
    command = ["/bin/sh", "-c", f'exec "$@" {closing}', "sh", *map(str, words)] if closing else [str(word) for word in words]
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(open("/dev/full", "wb", buffering=0))
        if stdin == SILENT:
            reader, writer = os.pipe()
            stack.callback(os.close, writer)
            stack.callback(os.close, reader)
        elif stdin != CLOSED:
            reader = stack.enter_context(tempfile.TemporaryFile())
            reader.write(stdin)
            reader.seek(0)
        else:
            reader = subprocess.DEVNULL
        process = subprocess.Popen(command, env=env, cwd=cwd, start_new_session=True, stdin=reader,
                                   stdout=full if stdout == FULL else subprocess.PIPE, stderr=full if stderr == FULL else subprocess.PIPE)
        if interrupt_after is not None:
            try:
                process.wait(interrupt_after)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGINT) if whole_group else process.send_signal(signal.SIGINT)
        return finish(process, words, patience)


def run_into_pipe(words, env, cwd, lines):
    """The reader goes away after that many lines of standard output (0: before the command begins)."""
    reader, writer = os.pipe()
    if lines == 0:
        os.close(reader)
    process = subprocess.Popen([str(word) for word in words], env=env, cwd=cwd, start_new_session=True, stdin=subprocess.DEVNULL,
                               stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    if lines > 0:
        with os.fdopen(reader, "rb") as out:
            for _ in range(lines):
                out.readline()
    return finish(process, words, PATIENCE)


class Terminal:
    """A command at a pseudo-terminal of its own; `said` is all that it wrote."""

    def __init__(self, words, env, cwd, columns=80, rows=24):
        self.words = words
        self.master, slave = pty.openpty()
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.modes = termios.tcgetattr(slave)
        self.slave = slave
        self.descriptors = (self.master, slave)
        # setsid makes the terminal the controlling one, so that Ctrl-C is a signal.
        self.process = subprocess.Popen(["setsid", "--ctty", *map(str, words)], env=env, cwd=cwd, stdin=slave, stdout=slave, stderr=slave)
        self.said = b""
        while not self.is_controlling() and self.process.poll() is None:  # before that Ctrl-C would be a byte
            time.sleep(0.001)

    def is_controlling(self):
        try:
            return os.tcgetpgrp(self.master) > 0
        except OSError:
            return False

    def read(self, seconds):
        if not select.select([self.master], [], [], max(seconds, 0))[0]:
            return False
        try:
            piece = os.read(self.master, 65536)
        except OSError:
            return False
        self.said += piece
        return bool(piece)

    def read_for(self, seconds):
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            self.read(min(0.05, until - time.monotonic()))

    def press(self, keys):
        os.write(self.master, keys)

    def finish(self, patience=PATIENCE):
        """-> Done: both streams are in `out`."""
        self.read_for(patience)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            raise Failed(f"no end after {patience} s at a terminal: {shlex.join(map(str, self.words))}\n{show(self.said)}")
        while self.read(0):
            pass
        self.modes_after = termios.tcgetattr(self.slave)
        self.close()
        status = self.process.returncode if self.process.returncode >= 0 else 128 - self.process.returncode
        return Done(self.words, status, text_of(self.said), "")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        # Once: the numbers may be those of another thread's files by the next time.
        open_ones, self.descriptors = self.descriptors, ()
        for fd in open_ones:
            os.close(fd)


def at_terminal(words, env, cwd, columns=80, rows=24, patience=PATIENCE):
    return Terminal(words, env, cwd, columns, rows).finish(patience)


def width(text):
    """Columns, as wcwidth(3) of a Unicode locale counts."""
    columns = 0
    for char in text:
        if unicodedata.category(char) in ("Mn", "Me", "Cf") or char in "\u200b\ufe0f":
            continue
        columns += 2 if unicodedata.east_asian_width(char) in "WF" else 1
    return columns


# ---- what the binary says of itself, and what is told of its commands ----


class Command:
    """A line of the binary's table, and what tests/surface/commands.ini tells of it."""

    def __init__(self, row, told):
        self.row = row
        self.path = [row["name"]] if row["parent"] is None else [row["parent"], row["name"]]
        self.name = " ".join(self.path)
        self.told = told

    def __getattr__(self, name):
        return self.row[name]

    def need(self, key):
        """What a check cannot do without; its absence is a failure, not a reason to skip."""
        if self.told is None or key not in self.told:
            raise Failed(f"tests/surface/commands.ini does not tell \"{key}\" of [{self.name}]: the check needs it")
        return self.told[key]

    def get(self, key, otherwise=""):
        return (self.told or {}).get(key, otherwise)

    @property
    def usage(self):
        """The exit status of a mistake on its line."""
        return int(self.get("usage", "2"))

    def calls(self, key):
        return [line for line in self.need(key).splitlines() if line.strip()]

    def words(self, line, world, *flags):
        """The words of a call; `flags` come behind the command's name."""
        env = world if isinstance(world, dict) else world.env
        filled = re.sub(r"\$([A-Z_]+)", lambda m: env.get(m[1], m[0]), line)
        words = shlex.split(filled)
        expect(words[:len(self.path)] == self.path, f"[{self.name}]: not a call of it: {line}")
        return ["paas", *self.path, *flags, *words[len(self.path):]]


class Table:
    """All commands, hidden ones too."""

    def __init__(self, build):
        listed = subprocess.run([f"{build}/paas", "help", "--json"], capture_output=True, check=True, env=plain_environment(build, "/nonexistent"))
        table = json.loads(listed.stdout)
        told = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
        told.read(TESTS / "surface" / "commands.ini", encoding="utf-8")
        self.flags = table["flags"]
        self.errors = {row["code"]: row["exit_status"] for row in table["errors"]}
        self.commands = []
        for row in table["commands"]:
            name = row["name"] if row["parent"] is None else f"{row['parent']} {row['name']}"
            self.commands.append(Command(row, dict(told[name]) if told.has_section(name) else None))
        names = {command.name for command in self.commands}
        self.unknown = [section for section in told.sections() if section not in names]
        self.statuses = {0, *self.errors.values()}

    @property
    def runnable(self):
        return [command for command in self.commands if not command.is_group]


class World:
    """One sandbox with the sample application deployed to dev; `fresh` brings that state back."""

    def __init__(self, build):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="paas-surface-"))
        self.env = {**plain_environment(build, self.folder), "PAAS_CLOCK_RATE": RATE}
        self.stand_in()
        self.began = time.monotonic()
        self.work = self.folder
        self.is_changed = False
        self.must("paas", "sandbox", "start", "--rate", RATE, "--seed", "7")
        for word in shlex.split(self.must("paas", "sandbox", "env").out.replace("export ", " ").replace(";", " ")):
            name, _, value = word.partition("=")
            self.env[name] = value
        self.work = pathlib.Path(self.env["PAAS_SANDBOX_APPLICATION"])
        self.env["IMAGE"] = self.env["PAAS_SANDBOX_REGISTRY"] + "/payments/checkout:1.1"
        (self.folder / "bad.yml").write_text("version: 3\nreplicas: many\nports: 80\n")
        (self.folder / "bad-platform.yml").write_text("version: 1\nclusters: many\n")
        self.env["BAD_FILE"] = str(self.folder / "bad.yml")
        self.env["BAD_PLATFORM"] = str(self.folder / "bad-platform.yml")
        self.must("paas", "deploy")
        self.must("paas", "sandbox", "snapshot", "deployed")
        self.keep = pathlib.Path(tempfile.mkdtemp(prefix="paas-surface-keep-"))
        shutil.copytree(self.work, self.keep / "application")

    def stand_in(self):
        """A kubectl for what the sandbox does not emulate: it shows that it runs."""
        (self.folder / "bin").mkdir()
        kubectl = self.folder / "bin/kubectl"
        kubectl.write_text('#!/bin/sh\ncase " $* " in *" port-forward "*) echo Forwarding; exec sleep 60 ;; esac\necho one\necho two\n')
        kubectl.chmod(0o755)
        self.env["PATH"] = f"{kubectl.parent}:{self.env['PATH']}"

    def run(self, words, **options):
        env = {**self.env, **options.pop("env", {})}
        return run(words, {name: value for name, value in env.items() if value is not None}, self.work, **options)

    def must(self, *words):
        done = self.run(words)
        done.expect(done.status == 0, "setting the stage failed")
        return done

    def fresh(self, command=None):
        """The deployed state; for a command that changes nothing it is there already."""
        is_read_only = command is not None and command.get("changes") == "nothing" and not command.get("before")
        if is_read_only and not self.is_changed:
            return
        self.is_changed = not is_read_only
        if self.run(["paas", "sandbox", "status"]).status != 0 or '"running":false' in self.run(["paas", "sandbox", "status", "--json"]).out:
            self.must("paas", "sandbox", "start", "--rate", RATE)
        self.must("paas", "sandbox", "heal")
        self.must("paas", "sandbox", "restore", "deployed")
        shutil.rmtree(self.work)
        for folder in (".config", ".cache", ".local/share"):
            shutil.rmtree(self.folder / folder, ignore_errors=True)
        shutil.copytree(self.keep / "application", self.work)
        if command is not None:
            self.prepare(command, command.get("before"))

    def prepare(self, command, lines):
        self.is_changed |= bool(lines.strip())
        for line in lines.splitlines():
            if line.strip():
                done = run(["/bin/sh", "-c", line], self.env, self.work)
                done.expect(done.status == 0, f"[{command.name}]: what comes before its call failed")

    def close(self):
        with contextlib.suppress(Failed):
            self.run(["paas", "sandbox", "stop"])
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.keep, ignore_errors=True)


class Stage:
    """What a check is given."""

    def __init__(self, build, folder, n_worlds):
        self.build = build
        self.folder = pathlib.Path(folder)
        self.table = Table(build)
        self.n_worlds = n_worlds
        self.pool = queue.Queue()
        self.worlds = []

    def open(self):
        """`shared` is for whoever leaves it as it is."""
        (self.folder / "authority").mkdir()
        self.authority = Authority(self.folder / "authority")
        self.signed = ScriptedServer((TESTS / "surface" / "signed.server").read_text(), self.authority)
        for _ in range(self.n_worlds + 1):
            self.worlds.append(World(self.build))
            self.trust_signed(self.worlds[-1])
        self.shared = self.worlds[0]
        for world in self.worlds[1:]:
            self.pool.put(world)

    def trust_signed(self, world):
        """The authority of the server with the signed platform file, beside the sandbox's."""
        bundle = world.folder / "authorities.pem"
        bundle.write_text(pathlib.Path(world.env["PAAS_CA_FILE"]).read_text() + pathlib.Path(self.authority.ca).read_text())
        world.env["PAAS_CA_FILE"] = str(bundle)
        world.env["SIGNED"] = f"{self.signed.url}/platform.yml"

    @contextlib.contextmanager
    def world(self):
        world = self.pool.get()
        try:
            yield world
        finally:
            self.pool.put(world)

    @property
    def paas(self):
        return f"{self.build}/paas"

    def nowhere(self, **more):
        """The environment of somebody who has nothing, and an empty folder to stand in."""
        folder = tempfile.mkdtemp(dir=self.folder)
        env = plain_environment(self.build, folder)
        del env["HOME"]
        return {**env, **more}, folder

    def close(self):
        self.signed.close()
        for world in self.worlds:
            world.close()


# ---- checks ----

CHECKS = {}


def check(number, title):
    """A function that is given the Stage and yields (name, probe); a probe raises Failed or Skipped."""
    def keep(function):
        CHECKS.setdefault(number, []).append((title, function))
        return function
    return keep


class waiting:
    """A probe that waits and neither works nor needs a world: it begins with the others of its kind, before all."""

    def __init__(self, probe):
        self.probe = probe

    def __call__(self):
        self.probe()


def is_installed(*programs):
    for program in programs:
        if shutil.which(program) is None:
            raise Skipped(f"{program} is not installed")
