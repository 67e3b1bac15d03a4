"""24.10: completion answers in time whatever the network does: every command, at the protocol and in each shell."""
import contextlib
import importlib.util
import pathlib
import re
import shutil
import socket
import tempfile
import time

from scripted_server import Authority, ScriptedServer
from surface.stage import TESTS, Failed, Skipped, check, run

HARD_STOP = 0.3
SECONDS = 3 * HARD_STOP  # a deadline is tested at three times its length
SHELLS = ("bash", "zsh", "fish")
# What a shell or a command complains with; descriptions of flags are on the screen, too.
TROUBLE = re.compile(r"^(?!zsh: do you wish)(?:bash|zsh|fish|paas|_\w+)(?::|\(.*\):) |command not found|syntax error", re.MULTILINE)
NETWORKS = ("mute", "unroutable", "refused", "no such name")


def completing_shell():
    spec = importlib.util.spec_from_file_location("completing_shell", TESTS / "witness" / "completing_shell.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def network(kind, folder):
    """A platform file whose cluster is behind it."""
    authority = Authority(folder)
    with contextlib.ExitStack() as stack:
        if kind == "mute":
            server = ScriptedServer("any any -> hang", authority)
            stack.callback(server.close)
            url = server.url
        elif kind == "unroutable":
            # Who waits behind a full queue hears nothing: as at an address that leads nowhere.
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
            url = f"https://127.0.0.1:{listener.getsockname()[1]}"
            for _ in range(4):
                filler = stack.enter_context(socket.socket())
                filler.setblocking(False)
                filler.connect_ex(listener.getsockname())
        elif kind == "refused":
            with socket.create_server(("127.0.0.1", 0)) as listener:
                url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        else:
            url = "https://nowhere.invalid"
        platform = pathlib.Path(folder) / "platform.yml"
        platform.write_text(f"version: 1\nclusters: {{dev: {{server: '{url}', ca_file: '{authority.ca}'}}}}\n"
                            "environments: [{name: dev, cluster: dev, namespace: team}]\nteams: {team: {}}\n")
        yield str(platform)


def questions(command):
    """What may be asked of a command: its arguments, its flags, the value of each flag."""
    yield [*command.path, ""]
    yield [*command.path, "x", ""]
    yield [*command.path, "-"]
    yield [*command.path, "--", ""]
    for option in command.options:
        if option["kind"] in ("text", "list", "choice", "number", "duration") and not option["is_hidden"]:
            yield [*command.path, f"--{option['name']}", ""]
            yield [*command.path, f"--{option['name']}=x"]


def protocol(stage, command, kind):
    env, folder = stage.nowhere()
    with network(kind, folder) as platform:
        env.update(HOME=folder, PAAS_PLATFORM=platform)
        for words in questions(command):
            began = time.monotonic()
            done = run(["paas", "__complete", "--", *words], env, folder)
            took = time.monotonic() - began
            done.expect(took < SECONDS, f"{kind}: an answer within {HARD_STOP} s (tested: {SECONDS:.1f}) expected, seen {took:.2f} s")
            done.expect(done.status == 0, f"{kind}: exit 0 expected")
            done.expect(done.err == "", f"{kind}: nothing on standard error expected")
            done.expect(done.out.splitlines() and done.out.splitlines()[-1].startswith(":"), f"{kind}: the last line is the directive")


def shell(stage, name, kind):
    """TAB after each command: the prompt can be used at once, and no word of trouble is shown."""
    if shutil.which(name) is None:
        raise Skipped(f"{name} is not installed")
    module = completing_shell()
    folder = pathlib.Path(tempfile.mkdtemp(dir=stage.folder))
    witness = module.Witness(name, folder)
    witness.env["PATH"] = f"{stage.build}:{witness.env['PATH']}"
    del witness.env["PAAS_CLOCK_RATE"]
    with network(kind, folder) as platform:
        try:
            witness.open(PAAS_PLATFORM=platform)
            for command in stage.table.commands:
                for typed in (f"paas {command.name} ", f"paas {command.name} --"):
                    began = time.monotonic()
                    witness.terminal.forget()
                    witness.terminal.type(typed + "\t")
                    witness.terminal.take_line()
                    took = time.monotonic() - began
                    if TROUBLE.search(witness.terminal.screen):
                        raise Failed(f"{name}, {kind}: {typed!r} and TAB: trouble is on the screen\n{witness.terminal.screen}")
                    if took > module.PROMPT_SECONDS:
                        raise Failed(f"{name}, {kind}: {typed!r} and TAB: the prompt can be used again after {took:.1f} s")
        except module.Failed as why:
            raise Failed(f"{name}, {kind}: {why}") from None
        finally:
            witness.close()


@check("24.10", "completion, whatever the network does")
def probes(stage):
    for name in SHELLS:
        for kind in ("mute", "unroutable"):
            yield f"{name}, {kind}", lambda name=name, kind=kind: shell(stage, name, kind)
    for command in stage.table.commands:
        for kind in NETWORKS:
            yield f"{command.name}, {kind}", lambda command=command, kind=kind: protocol(stage, command, kind)
