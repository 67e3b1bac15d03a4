#!/bin/sh
# `kubectl rollout status` and paas tell the same outcome of the same Deployment: a good rollout, a
# crash loop, an image that does not exist, a paused Deployment and one scaled to zero.  For the bad
# ones kubectl only knows that its own time is up; paas names the cause long before, and of a paused
# one kubectl waits where paas says so (exit 6).  Exit 77 = skipped.
set -eu
command -v kubectl >/dev/null || exit 77
command -v paas >/dev/null || exit 77
folder=$(mktemp -d)
export HOME="$folder" XDG_STATE_HOME="$folder/state" XDG_CACHE_HOME="$folder/cache" PAAS_CLOCK_RATE=20
finish() {
	paas sandbox stop >/dev/null 2>&1 || true
	rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
paas sandbox start --rate 20 >/dev/null
eval "$(paas sandbox env)"
cd "$PAAS_SANDBOX_APPLICATION"
registry=$(sed -n 's,.*url: "https://\(localhost:[0-9]*\)".*,\1,p' "$PAAS_PLATFORM" | head -n 1)

fail() {
	cat "$folder/output"
	echo "FAILED: $*"
	exit 1
}

# exits STATUS COMMAND…
exits() {
	expected=$1
	shift
	status=0
	"$@" >"$folder/output" 2>&1 || status=$?
	[ "$status" -eq "$expected" ] || fail "\"$*\" exits $status, not $expected"
}

agree_it_is_good() {
	exits 0 kubectl rollout status deployment/checkout --timeout=20s
	exits 0 paas status checkout --env dev --exit-code
}

# kubectl's time is up, and paas has known for long.
agree_it_is_bad() {
	exits 1 kubectl rollout status deployment/checkout --timeout=1s
	exits 3 paas status checkout --env dev --exit-code
}

echo "== a good rollout"
exits 0 paas deploy
agree_it_is_good

echo "== scaled to zero: kubectl calls it rolled out, paas says that nothing runs"
kubectl scale deployment/checkout --replicas=0 >/dev/null
sleep 1
exits 0 kubectl rollout status deployment/checkout --timeout=20s
paas status checkout --env dev >"$folder/output" 2>&1 || true
grep -qiE 'zero|stopped' "$folder/output" || fail "a Deployment without pods is not told"
kubectl scale deployment/checkout --replicas=2 >/dev/null
agree_it_is_good

echo "== a crash loop"
paas sandbox break crash-loop --app checkout >/dev/null
exits 1 paas deploy --force
agree_it_is_bad
paas sandbox heal >/dev/null
agree_it_is_good

echo "== an image that the nodes do not find"
paas sandbox break image-not-found --app checkout >/dev/null
exits 1 paas deploy --force --image "$registry/payments/checkout:1.1"
agree_it_is_bad
paas sandbox heal >/dev/null
agree_it_is_good

echo "== paused"
paas sandbox break paused --app checkout >/dev/null
exits 6 paas deploy --force
exits 1 kubectl rollout status deployment/checkout --timeout=1s
echo "== kubectl and paas agree"
