"""Lets every request of a login and of a renewal go wrong: for tests/run-torture.

A login that was disturbed either succeeds or keeps nothing, and the next one succeeds.  A renewal that was
disturbed leaves a sign-on that works, or says that one has to log in again, which works.  No refresh token
and no device code is sent a second time after an answer, as the server would end the session for that.
"""
import json
import pathlib
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

LOGIN = ["paas", "login", "--device"]
ASK = ["paas", "whoami", "sso", "--json"]
REUSED = "the refresh token was used before"


def is_known(done):
    """Whether whoami said that the sign-on works."""
    return done.returncode == 0 and json.loads(done.stdout)["systems"][0]["state"] == "ok"


class SignOn:
    def __init__(self, build, path, rate):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="paas-torture-"))
        key = self.folder / "key"
        key.write_bytes(bytes(range(32)))
        key.chmod(0o600)
        self.env = {"PATH": f"{build}:{path}", "HOME": str(self.folder), "LANG": "C.UTF-8", "PAAS_CLOCK_RATE": rate, "TERM": "dumb",
                    "PAAS_KEY_FILE": str(key), "PAAS_KEYRING": "false", "PAAS_KEY_CACHE": "0s"}
        self.must("paas", "sandbox", "start", "--rate", rate)
        for word in shlex.split(self.must("paas", "sandbox", "env").replace("export ", " ")):
            name, _, value = word.partition("=")
            self.env[name] = value

    def run(self, *command):
        return subprocess.run(command, env=self.env, cwd=self.folder, text=True, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=120, check=False)

    def must(self, *command):
        done = self.run(*command)
        if done.returncode != 0:
            raise SystemExit(f"torture: {shlex.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def requests(self):
        return json.loads(self.must("paas", "sandbox", "status", "--json"))["sso_requests"]

    def n_kept(self):
        return len(json.loads(self.must("paas", "token", "list", "--json"))["tokens"])

    def disturbed(self, command, trouble, n):
        """The command while its n-th request of the sign-on server goes wrong; exit status None: killed there."""
        self.must("paas", "sandbox", "break", *trouble, "--server", "sso", "--nth", str(n), "--count", "1")
        if trouble != ["hang"]:
            return self.run(*command)
        start = self.requests()
        process = subprocess.Popen(command, env=self.env, cwd=self.folder, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 30
        while process.poll() is None and self.requests() < start + n and time.monotonic() < deadline:
            time.sleep(0.01)
        status = process.poll()
        process.send_signal(signal.SIGKILL)
        output, errors = process.communicate()
        return subprocess.CompletedProcess(command, status, output, errors)

    def play_login(self, trouble, n):
        """-> what went wrong, or None."""
        self.run("paas", "logout")
        done = self.disturbed(LOGIN, trouble, n)
        kept = self.n_kept()
        self.must("paas", "sandbox", "heal")
        again, known = self.run(*LOGIN), self.run(*ASK)
        is_fine = (done.returncode, kept) in ((0, 1), (4, 0), (7, 0), (None, 0))
        if is_fine and again.returncode == 0 and is_known(known):
            return None
        return f"exit {done.returncode} with {kept} kept, then {again.returncode}, {known.returncode}: {done.stderr}{again.stderr}"

    def play_renewal(self, trouble, n):
        self.must(*LOGIN)
        self.must("paas", "sandbox", "break", "expired-tokens")
        done = self.disturbed(ASK, trouble, n)
        known = self.run(*ASK)
        self.must("paas", "sandbox", "heal")
        if not is_known(known):
            self.must(*LOGIN)
        is_fine = done.returncode in (0, 4, 7, None) and is_known(self.run(*ASK))
        said = done.stdout + done.stderr + known.stdout + known.stderr
        if is_fine and REUSED not in said:
            return None
        return f"exit {done.returncode}, then {known.returncode}: {said}"

    def count(self, command):
        start = self.requests()
        self.must(*command)
        return self.requests() - start

    def close(self):
        self.run("paas", "sandbox", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def play_all(build, path, rate, kinds):
    """-> how many plays, what failed.  `kinds`: name -> words of paas sandbox break."""
    sign_on = SignOn(build, path, rate)
    n, failures = 0, []
    try:
        n_login = sign_on.count(LOGIN)
        sign_on.must("paas", "sandbox", "break", "expired-tokens")
        n_renewal = sign_on.count(ASK)
        sign_on.must("paas", "sandbox", "heal")
        print(f"a login makes {n_login} requests, a renewal {n_renewal}", flush=True)
        for what, play, n_requests in (("login", sign_on.play_login, n_login), ("renewal", sign_on.play_renewal, n_renewal)):
            for kind, trouble in kinds.items():
                for nth in range(1, n_requests + 1):
                    wrong = play(trouble, nth)
                    n += 1
                    if wrong:
                        failures.append(f"{what}, {kind} at request {nth}: {wrong}")
    finally:
        sign_on.close()
    return n, failures
