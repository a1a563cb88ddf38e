#!/usr/bin/env bash
# Decoding speed beside transformers: the same decoder continues 16 tokens by 64, greedily, in alternating processes.
#
#   bench/decoding.sh FOLDER [ROUNDS] [PRECISION]      PYTHON=/path/to/python with transformers installed
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$1
rounds=${2:-3}
precision=${3:-float32}
python=${PYTHON:-python3}

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.Decoding

for ((round = 1; round <= rounds; round++)); do
    ./jformers "$folder" "$precision" 2>/dev/null
    "$python" bench/python/decoding.py "$folder" "$precision" 2>/dev/null
done
