#!/bin/sh
# git clones and pushes over https through git http-backend, which wants a token that only paas has.
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
git --exec-path >/dev/null 2>&1 && [ -x "$(git --exec-path)/git-http-backend" ] || exit 77
export GIT_TERMINAL_PROMPT=0 PAAS_KEY_FILE="$PWD/key" PAAS_KEYRING=false PAAS_KEY_CACHE=0s PAAS_PLATFORM="$PWD/platform.yml"
head -c 32 /dev/urandom >key
chmod 600 key
git config --global user.name ada
git config --global user.email ada@acme.example
git config --global init.defaultBranch main

# ---- the forge ----

git init -q --bare forge/acme/shop.git
git -C forge/acme/shop.git config http.receivepack true
python3 "$tests/witness/git_server.py" forge tok-5ecret &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
for _ in $(seq 200); do
	[ -s forge.url ] && break
	sleep 0.05
done
url=$(cat forge.url)
export GIT_SSL_CAINFO="$PWD/ca.pem"
cat >platform.yml <<END
version: 1
company: acme
scm: {provider: github, url: "$url/api/v3", ca_file: ca.pem}
clusters: {dev: {server: "https://localhost:1"}}
environments: [{name: dev, cluster: dev, namespace: team}]
END

echo "without a credential it is refused"
! git clone -q "$url/acme/shop.git" refused || exit 1

echo "with the helper, clone and push go through"
printf tok-5ecret | paas login github --from-file -
paas login --configure git --yes
git clone -q "$url/acme/shop.git" shop
(cd shop && echo one >file && git add file && git commit -qm one && git push -q origin HEAD:main)
git clone -q "$url/acme/shop.git" again
cmp shop/file again/file

echo "no token is kept by git, nor in the work tree"
! grep -r 5ecret shop again .gitconfig || exit 1

echo "a submodule on another host gets no credential (lesson 5)"
other=$(echo "$url" | sed 's/localhost/127.0.0.1/')
git -C shop submodule add -q "$other/acme/shop.git" sub 2>submodule.err && exit 1
grep -q 'could not read Username\|terminal prompts disabled\|Authentication failed' submodule.err
grep -q '^127.0.0.1.* anonymous$' forge.log
! grep -q '^127.0.0.1.* authorized$' forge.log || exit 1

echo "a token that the forge does not take any more is forgotten"
touch forge.revoked
! git clone -q "$url/acme/shop.git" late || exit 1
paas token list --json | jq -e '.tokens == []'
