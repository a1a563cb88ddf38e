#!/usr/bin/env bash
# Training speed beside PyTorch: GPT 6 layers x 384, context 256, batch 8, vocabulary 8192, in alternating runs on the
# same machine. Prints milliseconds per step, minimum and median over all runs, and the ratio to PyTorch eager.
#
#   bench/gpt-training.sh [ROUNDS] [STEPS]      PYTHON=/path/to/python with torch installed
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-3}
steps=${2:-40}
python=${PYTHON:-python3}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.GptTraining

for ((round = 1; round <= rounds; round++)); do
    for precision in bfloat16 float32; do
        ./jformers "$precision" "$steps" 2>/dev/null | tee -a "$out"
        "$python" bench/python/gpt_training.py "$precision" "$steps" eager | tee -a "$out"
        if [ "$precision" = bfloat16 ]; then
            "$python" bench/python/gpt_training.py "$precision" "$steps" compile | tee -a "$out"
        fi
    done
done

echo
awk '
    { name = $1 == "jformers" ? "jformers " $2 : $1 " " $2 " " $3
      for (i = 1; i <= NF; i++) { if ($i == "min") low = $(i + 1); if ($i == "median") middle = $(i + 1) }
      if (!(name in best) || low < best[name]) best[name] = low
      place = ++count[name] # kept in order, so that the median of the rounds is the middle one
      while (place > 1 && medians[name, place - 1] > middle) { medians[name, place] = medians[name, place - 1]; place-- }
      medians[name, place] = middle }
    END { for (name in best)
              printf "%-28s min %7.1f ms  median %7.1f ms  %6.0f tokens/s at best\n",
                     name, best[name], medians[name, int((count[name] + 1) / 2)], 2048e3 / best[name] }' "$out" | sort
