#!/bin/sh
# kubectl reads back byte for byte what `paas secrets set` and `paas vars set` wrote, sees whose it is,
# and works with the kubeconfig that `paas exec` hands on; paas tells what kubectl wrote. Exit 77 = skipped.
set -eu
command -v kubectl >/dev/null || exit 77
command -v paas >/dev/null || exit 77
folder=$(mktemp -d)
export HOME="$folder" XDG_STATE_HOME="$folder/state" XDG_CACHE_HOME="$folder/cache" PAAS_CLOCK_RATE=20 PAAS_TEAM=payments
finish() {
	paas sandbox stop >/dev/null 2>&1 || true
	rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
paas sandbox start --rate 20 >/dev/null
eval "$(paas sandbox env)"

fail() {
	echo "FAILED: $*"
	exit 1
}

echo "== a secret, byte for byte"
head -c 3000 /dev/urandom >"$folder/bytes"
paas secrets set BYTES --app checkout --from-file "$folder/bytes" >/dev/null
kubectl get secret checkout -n payments-dev -o 'jsonpath={.data.BYTES}' | base64 -d | cmp - "$folder/bytes" || fail "other bytes"
[ "$(kubectl get secret checkout -n payments-dev -o 'jsonpath={.type} {.metadata.labels.app}')" = "Opaque checkout" ] ||
	fail "another kind of Secret"

echo "== variables, text and bytes"
printf 'A=one\nB="two\\nlines: ä"\n' | paas vars set --app checkout --from-env-file - >/dev/null
paas vars set BYTES --app checkout --from-file "$folder/bytes" >/dev/null
[ "$(kubectl get configmap checkout -n payments-dev -o 'jsonpath={.data.B}')" = "$(printf 'two\nlines: ä')" ] || fail "another text"
kubectl get configmap checkout -n payments-dev -o 'jsonpath={.binaryData.BYTES}' | base64 -d | cmp - "$folder/bytes" ||
	fail "other bytes"

echo "== what kubectl writes is kubectl's"
kubectl create secret generic checkout -n payments-pro --from-literal=THEIRS=x >/dev/null
paas secrets list checkout --env pro | grep -q '^THEIRS	.*	kubectl-create	' || fail "not told whose it is"
status=0
printf y | paas secrets set THEIRS --app checkout --env pro >"$folder/output" 2>&1 || status=$?
[ "$status" -eq 6 ] || fail "taken over without a word"
printf y | paas secrets set OURS --app checkout --env pro >/dev/null
printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: checkout}\ndata: {OURS: eg==}\n' >"$folder/theirs.yml"
kubectl apply --server-side -n payments-pro -f "$folder/theirs.yml" >"$folder/output" 2>&1 && fail "kubectl takes ours over"
grep -q 'conflict with "paas"' "$folder/output" || fail "kubectl does not tell that it is ours"

echo "== a kubeconfig in memory"
ca=$(dirname "$PAAS_PLATFORM")/ca.pem
server=$(kubectl config view --raw --minify -o 'jsonpath={.clusters[0].cluster.server}')
PAAS_TOKEN_KUBERNETES=$(kubectl config view --raw --minify -o 'jsonpath={.users[0].user.token}')
export PAAS_TOKEN_KUBERNETES
(cd "$PAAS_SANDBOX_APPLICATION" && paas deploy >/dev/null 2>&1)
paas exec checkout --env dev -- true >"$folder/output" 2>&1 </dev/null && fail "something runs in a sandbox"
grep -q NotImplemented "$folder/output" || fail "kubectl does not get as far as the pod"
cat >"$folder/platform.yml" <<END
version: 1
serial: 1
company: acme
cd: {provider: fiaas}
clusters: {dev: {server: "$server", ca_file: "$ca"}}
environments: [{name: dev, cluster: dev, namespace: payments-dev}]
END
mkdir "$folder/bin"
# shellcheck disable=SC2016  # for the other shell
printf '#!/bin/sh\nexec "%s" get pods "$2" "$3" -o name\n' "$(command -v kubectl)" >"$folder/bin/kubectl"
chmod +x "$folder/bin/kubectl"
unset KUBECONFIG
PATH="$folder/bin:$PATH" paas exec checkout --platform "$folder/platform.yml" -- true >"$folder/output" </dev/null ||
	fail "kubectl cannot use it"
[ "$(grep -c '^pod/checkout-' "$folder/output")" -eq 2 ] || fail "other pods: $(cat "$folder/output")"
echo "== kubectl and paas agree"
