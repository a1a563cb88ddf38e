#!/usr/bin/env bash
# Sixteen requests of mixed lengths (prompts of 8 to 512 tokens, answers of 16 to 256) through the engine at once, beside
# transformers: its batch, padded to the longest prompt and the longest answer, and its continuous batching. Alternating
# processes; only tokens that were asked for count.
#
#   bench/requests.sh FOLDER [ROUNDS] [WEIGHTS...]      PYTHON=/path/to/python with transformers installed
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$1
rounds=${2:-2}
shift $(($# < 2 ? $# : 2))
kinds=("$@")
[ ${#kinds[@]} -gt 0 ] || kinds=(float32 bfloat16)
python=${PYTHON:-python3}

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.Requests

for ((round = 1; round <= rounds; round++)); do
    for kind in "${kinds[@]}"; do
        ./jformers "$folder" "$kind" 3 2>/dev/null
        case $kind in
            float32 | bfloat16)
                for way in padded continuous; do
                    "$python" bench/python/requests.py "$folder" "$kind" "$way" 1 2>/dev/null
                done
                ;;
        esac
    done
done
