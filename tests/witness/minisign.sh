#!/bin/sh
# minisign makes keys and signatures, in both of its forms; paas takes what it made, and takes a new key beside the old one.
set -eu
command -v minisign >/dev/null || exit 77
command -v openssl >/dev/null || exit 77
work=$PWD
printf 'version: 1\nserial: 1\ncompany: acme\nclusters: {dev: {server: "https://k8s.acme.example"}}\nenvironments: [{name: dev, cluster: dev, namespace: team}]\n' >platform.yml
for key in old new; do minisign -G -W -p "$key.pub" -s "$key.key"; done

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
	-keyout server.key -out server.pem 2>openssl.log
python3 - >port 2>server.log <<'END' &
import http.server, ssl
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem", "server.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
END
server=$!
trap 'kill $server' EXIT
until [ -s port ] || ! kill -0 $server; do :; done
url=https://localhost:$(cat port)/platform.yml
export PAAS_CA_FILE="$work/server.pem"

refused() { # refused COMMAND...
	if "$@"; then
		echo "taken, but should not be: $*"
		exit 1
	fi
}

sign() { # sign KEY SERIAL OPTION...
	key=$1 serial=$2
	shift 2
	sed -i "s/^serial: .*/serial: $serial/" platform.yml
	minisign -S "$@" -s "$key.key" -m platform.yml -x platform.yml.minisig -t "serial $serial"
}

echo "both forms of a signature are taken"
paas config trust old.pub
sign old 1
paas config use "$url"
sign old 2 -l
test "$(paas config use --json --jq .serial)" = 2

echo "the id is the one that minisign prints"
test "$(paas config trust --json --jq '.keys[0].id' | tr -d '"')" = "$(sed -n 's/.*public key //p' old.pub)"

echo "another key is refused until it is pinned; then the old one may go"
sign new 3
refused paas config use
paas config trust new.pub
paas config use
paas config trust --remove "$(sed -n 's/.*public key //p' old.pub)"
paas config check

echo "what minisign refuses, paas refuses"
printf '#' >>platform.yml
refused minisign -V -p new.pub -m platform.yml
refused paas config use
