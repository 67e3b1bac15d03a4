"""24.9: of every setting, each level wins over the one below it, and the origin that is shown is the true one."""
import json
import re
import shlex
import subprocess
import tempfile
import pathlib

from surface.stage import Failed, Skipped, check, expect, run

FILES = {"system": "/etc/paas/config.yml", "user": "config.yml", "repository": ".paas.yml"}
ORIGINS = {"system": r"/etc/paas/config\.yml:1:\d+", "user": r"{home}/\.config/paas/config\.yml:1:\d+", "repository": r"{work}/\.paas\.yml:1:\d+"}


def values(setting):
    """Two that differ from each other and from what holds without."""
    by_type = {"text": ("one.yml", "two.yml"), "name": ("one", "two"), "duration": ("61s", "62s"), "bool": ("true", "false")}
    if setting["type"] == "choice":
        others = [choice for choice in setting["choices"] if choice != setting["default"]]
        return others[0], (others + setting["choices"])[1]
    if setting["type"] not in by_type:
        raise Failed(f"no values are told for the type {setting['type']} of {setting['name']} (tests/surface/check_09_settings.py)")
    return by_type[setting["type"]]


class Place:
    """A repository, a home, and an /etc, in which levels speak."""

    def __init__(self, stage):
        self.stage = stage
        self.env, folder = stage.nowhere()
        self.work = pathlib.Path(folder) / "repository"
        (self.work / ".git").mkdir(parents=True)
        self.home = pathlib.Path(folder) / "home"
        (self.home / ".config/paas").mkdir(parents=True)
        self.env["HOME"] = str(self.home)
        self.system = None
        self.flags = []

    def say(self, setting, level, value):
        line = f"{setting['name']}: {json.dumps(value) if setting['type'] != 'bool' else value}\n"
        if level == "system":
            self.system = line
        elif level == "user":
            (self.home / ".config/paas/config.yml").write_text(line)
        elif level == "repository":
            (self.work / ".paas.yml").write_text(line)
        elif level == "environment":
            self.env[setting["variable"]] = value
        else:
            self.flags = flag_words(self.stage, setting, value)

    def run(self, words):
        """With an /etc of its own, where the system speaks."""
        if self.system is None:
            return run(words, self.env, self.work)
        if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode != 0:
            raise Skipped("no name spaces here: /etc/paas cannot be tried")
        script = "mount -t tmpfs none /etc && mkdir /etc/paas && printf %s " + shlex.quote(self.system) + ' >/etc/paas/config.yml && exec "$@"'
        return run(["unshare", "-rm", "sh", "-c", script, "sh", *words], self.env, self.work)


def flag_words(stage, setting, value):
    name = setting["flag"].removeprefix("--")
    kind = next(flag["kind"] for flag in stage.table.flags if flag["name"] == name)
    return [setting["flag"]] if kind == "flag" else [setting["flag"], value]


def listed(place, setting):
    """-> the row of the JSON, which is also what --show-origin shows."""
    done = place.run(["paas", "config", "list", "--json", *place.flags])
    done.expect(done.status == 0, "exit 0 expected")
    row = next(row for row in json.loads(done.out)["settings"] if row["name"] == setting["name"])
    shown = place.run(["paas", "config", "list", "--show-origin", "--color=never" if setting["name"] != "color" else "--plain", *place.flags])
    cells = next((line.split("\t") for line in re.sub(r"\x1b\[[0-9;]*m", "", shown.out).splitlines() if line.startswith(setting["name"] + "\t")), None)
    if cells is None:  # --accessible lists instead of tabulating
        match = re.search(rf"SETTING: {setting['name']}\n(?:VALUE: (.*)\n)?ORIGIN: (.*)", shown.out)
        cells = match and [setting["name"], match[1], match[2]]
    shown.expect(cells is not None, f"{setting['name']} expected in the list")
    shown.expect(cells[2] == row["origin"] and cells[1] == (row["value"] or "(not set)"), f"--show-origin expected to say {row['value']} of {row['origin']}")
    return row


def expect_row(place, setting, level, value):
    row = listed(place, setting)
    origin = {**ORIGINS, "environment": re.escape("$" + setting["variable"]), "flag": re.escape(setting["flag"] or ""), "built in": "built in"}[level]
    origin = origin.format(home=re.escape(str(place.home)), work=re.escape(str(place.work))) if level in ORIGINS else origin
    expect((row["value"], row["level"]) == (value, level), f"{setting['name']}: {value} of {level} expected, seen {row['value']} of {row['level']}")
    expect(re.fullmatch(origin, row["origin"]), f"{setting['name']}: the origin {origin} expected, seen {row['origin']}")


def pair(stage, setting, lower, higher):
    """Both ways, as one of the values may be what holds anyway; a flag can only say true."""
    one, two = values(setting)
    if not (higher == "flag" and setting["type"] == "bool"):
        speak(stage, setting, (lower, one), (higher, two))
    speak(stage, setting, (lower, two), (higher, one))


