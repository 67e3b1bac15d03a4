"""24.2: with --json, standard output is JSON whatever happens, and the exit status stays what it is."""
import json

from surface.stage import Failed, check


def documents(done, is_stream):
    """What standard output holds: one document, or one a line."""
    try:
        return [json.loads(line) for line in done.out.splitlines()] if is_stream else [json.loads(done.out)] if done.out else []
    except ValueError as why:
        raise Failed(f"JSON expected on standard output, seen: {why}\n{done.told()}") from None


def holds_json(text):
    for line in text.splitlines():
        if line.startswith(("{", "[")):
            try:
                return isinstance(json.loads(line), (dict, list))
            except ValueError:
                pass
    return False


def compare(stage, command, line, world, is_answer):
    command_options = {"interrupt_after": 2} if command.get("ends") == "interrupt" and is_answer else {}
    stdin = command.get("stdin").encode() if is_answer else b""
    world.fresh(command)
    plain = world.run(command.words(line, world), stdin=stdin, **command_options)
    world.fresh(command)
    done = world.run(command.words(line, world, "--json"), stdin=stdin, **command_options)
    done.expect(not holds_json(done.err), "no JSON expected on standard error")
    plain.expect(not holds_json(plain.err), "no JSON expected on standard error")
    if not command.answers_json:
        done.expect(done.status == command.usage, f"a command that has no JSON refuses --json with exit {command.usage}")
        documents(done, False)
        return plain
    done.expect(done.status == plain.status, f"the exit status {plain.status} of the run without --json expected")
    answers = documents(done, command.streams)
    done.expect(answers or done.status == 2, "an answer expected on standard output")
    if not answers:
        return plain
    last = answers[-1]
    if command.streams and last.get("error", {}) is not None and last.get("error", {}).get("code") != "usage":
        done.expect(last.get("type") == "result", "the last line of a stream is of type \"result\"")
        for one in answers:
            done.expect("type" in one and "time" in one, f"type and time expected in every line, seen {one}")
    done.expect("schema_version" in answers[0] or command.streams, "schema_version expected")
    error = last.get("error") if isinstance(last, dict) else None
    if error is not None and "code" in error:
        done.expect(error["code"] in stage.table.errors, f"a code of the table expected, seen {error['code']}")
        done.expect(stage.table.errors[error["code"]] == done.status, f"exit {stage.table.errors[error['code']]} of {error['code']} expected")
        done.expect(set(error) >= {"code", "what", "why", "next", "source", "retryable"}, f"all members of an error expected, seen {sorted(error)}")
    elif done.status in (2, 4, 5, 6, 9):
        done.expect(command.get("silent").split().count(str(done.status)) > 0, f"exit {done.status} without \"error\" in the JSON")
    return plain


def answer(stage, command):
    for line in command.calls("good"):
        with stage.world() as world:
            plain = compare(stage, command, line, world, True)
            wanted = command.get("exit", "0").split("|")
            plain.expect(str(plain.status) in wanted, f"exit {'|'.join(wanted)} expected (tests/surface/commands.ini, [{command.name}])")


def mistake(stage, command):
    for line in command.calls("error"):
        status, _, line = line.partition(" ")
        with stage.world() as world:
            plain = compare(stage, command, line, world, False)
            plain.expect(plain.status == int(status), f"exit {status} expected (tests/surface/commands.ini, [{command.name}])")
            plain.expect(plain.err.startswith(("paas: ", "warning: ")) or "\npaas: " in plain.err or int(status) in (3, 9), "an error that says paas: expected")


def usage(stage, command):
    env, folder = stage.nowhere()
    from surface.stage import run
    for flags in ((), ("--json",)):
        done = run(["paas", *command.path, *flags, "--no-such-flag"], env, folder)
        done.expect(done.status == command.usage, f"exit {command.usage} expected of an unknown flag")
        done.expect(not holds_json(done.err), "no JSON expected on standard error")
        done.expect("--no-such-flag" in done.err, "the error names the flag")
        answers = documents(done, False)
        if flags and answers:
            done.expect(answers[-1]["error"]["code"] == "usage", "the code \"usage\" expected")
        done.expect(bool(flags) or done.out == "", "nothing expected on standard output")


@check("24.2", "--json and its exit status")
def probes(stage):
    yield "tests/surface/commands.ini speaks of commands that exist", lambda: _known(stage)
    for command in stage.table.commands:
        yield f"{command.name}: usage error", lambda command=command: usage(stage, command)
    for command in stage.table.runnable:
        yield f"{command.name}: answer", lambda command=command: answer(stage, command)
        yield f"{command.name}: error", lambda command=command: mistake(stage, command)


def _known(stage):
    if stage.table.unknown:
        raise Failed(f"the binary has no {stage.table.unknown}")
