"""Every request of paas to GitHub is one that GitHub's description knows: method, path, query and, where it says so, the body's members.

    requests.py DESCRIPTION TRACE        TRACE: what `-v` printed
"""
import json
import re
import shlex
import sys
import urllib.parse

description = json.load(open(sys.argv[1], encoding="utf-8"))


def parameters_of(path, operation):
    for parameter in [*path.get("parameters", []), *operation.get("parameters", [])]:
        if "$ref" in parameter:
            parameter = description["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
        if parameter["in"] == "query":
            yield parameter["name"]


known = {}
for template, path in description["paths"].items():
    fit = re.compile(re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(template)) + "$")
    for method in path.keys() & {"get", "post", "put", "patch", "delete"}:
        known.setdefault(method.upper(), []).append((fit, set(parameters_of(path, path[method])), template))

asked = set()
for line in open(sys.argv[2], encoding="utf-8"):
    if not line.startswith(("paas api github ", "paas api github-actions ")):
        continue
    words = shlex.split(line, comments=True)
    method, path = next((words[i], words[i + 1]) for i in range(3, len(words)) if words[i].isupper())
    if not path.startswith("/api/v3/"):
        continue  # a log is fetched where GitHub says, beside its API
    path, _, query = path.removeprefix("/api/v3").partition("?")
    names = set(urllib.parse.parse_qs(query, keep_blank_values=True))
    fits = [template for fit, allowed, template in known.get(method, ()) if fit.match(path) and names <= allowed]
    if not fits:
        sys.exit(f"GitHub knows no {method} {path} with {sorted(names)}")
    asked.add((method, min(fits, key=lambda template: template.count("{"))))
print("\n".join(f"{method} {template}" for method, template in sorted(asked)))
if len(asked) < 9:
    sys.exit("fewer kinds of requests than expected were seen")
