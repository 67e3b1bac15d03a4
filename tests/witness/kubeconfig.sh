#!/bin/sh
# kubectl and paas read the same kubeconfigs and must reach the same server as the same person;
# where kubectl refuses a file, so must paas.
set -u
command -v kubectl >/dev/null || exit 77
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
python3 "$here/recording_server.py" "$work" &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -s "$work/url" ] && break; sleep 0.1; done
url=$(cat "$work/url") || exit 1
cd "$work" || exit 1
unset PAAS_PLATFORM PAAS_CA_FILE KUBECONFIG
bad=0

# What a command makes the server see, or "refused".  The last request counts: some builds of kubectl
# ask for the version first.
seen() {
	: >record
	if "$@" >out 2>err; then tail -n 1 record; else echo refused; fi
}

# compare NAME KUBECONFIG [CONTEXT [PATH]]: kubectl's raw requests leave a path in the server's address out
compare() {
	export KUBECONFIG="$2"
	a=$(seen kubectl ${3:+--context "$3"} --request-timeout=10s get --raw "${4:-/version}")
	b=$(seen paas api kubernetes /version ${3:+--context "$3"})
	if [ "$a" = "$b" ]; then
		echo "ok      $1: $a"
	else
		echo "differs $1:"
		echo "  kubectl: $a"
		echo "  paas:    $b ($(head -n 2 err | tr '\n' ' '))"
		bad=1
	fi
}

mkdir one two
cp ca.pem one/authority.pem
echo 'file-token' >two/token
cat >plugin <<'END'
#!/bin/sh
echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"plugin-token"}}'
END
chmod +x plugin
cat >one/config <<END
apiVersion: v1
kind: Config
clusters:
- {name: k, cluster: {server: "$url", certificate-authority: authority.pem}}
- {name: prefix, cluster: {server: "$url/k8s/c-1/", certificate-authority: authority.pem}}
- {name: name, cluster: {server: "$url", certificate-authority: authority.pem, tls-server-name: localhost}}
- {name: insecure, cluster: {server: "$url", insecure-skip-tls-verify: true}}
- {name: both, cluster: {server: "$url", insecure-skip-tls-verify: true, certificate-authority: authority.pem}}
- {name: untrusted, cluster: {server: "$url"}}
users:
- {name: u, user: {token: first-token}}
contexts:
- {name: merged, context: {cluster: k, user: u}}
- {name: file, context: {cluster: k, user: f}}
- {name: basic, context: {cluster: k, user: b}}
- {name: as, context: {cluster: k, user: a}}
- {name: exec, context: {cluster: k, user: x}}
- {name: prefix, context: {cluster: prefix, user: u}}
- {name: name, context: {cluster: name, user: u}}
- {name: insecure, context: {cluster: insecure, user: u}}
- {name: both, context: {cluster: both, user: u}}
- {name: untrusted, context: {cluster: untrusted, user: u}}
- {name: twice, context: {cluster: k, user: t}}
- {name: no-key, context: {cluster: k, user: c}}
- {name: no-as, context: {cluster: k, user: g}}
- {name: gcp, context: {cluster: k, user: p}}
- {name: no-mode, context: {cluster: k, user: m}}
- {name: no-cluster, context: {cluster: nowhere, user: u}}
END
cat >two/config <<END
apiVersion: v1
kind: Config
current-context: merged
users:
- {name: u, user: {token: second-token, username: ignored, password: ignored}}
- {name: f, user: {token: inline, tokenFile: token}}
- {name: b, user: {username: ann, password: "p:w"}}
- {name: a, user: {token: t, as: someone, as-uid: "7", as-groups: [g1, g2], as-user-extra: {scope: [x]}}}
- {name: x, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ../plugin, interactiveMode: Never}}}
- {name: t, user: {token: t, username: ann, password: p}}
- {name: c, user: {client-certificate: ../one/authority.pem}}
- {name: g, user: {token: t, as-groups: [g1]}}
- {name: p, user: {auth-provider: {name: gcp}}}
- {name: m, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ../plugin}}}
END
printf 'users: [{name: u, user: {token: 12345}}]\n' >typed
printf 'users: [{name: u, user: {token: a}}, {name: u, user: {token: b}}]\n' >double
both=one/config:two/config:missing
compare 'first file owns the user' $both
# Impersonation by uid and exec plugins of v1 came with kubectl 1.22; an older one has no opinion.
minor=$(kubectl version --client -o json | sed -n 's/.*"minor": "\([0-9]*\).*/\1/p')
newer='as exec'
if [ "$minor" -lt 22 ]; then
	newer=''
	echo "skipped as, exec: kubectl 1.$minor knows neither"
fi
for context in file basic $newer name insecure both untrusted twice no-key no-as gcp no-mode no-cluster nowhere; do
	compare "context $context" $both "$context"
done
compare 'a path in the address' $both prefix /k8s/c-1/version
compare 'a number for a token' one/config:typed
compare 'a name twice in one file' one/config:double
compare 'no file at all' missing
exit $bad
