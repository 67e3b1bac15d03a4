"""Instructions that callgrind counts: two runs of one program differ by less than one in a thousand."""
import collections
import pathlib
import shutil
import subprocess
import sys
import tempfile

from pods_server import pod_list, table_pages
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from scripted_server import Authority, ScriptedServer  # noqa: E402
from stage import BENCH, adopt_orphans, build_tool, completion, log_server, logs_where, stop, wait_for_orphan


class Subject:
    """What is counted: a build folder and the headers of its library.  `folder` is where it works; a copy of the
    program in there has a path of the same length wherever it was built."""

    def __init__(self, build, include, folder):
        self.build = build
        self.include = include
        self.folder = folder
        self.paas = str(folder / "paas")
        shutil.copy(build / "paas", self.paas)


def instructions(command, env=None, cwd=None):
    """-> (their number, what the command told); of the environment only what leads the command"""
    lead = {name: value for name, value in (env or {}).items() if name in ("HOME", "KUBECONFIG", "PAAS_PLATFORM")}
    with tempfile.NamedTemporaryFile() as out:
        told = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", *command], check=True,
                              capture_output=True, cwd=cwd, env={"PATH": "/usr/local/bin:/usr/bin:/bin", **lead}).stdout
        for line in open(out.name, encoding="latin-1"):
            if line.startswith(("summary:", "totals:")):
                return int(line.split()[1]), told
    raise ValueError("callgrind counted nothing")


def expect(is_so, what):
    if not is_so:
        raise ValueError(what)


def start(subject):
    return instructions([subject.paas, "--version"])[0]


def render(subject):
    spec = subject.folder / "spec.yml"
    shutil.copy(BENCH.parent / "fixtures" / "fiaas" / "examples" / "v3" / "v3minimal.yml", spec)
    return instructions([subject.paas, "render", "--image", "registry.example/shop:1", "--id", "1", "--namespace", "default",
                         str(spec), "--name", "shop"])[0]


def complete(subject):
    server, ask, where = completion(subject.paas, subject.folder, "TLS", 10000)
    try:
        adopt_orphans()
        subprocess.run(ask, check=True, capture_output=True, **where)
        wait_for_orphan()
        counted, told = instructions(ask, **where)
    finally:
        server.close()
    expect(told.count(b"\n") == 10001, "not all names are known")
    return counted


def log_line(subject):
    """What all lines cost beyond the last hundred."""
    lines = 100000
    server, urls = log_server(subject.folder, 1, lines)
    try:
        where = logs_where(subject.folder, urls["HTTP"])
        ours = [subject.paas, "logs", "shop", "--tail"]
        whole, told = instructions([*ours, "all"], **where)
        end, told_of_end = instructions([*ours, "100"], **where)
    finally:
        stop(server)
    expect((told.count(b"\n"), told_of_end.count(b"\n")) == (lines, 100), "lines are missing")
    return (whole - end) / (lines - 100)


def parse(subject, kind, document, empty, records):
    """What a document costs beyond an empty one, a million bytes."""
    tool = subject.folder / "json_stream"
    build_tool("json_stream", subject.build, subject.include, tool)
    counted = []
    for bytes_, expected in (document, records), (empty, 0):
        (subject.folder / "document").write_bytes(bytes_)
        count, told = instructions([str(tool), kind, str(subject.folder / "document")])
        expect(int(told) == expected, f"{told} of {expected} records")
        counted.append(count)
    return (counted[0] - counted[1]) * 1e6 / (len(document) - len(empty))


def parse_table(subject):
    return parse(subject, "table", table_pages(10000, 10000)["0"], b'{"rows":[]}', 10000)


def parse_pods(subject):
    return parse(subject, "pods", pod_list(1000), b'{"items":[]}', 1000)


def read_token(subject):
    """Opening the encrypted store with a key file, and one entry of it told."""
    home = subject.folder / "token-home"
    (home / ".config/paas").mkdir(parents=True)
    (home / "key").write_bytes(bytes(32))
    (home / "key").chmod(0o600)
    (home / ".config/paas/config.yml").write_text(f"key_file: {home}/key\nkeyring: false\nkey_cache: 0s\n")
    authority = Authority(str(home))
    server = ScriptedServer('GET /user -> 200* {"login":"ada"}', authority)
    (home / "platform.yml").write_text(f'version: 1\nscm: {{provider: github, url: "{server.url}", ca_file: "{authority.ca}"}}\n'
                                       'clusters: {dev: {server: "https://localhost:1"}}\n'
                                       "environments: [{name: dev, cluster: dev, namespace: team}]\n")
    where = {"HOME": str(home), "PAAS_PLATFORM": str(home / "platform.yml")}
    try:
        subprocess.run([subject.paas, "login", "github", "--from-file", "-"], input=b"tok-0123456789", check=True, capture_output=True,
                       env={"PATH": "/usr/bin:/bin", **where})
    finally:
        server.close()
    counted, told = instructions([subject.paas, "token", "list"], env=where)
    expect(told.startswith(b"github\tada"), "the token is not told")
    return counted


# `key` stays as it is, so that build/bench.json can be compared over time; `title` is a column of the history.
Counter = collections.namedtuple("Counter", "key title name unit scale count")
COUNTERS = (
    Counter("start", "start M", "--version: instructions", "M", 1e6, start),
    Counter("render_spec", "render M", "render of one spec: instructions", "M", 1e6, render),
    Counter("completion_cached", "complete M", "completion of 10,000 pods from the cache: instructions", "M", 1e6, complete),
    Counter("log_line", "log line", "logs: instructions a line", "", 1, log_line),
    Counter("json_table_mb", "Table M/MB", "parsing a Table: instructions a MB", "M", 1e6, parse_table),
    Counter("token_read", "token M", "unlocking the token store with a key file, and reading it: instructions", "M", 1e6, read_token),
    Counter("json_podlist_mb", "PodList M/MB", "parsing a PodList: instructions a MB", "M", 1e6, parse_pods),
)
