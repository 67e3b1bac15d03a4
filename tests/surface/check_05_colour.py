"""24.5: who decides whether there is colour, and that without it no escape is left."""
import itertools
import random
import re

from surface.stage import PATIENCE, Failed, Terminal, check, expect, run

# What each may be; None is unset.  In the order of weight.
INPUTS = {
    "--color": (None, "always", "never", "auto"),
    "NO_COLOR": (None, "", "1", "0"),
    "PAAS_NO_COLOR": (None, "", "1"),
    "FORCE_COLOR": (None, "", "0", "1", "3"),
    "CLICOLOR_FORCE": (None, "", "0", "1"),
    "CLICOLOR": (None, "", "0", "1"),
    "TERM": ("xterm", "dumb", None, ""),
    "terminal": (True, False),
    "--plain": (None, True),
}
USUAL = {name: values[0] for name, values in INPUTS.items()}
BATCH = 60
RANDOM_ROWS = 400
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def is_coloured(row):
    """The rule in our own words: the first that speaks wins; an empty variable does not speak."""
    if row["--plain"]:
        return False
    if row["--color"] in ("always", "never"):
        return row["--color"] == "always"
    if row["NO_COLOR"] or row["PAAS_NO_COLOR"]:
        return False
    if row["FORCE_COLOR"]:
        return row["FORCE_COLOR"] != "0"
    if row["CLICOLOR_FORCE"] and row["CLICOLOR_FORCE"] != "0":
        return True
    if row["CLICOLOR"] == "0" or row["TERM"] in ("dumb", None, ""):
        return False
    return row["terminal"]


def rows(seed):
    """Every pair of inputs in all values, the others as usual; and many at random."""
    for one, other in itertools.combinations(INPUTS, 2):
        for values in itertools.product(INPUTS[one], INPUTS[other]):
            yield {**USUAL, one: values[0], other: values[1]}
    chosen = random.Random(seed)
    for _ in range(RANDOM_ROWS):
        yield {name: chosen.choice(values) for name, values in INPUTS.items()}


def look(stage, words, row, env, folder, typed=b""):
    flags = ([f"--color={row['--color']}"] if row["--color"] else []) + (["--plain"] if row["--plain"] else [])
    variables = {name: row[name] for name in INPUTS if name[0].isupper()}
    env = {name: value for name, value in {**env, **variables}.items() if value is not None}
    words = [stage.paas, *words[1:], *flags]
    if not row["terminal"]:
        return run(words, env, folder, stdin=typed)
    terminal = Terminal(words, env, folder)
    if typed:
        while not terminal.said and terminal.read(PATIENCE):  # until it asks
            pass
        terminal.read_for(0.2)
        terminal.press(typed + b"\n")
    return terminal.finish()


def matrix(stage, batch):
    env, folder = stage.nowhere()
    for row in batch:
        done = look(stage, ["paas", "bogus"], row, env, folder)
        text = done.out + done.err
        given = {name: value for name, value in row.items() if value != USUAL[name]}
        done.expect(("\x1b[31m" in text) == is_coloured(row), f"{'colour' if is_coloured(row) else 'no colour'} expected of {given}")
        done.expect("paas: unknown command" in COLOUR.sub("", text), "the same words expected whatever the colour")
        if row["--plain"]:
            done.expect("\x1b" not in text, f"no escape at all expected of {given}")


def dress(stage, command, line):
    """An answer at a terminal: dress goes by the rules, and takes no word with it."""
    ours = {**USUAL, "TERM": "xterm"}
    interrupt = command.get("ends") == "interrupt"
    if interrupt:
        raise Failed("a call that ends by itself expected here")
    said = {}
    for name, row in {"usual": ours, "plain": {**ours, "--plain": True}, "dumb": {**ours, "TERM": "dumb"}, "never": {**ours, "--color": "never"},
                      "NO_COLOR": {**ours, "NO_COLOR": "1"}, "always": {**ours, "--color": "always", "terminal": False},
                      "piped": {**ours, "terminal": False}}.items():
        with stage.world() as world:
            world.fresh(command)
            said[name] = look(stage, command.words(line, world), row, world.env, world.work, command.get("stdin").encode())
    for name in ("plain", "dumb", "piped"):
        said[name].expect("\x1b" not in said[name].out, f"{name}: no escape at all expected")
    for name in ("never", "NO_COLOR"):
        said[name].expect(not re.search(r"\x1b\[[0-9;]*(3[0-7]|9[0-7]|4[0-7]|10[0-7])[;m]", said[name].out), f"{name}: no colour expected")
    coloured = [name for name in ("usual", "always") if re.search(r"\x1b\[[0-9;]*3[0-7]m", said[name].out)]
    if command.get("shows") == "colour":
        expect(coloured == ["usual", "always"], f"colour expected at a terminal and with --color=always, seen: {coloured}\n{said['usual'].told()}")
    for name in ("usual", "always"):
        codes = set(re.findall(r"\x1b\[([0-9;]*)m", said[name].out))
        bad = {code for code in codes if not re.fullmatch(r"(0|1|2|22|39|3[1-6]|9[1-6]|1;3[1-6])?", code)}
        said[name].expect(not bad, f"the 16 colours of the palette, neither black nor white nor a background expected, seen {bad}")


@check("24.5", "colour by flags, variables and terminals")
def probes(stage):
    everything = list(rows(stage.seed))
    for at in range(0, len(everything), BATCH):
        batch = everything[at:at + BATCH]
        yield f"matrix, rows {at + 1} to {at + len(batch)}", lambda batch=batch: matrix(stage, batch)
    for command in stage.table.runnable:
        if command.get("ends") != "interrupt":
            for line in (command.told or {}).get("good", "?").splitlines():
                yield f"dress of {command.name}", lambda command=command, line=line: (command.need("good"), dress(stage, command, line))
