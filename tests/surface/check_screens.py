"""Screens: what a person sees in a terminal of 20, 80 and 200 columns, with and without colour and Unicode, kept as text.

tests/screens/NAME.txt holds all of them; what differs from run to run (times, ids, ports, folders) is masked sign by sign, so
that what lines up does so there, too.  --update rewrites them, to be looked at like a picture.
"""
import itertools
import re
import shlex
import time

from surface.stage import TESTS, Failed, check, expect
from surface.tmux import Screen

SCREENS = TESTS / "screens"
WIDTHS = (20, 80, 200)
DRESSES = {"colour": {}, "no colour": {"NO_COLOR": "1"}}
LOCALES = {"Unicode": {"LC_ALL": "C.UTF-8"}, "ASCII": {"LC_ALL": "C"}}
CLOCKS_APART = 7  # seconds of a stage
TRIES = 4  # a name of another length, or a slow machine, moves columns

# name -> (what comes before, the command, whether each picture needs a fresh stage)
BREAK = "paas sandbox break config-missing-secret --app checkout >/dev/null 2>&1; "
DEPLOY = "paas deploy --force >/dev/null 2>&1; "  # seconds ago
WAITS = "sed -i '/name: pro/{/needs/!s/}$/, needs: approval}/}' $PAAS_PLATFORM; paas deploy --env pro >/dev/null 2>&1; " + DEPLOY
SUBJECTS = {
    "help": ("", "paas help version", False),
    "help-config": ("", "paas help config list", False),
    "status": (DEPLOY, "paas status", False),
    "status-team": (DEPLOY, "paas status --team payments", False),
    "status-approval": (WAITS, "paas status", True),
    "deploy-healthy": ("", "paas deploy --force", True),
    "deploy-failed": (BREAK, "paas deploy --force", True),
    "approve": (WAITS, "paas approve --yes", True),
    "releases": (DEPLOY + DEPLOY, "paas releases --limit 2", True),
    "whoami": ("", "paas whoami", False),
    "logs": ("", "paas logs --tail 2", False),
    "doctor": ("", "paas doctor", False),
    "config-list": ("", "paas config list --show-origin", False),
    "config-check": ("", "paas config check $BAD_PLATFORM", False),
    "diff": ("sed -i 's/minimum: 2/minimum: 3/' fiaas.yml; ", "paas diff", True),
    "init": ("rm -f fiaas.yml .paas.yml; printf 'FROM scratch\\nEXPOSE 8080\\n' >Dockerfile; ", "paas init --dry-run", True),
    "secrets-set": ("", "printf x | paas secrets set BATTERY", True),
    "error": ("", "paas depoly", False),
}
# Colours of the palette, the user's own: neither black nor white, no background, no 256 or true colours.
ALLOWED = re.compile(r"(0|1|2|22|39|49|3[1-6]|9[1-6])?(;(0|1|2|22|39|49|3[1-6]|9[1-6]))*")


MASKS = (
    (re.compile(r"\b\d{14}-[a-z0-9]{8}\b"), lambda m: "D" * 14 + "-" + "d" * 8),
    (re.compile(r"(?<=checkout-)[a-z0-9]{8,10}-[a-z0-9]{5}\b"), lambda m: "pppppppppp-ppppp"),
    (re.compile(r"(?<=localhost:)\d{5}\b"), lambda m: "PPPPP"),
    (re.compile(r"paas-surface-[a-z0-9_]{8}"), lambda m: "paas-surface-FFFFFFFF"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), lambda m: "0000-00-00T00:00:00Z"),
    (re.compile(r"\b\d+ ms\b"), lambda m: "N ms"),
    (re.compile(r"\b\d+ (s|min|h|d|days)\b"), lambda m: "N" * len(m[0].split()[0]) + " " + m[0].split()[1]),
    (re.compile(r"\b[0-9a-f]{40,64}\b"), lambda m: "h" * len(m[0])),
    (re.compile(r"(N+ \w+ )+ahead of ours"), lambda m: "N ahead of ours"),  # how far the clocks are apart
)


def masked(text):
    for pattern, replacement in MASKS:
        text = pattern.sub(replacement, text)
    return text


