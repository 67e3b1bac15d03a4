#!/bin/sh
# skopeo asks docker-credential-paas for the registry's credential, by the configuration that paas wrote for docker.
set -eu
command -v skopeo >/dev/null || exit 77
paas sandbox start
trap 'paas sandbox stop' EXIT
eval "$(paas sandbox env)"
registry=$(paas sandbox status --json --jq .registry | tr -d '"')
host=${registry#https://}
export PAAS_KEY_FILE="$PWD/key" PAAS_KEYRING=false PAAS_KEY_CACHE=0s XDG_RUNTIME_DIR="$PWD/none"
head -c 32 /dev/urandom >key
chmod 600 key
mkdir certificates bin
cp "$PAAS_CA_FILE" certificates/ca.crt
ln -s "$(command -v paas)" bin/docker-credential-paas
PATH=$PWD/bin:$PATH
inspect() { skopeo inspect --cert-dir certificates --no-tags "docker://$host/private/vault:1.0"; }

echo "a private image is not for strangers"
! inspect 2>/dev/null || exit 1

echo "but for those whom paas knows"
sed -n 's/.*token: "\([0-9a-f]*\)".*/\1/p' "$KUBECONFIG" | paas login artifacts --account sandbox --from-file -
paas login --configure docker --yes
jq -e --arg host "$host" '.credHelpers[$host] == "paas"' "$HOME/.docker/config.json"
inspect | jq -e '.Digest | startswith("sha256:")'

echo "and no longer, when paas has forgotten them"
paas logout oci
! inspect 2>/dev/null || exit 1
