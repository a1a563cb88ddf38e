#!/usr/bin/env bash
# Decoding speed beside transformers: the same decoder continues 32 tokens by 128, greedily, in alternating processes, with
# each kind of weights, and reads a prompt of 1,024; and what the bandwidth of the memory, measured in the same run, allows.
# Python's peer of int8 and int4 is its bfloat16.
#
#   bench/decoding.sh FOLDER [ROUNDS] [WEIGHTS...]      PYTHON=/path/to/python with transformers installed
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$1
rounds=${2:-3}
shift $(($# < 2 ? $# : 2))
kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || kinds=(float32 bfloat16 int8 int4)
python=${PYTHON:-python3}

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.Decoding

for ((round = 1; round <= rounds; round++)); do
    for kind in "${kinds[@]}"; do
        ./jformers "$folder" "$kind" 2>/dev/null
        case $kind in
            float32 | bfloat16) "$python" bench/python/decoding.py "$folder" "$kind" 2>/dev/null ;;
        esac
    done
done
