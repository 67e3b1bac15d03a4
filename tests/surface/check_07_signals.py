"""24.7: Ctrl-C at random points of what takes time: exit 130, the terminal as it was, no half-written file."""
import random
import re

from surface.stage import Failed, Terminal, check, is_installed

POINTS = 50  # of deploy and logs together; the points are those of --seed
COMMANDS = {"deploy": ("deploy --force", 0.7), "logs": ("logs --follow", 0.5)}
AT_ONCE = 3  # seconds
HALF_WRITTEN = re.compile(r"\.(tmp|new|part)[^/]*$|\.[A-Za-z0-9]{6}$|~$")


def files(world):
    return {path for path in world.folder.rglob("*") if path.is_file()}


def interrupt(stage, name, line, after):
    with stage.world() as world:
        world.fresh()
        before = files(world)
        terminal = Terminal(["paas", *line.split()], {**world.env, "TERM": "xterm"}, world.work)
        try:
            terminal.read_for(after)
            was_running = terminal.process.poll() is None
            terminal.press(b"\x03")
            done = terminal.finish(AT_ONCE)
        except Failed as why:
            raise Failed(f"after {after:.3f} s: {why}") from None
        finally:
            terminal.close()
        where = f"interrupted after {after:.3f} s"
        done.expect(done.status == 130 or (not was_running or name == "deploy") and done.status == 0, f"{where}: exit 130 expected")
        done.expect(done.status == 130 or "healthy" in done.out, f"{where}: exit 0 of a deployment that had ended expected")
        done.expect(terminal.modes == terminal.modes_after, f"{where}: the terminal's modes as before expected")
        done.expect(done.out.rfind("\x1b[?25l") <= done.out.rfind("\x1b[?25h"), f"{where}: the cursor is not shown again")
        done.expect("\x1b[?1049h" not in done.out, f"{where}: the other screen is not left")
        last_styles = re.findall(r"\x1b\[([0-9;]*)m", done.out)
        done.expect(not last_styles or last_styles[-1] in ("", "0"), f"{where}: colour or weight stays on")
        done.expect("\nException" not in done.out and "Sanitizer" not in done.out, f"{where}: no trouble expected")
        new = {path for path in files(world) - before if HALF_WRITTEN.search(path.name)}
        done.expect(not new, f"{where}: half-written files: {sorted(map(str, new))}")
        again = world.run(["paas", "status"])
        again.expect(again.status == 0, f"{where}: `paas status` works afterwards")


def at_wait(stage, command, line, n):
    """The signal is there when the n-th wait begins, however slow the machine is."""
    is_installed("strace")
    with stage.world() as world:
        world.fresh(command)
        done = world.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=epoll_wait", "-e", f"inject=epoll_wait:signal=INT:when={n}",
                          *command.words(line, world)], stdin=command.get("stdin").encode(), patience=AT_ONCE + 5)
        usual = command.get("exit", "0").split("|")
        done.expect(done.status == 130 or n > 1 and str(done.status) in usual, f"SIGINT at wait {n}: exit 130 expected")


@check("24.7", "Ctrl-C at random points")
def probes(stage):
    chosen = random.Random(stage.seed)
    for at in range(POINTS):
        name = list(COMMANDS)[at % len(COMMANDS)]
        line, longest = COMMANDS[name]
        after = chosen.uniform(0, longest)
        yield f"{line}, point {at + 1} (seed {stage.seed})", lambda name=name, line=line, after=after: interrupt(stage, name, line, after)
    for command in stage.table.runnable:
        if command.get("asks").split(" ")[0] == "kubernetes" and not command.get("becomes"):
            line = command.calls("good")[0]
            for n in (1, 2, chosen.randint(3, 9)):
                yield f"{line}, at wait {n}", lambda command=command, line=line, n=n: at_wait(stage, command, line, n)
