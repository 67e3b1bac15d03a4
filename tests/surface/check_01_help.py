"""24.1: help asked for answers on standard output, at once, and touches nothing."""
import re
import subprocess
import tempfile

from surface.stage import check, expect, is_installed, run, width

COLUMNS = 80
# The loader's, and the seed of the JSON library's hash tables.
OPENED = re.compile(r"/etc/ld\.so\.cache|/lib(c|m)\.so\.6\"|/dev/u?random")
# The seconds of a stop-watch differ; instructions do not. The peer is `git --version`, in the same run.
TIMES_GIT = 4


def forms(command):
    """Every way to ask for help of a command, and whether it is the long form."""
    return [["paas", *command.path, "--help"], ["paas", *command.path, "-h"], ["paas", "help", *command.path],
            ["paas", "--help", *command.path], ["paas", *command.path, "--bogus", "--help"]]


def look_at(stage, words):
    is_installed("strace")
    env, folder = stage.nowhere()
    with tempfile.NamedTemporaryFile(mode="r", dir=stage.folder) as calls:
        done = run(["strace", "-f", "-qq", "-o", calls.name, "-e", "trace=open,openat,openat2,creat,socket,connect,fork,vfork,clone,clone3,execve",
                    *words], env, folder)
        lines = [line for line in calls.read().splitlines() if "+++" not in line]
    done.words = words
    done.expect(done.status == 0, "exit 0 expected")
    done.expect(done.err == "", "nothing expected on standard error")
    done.expect(done.out.strip() != "", "help expected on standard output")
    done.expect("\x1b" not in done.out, "no escape expected in a pipe")
    # An example is a command line to copy: it cannot be broken.
    wide = [line for line in done.out.splitlines() if width(line) > COLUMNS and not re.match(r"  (paas|eval) ", line)]
    done.expect(not wide, f"at most {COLUMNS} columns expected, seen {wide}")
    other = [line for line in lines[1:] if not OPENED.search(line)]
    done.expect(not other, f"no file and no socket expected, seen {other}")


@check("24.1", "help of every command")
def probes(stage):
    # `help -a` looks along PATH, and `paas` alone for an application and a platform, on purpose.
    for words in (["paas", "-h"], ["paas", "--help"], ["paas", "help"]):
        yield " ".join(words), lambda words=words: look_at(stage, words)
    for command in stage.table.commands:
        for words in forms(command):
            yield " ".join(words), lambda words=words: look_at(stage, words)


def instructions(words, folder):
    with tempfile.NamedTemporaryFile(dir=folder) as out:
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", *words], check=True, capture_output=True,
                       env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder)})
        for line in open(out.name, encoding="latin-1"):
            if line.startswith(("summary:", "totals:")):
                return int(line.split()[1])
    raise ValueError("callgrind counted nothing")


@check("24.1", "help costs little")
def cost(stage):
    git = []

    def count(words):
        is_installed("valgrind", "git")
        if not git:
            git.append(instructions(["git", "--version"], stage.folder))
        ours = instructions([stage.paas, *words[1:]], stage.folder)
        expect(ours <= TIMES_GIT * git[0],
               f"{' '.join(words)}: at most {TIMES_GIT} times the {git[0]} instructions of `git --version` expected, seen {ours}")

    for command in stage.table.commands:
        words = ["paas", *command.path, "--help"]
        yield " ".join(words), lambda words=words: count(words)
