#!/bin/sh
# kubectl asks paas for the sign-on's ID token, and the cluster knows whose it is.
set -eu
command -v kubectl >/dev/null || exit 77
paas sandbox start --sign-on ask
trap 'paas sandbox stop' EXIT
eval "$(paas sandbox env)"
head -c 32 /dev/urandom >key
chmod 600 key
export PAAS_KEY_FILE="$PWD/key" PAAS_KEYRING=false PAAS_KEY_CACHE=0s
server=$(paas sandbox status --json --jq .kubernetes | tr -d '"')
sed "s#kubeconfig: kubeconfig#server: \"$server\"#; s#kubeconfig_context: sandbox#ca_file: \"$PAAS_CA_FILE\"#; s#ca_file: ca.pem#ca_file: \"$PAAS_CA_FILE\"#" \
	"$PAAS_PLATFORM" >platform.yml
export PAAS_PLATFORM="$PWD/platform.yml" KUBECONFIG="$PWD/kubeconfig"
cat >kubeconfig <<END
apiVersion: v1
kind: Config
current-context: paas
clusters: [{name: paas, cluster: {server: "$server", certificate-authority: "$PAAS_CA_FILE"}}]
contexts: [{name: paas, context: {cluster: paas, user: paas, namespace: payments-dev}}]
users: [{name: paas, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: paas, args: [token, kubernetes],
  interactiveMode: IfAvailable, provideClusterInfo: true}}}]
END

echo "nobody is logged in"
! kubectl get pods 2>refused || exit 1
cat refused
grep -q 'paas login' refused

echo "grace is"
(until paas sandbox approve --as grace 2>/dev/null; do :; done) &
paas login --device
wait $!
kubectl get pods
kubectl create configmap from-kubectl --from-literal=a=b
kubectl get --raw /apis/fiaas.schibsted.io/v1/namespaces/payments-dev/applications | jq -e '.kind == "ApplicationList"'

echo "and no more"
paas logout
! kubectl get pods || exit 1
