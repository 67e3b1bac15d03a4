#!/bin/sh
# GitHub's own description of the API of its Enterprise Server judges what the sandbox's GitHub answers.
set -eu
here=$(cd "$(dirname "$0")/github-description" && pwd)
for program in npm python3 curl jq; do command -v $program >/dev/null || exit 77; done
python3 -c 'import jsonschema' || exit 77
installed=$here/../../../build/github-description
if ! cmp -s "$here/package-lock.json" "$installed/installed.json"; then
	mkdir -p "$installed"
	cp "$here/package.json" "$here/package-lock.json" "$installed"
	(cd "$installed" && timeout 120 npm ci --ignore-scripts --no-audit --no-fund) >npm.log 2>&1 || { cat npm.log && exit 77; }
	cp "$here/package-lock.json" "$installed/installed.json"
fi
paas sandbox start
trap 'paas sandbox stop' EXIT
eval "$(paas sandbox env)"
paas sandbox build 1111111111111111111111111111111111111111 --after 1h # a run that waits
python3 "$here/check.py" "$installed/node_modules/@octokit/openapi/generated/ghes-3.19.json" "$(paas sandbox status --json | jq -r .github)"

# And what paas asks of it: a build that is waited for, a deployment that is announced, and how things stand.
export PAAS_CLOCK_RATE=20
paas sandbox stop && paas sandbox start --rate 20
forge=$(paas sandbox status --json | jq -r '.github | sub("/api/v3"; "")')
cp -r "$PAAS_SANDBOX_APPLICATION" checkout
sed -i '/^image:/d; /^# Without this line/d' checkout/.paas.yml
sed -i 's/on: push}/on: push, announce: [github]}/' "$PAAS_PLATFORM"
cd checkout
git init -q -b faster-checkout . && git add -A && git -c user.name=a -c user.email=a@b.example commit -q -m one
git remote add origin "$forge/payments/checkout.git" && git update-ref refs/remotes/origin/faster-checkout HEAD
paas sandbox build "$(git rev-parse HEAD)" --fail --after 1s --takes 2s
paas deploy --wait-for-build -v 2>../asked && exit 1
git -c user.name=a -c user.email=a@b.example commit -q --allow-empty -m two && git update-ref refs/remotes/origin/faster-checkout HEAD
paas sandbox build "$(git rev-parse HEAD)" --after 1s --takes 2s
{
	paas deploy --wait-for-build -v
	paas deploy --image "$PAAS_SANDBOX_REGISTRY/payments/checkout:1.1" -v
	paas deploy --image "$PAAS_SANDBOX_REGISTRY/payments/checkout:2.0" -v
	paas status -v
	paas whoami github -v
} 2>>../asked
cd ..
python3 "$here/requests.py" "$installed/node_modules/@octokit/openapi/generated/ghes-3.19.json" asked
