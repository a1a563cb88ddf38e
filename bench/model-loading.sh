#!/usr/bin/env bash
# Loading speed beside transformers: the same model folder, in alternating processes. Prints seconds from the start of the
# process, seconds inside it until the model is loaded and until it has run over 16 tokens (the first time and the best of
# six), and the megabytes that this took at most.
#
#   bench/model-loading.sh FOLDER [ROUNDS] [PRECISION]      PYTHON=/path/to/python with transformers installed
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$1
rounds=${2:-3}
precision=${3:-float32}
python=${PYTHON:-python3}

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.ModelLoading

timed() {
    local begin=$EPOCHREALTIME
    "$@" 2>/dev/null
    awk -v begin="$begin" -v end="$EPOCHREALTIME" 'BEGIN { printf "    whole process %.2f s\n", end - begin }'
}

for ((round = 1; round <= rounds; round++)); do
    timed ./jformers "$folder" "$precision"
    timed "$python" bench/python/model_loading.py "$folder" "$precision"
done
