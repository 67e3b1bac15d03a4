#!/bin/sh
# GitHub's own gh reads and writes the sandbox's GitHub, as it does an Enterprise Server.
set -eu
command -v gh >/dev/null || exit 77
paas sandbox start
trap 'paas sandbox stop' EXIT
eval "$(paas sandbox env)"
api=$(paas sandbox status --json | jq -r .github)
host=${api#https://}
host=${host%/api/v3}
export GH_HOST="$host" GH_ENTERPRISE_TOKEN="$PAAS_TOKEN_SCM" SSL_CERT_FILE="$PAAS_CA_FILE" NO_PROXY='*' GH_NO_UPDATE_NOTIFIER=1
repository=repos/payments/checkout

echo "who it is, and pages followed to the end"
test "$(gh api user -q .login)" = ada
test "$(gh api "$repository/commits?per_page=1" --paginate -q '.[].sha' | wc -l)" -eq 3

echo "runs, the jobs of one, what failed in it"
gh run list -R "$host/payments/checkout" --json conclusion,headBranch,number -q '.[] | "\(.number) \(.headBranch) \(.conclusion)"' >runs
printf '%s\n' '4 main success' '3 faster-checkout failure' '2 main success' '1 main success' | diff - runs
id=$(gh run list -R "$host/payments/checkout" -b faster-checkout --json databaseId -q '.[0].databaseId')
gh run view "$id" -R "$host/payments/checkout" >seen
grep -q '^X build in ' seen
grep -q 'assert 1 == 0' seen
! gh run view "$id" -R "$host/payments/checkout" --exit-status || exit 1
job=$(gh run view "$id" -R "$host/payments/checkout" --json jobs -q '.jobs[] | select(.conclusion == "failure") | .databaseId')
gh run view --job "$job" -R "$host/payments/checkout" | grep -q 'X Run make test'
gh api "$repository/actions/jobs/$job/logs" | grep -aq '##\[error\]Process completed with exit code 2'

echo "a deployment and its status"
number=$(gh api "$repository/deployments" -f ref=main -f environment=dev -q .id)
test "$(gh api "$repository/deployments/$number/statuses" -f state=success -q .state)" = success
! gh api "$repository/deployments" -f ref=faster-checkout -F auto_merge=false >conflict || exit 1
jq -e '.errors[0].contexts | length == 2' conflict

echo "a build, followed to its end"
paas sandbox build 1111111111111111111111111111111111111111 --after 1s --takes 3s
id=$(gh run list -R "$host/payments/checkout" -L 1 --json databaseId -q '.[0].databaseId')
gh run watch "$id" -R "$host/payments/checkout" --exit-status -i 1 | tail -n 3
