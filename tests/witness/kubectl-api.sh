#!/bin/sh
# kubectl reads and writes the sandbox, and is presumed right: get, describe, create, server-side
# apply and its conflicts, patch, diff, delete, wait, watch, auth, events.  Exit 77 = skipped.
set -eu
command -v kubectl >/dev/null || exit 77
command -v paas >/dev/null || exit 77
folder=$(mktemp -d)
export HOME="$folder" XDG_STATE_HOME="$folder/state" XDG_CACHE_HOME="$folder/cache"
watcher=
finish() {
	[ -z "$watcher" ] || kill "$watcher" 2>/dev/null || true
	paas sandbox stop >/dev/null 2>&1 || true
	rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
paas sandbox start --rate 20
eval "$(paas sandbox env)"

fail() {
	echo "FAILED: $*"
	cat "$folder/output"
	exit 1
}

# says TEXT COMMAND…: it succeeds and its output contains TEXT.
says() {
	text=$1
	shift
	"$@" >"$folder/output" 2>&1 || fail "\"$*\" failed"
	grep -qF -- "$text" "$folder/output" || fail "\"$*\" does not say: $text"
}

# refuses TEXT COMMAND…: it fails and its output contains TEXT.
refuses() {
	text=$1
	shift
	if "$@" >"$folder/output" 2>&1; then
		fail "\"$*\" succeeded"
	fi
	grep -qF -- "$text" "$folder/output" || fail "\"$*\" does not say: $text"
}

# is TEXT COMMAND…: its output is TEXT.
is() {
	text=$1
	shift
	"$@" >"$folder/output" 2>&1 || fail "\"$*\" failed"
	[ "$(cat "$folder/output")" = "$text" ] || fail "\"$*\" is not: $text"
}

# deployment REPLICAS IMAGE_TAG
deployment() {
	cat <<-END
	apiVersion: apps/v1
	kind: Deployment
	metadata: {name: web, labels: {app: web}}
	spec:
	  replicas: $1
	  selector: {matchLabels: {app: web}}
	  template:
	    metadata: {labels: {app: web}}
	    spec:
	      containers:
	      - {name: web, image: "nginx:$2", ports: [{containerPort: 80}]}
	END
}

# What there is.
says 'Server Version' kubectl version
says 'deployments' kubectl api-resources
says 'Active' kubectl get namespaces
says 'ok' kubectl get --raw /readyz
refuses 'the server doesn'\''t have a resource type "nonsense"' kubectl get nonsense
refuses 'deployments.apps "none" not found' kubectl get deployment none

# Small objects: typed clients, and the same name twice.
says 'configmap/settings created' kubectl create configmap settings --from-literal=colour=blue
refuses 'configmaps "settings" already exists' kubectl create configmap settings --from-literal=colour=red
says 'secret/password created' kubectl create secret generic password --from-literal=word=sesame
is 'c2VzYW1l' kubectl get secret password -o 'jsonpath={.data.word}'
says 'deployment.apps/plain created' kubectl create deployment plain --image=nginx:1.0 --port=80
is 'nginx:1.0 80' kubectl get deployment plain -o 'jsonpath={.spec.template.spec.containers[0].image} {..containerPort}'
says 'deleted' kubectl delete deployment plain
refuses 'namespaces "none" not found' kubectl create configmap settings -n none
refuses 'a lowercase RFC 1123 subdomain must consist of' kubectl create configmap Not_A_Name
says 'blue' kubectl describe configmap settings
says 'settings   1 ' kubectl get configmap settings
says '"kind": "ConfigMap"' kubectl get configmap settings -o json

# Server-side apply: owners, conflicts, force, fields that go.
deployment 2 1.0 >"$folder/web.yml"
says 'deployment.apps/web serverside-applied' kubectl apply --server-side -f "$folder/web.yml"
says 'scaled' kubectl scale deployment web --replicas=3
refuses 'conflict with "kubectl' kubectl apply --server-side -f "$folder/web.yml"
refuses '.spec.replicas' kubectl apply --server-side -f "$folder/web.yml"
says 'serverside-applied' kubectl apply --server-side --force-conflicts -f "$folder/web.yml"
is 2 kubectl get deployment web -o 'jsonpath={.spec.replicas}'
sed 's/, ports:.*\]}/}/' "$folder/web.yml" | kubectl apply --server-side -f - >/dev/null
is '' kubectl get deployment web -o 'jsonpath={.spec.template.spec.containers[0].ports}'
refuses 'image: nginx:9' sh -c "sed s/nginx:1.0/nginx:9/ '$folder/web.yml' | kubectl diff --server-side --force-conflicts -f -"

# Client-side apply and the patches.
deployment 2 1.1 >"$folder/web.yml"
says 'deployment.apps/web configured' kubectl apply -f "$folder/web.yml"
says 'deployment.apps/web unchanged' kubectl apply -f "$folder/web.yml"
says 'patched' kubectl patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":4}]'
says 'patched' kubectl patch deployment web --type=merge -p '{"spec":{"minReadySeconds":1}}'
says 'patched' kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","tty":true}]}}}}'
is 'nginx:1.1 true 4 1' kubectl get deployment web -o \
	'jsonpath={.spec.template.spec.containers[*].image} {.spec.template.spec.containers[*].tty} {.spec.replicas} {.spec.minReadySeconds}'
refuses 'field is immutable' kubectl patch deployment web --type=merge \
	-p '{"spec":{"selector":{"matchLabels":{"app":"other"}},"template":{"metadata":{"labels":{"app":"other"}}}}}'
says 'labeled' kubectl label deployment web tier=front
says 'web' kubectl get deployments -l 'tier in (front, back),!absent'
says 'No resources found' kubectl get deployments -l tier=back

# Waiting, and what the cluster makes of it.
says 'condition met' kubectl wait --for=condition=Available deployment/web --timeout=60s
says 'Replicas:' kubectl describe deployment web
says 'Running' kubectl get pods -l app=web --field-selector status.phase=Running
says 'node-' kubectl get pods -o wide
says 'ScalingReplicaSet' kubectl get events --field-selector involvedObject.kind=Deployment
says 'NODE' kubectl get pods -A -o wide --chunk-size=1

# A watch tells of a birth, a change and an end.
kubectl get configmaps -w -o 'jsonpath={.metadata.name}={.data.a}{"\n"}' >"$folder/watch" 2>&1 &
watcher=$!
for try in $(seq 50); do
	grep -q settings "$folder/watch" && break
	sleep 0.1
done
kubectl create configmap seen --from-literal=a=1 >/dev/null
kubectl patch configmap seen --type=merge -p '{"data":{"a":"2"}}' >/dev/null
kubectl delete configmap seen >/dev/null
for try in $(seq 50); do
	[ "$(grep -c '^seen=' "$folder/watch")" -ge 3 ] && break
	sleep 0.1
done
cp "$folder/watch" "$folder/output"
[ "$(grep '^seen=' "$folder/watch" | tr '\n' ' ')" = 'seen=1 seen=2 seen=2 ' ] || fail "the watch ($try)"

# Custom resources, pruned aloud.
application() {
	printf '%s\n' 'apiVersion: fiaas.schibsted.io/v1' 'kind: Application' 'metadata: {name: example, labels: {fiaas/deployment_id: a1}}' \
		"spec: {application: example, image: \"example:1\", config: {version: 3}$1}"
}
application '' | says 'serverside-applied' kubectl apply --server-side -f -
says 'example' kubectl get app example
if ! kubectl version --client -o json | grep -q '"minor": "20'; then
	application ', bogus: 1' | refuses 'unknown field "spec.bogus"' kubectl apply --server-side -f -
	application ', bogus: 1' | says 'Warning: unknown field "spec.bogus"' kubectl apply --server-side --validate=warn -f -
fi

# Who may do what.
is yes kubectl auth can-i create deployments
says 'applications.fiaas.schibsted.io' kubectl auth can-i --list
refuses 'Unauthorized' kubectl --token=wrong get pods

# Ends.
says 'deleted' kubectl delete configmap settings
refuses 'not found' kubectl delete configmap settings
says 'deleted' kubectl delete deployment web --wait=false
kubectl wait --for=delete pod -l app=web --timeout=60s >"$folder/output" 2>&1 ||
	grep -q 'no matching resources found' "$folder/output" || fail 'waiting for the pods to go'
for try in $(seq 50); do
	[ -z "$(kubectl get pods -l app=web -o name)" ] && break
	sleep 0.1
done
is '' kubectl get pods -l app=web -o name
echo "kubectl agrees"
