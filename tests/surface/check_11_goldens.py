"""24.11: JSON answers keep their shape: members may come, none may go or change its type."""
import copy
import json

from surface.check_02_json import documents
from surface.shape import Golden, Shape
from surface.stage import TESTS, Failed, check, expect

GOLDEN = TESTS / "golden"
TIMES_TO_UPDATE = 2


def golden_of(command):
    return GOLDEN / f"{'-'.join(command.path)}.shape"


def calls(command):
    """[(line, standard input)] whose answers make up the shape."""
    lines = [(line, command.get("stdin")) for line in command.calls("good")]
    lines += [(line.partition(" ")[2], "") for line in command.calls("error")]
    return lines + [(line, "") for line in command.get("shapes").splitlines() if line]


def answers(stage, command):
    for line, stdin in calls(command):
        before, _, line = line.rpartition(" => ")
        with stage.world() as world:
            world.fresh(None if before else command)
            world.prepare(command, before)
            goes_on = command.get("ends") == "interrupt" or " --watch" in line
            done = world.run(command.words(line, world, "--json"), stdin=stdin.encode(), **({"interrupt_after": 1.5} if goes_on else {}))
            yield line, documents(done, command.streams or goes_on)


def is_stream(command, document, n_documents):
    return isinstance(document, dict) and "type" in document and (command.streams or n_documents > 1)


def update(stage, command):
    shape = Shape(command.get("maps").split())
    for _ in range(TIMES_TO_UPDATE):
        for _, found in answers(stage, command):
            for document in found:
                shape.add_document(document, is_stream(command, document, len(found)))
    GOLDEN.mkdir(exist_ok=True)
    before = Golden(golden_of(command).read_text()) if golden_of(command).exists() else None
    golden_of(command).write_text("\n".join(shape.lines(before)) + "\n")


def mutations(document):
    """-> (what was done, the changed document, whether it still fits)"""
    places = []

    def walk(value, path):
        if isinstance(value, dict):
            for name, member in value.items():
                places.append((path, name))
                walk(member, [*path, name])
        elif isinstance(value, list) and value:
            walk(value[0], [*path, 0])

    walk(document, [])
    for path, name in places:
        for kind in ("another type", "gone", "new"):
            changed = copy.deepcopy(document)
            at = changed
            for step in path:
                at = at[step]
            if kind == "another type":
                at[name] = {"another": "type"} if isinstance(at[name], (str, int, float)) else 1.5
            elif kind == "gone":
                del at[name]
            else:
                at["a_new_member"] = 1
            yield f"{kind}: {'.'.join(map(str, [*path, name]))}", changed, kind


def known_as(path, document, golden, stream):
    """The golden's name of a place in a document: "settings.0.name" is ".settings[].name"."""
    at = str(document.get("type")) if stream else ""
    for step in path.split("."):
        at = at + "[]" if step.isdigit() else f"{at}.{step}"
    return at


def can_fail(command, golden, document, stream):
    """The golden notices what it is for."""
    for what, changed, kind in mutations(document):
        if stream and what.split(": ")[1] == "type":
            continue  # then it is a line of another kind
        complaints = golden.complaints(changed, stream)
        path = what.split(": ")[1]
        if kind != "new" and known_as(path, document, golden, stream) not in golden.types:
            continue  # new since the golden was made
        if kind == "new":
            expect(not complaints or any("*" in one for one in complaints), f"{command.name}: a new member beside {path} must fit, seen {complaints}")
        elif kind == "another type" and not golden.maps:
            expect(complaints, f"{command.name}: another type of {path} must not fit")
        elif kind == "gone" and "." not in path and path in golden.required.get(".", ()):
            expect(complaints, f"{command.name}: {path} must not go")


def probe(stage, command):
    if stage.update:
        update(stage, command)
    if not golden_of(command).exists():
        raise Failed(f"{command.name} answers JSON, and {golden_of(command).relative_to(TESTS.parent)} does not exist: tests/run-surface {stage.build} 24.11 --update, "
                     "then read it")
    golden = Golden(golden_of(command).read_text())
    for line, found in answers(stage, command):
        for document in found:
            stream = is_stream(command, document, len(found))
            complaints = golden.complaints(document, stream)
            expect(not complaints, f"paas {line} --json: {golden_of(command).name} does not fit: {complaints[:8]}\n  seen: {json.dumps(document)[:1500]}")
        if found:
            can_fail(command, golden, found[-1], is_stream(command, found[-1], len(found)))


def no_others(stage):
    known = {golden_of(command) for command in stage.table.runnable if command.answers_json}
    expect(set(GOLDEN.glob("*.shape")) <= known,
           f"of no command: {sorted(path.name for path in set(GOLDEN.glob('*.shape')) - known)}")


@check("24.11", "JSON goldens")
def probes(stage):
    yield "every golden is of a command", lambda: no_others(stage)
    for command in stage.table.runnable:
        if command.answers_json:
            yield command.name, lambda command=command: probe(stage, command)
