"""24.13: the binary's table, help, manual pages and completion name the same commands and flags."""
import re

from surface.stage import TESTS, Failed, check, expect, run

POSITIONAL = ("argument", "arguments", "data")
MAN = TESTS.parent / "man"


def say(stage, *words, **more):
    env, folder = stage.nowhere(**more)
    done = run(["paas", *words], env, folder)
    done.expect(done.status == 0, "exit 0 expected")
    return done.out


def visible(commands, parent=None):
    return {row.row["name"] for row in commands if row.parent == parent and not row.is_hidden}


def same(what, expected, seen):
    expect(set(expected) == set(seen), f"{what}: the table has {sorted(set(expected) - set(seen))} more, and lacks {sorted(set(seen) - set(expected))}")


def flags_of(options):
    """-> {"--env": "e", …} of those that show, and the positionals."""
    shown = [option for option in options if not option["is_hidden"]]
    return ({"--" + option["name"]: option["letter"] or "" for option in shown if option["kind"] not in POSITIONAL},
            ["-- " * (option["kind"] == "data") + option["name"] for option in shown if option["kind"] in POSITIONAL])


def candidates(text):
    return [line.split("\t")[0] for line in text.splitlines() if not line.startswith(":")]


# ---- commands ----


def root(stage):
    expected = visible(stage.table.commands)
    for words in (["help"], ["help", "-a"], ["--help"]):
        rows = re.findall(r"^  [a-z ]{11}([a-z][a-z-]*) +[A-Z]", say(stage, *words, COLUMNS="200"), re.MULTILINE)
        same(f"paas {' '.join(words)}", expected, rows)
    same("completion of paas", expected, candidates(say(stage, "__complete", "--", "")))
    same("paas.1", {f"paas-{name}" for name in expected}, set(re.findall(r"^\.Xr (paas-\S+) 1", (MAN / "paas.1").read_text(), re.MULTILINE)))
    same("files of man/", {f"paas-{name}.1" for name in expected} | {"paas.1"}, {path.name for path in MAN.glob("*.1")})
    for name in expected:
        expect(name in candidates(say(stage, "__complete", "--", "help", name)), f"completion of `paas help {name}` does not offer it")


def group(stage, command):
    expected = visible(stage.table.commands, command.name)
    section = re.search(r"^Commands\n((?:  .*\n)+)", say(stage, "help", *command.path), re.MULTILINE)
    expect(section is not None, f"paas help {command.name} has no section Commands")
    same(f"paas help {command.name}", expected, re.findall(r"^  ([a-z][a-z-]*)  ", section[1], re.MULTILINE))
    offered = candidates(say(stage, "__complete", "--", *command.path, ""))
    expect(expected <= set(offered), f"completion of paas {command.name} lacks {sorted(expected - set(offered))}")
    same(f"paas-{command.name}.1", {f"paas {command.name} {name}" for name in expected},
         {name for name in re.findall(r"^\.Ss (.*)$", (MAN / f"paas-{command.name}.1").read_text(), re.MULTILINE) if name.startswith("paas ")})


# ---- flags ----


def sections_of_help(text):
    found, title = {}, ""
    for line in text.splitlines():
        if line and not line.startswith(" "):
            title = line
        elif re.match(r"  \S|      --", line):
            found.setdefault(title, []).append(line)
    return found


def help_flags(lines):
    flags = {}
    for line in lines:
        match = re.match(r"  (?:-(\S), |    )(--[a-z][a-z0-9-]*)", line)
        if match:
            flags[match[2]] = match[1] or ""
    return flags


