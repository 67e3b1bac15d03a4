"""24.12: whatever a server does, a command that asks it ends within its deadlines, in little memory, and says so by its exit status."""
import functools
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

from scripted_server import Authority
from surface.stage import Done, Failed, check, expect, finish, run, waiting
from surface.troubled_server import TROUBLES, TroubledServer

SECONDS = 100  # a request may take 30 s of real time, whatever the clock's rate, and one may follow another
MEGABYTES = 96
KEY = "RWQp4fbOI0AdS6kAlkZDZ3ZaFfhw4ZfuQRbO2XUztJ7mBoupaUQOlIyd"  # of signed.server
SLOW = ("mute", "drips its head", "drips its body")
SYSTEMS = ("kubernetes", "artifacts", "platform")
NOT_A_SERVER = ("nothing", "sandbox")


class Stuck:
    """The servers, one a trouble, that all probes share."""

    def __init__(self):
        self.lock = threading.Lock()
        self.servers = {}
        self.authority = None

    def url(self, stage, trouble):
        with self.lock:
            if self.authority is None:
                self.authority = Authority(tempfile.mkdtemp(dir=stage.folder))
            if trouble not in self.servers:
                self.servers[trouble] = TroubledServer(self.authority, trouble)
            return self.servers[trouble].url


STUCK = Stuck()


def place(stage, world, system, trouble):
    """A platform file like the sandbox's, whose system is the server in trouble; -> its environment."""
    url = STUCK.url(stage, trouble)
    folder = stage.folder / f"trouble-{threading.get_ident()}-{time.monotonic_ns()}"
    folder.mkdir()
    source = world.work.parent
    for name in ("platform.yml", "kubeconfig", "ca.pem"):
        shutil.copy(source / name, folder / name)
    with open(folder / "ca.pem", "a", encoding="ascii") as bundle, open(STUCK.authority.ca, encoding="ascii") as ours:
        bundle.write(ours.read())
    variables = {"PAAS_PLATFORM": str(folder / "platform.yml"), "KUBECONFIG": str(folder / "kubeconfig"), "PAAS_CA_FILE": str(folder / "ca.pem"),
                 "HOME": str(folder), "TMPDIR": str(folder), "PAAS_KEY_FILE": str(folder / "key"), "WORD": str(folder / "word")}
    (folder / "key").write_bytes(os.urandom(32))
    (folder / "key").chmod(0o600)
    (folder / "word").write_text("word\n")
    if system == "platform":
        return {**world.env, **variables, "SIGNED": f"{url}/platform.yml"}
    name, pattern = ("kubeconfig", r'(server: "?)https://[^"\s]+') if system == "kubernetes" else ("platform.yml", r'(artifacts: .*url: ")https://localhost:\d+')
    text, count = re.subn(pattern, rf"\g<1>{url}", (folder / name).read_text())
    expect(count == 1, f"{name} has {count} servers to replace")
    (folder / name).write_text(text)
    # certificate-authority of the kubeconfig is relative, or that of the sandbox
    (folder / "kubeconfig").write_text((folder / "kubeconfig").read_text().replace(str(source / "ca.pem"), str(folder / "ca.pem")))
    return {**world.env, **variables}


def peak_kilobytes(process, most):
    try:
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            found = re.search(r"VmHWM:\s+(\d+) kB", status.read())
        return max(most, int(found[1])) if found else most
    except OSError:
        return most


def run_watched(words, env, cwd, stdin, interrupt_after=None):
    """-> Done with its peak memory, looked at while it runs."""
    with tempfile.TemporaryFile() as reader:
        reader.write(stdin)
        reader.seek(0)
        process = subprocess.Popen(words, env=env, cwd=cwd, start_new_session=True, stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        began = time.monotonic()
        peak = [0]

        def watch():
            while process.poll() is None and time.monotonic() - began < SECONDS + 1:
                peak[0] = peak_kilobytes(process, peak[0])
                time.sleep(0.01)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        if interrupt_after is not None:
            time.sleep(interrupt_after)
            process.send_signal(signal.SIGINT)
        try:
            done = finish(process, words, SECONDS)
        finally:
            watcher.join()
        done.kilobytes = peak[0]
        return done


def trial(stage, command, system, statuses, line, trouble):
    """A cluster in trouble is not changed, and calls that ask the registry are dry: one stage serves all."""
    env = place(stage, stage.shared, system, trouble)
    if system == "platform":
        trusted = run(["paas", "config", "trust", KEY], env, stage.shared.work)
        trusted.expect(trusted.status == 0, "a key is pinned first")
    goes_on = trouble in command.get("goes-on-at").split(", ")
    done = run_watched(command.words(line, env), env, stage.shared.work, command.get("stdin").encode(), 2 if goes_on else None)
    most = int(command.get("memory", MEGABYTES))
    done.expect(done.kilobytes < most * 1024, f"less than {most} MiB expected, seen {done.kilobytes // 1024}")
    if goes_on:
        done.expect(done.status == 130, "exit 130 expected: it goes on until Ctrl-C")
        return
    done.expect(str(done.status) in statuses, f"exit {'|'.join(statuses)} expected (tests/surface/commands.ini, [{command.name}] asks)")
    done.expect("raw" in command.told or "\x1b" not in done.out + done.err, "no escape sequence of the server expected")


def no_connection(stage, command):
    """What asks nothing makes no connection."""
    for line in command.calls("good"):
        with stage.world() as world, tempfile.NamedTemporaryFile(mode="r", dir=stage.folder) as calls:
            world.fresh(command)
            words = command.words(line, world)
            done = world.run(["strace", "-f", "-qq", "-o", calls.name, "-e", "trace=connect,sendto", *words], stdin=command.get("stdin").encode())
            connections = [call for call in calls.read().splitlines() if "AF_INET" in call]
            done.expect(not connections, f"no connection expected, seen {connections}")


def rows(command):
    """-> [(system, statuses, call)], from lines "SYSTEM STATUS|STATUS CALL"."""
    for line in command.calls("asks"):
        words = line.split(" ", 2)
        if words[0] in NOT_A_SERVER:
            continue
        if words[0] not in SYSTEMS or len(words) != 3:
            raise Failed(f"[{command.name}] asks: \"{line}\" is none of: nothing, sandbox, SYSTEM EXIT CALL with a system of {SYSTEMS}")
        yield words[0], words[1].split("|"), words[2]


def describe(command):
    """Fails for a command of which nobody has told whom it asks."""
    list(rows(command))


@check("24.12", "servers in trouble")
def probes(stage):
    for command in stage.table.runnable:
        yield f"{command.name}: it is told whom it asks", lambda command=command: describe(command)
        if command.get("asks").split(" ")[0] == "nothing":
            yield f"{command.name}: asks nobody", lambda command=command: no_connection(stage, command)
        try:
            told = list(rows(command))
        except Failed:
            continue
        for system, statuses, line in told:
            for trouble in TROUBLES:
                if "raw" in command.told and trouble.startswith("1 GB") and trouble != "1 GB of one string":
                    continue  # bytes are bytes to it
                probe = functools.partial(trial, stage, command, system, statuses, line, trouble)
                yield f"{line}, {system}: {trouble}", waiting(probe) if trouble in SLOW else probe
