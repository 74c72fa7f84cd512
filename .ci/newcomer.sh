#!/usr/bin/env bash
# A newcomer's way, timed: from a clone to the first proxied request, with the README's own command. Fails when it
# takes more than a minute. Needs Node, git and curl.
#
#   .ci/newcomer.sh          nothing is cached: runtime and packages come from the registry
#   .ci/newcomer.sh --warm   with the caches of this user
#   REPOSITORY=URL .ci/newcomer.sh   clones from there instead of this working copy's last commit
set -euo pipefail
exec </dev/null
repository=${REPOSITORY:-"file://$(cd "$(dirname "$0")/.." && pwd)"}
port=${PORT:-18080}
folder=$(mktemp -d)
server=
leave() {
  # The wrapper of the npm package does not pass signals on, so the group is told.
  [ -z "$server" ] || kill -TERM -- "-$server" 2>/dev/null || true
  [ -z "$server" ] || wait "$server" 2>/dev/null || true
  rm -rf "$folder"
}
trap leave EXIT

caches=warm
if [ "${1:-}" != --warm ]; then
  caches=empty
  export npm_config_cache="$folder/npm" DENO_DIR="$folder/deno"
fi

began=$(date +%s%N)
lap() { printf '%6.1f s  %s\n' "$(awk "BEGIN { print ($(date +%s%N) - $began) / 1e9 }")" "$1"; }

git clone --quiet --depth 1 "$repository" "$folder/keyturn"
cd "$folder/keyturn"
lap "cloned"

command=$(grep -m1 -oE '^npx --yes deno@[0-9.]+ task demo$' README.md)
set -m
PORT=$port DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 $command >"$folder/log" 2>&1 &
server=$!
set +m
until url=$(grep -m1 -oE "http://127\.0\.0\.1:[0-9]+/v1/chat/completions" "$folder/log"); do
  kill -0 "$server" 2>/dev/null || { cat "$folder/log"; exit 1; }
  sleep 0.1
done
lap "started: $command"

key=$(grep -m1 -oE 'Bearer [^ '"'"']+' "$folder/log")
status=$(curl --silent --noproxy '*' --output "$folder/answer" --write-out '%{http_code}' "$url" \
  -H "Authorization: $key" -H 'Content-Type: application/json' \
  -d '{"model":"gpt-5-mini","messages":[{"role":"user","content":"Hello"}]}')
lap "first proxied request: $status"
[ "$status" = 200 ] || { cat "$folder/answer"; exit 1; }

seconds=$((($(date +%s%N) - began) / 1000000000))
printf 'Clone to first proxied request: %s s, caches %s\n' "$seconds" "$caches"
[ "$seconds" -lt 60 ]
