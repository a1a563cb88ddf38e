#!/usr/bin/env bash
# 32,768 tokens through a Llama of 8 layers x 512, under full attention and under a window of 1,024, and as a prompt that the
# engine reads in parts, with 4 heads of keys and values: time and memory.
#
#   bench/long-context.sh [TOKENS] [WINDOW] [ROUNDS]
#
# MALLOC_MMAP_THRESHOLD_ is what glibc itself allows at most: large blocks go back to the system when they are freed, so
# that the peak is what was held. Without it, freed blocks stay, and what is resident says little.
set -euo pipefail
cd "$(dirname "$0")/.."

tokens=${1:-32768}
window=${2:-1024}
rounds=${3:-2}

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.LongContext
export MALLOC_MMAP_THRESHOLD_=33554432

for precision in float32 bfloat16; do
    for size in 0 "$window" 1; do # what is left under a window of 1 is not attention
        ./jformers "$tokens" "$size" "$precision" "$rounds" 2>/dev/null
    done
done
JFORMERS_BENCH_MAIN=org.jformers.bench.LongPrompt ./jformers "$tokens" growing 2>/dev/null
