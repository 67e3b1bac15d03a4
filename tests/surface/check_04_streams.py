"""24.4: a reader that goes away is no error; a full disk and a closed stream are."""
from surface.stage import CLOSED, FULL, check, run, run_into_pipe


def trial(command, world, line, flags, how):
    interrupt = {"interrupt_after": 2} if command.get("ends") == "interrupt" and how != "pipe" else {}
    world.fresh(command)
    return world.run(command.words(line, world, *flags), stdin=command.get("stdin").encode(), **interrupt)


def piped(command, world, line, flags):
    """`| head -1`, and a reader that is gone from the start."""
    if command.get("ends") == "interrupt":
        lines_of = (1,) if command.get("prints") == "at once" else ()
    else:
        lines_of = (1, 0)
    for lines in lines_of:
        world.fresh(command)
        done = run_into_pipe(command.words(line, world, *flags), world.env, world.work, lines)
        done.expect("roken pipe" not in done.err and "writing standard output" not in done.err, "no word of the closed pipe expected")
        wanted = command.get("exit", "0").split("|")
        done.expect(str(done.status) in (*wanted, "0") or command.get("reads") == "stdin" or command.get("becomes") and done.status == 141,
                    f"exit {'|'.join(wanted)} expected, or 0")


def unwritable(command, world, line, flags):
    usual = trial(command, world, line, flags, "usual")
    for stdout, reason in ((FULL, "No space left on device"), (CLOSED, "Bad file descriptor")):
        world.fresh(command)
        interrupt = {"interrupt_after": 2} if command.get("ends") == "interrupt" else {}
        done = world.run(command.words(line, world, *flags), stdin=command.get("stdin").encode(), stdout=stdout, **interrupt)
        if usual.out == "":
            done.expect(done.status == usual.status, f"exit {usual.status} expected: it prints nothing")
            continue
        done.expect(done.status != 0, f"standard output is {stdout}: another exit status than 0 expected")
        done.expect(f"writing standard output: {reason}" in done.err, f"standard output is {stdout}: \"{reason}\" expected on standard error")
    for stderr in (FULL, CLOSED):
        world.fresh(command)
        interrupt = {"interrupt_after": 2} if command.get("ends") == "interrupt" else {}
        done = world.run(command.words(line, world, *flags), stdin=command.get("stdin").encode(), stderr=stderr, **interrupt)
        done.expect(done.status == usual.status, f"standard error is {stderr}: exit {usual.status} expected")


def answers(stage, command, flags, what):
    for line in command.calls("good"):
        with stage.world() as world:
            what(command, world, line, flags)


def helps(stage, command):
    env, folder = stage.nowhere()
    words = ["paas", *command.path, "--help"]
    for lines in (0, 1):
        done = run_into_pipe(words, env, folder, lines)
        done.expect(done.status == 0 and done.err == "", "exit 0 without a word expected of a closed pipe")
    for stdout in (FULL, CLOSED):
        done = run(words, env, folder, stdout=stdout)
        done.expect(done.status == 1 and "writing standard output: " in done.err, f"standard output is {stdout}: exit 1 and a message expected")


@check("24.4", "closed pipes, full disks, closed streams")
def probes(stage):
    for command in stage.table.commands:
        yield f"{command.name} --help", lambda command=command: helps(stage, command)
    for command in stage.table.runnable:
        for flags in ((), ("--json",)) if command.answers_json else ((),):
            shown = " ".join([command.name, *flags])
            yield f"{shown} | head -1", lambda command=command, flags=flags: answers(stage, command, flags, piped)
            if not command.get("becomes"):
                yield f"{shown} >/dev/full", lambda command=command, flags=flags: answers(stage, command, flags, unwritable)
