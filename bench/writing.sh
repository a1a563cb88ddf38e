#!/usr/bin/env bash
# How long Write With Transformer waits for its three suggestions, as the page asks for them (20 tokens, temperature 1,
# top-p 0.9, a stream): for a text that grows by a sentence each time, and at once again, as a second Tab does. Prints
# milliseconds at the 50th and 95th percentile. Needs curl.
#
#   bench/writing.sh FOLDER [PRESSES]      FOLDER is a model that writes, such as that of lm.wordnet
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
presses=${2:-60}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
"${JFORMERS:-$root/jformers}" serve "model=$1" ${OPTIONS:-} >"$work/out" 2>"$work/err" &
server=$!
until grep -q '^listening on' "$work/out"; do
    kill -0 "$server" 2>/dev/null || { cat "$work/err" >&2; exit 1; }
    sleep 0.2
done
url=$(sed -n 's/^listening on //p' "$work/out")/v1/completions

ask() { # what it is counted as, the text
    printf '{"model": "model", "prompt": "%s", "n": 3, "max_tokens": 20, "temperature": 1, "top_p": 0.9, "stream": true, "stream_options": {"include_usage": true}}' "$2" |
        curl -sfN -H 'Content-Type: application/json' -d @- -w '\n%{time_total}\n' "$url" >"$work/answer"
    tail -1 "$work/answer" >>"$work/$1"
    sed -n 's/.*"prompt_tokens":\([0-9]*\).*"cached_tokens":\([0-9]*\).*/\1 \2/p' "$work/answer" >>"$work/$1.tokens"
}

sentences=('A volcano is a mountain that opens downward.' 'It lies above a pool of molten rock.' \
    'When the pressure builds up, it erupts.' 'Ash and gases rise into the air.' 'The lava flows down to the sea.')
for ((i = 0; i < 8; i++)); do ask warm "${sentences[i % 5]}"; done
text=
for ((i = 0; i < presses; i++)); do
    [ $((i % 12)) -gt 0 ] || text= # what the page sends of a long text is bounded too
    text="$text${text:+ }${sentences[i % 5]}"
    ask 'first Tab' "$text"
    ask 'second Tab' "$text"
done
for tab in 'first Tab' 'second Tab'; do
    sort -n "$work/$tab" | awk -v tab="$tab" '{t[NR] = $1 * 1000} END {printf "%-10s  ms p50 %.0f p95 %.0f most %.0f",
        tab, t[int(NR * 0.5 + 0.5)], t[int(NR * 0.95 + 0.5)], t[NR]}'
    awk '{a += $1; b += $2} END {printf "  tokens of prompts %d, read before %d\n", a, b}' "$work/$tab.tokens"
done
