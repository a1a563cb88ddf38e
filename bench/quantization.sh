#!/usr/bin/env bash
# What fewer bits cost: perplexity of texts, one in each line, by each kind of weights of a decoder, and how often the
# likeliest next token is that of the first kind.
#
#   bench/quantization.sh FOLDER TEXTS [TOKENS] [WEIGHTS...]
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$1
texts=$2
tokens=${3:-20000}
shift $(($# < 3 ? $# : 3))
kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || kinds=(bfloat16 float32 int8 int4 int4-128)

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.QuantizationQuality
./jformers "$folder" "$texts" "$tokens" "${kinds[@]}" 2>/dev/null
