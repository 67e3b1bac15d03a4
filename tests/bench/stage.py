"""What the bench and its history share: programs, servers and files around the command that is measured."""
import atexit
import ctypes
import json
import os
import pathlib
import subprocess
import sys

from pods_server import PodsServer
from prepared_server import Authority

BENCH = pathlib.Path(__file__).resolve().parent


def build_tool(name, build, include, to):
    """Builds tests/bench/NAME.c with the library of a build folder and its headers."""
    built = subprocess.run(["cc", "-O2", "-std=gnu17", "-D_GNU_SOURCE", f"-I{include}", "-o", to, BENCH / f"{name}.c",
                            build / "libpaas.a", "-l:libyaml.a", "-l:libjansson.a", "-l:libsodium.a", "-lm"],
                           check=False, capture_output=True, text=True)
    if built.returncode != 0:
        raise ValueError(built.stderr)


def log_server(folder, pods, lines):
    """-> the process and {over: URL}; ca.pem is in `folder`"""
    certificate = Authority(str(folder)).make()
    server = subprocess.Popen([sys.executable, BENCH / "log_server.py", str(pods), str(lines), *certificate],
                              stdout=subprocess.PIPE, text=True)
    atexit.register(stop, server)  # whatever ends the bench
    plain, secure = server.stdout.readline().split()
    return server, {"HTTP": f"http://localhost:{plain}", "TLS": f"https://localhost:{secure}"}


def logs_where(folder, url):
    """What leads `paas` and kubectl to this URL."""
    config = {"apiVersion": "v1", "kind": "Config", "current-context": "b", "users": [{"name": "u", "user": {"token": "bench"}}],
              "clusters": [{"name": "b", "cluster": {"server": url, "certificate-authority": f"{folder}/ca.pem"}}],
              "contexts": [{"name": "b", "context": {"cluster": "b", "user": "u", "namespace": "bench"}}]}
    (folder / "kubeconfig").write_text(json.dumps(config))
    (folder / "platform.yml").write_text(f"""version: 1
serial: 1
company: bench
cd: {{provider: fiaas}}
clusters: {{b: {{kubeconfig: {folder}/kubeconfig, kubeconfig_context: b}}}}
environments: [{{name: b, cluster: b, namespace: bench}}]
""")
    env = dict(os.environ, HOME=str(folder), KUBECONFIG=str(folder / "kubeconfig"), PAAS_PLATFORM=str(folder / "platform.yml"))
    return {"env": env, "cwd": folder}


def stop(server):
    server.kill()
    server.wait()


def completion(paas, folder, over, pods):
    """-> a server of so many pods, the words that complete their names, and where"""
    server = PodsServer(folder, over, pods)
    platform = folder / "platform.yml"
    platform.write_text(f'version: 1\nclusters: {{dev: {{server: "{server.url}", ca_file: "{server.ca}"}}}}\n'
                        "environments: [{name: dev, cluster: dev, namespace: team}]\n")
    where = {"env": dict(os.environ, HOME=str(folder), PAAS_PLATFORM=str(platform)), "cwd": folder}
    return server, [paas, "__complete", "--", "logs", "--pod", ""], where


def adopt_orphans():
    """What a command leaves behind becomes our child, so that its end and its memory are seen."""
    set_child_subreaper = 36
    ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0)


def wait_for_orphan():
    """-> its peak KiB, 0 when there was none"""
    try:
        return os.wait4(-1, 0)[2].ru_maxrss
    except ChildProcessError:
        return 0
