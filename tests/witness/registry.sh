#!/bin/sh
# skopeo and curl read and write the sandbox's registry.
set -eu
command -v skopeo >/dev/null || exit 77
paas sandbox start
trap 'paas sandbox stop' EXIT
eval "$(paas sandbox env)"
registry=$(paas sandbox status --json --jq .registry | tr -d '"')
host=${registry#https://}
mkdir certificates
cp "$PAAS_CA_FILE" certificates/ca.crt
password=$(sed -n 's/.*token: "\([0-9a-f]*\)".*/\1/p' "$KUBECONFIG")
get() { curl -s --cacert "$PAAS_CA_FILE" "$@"; }

echo "the challenge names realm, service and scope"
get -D - -o /dev/null "$registry/v2/payments/checkout/manifests/1.0" |
	grep -i "^www-authenticate: Bearer realm=\"$registry/token\",service=\"sandbox\",scope=\"repository:payments/checkout:pull\""
token=$(get "$registry/token?service=sandbox&scope=repository:payments/checkout:pull" | jq -r .token)

echo "the digest is the sha256 of the bytes"
get -H "Authorization: Bearer $token" -H 'Accept: application/vnd.oci.image.index.v1+json' \
	-D headers -o manifest "$registry/v2/payments/checkout/manifests/1.0"
test "sha256:$(sha256sum manifest | cut -d' ' -f1)" = "$(tr -d '\r' <headers | sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: //p')"
test "$(get -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" -H 'Accept: text/plain' "$registry/v2/payments/checkout/manifests/1.0")" = 404
test "$(get -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $token" "$registry/v2/private/vault/manifests/1.0")" = 401

echo "skopeo inspects an image of several architectures"
skopeo inspect --cert-dir certificates --override-arch arm64 "docker://$host/payments/checkout:1.0" >inspected.json
jq -e '.Architecture == "arm64" and (.RepoTags | index("1.1")) and .Labels["org.opencontainers.image.revision"]' inspected.json

echo "skopeo copies one, index and all"
copy() { skopeo copy -q --all --preserve-digests --src-cert-dir certificates --dest-cert-dir certificates "$@"; }
copy --dest-creds "sandbox:$password" "docker://$host/payments/checkout:1.1" "docker://$host/payments/copy:1.1"
skopeo inspect --cert-dir certificates --raw "docker://$host/payments/copy:1.1" >copied
skopeo inspect --cert-dir certificates --raw "docker://$host/payments/checkout:1.1" | cmp - copied
! copy --dest-creds sandbox:wrong "docker://$host/payments/checkout:1.1" "docker://$host/payments/copy:2" || exit 1

echo "tags come in pages"
get -H "Authorization: Bearer $token" -D headers "$registry/v2/payments/checkout/tags/list?n=2" | jq -e '.tags | length == 2'
grep -i '^link: </v2/payments/checkout/tags/list?n=2&last=1.1>; rel="next"' headers
