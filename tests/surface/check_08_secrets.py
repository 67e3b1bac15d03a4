"""24.8: no secret on a command line, in the environment of a child, in what is printed with -vv, or in a file."""
import base64
import re
import tempfile
import urllib.parse

from surface.stage import check, expect, is_installed

PASSWORD = "Pa55-of+the/registry"
ALLOWED_FILES = re.compile(r"/sandbox/|/kubeconfig$")


def forms(secret):
    """As it is, and as it travels."""
    raw = secret.encode()
    return {raw, base64.b64encode(raw), base64.b64encode(b"robot:" + raw), urllib.parse.quote(secret, safe="").encode(), raw.hex().encode()}


def secrets_of(world, command):
    token = re.search(r'token: *"?([^"\s]+)', (world.work.parent / "kubeconfig").read_text())[1]
    found = {"the token of the kubeconfig": token, "the password of the registry": PASSWORD}
    if command.get("reads") == "stdin":
        found["what came from standard input"] = command.need("stdin")
    return found


def look(done, calls, world, secrets, handed_out):
    own, *children = calls
    for name, secret in secrets.items():
        for form in forms(secret):
            text = form.decode()
            done.expect(text not in done.out or name == handed_out, f"{name} is on standard output")
            done.expect(text not in done.err, f"{name} is on standard error")
            done.expect(text not in own.split("], ")[0], f"{name} is on the command line")
            for child in children:
                done.expect(text not in child, f"{name} is in arguments or environment of a child: {child[:200]}")
            for path in world.folder.rglob("*"):
                if path.is_file() and not ALLOWED_FILES.search(str(path)):
                    done.expect(form not in path.read_bytes(), f"{name} is in {path}")


def run_traced(stage, command, line, flags):
    is_installed("strace")
    with stage.world() as world, tempfile.NamedTemporaryFile(mode="r", dir=stage.folder, errors="replace") as trace:
        world.fresh(command)
        words = ["strace", "-f", "-qq", "-v", "-s", "65536", "-o", trace.name, "-e", "trace=execve", *command.words(line, world, *flags)]
        done = world.run(words, stdin=command.get("stdin").encode(), env={"PAAS_TOKEN_ARTIFACTS": f"robot:{PASSWORD}"},
                         **({"interrupt_after": 2, "whole_group": True} if command.get("ends") == "interrupt" else {}))
        calls = [call for call in trace.read().splitlines() if "execve(" in call and "= -1" not in call]
        done.expect(calls and PASSWORD in calls[0], "the start of paas with the password in its environment expected in the trace")
        secrets = secrets_of(world, command)
        asks = command.need("asks").split(" ")[0]
        if "-vv" in flags and asks in ("kubernetes", "artifacts"):
            done.expect("authorization: (" in done.err and "hidden)" in done.err, "the hidden header of a credential expected in what -vv says")
        look(done, calls, world, secrets, command.get("hands-out"))


def can_fail(stage):
    """The form of each secret is found where it is."""
    for form in forms(PASSWORD):
        expect(form in b"before " + form + b" after", "a form that is found")
    expect(base64.b64encode(b"robot:" + PASSWORD.encode()) in forms(PASSWORD), "the form of a Basic header")


@check("24.8", "no secret where others can read")
def probes(stage):
    yield "what is looked for", lambda: can_fail(stage)
    for command in stage.table.runnable:
        for line in (command.told or {}).get("good", "").splitlines() or ["?"]:
            for flags in (("-vv",), ("--jq", "."), ("--json", "-vv")) if command.answers_json else (("-vv",),):
                yield (f"{line} {' '.join(flags)}",
                       lambda command=command, line=line, flags=flags: (command.need("good"), run_traced(stage, command, line, flags)))
