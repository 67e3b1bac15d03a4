#!/bin/sh
# nghttpx stands between paas and the sandbox: HTTP/2 and TLS of another implementation.  A handshake
# costs more than anything else a small command does, so its connections are counted.
set -eu
command -v nghttpx >/dev/null || exit 77
export PAAS_CLOCK_RATE=10
paas sandbox start --rate 10
trap 'kill "$proxy" 2>/dev/null || true; paas sandbox stop' EXIT
eval "$(paas sandbox env)"
folder=$(dirname "$PAAS_PLATFORM")
server=$(paas sandbox status --json --jq .kubernetes | tr -d '"')
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
log=$HOME/access.log
# shellcheck disable=SC2016  # nghttpx's own variables
nghttpx --frontend="127.0.0.1,$port" --backend="127.0.0.1,${server##*:};;tls;proto=http/1.1;sni=localhost" \
	--cacert="$PAAS_CA_FILE" --accesslog-file="$log" --accesslog-format='$alpn $remote_port $request' \
	--errorlog-file="$log.errors" --workers=1 --no-ocsp --conf=/dev/null "$folder/server.key" "$folder/server.pem" &
proxy=$!
sed "s|$server|https://localhost:$port|" "$KUBECONFIG" >"$folder/proxied"
sed 's|kubeconfig: kubeconfig|kubeconfig: proxied|' "$PAAS_PLATFORM" >"$folder/proxied.yml"
export PAAS_PLATFORM="$folder/proxied.yml"
for _ in $(seq 100); do
	curl -s --cacert "$PAAS_CA_FILE" "https://localhost:$port/version" >/dev/null && break
	sleep 0.05
done
cd "$PAAS_SANDBOX_APPLICATION"

# count MOST COMMAND...: it opens that many connections at most, all of them HTTP/2
count() {
	most=$1
	shift
	: >"$log"
	"$@"
	for _ in $(seq 100); do
		grep -q ' GET ' "$log" && break
		sleep 0.05
	done
	connections=$(cut -d' ' -f2 "$log" | sort -u | wc -l)
	echo "$*: $(grep -c '^h2 ' "$log") requests over HTTP/2 on $connections connections"
	! grep '^http/1.1 ' "$log" || exit 1
	[ "$connections" -ge 1 ] && [ "$connections" -le "$most" ]
}

count 2 paas deploy # one for what is asked, one for what goes on
count 1 paas status --exit-code
