#!/bin/sh
# paas signs on at oidc-provider, an implementation by other hands: with a code on another device, with a browser, again
# and again as tokens expire, several processes at once, and off.
set -eu
peer=$(dirname "$0")/oidc-provider
TOKEN_LIFETIME=60 "$peer/start" # what expires within a minute is renewed before it is used
trap 'kill "$(cat provider.pid)"' EXIT
issuer=$(cat issuer)
cat >platform.yml <<END
version: 1
company: acme
sso: {provider: oidc, issuer: "$issuer", client_id: paas-cli, groups_claim: groups, ca_file: peer.pem}
clusters: {dev: {server: "https://localhost:1"}}
environments: [{name: dev, cluster: dev, namespace: team}]
teams: {payments: {slack: "#payments"}}
END
head -c 32 /dev/urandom >key
chmod 600 key
export PAAS_PLATFORM="$PWD/platform.yml" PAAS_KEY_FILE="$PWD/key" PAAS_KEYRING=false PAAS_KEY_CACHE=0s
unset CI BROWSER DISPLAY WAYLAND_DISPLAY 2>/dev/null || true

happened() { grep -cx "$1" server.log || true; } # happened EVENT: how often
by_device() { # by_device approve|deny: exit status in the file "status"
	rm -f asked status
	(paas login --device >said 2>asked </dev/null && echo 0 >status || echo $? >status) &
	until grep -q '^ *code: ' asked 2>/dev/null || [ -s status ]; do sleep 0.1; done
	code=$(sed -n 's/^ *code: //p' asked)
	curl -sS --noproxy '*' --cacert peer.pem -d "user_code=$code" -d "decision=$1" "$issuer/-/decide"
	wait $!
	cat asked said
}

echo "denied on another device"
by_device deny
test "$(cat status)" = 4
paas whoami sso && exit 1

echo "approved there"
by_device approve
test "$(cat status)" = 0
grep -x 'logged in to acme as ada' said
grep -x 'teams: payments' said

echo "what expires is renewed, by many at once, and no refresh token is sent twice"
before=$(happened refresh_token.consumed)
asking=''
for each in 1 2 3 4 5 6; do
	paas whoami sso --json >"who-$each" &
	asking="$asking $!"
done
for each in $asking; do wait "$each"; done
test "$(cat who-? | jq -c '.systems[0] | [.state, .account]' | sort | uniq -c | tr -s ' ')" = ' 6 ["ok","ada"]'
test "$(happened refresh_token.consumed)" -gt "$before"
test "$(happened grant.revoked)" = 0

echo "kubectl is given the ID token"
paas token kubernetes --cluster dev >credential
jq -e '.kind == "ExecCredential" and (.status.expirationTimestamp | fromdate) > 0' credential
jq -r .status.token credential | cut -d. -f2 | tr '_-' '/+' | sed 's/$/===/' | base64 -d 2>/dev/null >claims || true
jq -e '.aud == "paas-cli" and .iss == $issuer and .groups == ["payments"] and .preferred_username == "ada"' --arg issuer "$issuer" claims

echo "off"
paas logout
test "$(happened grant.revoked)" = 1
paas whoami sso && exit 1

echo "with a browser on this machine"
cat >browser <<END
#!/bin/sh
exec curl -sSL --noproxy '*' --cacert "$PWD/peer.pem" -c "$PWD/jar" -b "$PWD/jar" -o "$PWD/last-page" "\$1" >"$PWD/browser.log" 2>&1
END
chmod +x browser
BROWSER=$PWD/browser DISPLAY=:0 script -qec 'paas login' typescript </dev/null
grep 'logged in to acme as ada' typescript
paas whoami sso
paas logout
