#!/bin/sh
# Debian's git judges the sandbox's GitHub: it lists, clones, fetches and pushes with the token that paas keeps, and finds
# the history that the REST API tells of.
set -eu
command -v git >/dev/null && command -v jq >/dev/null || exit 77
export GIT_TERMINAL_PROMPT=0 NO_PROXY=localhost PAAS_KEY_FILE="$PWD/key" PAAS_KEYRING=false PAAS_KEY_CACHE=0s
head -c 32 /dev/urandom >key
chmod 600 key
git config --global user.name "Grace Example"
git config --global user.email grace@sandbox.example
trap 'paas sandbox stop 2>/dev/null || true' EXIT
paas sandbox start
eval "$(paas sandbox env)"
export GIT_SSL_CAINFO="$PAAS_CA_FILE"
token=$PAAS_TOKEN_SCM
unset PAAS_TOKEN_SCM PAAS_TOKEN_CI PAAS_TOKEN_CHAT
host=$(paas sandbox status --json | jq -r '.github | sub("https://"; "") | sub("/api/v3"; "")')
url=https://$host/payments/checkout.git
# told [REF]: the ids of its history, as the REST API has them
told() { paas api scm "/repos/payments/checkout/commits?sha=${1:-main}&per_page=100" | jq -r '.[].sha'; }

echo "without a credential, and with a wrong one, it is refused"
git ls-remote "$url" >refused 2>&1 && exit 1
grep -q 'could not read Username' refused
git ls-remote "https://x:wrong@$host/payments/checkout.git" >refused 2>&1 && exit 1
grep -q 'Authentication failed' refused

echo "with the helper: list, clone, and the same history"
printf %s "$token" | paas login github --from-file -
paas login --configure git --yes
for version in 0 1 2; do
	git -c protocol.version=$version ls-remote --heads "$url" >listed
	for branch in main faster-checkout; do
		printf '%s\trefs/heads/%s\n' "$(told $branch | head -n 1)" $branch
	done | sort -k 2 | diff - listed
	git -c protocol.version=$version clone -q "$url" "shop$version"
	git -C "shop$version" log --format=%H >had
	told | diff - had
	git -C "shop$version" log --format=%H origin/faster-checkout >had
	told faster-checkout | diff - had
done
git -C shop2 fsck --strict
paas api scm /repos/payments/checkout/commits |
	jq -r '.[] | [.sha, .commit.author.name, .commit.author.email, (.commit.message | split("\n")[0]), .commit.author.date] | join("|")' >told
TZ=UTC git -C shop2 log --date=format-local:%Y-%m-%dT%H:%M:%SZ --format='%H|%an|%ae|%s|%ad' | diff told -
paas api scm /repos/payments/nobody >/dev/null 2>&1 && exit 1
git ls-remote "https://$host/payments/nobody.git" >refused 2>&1 && exit 1
grep -q 'not found' refused

echo "a part of it: shallow, and without the files' contents"
git clone -q --depth 1 "$url" shallow
[ "$(git -C shallow rev-list --count HEAD)" -eq 1 ]
git -C shallow fetch -q --unshallow
git -C shallow log --format=%H >had
told | diff - had
git clone -q --filter=blob:none --no-checkout "$url" partial
git -C partial rev-list --objects --missing=print HEAD | grep -q "^?"
git -C partial cat-file -p HEAD:fiaas.yml | grep -q '^version: 3'

echo "pushes arrive: small, large (chunked), with history (compressed), forced, and deleted"
cd shop2
echo '# a line' >>fiaas.yml
git commit -qam 'Say something'
git push -q origin HEAD:main
git log --format=%H >../had && told | diff - ../had
head -c 3000000 /dev/urandom >large
git add large
git commit -qm 'Something large'
git push -q
git log --format=%H >../had && told | diff - ../had
git checkout -qb many
for i in $(seq 60); do
	GIT_COMMITTER_DATE="2026-11-01T00:00:00Z" git commit -q --allow-empty -m "Commit $i"
done
git push -q origin many
[ "$(paas api scm /repos/payments/checkout/compare/main...many | jq .ahead_by)" -eq 60 ]
git reset -q --hard HEAD~3
git push -q origin many 2>../refused && exit 1
git push -q --force origin many
[ "$(paas api scm /repos/payments/checkout/branches/many | jq -r .commit.sha)" = "$(git rev-parse HEAD)" ]
git push -q origin --delete many
paas api scm /repos/payments/checkout/branches | jq -e '[.[].name] | sort == ["faster-checkout", "main"]'
git tag v1 origin/main
git push -q origin v1
cd ..

echo "fetches bring what others pushed, however much both have of their own"
cd shop1
for i in $(seq 60); do git commit -q --allow-empty -m "Mine $i"; done
git fetch -q
[ "$(git rev-parse origin/main)" = "$(told | head -n 1)" ]
[ "$(git rev-parse v1)" = "$(told | head -n 1)" ]
cd ..

echo "it is there after a restart, and gone after a reset"
paas sandbox stop
paas sandbox start
git ls-remote "$url" refs/heads/main | grep -q "^$(told | head -n 1)"
[ "$(told | wc -l)" -eq 5 ]
paas sandbox reset
git ls-remote --heads "$url" | cut -f 1 | sort >had
{ told | head -n 1; told faster-checkout | head -n 1; } | sort | diff - had
[ "$(told | wc -l)" -eq 3 ]
