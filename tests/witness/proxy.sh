#!/bin/sh
# nghttpx stands between paas and the sandbox: HTTP/2 and TLS of another implementation.
set -eu
command -v nghttpx >/dev/null || exit 77
export PAAS_CLOCK_RATE=10
paas sandbox start --rate 10
trap 'kill "$proxy" 2>/dev/null || true; paas sandbox stop' EXIT
eval "$(paas sandbox env)"
folder=$(dirname "$PAAS_PLATFORM")
server=$(paas sandbox status --json --jq .kubernetes | tr -d '"')
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
# shellcheck disable=SC2016  # nghttpx's own variables
nghttpx --frontend="127.0.0.1,$port" --backend="127.0.0.1,${server##*:};;tls;proto=http/1.1;sni=localhost" \
	--cacert="$PAAS_CA_FILE" --accesslog-file=access.log --accesslog-format='$alpn $request' \
	--errorlog-file=error.log --workers=1 "$folder/server.key" "$folder/server.pem" &
proxy=$!
sed "s|$server|https://localhost:$port|" "$KUBECONFIG" >"$folder/proxied"
sed 's|kubeconfig: kubeconfig|kubeconfig: proxied|' "$PAAS_PLATFORM" >"$folder/proxied.yml"
export PAAS_PLATFORM="$folder/proxied.yml"
for _ in $(seq 100); do
	curl -s --cacert "$PAAS_CA_FILE" "https://localhost:$port/version" >/dev/null && break
	sleep 0.05
done
cd "$PAAS_SANDBOX_APPLICATION"
paas deploy
paas status --exit-code
log=$OLDPWD/access.log
grep -q '^h2 ' "$log"
! grep '^http/1.1 .*GET /apis/fiaas' "$log" || exit 1
echo "$(grep -c '^h2 ' "$log") requests over HTTP/2"
