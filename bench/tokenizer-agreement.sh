#!/usr/bin/env bash
# Are the real vocabularies still exact? Encodes every text of a data folder with each vocabulary there, here and with the
# reference (tokenizers, sentencepiece, tiktoken, transformers), and compares ids, offsets and decoded texts, 1,000 texts
# at a time. Fails if one block differs.
#
#   bench/tokenizer-agreement.sh DATA      PYTHON=/path/to/python with transformers, sentencepiece and tiktoken installed
set -euo pipefail
cd "$(dirname "$0")/.."

data=$(cd "$1" && pwd)
python=${PYTHON:-python3}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
export JFORMERS_JAVA_OPTS="-XX:+UseParallelGC -XX:TieredStopAtLevel=4 ${JFORMERS_JAVA_OPTS:-}"
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.TokenizerAgreement

"$python" bench/python/tokenizer_agreement.py texts "$data" "$out/texts"
"$python" bench/python/tokenizer_agreement.py folders "$data" "$out"
./jformers "$out" "$out/texts" >"$out/here"
"$python" bench/python/tokenizer_agreement.py encode "$out" "$out/texts" >"$out/there"

awk '
    FNR == NR { there[$1, $2] = $3 " " $4; next }
    { name = $1; blocks[name]++; tokens[name] += $3; bad = there[name, $2] != $3 " " $4; differ[name] += bad; all += bad }
    bad { print name ": texts from " $2 " differ" }
    END {
        for (name in blocks)
            printf "%-32s %11d tokens  %4d blocks  %d differ\n", name, tokens[name], blocks[name], differ[name]
        exit all > 0
    }' "$out/there" "$out/here"
