"""What a person sees: commands in a terminal emulator that is not ours."""
import pathlib
import shlex
import subprocess
import tempfile
import time

from surface.stage import Failed, is_installed

ROWS = 100
END = "@end@"


class Screen:
    """One tmux server for all; each run has a window of its own size."""

    def __init__(self, folder):
        is_installed("tmux")
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder, prefix="tmux-"))
        self.socket = str(self.folder / "socket")
        # A server ends with its last session.
        self.tmux("new-session", "-d", "-s", "keep", "sleep", "1000")

    def tmux(self, *words):
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm-256color", "HOME": str(self.folder)}
        return subprocess.run(["tmux", "-u", "-f", "/dev/null", "-S", self.socket, *words], env=env, capture_output=True, text=True, check=False)

    def show(self, name, command, env, cwd, columns, patience=30):
        """-> (lines with escapes, lines without, lines with wrapped ones joined); `command` is a shell line."""
        done = self.folder / f"{name}.done"
        script = self.folder / f"{name}.sh"
        # What is shown needs no token, and a script is a file.
        exports = "".join(f"export {key}={shlex.quote(value)}\n" for key, value in env.items() if not key.startswith("PAAS_TOKEN"))
        script.write_text(f"{exports}cd {shlex.quote(str(cwd))}\nexport TERM=xterm-256color\nunset TMUX\n{command}\n"
                          f"printf '[exit %s]' $? >{shlex.quote(str(done))}.new; mv {shlex.quote(str(done))}.new {shlex.quote(str(done))}\nprintf {END}; exec sleep 1000\n")
        started = self.tmux("new-session", "-d", "-s", name, "-x", str(columns), "-y", str(ROWS), "sh", str(script))
        if started.returncode != 0:
            raise Failed(f"tmux: {started.stderr}")
        until = time.monotonic() + patience
        while not done.exists():
            if time.monotonic() > until:
                raise Failed(f"no end after {patience} s in tmux: {command}\n{self.tmux('capture-pane', '-p', '-t', name).stdout}")
            time.sleep(0.02)
        self.wait_for_end(name, until)
        pictures = [self.tmux("capture-pane", "-p", "-S", "-", *flags, "-t", name).stdout.replace(END, "").rstrip().splitlines() for flags in (["-e"], [], ["-J"])]
        self.tmux("kill-session", "-t", name)
        return (*pictures, done.read_text())

    def wait_for_end(self, name, until):
        """What was written has to reach the screen."""
        while END not in self.tmux("capture-pane", "-p", "-J", "-t", name).stdout:
            if time.monotonic() > until:
                raise Failed("tmux shows no end")
            time.sleep(0.01)

    def close(self):
        self.tmux("kill-server")
