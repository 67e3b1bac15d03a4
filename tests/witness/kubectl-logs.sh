#!/bin/sh
# `kubectl logs` and `paas logs` show the same bytes of the same pods: whole, with times, the tail, since
# a time, followed, and of the run before, and of all pods together.  Exit 77 = skipped.
set -eu
command -v kubectl >/dev/null || exit 77
command -v paas >/dev/null || exit 77
folder=$(mktemp -d)
export HOME="$folder" XDG_STATE_HOME="$folder/state" XDG_CACHE_HOME="$folder/cache" PAAS_CLOCK_RATE=20 LC_ALL=C
follower=
finish() {
	[ -z "$follower" ] || kill "$follower" 2>/dev/null || true
	paas sandbox stop >/dev/null 2>&1 || true
	rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
paas sandbox start --rate 20 >/dev/null
eval "$(paas sandbox env)"
cd "$PAAS_SANDBOX_APPLICATION"

fail() {
	head -n 20 "$folder"/kubectl "$folder"/paas
	echo "FAILED: $*"
	exit 1
}

pods() {
	kubectl get pods -l app=checkout --sort-by=.metadata.name -o 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'
}

# agree KUBECTL_FLAGS PAAS_FLAGS: of each pod.  Pods live on: what kubectl says has to be the same before and after.
agree() {
	for pod in $(pods); do
		for try in 1 2 3 4 5 6 7 8 9 10; do
			# shellcheck disable=SC2086  # flags are words
			kubectl logs "$pod" $1 >"$folder/kubectl" 2>"$folder/err" || { sleep 0.3 && continue; }
			# shellcheck disable=SC2086
			paas logs checkout --env dev --pod "^$pod\$" --no-prefix $2 >"$folder/paas" 2>"$folder/paas.err" || true
			# shellcheck disable=SC2086
			kubectl logs "$pod" $1 >"$folder/after" 2>"$folder/err" || { sleep 0.3 && continue; }
			cmp -s "$folder/kubectl" "$folder/after" && break
			[ "$try" -lt 10 ] || fail "the log of $pod does not come to rest"
		done
		[ -s "$folder/kubectl" ] || fail "kubectl logs $pod $1 says nothing: $(cat "$folder/err")"
		cmp "$folder/kubectl" "$folder/paas" || fail "of $pod, \"$1\" and \"$2\" differ: $(cat "$folder/paas.err")"
	done
}

# Each pod in its own order, and all of them by time.
agree_on_all() {
	kubectl logs -l app=checkout --tail=-1 --timestamps | sort >"$folder/kubectl"
	paas logs checkout --env dev --tail all --no-prefix --timestamps >"$folder/paas"
	sort -s -c -k1,1 "$folder/paas" || fail "the lines of all pods are not in order of time"
	sort "$folder/paas" | cmp - "$folder/kubectl" || fail "the lines of all pods together differ"
}

# What a follower has shown when nothing more comes.
agree_when_following() {
	pod=$(pods | head -n 1)
	kubectl logs "$pod" >"$folder/kubectl"
	paas logs checkout --env dev --pod "^$pod\$" --tail all --no-prefix --follow >"$folder/paas" 2>"$folder/err" &
	follower=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.3
		cmp -s "$folder/kubectl" "$folder/paas" && break
	done
	sleep 0.5 # nothing twice
	kill -INT "$follower"
	wait "$follower" || true
	follower=
	cmp "$folder/kubectl" "$folder/paas" || fail "a follower of $pod shows something else"
}

echo "== a good release"
paas deploy >"$folder/output" 2>&1 || fail "$(cat "$folder/output")"
agree "" "--tail all"
agree "--timestamps" "--tail all --timestamps"
agree "--tail=1" "--tail 1"
first=$(kubectl logs "$(pods | head -n 1)" --timestamps | sed -n '1s/\..*/Z/p')
agree "--since-time=$first" "--since-time $first"
agree_on_all
agree_when_following

echo "== a crash loop, and the run before"
paas sandbox break crash-loop --app checkout >/dev/null
paas deploy --force >"$folder/output" 2>&1 && fail "a crash loop is deployed"
agree_previous=$(kubectl get pods -l app=checkout -o 'jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[0].restartCount}{"\n"}{end}' |
	awk '$2 > 0 { print $1; exit }')
[ -n "$agree_previous" ] || fail "nothing restarted"
pods() { echo "$agree_previous"; }
agree "--previous" "--tail all --previous"
echo "== kubectl and paas show the same lines"
