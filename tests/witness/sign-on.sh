#!/bin/sh
# The sandbox's sign-on server answers as oidc-provider does, an implementation by other hands: the same requests
# to both, compared by status, error code and names of members.
set -eu
peer=$(dirname "$0")/oidc-provider
"$peer/start"
trap 'kill "$(cat provider.pid)"; paas sandbox stop' EXIT
"$peer/requests" peer "$(cat issuer)" peer.pem >theirs
paas sandbox start --sign-on ask
eval "$(paas sandbox env)"
"$peer/requests" sandbox "$PAAS_SANDBOX_ISSUER" "$PAAS_CA_FILE" >ours

# Theirs has endpoints and features that paas does not use, and tells no interval, which is 5 seconds then (RFC 8628 3.2); ours
# tells how revocation is authenticated and which prompts there are.
for name in claim_types_supported claims_parameter_supported end_session_endpoint pushed_authorization_request_endpoint \
	request_parameter_supported request_uri_parameter_supported token_endpoint_auth_signing_alg_values_supported; do
	sed -i "s/ $name//" theirs
done
for name in prompt_values_supported revocation_endpoint_auth_methods_supported interval; do sed -i "s/ $name//" ours; done
diff theirs ours
wc -l <ours
