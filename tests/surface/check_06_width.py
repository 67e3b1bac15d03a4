"""24.6: at any width, with wide names too, nothing wraps by accident and columns line up."""
import re
import subprocess
import unicodedata

from surface.stage import ESCAPE, TESTS, Failed, Terminal, check, expect, text_of, width
from surface.tmux import Screen

WIDTHS = (20, 80, 200)
READABLE = 40  # what is indented may be so by more than a narrower terminal has
# Two columns a sign, no column of its own, and both.
WIDE = ("本番環境", "de\u0301veloppement", "🚀-go", "ｆｕｌｌ")
HEADER = re.compile(r"[A-Z]+(  +[A-Z]+)+$")


def output_lines(words, env, cwd, columns, stdin=b""):
    """Standard output at a terminal of that width; standard error elsewhere."""
    terminal = Terminal(["sh", "-c", 'exec "$@" 2>stderr-of-surface <stdin-of-surface', "sh", *words], {**env, "TERM": "xterm"}, cwd, columns)
    done = terminal.finish()
    return done, ESCAPE.sub("", done.out).replace("\r", "").splitlines()


def is_example(line):
    """A command line to copy: it cannot be broken."""
    return re.match(r" *(next: |fix: )?(paas|eval|kubectl) ", line) is not None


def wrapped_by_accident(lines, columns):
    """What has a form loses it when the terminal breaks it: rows of tables, and what is indented.  A sentence on a
    line of its own has none, and a word longer than its room cannot be helped."""
    is_table = bool(lines) and HEADER.match(lines[0].strip()) is not None
    for line in lines:
        is_row = is_table and re.search(r"\S  +\S", line)
        is_indented = line.startswith("  ") and columns >= READABLE
        if width(line) <= columns or is_example(line) or not (is_row or is_indented):
            continue
        # How wide it has to be: up to the end of the first word of its last cell.
        last = max((match.end() - 1 for match in re.finditer(r"  +\S", line)), default=0)
        if width(line[:last] + line[last:].split(" ")[0]) <= columns:
            yield line


def columns_of(text):
    """What stands in each column of the screen."""
    cells = []
    for char in text:
        size = width(char)
        cells += [char] * size
    return cells


def gutters_are_open(done, lines):
    """Between two titles there is a gap of two columns through all rows."""
    if not lines or not HEADER.match(lines[0].strip()):
        return
    header = columns_of(lines[0])
    last_title = len(lines[0].rstrip()) - len(lines[0].split()[-1])
    rows = []
    for line in lines[1:]:
        if not line or re.match(r"[a-z]+: ", line):
            break
        if line.startswith("  ") and len(line) - len(line.lstrip()) < last_title:
            continue  # a note below its row
        rows.append(columns_of(line))
    ends = [match.start() for match in re.finditer(r"  +\S", lines[0])]
    for start in ends:
        following = re.compile(r"\S").search(lines[0], start).start()
        before = lines[0][:start].rstrip().rfind(" ") + 1
        free = [at for at in range(before, len(header)) if all(at >= len(row) or row[at] == " " for row in [header, *rows])]
        gap = any(at + 1 in free and before <= at < following for at in free)
        done.expect(gap, f"a gap of two columns before column {following} of the table expected\n" + "\n".join(lines[:8]))


def at_width(stage, command, line, columns):
    if command.get("ends") == "interrupt":
        return
    with stage.world() as world:
        world.fresh(command)
        (world.work / "stdin-of-surface").write_text(command.get("stdin"))
        done, lines = output_lines(command.words(line, world), world.env, world.work, columns)
        judge(command, done, lines, columns)


def judge(command, done, lines, columns):
    if "free-width" not in (command.told or {}):
        bad = list(wrapped_by_accident(lines, columns))
        done.expect(not bad, f"at most {columns} columns expected, seen {bad[:3]}")
    gutters_are_open(done, lines)


# ---- wide names ----


def wide_world(world):
    """The sandbox's platform file, with environments whose names are wide, and words of the engineer's own."""
    text = (world.work.parent / "platform.yml").read_text()
    rows = "".join(f'- {{name: "{name}", cluster: sandbox, namespace: "{{team}}-dev"}}\n' for name in WIDE)
    path = world.work.parent / "wide.yml"
    path.write_text(re.sub(r"environments:\n(- .*\n)+", "environments:\n" + rows, text))
    config = world.folder / "wide"
    (config / "paas").mkdir(parents=True, exist_ok=True)
    (config / "paas/config.yml").write_text("aliases:\n" + "".join(f'  "{name}": status {name * 9}\n' for name in WIDE))
    return {**world.env, "PAAS_PLATFORM": str(path), "XDG_CONFIG_HOME": str(config)}


WIDE_CALLS = ("status", "status --all-namespaces", "doctor", "config list", "config list --show-origin", "validate", "help")


def wide_at(stage, line, columns):
    command = next(one for one in stage.table.commands if one.name == re.match(r"config list|\S+", line)[0])
    with stage.world() as world:
        world.fresh()
        env = wide_world(world)
        (world.work / "stdin-of-surface").write_text("")
        done, lines = output_lines(["paas", *line.split()], env, world.work, columns)
        if line in ("status", "doctor"):
            found = "\n".join(lines)
            done.expect(all(name in unicodedata.normalize("NFC", found) or name in found for name in WIDE[:1]) or columns == 20, "the wide names expected")
        judge(command, done, lines, columns)


def as_a_terminal_sees_it(stage, line):
    """A terminal emulator of somebody else breaks no line of ours that fits by our count."""
    with stage.world() as world:
        world.fresh()
        env = {**wide_world(world), "TERM": "xterm-256color"}
        screen = Screen(world.folder)
        try:
            for columns in WIDTHS:
                _, seen, joined, _ = screen.show(f"w{columns}", f"paas {line} 2>/dev/null", env, world.work, columns)
                (world.work / "stdin-of-surface").write_text("")
                _, lines = output_lines(["paas", *line.split()], env, world.work, columns)
                too_wide = sum(1 for one in lines if width(one) > columns)
                expect(len(seen) - len(joined) <= sum((width(one) - 1) // columns for one in lines if one),
                       f"{line} at {columns} columns: {too_wide} lines too wide by our count, tmux wraps {len(seen) - len(joined)} times\n" + "\n".join(seen[:20]))
        finally:
            screen.close()


def counts_right(stage):
    """The measure of this check is libc's."""
    try:
        import ctypes
        libc = ctypes.CDLL(None)
        libc.setlocale(0, b"C.UTF-8")
        for char in "".join(WIDE) + "aé…●✓漢🙂\u200d\u0300":
            expect(width(char) == max(libc.wcwidth(ord(char)), 0), f"wcwidth of {char!r} is {libc.wcwidth(ord(char))}, ours {width(char)}")
    except (AttributeError, OSError) as why:
        raise Failed(f"no wcwidth: {why}") from None


@check("24.6", "width: nothing wraps by accident, columns line up")
def probes(stage):
    yield "the measure", lambda: counts_right(stage)
    for command in stage.table.runnable:
        for line in (command.told or {}).get("good", "?").splitlines():
            for columns in WIDTHS:
                yield (f"{line}, {columns} columns",
                       lambda command=command, line=line, columns=columns: (command.need("good"), at_width(stage, command, line, columns)))
    for line in WIDE_CALLS:
        for columns in WIDTHS:
            yield f"wide names: {line}, {columns} columns", lambda line=line, columns=columns: wide_at(stage, line, columns)
    for line in ("status", "config list", "doctor"):
        yield f"wide names in tmux: {line}", lambda line=line: as_a_terminal_sees_it(stage, line)
