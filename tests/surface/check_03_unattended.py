"""24.3: nobody is there: no terminal, no input.  Every command ends by itself, asks nothing, and says why it failed."""
import re

from surface.stage import CLOSED, SILENT, check, run

SECONDS = 20
QUESTION = re.compile(r"\[y/N\]|\[Y/n\]|\? *$|assword: *$|[Tt]ype .* to (go on|confirm)", re.MULTILINE)


def judge(stage, command, done):
    done.expect(done.status in {*stage.table.statuses, command.usage}, "an exit status of the table expected")
    done.expect(not QUESTION.search(done.err + done.out), "no question expected")
    done.expect(done.status in (0, 3) or "paas: " in done.err or (str(done.status) in command.get("silent").split() and done.out),
                "a failure says why")


def with_nothing(stage, command):
    env, folder = stage.nowhere(CI="1")
    for stdin in (CLOSED, SILENT, b""):
        for flags in ((), ("--json",)):
            if stdin == SILENT and command.get("reads") == "stdin":
                continue
            judge(stage, command, run(["paas", *command.path, *flags], env, folder, stdin=stdin, patience=SECONDS))


def in_place(stage, command):
    """In a repository with everything at hand."""
    interrupt = {"interrupt_after": 2} if command.get("ends") == "interrupt" else {}
    for line in command.calls("good"):
        for stdin in (CLOSED, SILENT):
            if stdin == SILENT and command.get("reads") == "stdin":
                continue
            with stage.world() as world:
                world.fresh(command)
                done = world.run(command.words(line, world), env={"CI": "1"}, stdin=stdin, patience=SECONDS, **interrupt)
                judge(stage, command, done)
                wanted = command.get("exit", "0").split("|")
                done.expect(command.get("reads") == "stdin" or command.get("asks-without-answer") or str(done.status) in wanted,
                            f"exit {'|'.join(wanted)} expected")


@check("24.3", "nobody there: never blocks, never asks")
def probes(stage):
    for command in stage.table.commands:
        yield f"{command.name}: with nothing", lambda command=command: with_nothing(stage, command)
    for command in stage.table.runnable:
        yield f"{command.name}: in place", lambda command=command: in_place(stage, command)
