#!/bin/sh
# kubectl follows rollouts of the sandbox, good and bad, and is presumed right: rollout status, wait,
# describe, logs, rollout history and undo.  Exit 77 = skipped.
set -eu
command -v kubectl >/dev/null || exit 77
command -v paas >/dev/null || exit 77
folder=$(mktemp -d)
export HOME="$folder" XDG_STATE_HOME="$folder/state" XDG_CACHE_HOME="$folder/cache"
finish() {
	paas sandbox stop >/dev/null 2>&1 || true
	rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
paas sandbox start --rate 20
eval "$(paas sandbox env)"
registry=$(sed -n 's,.*url: "https://\(localhost:[0-9]*\)".*,\1,p' "$PAAS_PLATFORM" | head -n 1)

fail() {
	echo "FAILED: $*"
	exit 1
}

# says COMMAND… -- TEXT: its output contains TEXT.
says() {
	text=$1
	shift
	"$@" >"$folder/output" 2>&1 || true
	grep -qF -- "$text" "$folder/output" || {
		cat "$folder/output"
		fail "\"$*\" does not say: $text"
	}
}

# deployment TAG [DEADLINE]: a Deployment "web" of three pods.
deployment() {
	kubectl apply -f - <<-EOF
	apiVersion: apps/v1
	kind: Deployment
	metadata: {name: web, labels: {app: web}}
	spec:
	  replicas: 3
	  progressDeadlineSeconds: ${2:-600}
	  selector: {matchLabels: {app: web}}
	  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
	  template:
	    metadata: {labels: {app: web}}
	    spec:
	      containers:
	      - name: web
	        image: $registry/payments/checkout:$1
	        readinessProbe: {httpGet: {path: /, port: 8080}, initialDelaySeconds: 2}
	EOF
}

echo "== a good rollout"
deployment 1.0
kubectl rollout status deployment/web --timeout=60s
kubectl wait --for=condition=Available deployment/web --timeout=30s
kubectl wait --for=condition=Ready pod -l app=web --timeout=30s
[ "$(kubectl get pods -l app=web --no-headers | grep -c ' Running ')" = 3 ] || fail "not three pods running"
says 'deployment.apps/web' kubectl get deployments.apps web -o name
says 'NewReplicaSetAvailable' kubectl describe deployment web
pod=$(kubectl get pods -l app=web -o name | head -n 1)
says 'listening on :8080' kubectl logs "$pod"
says 'Successfully assigned payments-dev/web-' kubectl describe "$pod"
says 'sha256:' kubectl get "$pod" -o 'jsonpath={.status.containerStatuses[0].imageID}'

echo "== a new version"
deployment 1.1
kubectl rollout status deployment/web --timeout=60s
says '2' kubectl get deployment web -o 'jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}'

echo "== an image that does not exist, within a deadline of 20 s"
deployment no-such-tag 20
if kubectl rollout status deployment/web --timeout=60s >"$folder/output" 2>&1; then
	fail "a rollout that cannot succeed did"
fi
grep -q 'exceeded its progress deadline' "$folder/output" || {
	cat "$folder/output"
	fail "the deadline is not told"
}
says 'ImagePull' kubectl get pods -l app=web
says 'not found' kubectl get events --field-selector reason=Failed
[ "$(kubectl get deployment web -o 'jsonpath={.status.availableReplicas}')" = 3 ] || fail "old pods went"

echo "== back"
kubectl rollout undo deployment/web
kubectl rollout status deployment/web --timeout=60s
says '4' kubectl rollout history deployment/web

echo "== a crash"
paas sandbox break crash-loop --app web --namespace payments-dev
deployment 1.0
sleep 2
pod=$(kubectl get pods -l app=web --sort-by=.metadata.creationTimestamp -o name | tail -n 1)
says 'DATABASE_URL is not set' kubectl logs --previous "$pod"
says 'Back-off restarting failed container' kubectl describe "$pod"
paas sandbox heal
kubectl rollout status deployment/web --timeout=60s

echo "== the operator"
kubectl apply -f - <<-EOF
apiVersion: fiaas.schibsted.io/v1
kind: Application
metadata: {name: shop, labels: {app: shop, fiaas/deployment_id: d1}}
spec:
  application: shop
  image: $registry/payments/checkout:1.0
  config: {version: 3, replicas: {minimum: 2, maximum: 2}}
EOF
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	result=$(kubectl get application-statuses.fiaas.schibsted.io -l app=shop -o 'jsonpath={.items[*].result}')
	[ "$result" = SUCCESS ] && break
	sleep 0.5
done
[ "$result" = SUCCESS ] || fail "the operator says \"$result\""
kubectl rollout status deployment/shop --timeout=10s
says 'shop' kubectl get endpoints shop
kubectl delete application.fiaas.schibsted.io/shop
kubectl wait --for=delete deployment/shop --timeout=10s || true
says 'deployments.apps "shop" not found' kubectl get deployment shop
echo "== kubectl agrees"
