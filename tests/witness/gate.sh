#!/bin/sh
# curl, jq and kubectl see a pipeline of the sandbox's Spinnaker deploy, and the traps on the way.
set -eu
command -v kubectl >/dev/null && command -v jq >/dev/null || exit 77
paas sandbox start --cd spinnaker
trap 'paas sandbox stop' EXIT
eval "$(paas sandbox env)"
gate=$(paas sandbox status --json | jq -r .gate)
ask() { path=$1; shift; curl -sS --cacert "$PAAS_CA_FILE" -H 'Content-Type: application/json' "$@" "$gate$path"; }
until_it() { # until_it PATH CONDITION
	for _ in $(seq 100); do
		ask "$1" | jq -e "$2" >/dev/null 2>&1 && return
		sleep 0.1
	done
	return 1
}
trigger() { # trigger ID
	jq -n --arg id "$1" --arg image "$PAAS_SANDBOX_REGISTRY/payments/checkout:1.0" '{type: "manual",
		parameters: {image: $image, deployment_id: $id, config: "{\"version\": 3, \"replicas\": {\"minimum\": 1, \"maximum\": 1}}"}}'
}

echo "a trigger, a judgment, an Application in the cluster, a Deployment of the operator"
trigger one >body
id=$(ask /pipelines/checkout/deploy-pro -d @body | jq -r .ref)
until_it "$id" '.stages[0].status == "RUNNING"'
! kubectl -n payments-pro get applications.fiaas.schibsted.io checkout || exit 1
stage=$(ask "$id" | jq -r '.stages[0].id')
ask "$id/stages/$stage" -X PATCH -d '{"judgmentStatus": "continue"}' | jq -e '.stages[0].lastModified.user == "anonymous"'
until_it "$id" '.status == "SUCCEEDED"'
test "$(kubectl -n payments-pro get applications.fiaas.schibsted.io checkout -o 'jsonpath={.metadata.labels.fiaas/deployment_id}')" = one
kubectl -n payments-pro rollout status deployment checkout --timeout 60s
kubectl -n payments-pro get applications.fiaas.schibsted.io checkout -o json --show-managed-fields |
	jq -e '.metadata.managedFields | map(.manager) | index("kubectl-client-side-apply")'

echo "the second apply changes what differs, and kubectl goes on from it"
trigger two >body
id=$(ask /pipelines/checkout/deploy-dev -d @body | jq -r .ref)
until_it "$id" '.status == "SUCCEEDED"'
kubectl -n payments-dev get applications.fiaas.schibsted.io checkout -o json |
	jq '.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"] | fromjson | .spec.config.replicas.maximum = 2' >applied
kubectl apply -f applied | grep configured
trigger three >body
id=$(ask /pipelines/checkout/deploy-dev -d @body | jq -r .ref)
until_it "$id" '.status == "SUCCEEDED"'
kubectl -n payments-dev get applications.fiaas.schibsted.io checkout -o json | jq -e '.spec.config.replicas.maximum == 1'

echo "through v2 it appears later, or never"
id=$(ask /pipelines/v2/checkout/deploy-dev -d @body | jq -r .ref)
test "$(ask "$id" -o /dev/null -w '%{http_code}')" = 404
until_it "$id" '.status == "SUCCEEDED"'
id=$(ask /pipelines/v2/checkout/no-such -d @body | jq -r .ref)
sleep 1
test "$(ask "$id" -o /dev/null -w '%{http_code}')" = 404

echo "without a session a redirect to a page, not a refusal"
paas sandbox break gate-oauth2
ask /applications -o /dev/null -w '%{http_code} %{redirect_url}\n' | grep "^302 $gate/login$"
test -z "$(ask /auth/user)"
token=$(sed -n 's/.*token: "\([0-9a-f]*\)".*/\1/p' "$KUBECONFIG")
test "$(ask /applications -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token")" = 302
test "$(ask /login -o /dev/null -w '%{http_code}' -H "Authorization: Bearer wrong")" = 401
ask /login -c jar -o /dev/null -H "Authorization: Bearer $token"
ask /applications -b jar | jq -e 'map(.name) == ["checkout"]'
ask /auth/user -b jar | jq -e '.username == "sandbox"'
