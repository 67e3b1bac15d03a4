#!/bin/sh
# `kubectl diff` on what `paas render` prints, and `paas diff`, see the same objects change: none after a
# deploy, the same ones for other limits, ports, replicas and another image, and neither writes anything.
# Deletions are paas's alone: a list of objects says nothing of those it does not have.  Exit 77 = skipped.
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
image=$(paas diff --jq .after || true)
paas deploy >/dev/null 2>&1
id=$(kubectl get deployment checkout -n payments-dev -o 'jsonpath={.metadata.labels.fiaas/deployment_id}')

versions() {
	kubectl get applications.fiaas.schibsted.io,deployments,services,ingresses,hpa,pdb -n payments-dev \
		-o 'jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.resourceVersion}{"\n"}{end}'
}

# agree WHAT IMAGE: both name the same kinds.
agree() {
	versions >"$folder/before"
	status=0
	paas diff --image "$2" --json >"$folder/paas" || status=$?
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || { echo "FAILED: paas diff exits $status" && exit 1; }
	jq -r '.objects[] | select(.action != "same" and .action != "delete" and .kind != "Application") | .kind' \
		"$folder/paas" | sort >"$folder/paas-kinds"
	jq -e '.compared == "server"' "$folder/paas" >/dev/null || { echo "FAILED: $1: not asked of the server" && exit 1; }
	expected=0
	paas render --env dev --image "$2" --id "$id" >"$folder/rendered"
	KUBECTL_EXTERNAL_DIFF="diff -rq" kubectl diff -f "$folder/rendered" >"$folder/kubectl" || expected=$?
	[ "$expected" -le 1 ] || { echo "FAILED: kubectl diff exits $expected" && cat "$folder/kubectl" && exit 1; }
	sed -n 's,^Files [^ ]*/\([^/ ]*\) and .*,\1,p; s,^Only in [^:]*: ,,p' "$folder/kubectl" |
		sed 's,.*\.v1\.\([A-Z][A-Za-z]*\)\..*,\1,; s,^v1\.\([A-Za-z]*\)\..*,\1,' | sort >"$folder/kubectl-kinds"
	if ! diff "$folder/paas-kinds" "$folder/kubectl-kinds"; then
		echo "FAILED: $1: above < paas, > kubectl"
		exit 1
	fi
	versions >"$folder/after"
	diff "$folder/before" "$folder/after" || { echo "FAILED: $1: something was written" && exit 1; }
	echo "== $1: $(tr '\n' ' ' <"$folder/paas-kinds")"
}

agree "nothing" "$image"
[ ! -s "$folder/paas-kinds" ] || { echo "FAILED: a difference right after a deploy" && exit 1; }
agree "another image" "${image%:*}:1.1"
cp fiaas.yml original.yml
sed -i 's/cpu: 200m/cpu: 0.2/; s/memory: 256Mi/memory: 262144Ki/' fiaas.yml
agree "the same amounts in other words" "$image"
[ ! -s "$folder/paas-kinds" ] || { echo "FAILED: the same amounts count as a difference" && exit 1; }
sed -i 's/cpu: 0.2/cpu: 300m/' fiaas.yml
agree "another limit" "$image"
cp original.yml fiaas.yml
sed -i 's/maximum: 5/maximum: 7/' fiaas.yml
agree "more replicas" "$image"
cp original.yml fiaas.yml
sed -i 's/  port: 80$/  port: 81/' fiaas.yml
agree "another port" "$image"
cp original.yml fiaas.yml
printf 'labels:\n  service: {part: front}\n' >>fiaas.yml
agree "a label" "$image"
echo "== kubectl and paas agree"
