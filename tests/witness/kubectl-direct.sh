#!/bin/sh
# kubectl sees what `paas deploy --direct` made, and is presumed right: the objects that `paas render` prints, held by
# paas-direct, so that another manager's apply conflicts.  Exit 77 = skipped.
set -eu
command -v kubectl >/dev/null || exit 77
command -v paas >/dev/null || exit 77
command -v jq >/dev/null || exit 77
folder=$(mktemp -d)
export HOME="$folder" XDG_STATE_HOME="$folder/state" XDG_CACHE_HOME="$folder/cache" PAAS_CLOCK_RATE=20
finish() {
	paas sandbox stop >/dev/null 2>&1 || true
	rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
paas sandbox start --rate 20 --without-fiaas
eval "$(paas sandbox env)"
cd "$PAAS_SANDBOX_APPLICATION"

fail() {
	echo "FAILED: $*"
	exit 1
}

kubectl api-resources 2>/dev/null | grep -i fiaas && fail "kubectl finds FIAAS in the cluster"
kubectl get applications.fiaas.schibsted.io >"$folder/output" 2>&1 && fail "kubectl lists Applications"
grep -q "doesn't have a resource type" "$folder/output" || fail "kubectl says: $(cat "$folder/output")"

paas deploy --direct
kubectl rollout status deployment/checkout -n payments-dev --timeout 60s
id=$(kubectl get deployment checkout -n payments-dev -o 'jsonpath={.spec.template.metadata.labels.fiaas/deployment_id}')
image=$(kubectl get deployment checkout -n payments-dev -o 'jsonpath={.spec.template.spec.containers[0].image}')

# Every object of paas render is there, and holds every value of it (the server's defaults are more).
paas render --env dev --image "$image" --id "$id" -o json >"$folder/rendered"
jq -r '.items[] | .kind + "/" + .metadata.name' "$folder/rendered" | sort >"$folder/wanted"
kubectl get deployment,service,ingress.networking.k8s.io,hpa,pdb -n payments-dev -l paas/direct=checkout -o json >"$folder/live"
jq -r '.items[] | .kind + "/" + .metadata.name' "$folder/live" | sort | diff "$folder/wanted" - || fail "other objects"
cat >"$folder/missing.jq" <<'JQ'
# The values of the rendered object that the live one has not, by path; numbers and texts of one quantity are one.
def leaves: [paths(scalars) as $p | [$p, getpath($p)]];
$live[0].items as $live
| .items[] | . as $item
| ($live[] | select(.kind == $item.kind and .metadata.name == $item.metadata.name)) as $other
| ($item | leaves)[] | .[0] as $p | .[1] as $v
| ($other | try getpath($p) catch null) as $w
| select($p[0] != "apiVersion" and ($v | tostring) != ($w | tostring))
| "\($item.kind) \($p | map(tostring) | join(".")): \($v) is \($w)"
JQ
jq -r --slurpfile live "$folder/live" -f "$folder/missing.jq" "$folder/rendered" >"$folder/missing"
[ ! -s "$folder/missing" ] || fail "differs from paas render: $(cat "$folder/missing")"
kubectl get deployment checkout -n payments-dev --show-managed-fields -o json |
	jq -e '.metadata.managedFields | any(.manager == "paas-direct" and .operation == "Apply")' >/dev/null ||
	fail "no fields of paas-direct"

# Another manager that wants another value is told whose it is; with the same value both hold it.
cat >"$folder/other.yml" <<'YML'
{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "checkout", "namespace": "payments-dev"},
 "spec": {"template": {"spec": {"containers": [{"name": "checkout", "imagePullPolicy": "Always"}]}}}}
YML
kubectl apply --server-side -f "$folder/other.yml" >"$folder/output" 2>&1 && fail "kubectl took a field of paas-direct"
grep -q 'conflict with "paas-direct"' "$folder/output" || fail "kubectl says: $(cat "$folder/output")"

# What kubectl took by force is not taken back without a word, and --force takes it.
kubectl apply --server-side --force-conflicts -f "$folder/other.yml" >/dev/null
paas deploy --direct >"$folder/output" 2>&1 && fail "paas took a field of kubectl"
grep -q 'conflict with "kubectl"' "$folder/output" || fail "paas says: $(cat "$folder/output")"
paas deploy --direct --force
[ "$(kubectl get deployment checkout -n payments-dev -o 'jsonpath={.spec.template.spec.containers[0].imagePullPolicy}')" = IfNotPresent ] ||
	fail "--force did not take it back"

# kubectl rollout undo puts the previous pods back; the release is deployed anew.
kubectl rollout undo deployment/checkout -n payments-dev
paas deploy --direct --force
paas status --env dev --exit-code