def speak(stage, setting, low_row, high_row):
    (lower, low), (higher, high) = low_row, high_row
    place = Place(stage)
    if lower != "built in":
        place.say(setting, lower, low)
    expect_row(place, setting, lower, low if lower != "built in" else setting["default"])
    place.say(setting, higher, high)
    expect_row(place, setting, higher, high)


def refused(stage, setting, level):
    """A level that may not set it does not."""
    place = Place(stage)
    place.say(setting, level, values(setting)[0])
    done = place.run(["paas", "config", "list", "--json"])
    done.expect(done.status == 9, f"exit 9 expected: {level} may not set {setting['name']}")


# ---- flags that only some commands have: told by what they do ----


def rendered(place, *flags):
    done = place.run(["paas", "render", "-o", "json", *flags])
    done.expect(done.status == 0, "objects expected")
    return {item["kind"]: item for item in json.loads(done.out)["items"]}


def by_name(place, flags):
    return rendered(place, *flags)["Deployment"]["metadata"]["name"]


def by_image(place, flags):
    return rendered(place, *flags)["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"]


def by_environment(place, flags):
    return rendered(place, *flags)["Ingress"]["spec"]["rules"][0]["host"].split(".")[1]


EFFECTS = {"name": (by_name, "one", "two"), "image": (by_image, "registry.example/shop:one", "registry.example/shop:two"),
           "environment": (by_environment, "one", "two")}
PLATFORM = """version: 1
clusters:
  one: {server: "https://localhost:1", fiaas: {ingress_suffix: [one.example], use_networkingv1_ingress: true}}
  two: {server: "https://localhost:1", fiaas: {ingress_suffix: [two.example], use_networkingv1_ingress: true}}
environments: [{name: one, cluster: one, namespace: x}, {name: two, cluster: two, namespace: x}]
"""


def team(stage, setting):
    """status --team and deploy take what the variable says, unless the flag says otherwise."""
    with stage.world() as world:
        world.fresh()
        env = {setting["variable"]: "nobody"}
        done = world.run(["paas", "status", "--json"], env=env)
        done.expect('"nobody-dev"' in done.out, "the variable wins over the repository")
        done = world.run(["paas", "status", "--team", "payments", "--json"], env=env)
        done.expect('"payments-dev"' in done.out and "nobody" not in done.out, "the flag wins over the variable")


def timeout(stage, setting):
    """A deploy that never ends by itself is followed as long as the flag says, not the variable."""
    with stage.world() as world:
        world.fresh()
        for flags, wanted in ((["--timeout", "2s"], 8), ([], 8)):
            world.must("paas", "sandbox", "heal")
            world.must("paas", "sandbox", "break", "operator-slow")
            variable = "30m" if flags else "2s"
            done = world.run(["paas", "deploy", "--force", *flags], env={setting["variable"]: variable})
            done.expect(done.status == wanted, f"exit {wanted} expected with ${setting['variable']}={variable} and {flags}")


def effect(stage, setting):
    special = {"team": team, "timeout": timeout}
    if setting["name"] in special:
        special[setting["name"]](stage, setting)
        return
    if setting["name"] not in EFFECTS:
        raise Failed(f"{setting['flag']} of {setting['name']} is no flag of every command: tell in tests/surface/check_09_settings.py (EFFECTS) what it does")
    look, low, high = EFFECTS[setting["name"]]
    place = Place(stage)
    (place.work / "platform.yml").write_text(PLATFORM)
    place.env["PAAS_PLATFORM"] = "platform.yml"
    (place.work / "fiaas.yml").write_text("version: 3\n")
    place.say(setting, "environment", low)
    expect(look(place, []) == low, f"{setting['name']}: {low} of the variable expected, seen {look(place, [])}")
    seen = look(place, [setting["flag"], high])
    expect(seen == high, f"{setting['name']}: {high} of the flag expected, seen {seen}")


@check("24.9", "precedence of every setting, level by level")
def probes(stage):
    env, folder = stage.nowhere()
    settings = json.loads(run(["paas", "config", "list", "--json"], env, folder).out)["settings"]
    flags_of_all = {"--" + flag["name"] for flag in stage.table.flags}
    for setting in settings:
        levels = ["built in", *setting["set_by"]]
        for lower, higher in zip(levels, levels[1:]):
            name = f"{setting['name']}: {higher} over {lower}"
            if higher == "flag" and setting["flag"] not in flags_of_all:
                yield name, lambda setting=setting: effect(stage, setting)
            else:
                yield name, lambda setting=setting, lower=lower, higher=higher: pair(stage, setting, lower, higher)
        for level in ("system", "user", "repository"):
            if level not in setting["set_by"]:
                yield f"{setting['name']}: not by {level}", lambda setting=setting, level=level: refused(stage, setting, level)