def pictures(stage, name):
    """-> [(heading, lines)]; one world for all of a subject."""
    before, command, is_fresh = SUBJECTS[name]
    for columns, dress, locale in itertools.product(WIDTHS, DRESSES, LOCALES):
        if name == "doctor" and columns < 80:
            continue  # what is said of the clocks breaks where its length wants
        yield f"{columns} columns, {dress}, {locale}", columns, {**DRESSES[dress], **LOCALES[locale]}, before, command, is_fresh


def take(world, screen, at, columns, variables, before, command, is_fresh):
    if is_fresh or at == 0:
        world.fresh()
    if is_fresh:
        world.is_changed = True
    env = {name: value for name, value in world.env.items() if name != "TERM"}
    command = command.replace("$BAD_PLATFORM", shlex.quote(world.env["BAD_PLATFORM"]))
    coloured, plain, joined, exit_text = screen.show(f"s{at}", f"{before}{command}", {**env, **variables}, world.work, columns)
    judge(coloured, variables, command, columns)
    lines = [masked(line).replace("\x1b", "<esc>") for line in whole_lines(coloured, plain, joined, columns)]
    if command.startswith("paas logs"):
        lines.sort()  # two pods may write within the same instant
    return lines + [exit_text]


def whole_lines(coloured, plain, joined, columns):
    """Masking works on whole lines: what the terminal broke is marked, as a name may lie across the break."""
    lines, at = [], 0
    for line in joined:
        n = 1
        while n * columns < len(line) and at + n < len(plain) and "".join(plain[at:at + n]).rstrip() != line.rstrip():
            n += 1
        lines.append("<wrapped>".join(coloured[at:at + n]) if n == 1 else "<wraps> " + line)
        at += n
    return lines


def judge(coloured, variables, command, columns):
    text = "\n".join(coloured)
    for codes in set(re.findall(r"\x1b\[([0-9;]*)m", text)):
        expect(ALLOWED.fullmatch(codes), f"{command} at {columns} columns: colours of the palette, not black, white or a background expected, seen {codes!r}")
    if "NO_COLOR" in variables:
        expect(not re.search(r"\x1b\[[0-9;]*(3[0-7]|9[0-7])m", text), f"{command} at {columns} columns: no colour expected")
    if variables["LC_ALL"] == "C":
        expect(text.isascii(), f"{command} at {columns} columns: ASCII expected in a locale without Unicode, seen {sorted(set(text) - set(map(chr, range(128))))}")


def compare(stage, name):
    path = SCREENS / f"{name}.txt"
    wanted = {}
    if path.exists():
        for part in path.read_text().split("=== ")[1:]:
            heading, _, text = part.partition("\n")
            wanted[heading] = text.rstrip("\n").split("\n")
    elif not stage.update:
        raise Failed(f"{path.relative_to(TESTS.parent)} does not exist: --update makes it")
    seen = {}
    with stage.world() as world:
        screen = Screen(world.folder)
        if name == "doctor":  # until the sandbox's clock is far ahead in any case
            time.sleep(max(0, CLOCKS_APART - (time.monotonic() - world.began)))
        try:
            for at, (heading, *what) in enumerate(pictures(stage, name)):
                for attempt in range(TRIES):
                    seen[heading] = take(world, screen, at * TRIES + attempt, *what)
                    if stage.update or seen[heading] == wanted.get(heading):
                        break
                if not stage.update and seen[heading] != wanted.get(heading):
                    raise Failed(difference(name, heading, wanted.get(heading, []), seen[heading]))
        finally:
            screen.close()
    if stage.update:
        SCREENS.mkdir(exist_ok=True)
        path.write_text("".join(f"=== {heading}\n" + "\n".join(lines) + "\n" for heading, lines in seen.items()))


def difference(name, heading, wanted, seen):
    import difflib
    return f"{name}, {heading}: another screen than in tests/screens/{name}.txt\n" + "\n".join(
        list(difflib.unified_diff(wanted, seen, "expected", "seen", lineterm=""))[:40])


@check("screens", "screens at 20, 80 and 200 columns")
def probes(stage):
    for name in SUBJECTS:
        yield name, lambda name=name: compare(stage, name)
