#!/usr/bin/env bash
# A scripted session of OpenAI's client for JavaScript with models that are served: bench/clients.sh CHAT VECTORS
# CHAT is a model with a chat template that knows tools, VECTORS one for embeddings. Needs Node.js, and npm once.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
(cd "$root/bench/clients" && [ -d node_modules ] || npm --prefix "$root/bench/clients" install --no-audit --no-fund >/dev/null)
head -c 24 /dev/urandom | base64 >"$work/key"
"${JFORMERS:-$root/jformers}" serve "chat=$1" "vectors=$2" --api-key "$work/key" >"$work/out" 2>"$work/err" &
server=$!
until grep -q '^listening on' "$work/out"; do
    kill -0 "$server" 2>/dev/null || { cat "$work/err" >&2; exit 1; }
    sleep 0.2
done
URL=$(sed -n 's/^listening on //p' "$work/out") KEY=$(cat "$work/key") CHAT=chat VECTORS=vectors \
    node "$root/bench/clients/openai.mjs"