def man_part(command):
    """The lines of the manual page that tell the flags of a command."""
    text = (MAN / f"paas-{command.path[0]}.1").read_text()
    if command.parent is not None:
        match = re.search(rf"^\.Ss paas {command.name}\n(.*?)(?=^\.Ss |^\.Sh |\Z)", text, re.MULTILINE | re.DOTALL)
    else:
        match = re.search(r"^\.Sh DESCRIPTION\n(.*?)(?=^\.Ss paas |^\.Sh (?:EXIT|EXAMPLES|SEE))", text, re.MULTILINE | re.DOTALL)
    if match is None:
        raise Failed(f"paas-{command.path[0]}.1 has no part for paas {command.name}")
    return match[1]


def man_flags(text):
    flags = {}
    for line in re.findall(r"^\.It (Fl .*)$", text, re.MULTILINE):
        match = re.match(r"Fl (?:(\w) , Fl )?-(\S+)", line)
        if match is None:
            continue  # what is behind "--"
        flags["--" + match[2]] = match[1] or ""
    return flags


def flags(stage, command):
    expected, positionals = flags_of(command.options)
    of_all, _ = flags_of(stage.table.flags)
    for name in () if command.answers_json else ("--json", "--jq"):
        del of_all[name]
    of_group = {}
    for parent in stage.table.commands:
        if parent.parent is None and command.parent == parent.row["name"]:
            of_group, _ = flags_of(parent.options)
    shown = sections_of_help(say(stage, "help", *command.path))
    expect(help_flags(shown.get("Flags", [])) == expected, f"paas help {command.name}: {expected} expected, seen {help_flags(shown.get('Flags', []))}")
    expect(help_flags(shown.get("Flags of every command", [])) == of_all,
           f"paas help {command.name}: {of_all} expected, seen {help_flags(shown.get('Flags of every command', []))}")
    expect(help_flags(shown.get("Flags of its group", [])) == of_group, f"paas help {command.name}: flags of its group {of_group} expected")
    arguments = [re.match(r"  ((?:-- )?\S+?)(?:\.\.\.)?(?:  |$)", line)[1] for line in shown.get("Arguments", []) if re.match(r"  \S", line)]
    expect(arguments == positionals, f"paas help {command.name}: arguments {positionals} expected, seen {arguments}")
    seen = man_flags(man_part(command))
    expect(seen == expected, f"man page of {command.name}: {expected} expected, seen {seen}")
    offered = {name for name in candidates(say(stage, "__complete", "--", *command.path, "--")) if name.startswith("--")}
    same(f"completion of paas {command.name} --", {**expected, **of_all, **of_group}, offered)
    for name in (*expected, *of_all):
        expect(candidates(say(stage, "__complete", "--", *command.path, name)).count(name) == 1, f"completion of {command.name} {name} does not offer it once")


def every_flag_is_known(stage, command):
    """What help names, the parser takes; and no letter twice."""
    letters = [option["letter"] for option in (*command.options, *stage.table.flags) if option["letter"]]
    doubled = {letter for letter in letters if letters.count(letter) > 1}
    expect(not doubled, f"paas {command.name}: the letters {sorted(doubled)} have two meanings")
    env, folder = stage.nowhere()
    for option in command.options:
        if option["kind"] in POSITIONAL:
            continue
        done = run(["paas", *command.path, "--" + option["name"] + ("=" if option["kind"] == "flag" else ""), "-h"], env, folder)
        done.expect(done.status == 0, "help expected")
        if option["kind"] == "flag":
            done = run(["paas", *command.path, f"--{option['name']}=x"], env, folder)
            done.expect(done.status == command.usage and "takes no value" in done.err, "a flag that takes no value expected")


@check("24.13", "man pages, help, completion and the table agree")
def probes(stage):
    yield "commands", lambda: root(stage)
    for command in stage.table.commands:
        if command.is_hidden:
            continue
        if any(row.parent == command.row["name"] for row in stage.table.commands) and command.parent is None:
            yield f"{command.name}: its commands", lambda command=command: group(stage, command)
        yield f"{command.name}: flags", lambda command=command: flags(stage, command)
        yield f"{command.name}: what help names is taken", lambda command=command: every_flag_is_known(stage, command)
