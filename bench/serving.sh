#!/usr/bin/env bash
# Chats of one model over HTTP: requests per second and latency for 1, 4, 16 and 64 clients, beside `transformers serve`
# as it is and with its continuous batching. Needs Debian's wrk, and PYTHON=/path/to/python with transformers[serving].
# Listens to and asks this machine alone; each measurement takes SECONDS.
#
#   bench/serving.sh FOLDER [SECONDS] [CLIENTS...]      FOLDER is a model with a chat template
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(cd "$1" && pwd)
seconds=${2:-10}
shift $(($# < 2 ? $# : 2))
clients=("$@")
[ ${#clients[@]} -gt 0 ] || clients=(1 4 16 64)
python=${PYTHON:-python3}
tokens=${TOKENS:-24}
work=$(mktemp -d)
servers=()
trap 'for server in "${servers[@]}"; do kill "$server" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"' EXIT

cat >"$work/ask.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = io.open("$work/body"):read("*a")
function done(summary, latency)
    local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write
        + summary.errors.timeout
    io.write(string.format("requests/s %.1f  ms p50 %.0f p95 %.0f p99 %.0f  failed %d of %d\n",
        summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(95) / 1000,
        latency:percentile(99) / 1000, failed, summary.requests))
end
LUA

body() {
    printf '{"model": "%s", "messages": [{"role": "user", "content": "What is a volcano?"}], "max_tokens": %d, "temperature": 0}' \
        "$1" "$tokens" >"$work/body"
}

# port model: waits for a server and looks whether it answers with all tokens
ready() {
    local until=$((SECONDS + 90))
    body "$2"
    until curl -sf -m 60 -H 'Content-Type: application/json' -d @"$work/body" \
        "http://127.0.0.1:$1/v1/chat/completions" >"$work/answer" 2>/dev/null; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.3
    done
    grep -q "\"completion_tokens\": *$tokens" "$work/answer"
}

# name port model
measure() {
    body "$3"
    for length in 2 "$seconds"; do # the first one warms it up
        line=$(wrk -t1 -c"$count" -d"${length}s" --timeout 60s -s "$work/ask.lua" \
            "http://127.0.0.1:$2/v1/chat/completions" | grep '^requests/s' || echo 'no answers')
    done
    printf '%-28s clients %2d  %s\n' "$1" "$count" "$line"
}

"${JFORMERS:-$root/jformers}" serve "chat=$folder" --port 8471 ${OPTIONS:-} >"$work/ours.out" 2>"$work/ours.err" &
servers+=($!)
"$python" "$(dirname "$python")/transformers" serve "$folder" --host 127.0.0.1 --port 8472 --device cpu --dtype float32 \
    --log-level error >"$work/plain.out" 2>"$work/plain.err" &
servers+=($!)
"$python" "$(dirname "$python")/transformers" serve "$folder" --host 127.0.0.1 --port 8473 --device cpu --dtype float32 \
    --log-level error --continuous-batching --cb-num-blocks 64 --cb-max-batch-tokens 1024 >"$work/continuous.out" 2>"$work/continuous.err" &
servers+=($!)

ready 8471 chat || { tail -5 "$work/ours.err" >&2; exit 1; }
ready 8472 "$folder" || { tail -n 5 "$work/plain.err" >&2; exit 1; }
continuous=1
ready 8473 "$folder" || { echo "continuous batching does not answer here: $(tail -1 "$work/continuous.err")"; continuous=0; }

for count in "${clients[@]}"; do
    measure jformers 8471 chat
    measure 'transformers serve' 8472 "$folder"
    [ $continuous = 0 ] || measure 'with continuous batching' 8473 "$folder"
done
