#!/bin/sh
# Every request to Gate is one that Gate's own OpenAPI description knows: method, path and query.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
paas sandbox start --rate 20 --cd spinnaker 2>sandbox.log
trap 'paas sandbox stop 2>>sandbox.log' EXIT
eval "$(paas sandbox env)"
export PAAS_CLOCK_RATE=20
work=$PWD
cd "$PAAS_SANDBOX_APPLICATION"
said() { # said EXIT COMMAND...
	expected=$1 status=0
	shift
	"$@" -v >>"$work/out" 2>>"$work/requests" || status=$?
	test "$status" = "$expected" || { echo "exit $status, expected $expected: $*"; tail -5 "$work/requests"; exit 1; }
}
said 0 paas deploy
said 6 paas deploy --env pro
said 0 paas approve --yes
said 0 paas releases --env pro
said 0 paas deploy --image "$PAAS_SANDBOX_REGISTRY/payments/checkout:1.1"
said 6 paas promote
said 0 paas cancel --env pro
said 0 paas rollback
said 0 paas whoami spinnaker
python3 - "$here/../fixtures/gate/operations.txt" "$work/requests" <<'END'
import re, shlex, sys, urllib.parse
known = {}
for line in open(sys.argv[1], encoding="utf-8"):
    method, path, *query = line.split()
    known.setdefault(method, []).append((re.compile(re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(path)) + "$"), set(query)))
asked = set()
for line in open(sys.argv[2], encoding="utf-8"):
    if not line.startswith("paas api spinnaker "):
        continue
    words = shlex.split(line, comments=True)
    method, path = next((words[i], words[i + 1]) for i in range(3, len(words)) if words[i].isupper())
    path, _, query = path.partition("?")
    names = set(urllib.parse.parse_qs(query, keep_blank_values=True))
    if not any(fit.match(path) and names <= allowed for fit, allowed in known[method]):
        sys.exit(f"Gate knows no {method} {path} with {sorted(names)}")
    asked.add((method, re.sub(r"01[0-9A-Z]{24}", "ID", path)))
print("\n".join(f"{method} {path}" for method, path in sorted(asked)))
if len(asked) < 8:
    sys.exit("fewer kinds of requests than expected were seen")
END
