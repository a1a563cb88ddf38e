#!/usr/bin/env bash
# Decoding beside llama.cpp: the same decoder, written as GGUF in BF16, Q8_0 and Q4_0, beside bfloat16, int8 and int4 here,
# two threads each, in alternating processes.
#
#   bench/llama-cpp.sh FOLDER [ROUNDS]
#
# LLAMA_CPP=/path/to/folder in which `npm install node-llama-cpp@3.22.1` was run, which has llama.cpp built in; and Node 20.
# The folder of the model needs no tokenizer, and a family that llama.cpp knows.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$1
rounds=${2:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
for type in bf16 q8_0 q4_0; do
    ./jformers convert "$folder" --to gguf --type $type --out "$work/$type.gguf" >/dev/null
done
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.Decoding

for ((round = 1; round <= rounds; round++)); do
    for pair in bfloat16:bf16 int8:q8_0 int4:q4_0; do
        ./jformers "$folder" "${pair%:*}" 2>/dev/null
        node bench/node/llama_cpp.mjs "$LLAMA_CPP" "$work/${pair#*:}.gguf"
    done
done
