#!/usr/bin/env bash
# Fine-tuning speed beside a plain PyTorch loop and transformers' Trainer: all-minilm-l6-v2 (BERT, 6 layers x 384) learns
# two classes of texts, 32 a step, the same batches in the same order, drawn at random and padded to their longest text,
# in alternating runs on the same machine. Prints examples per second by the mean step (best round and median of the
# rounds), milliseconds of processor time per step, and the ratios to jformers in bfloat16.
#
#   bench/finetuning.sh TABLE [ROUNDS] [STEPS]     PYTHON=/path/to/python with torch and transformers installed
#
# TABLE is a file with the columns text and label (0 or 1), such as the train.tsv of SST-2.
set -euo pipefail
table=$(realpath "$1")
cd "$(dirname "$0")/.."

rounds=${2:-3}
steps=${3:-60}
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
model=$(./jformers download all-minilm-l6-v2 2>/dev/null | tail -1)
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.FineTuning
batches=$folder/batches.txt out=$folder/out.txt
./jformers prepare "$model" "$table" "$steps" "$batches"

for ((round = 1; round <= rounds; round++)); do
    for precision in bfloat16 float32; do
        ./jformers "$precision" "$model" "$batches" 2>/dev/null | tee -a "$out"
        "$python" bench/python/finetuning.py loop "$precision" "$model" "$batches" 2>/dev/null | tee -a "$out"
    done
    "$python" bench/python/finetuning.py trainer float32 "$model" "$batches" 2>/dev/null | tail -1 | tee -a "$out"
done

echo
awk '
    { name = $1 " " $2
      for (i = 1; i <= NF; i++) { if ($i == "mean") mean = $(i + 1); if ($i == "processor") work = $(i + 1) }
      if (!(name in best) || mean < best[name]) best[name] = mean
      if (!(name in least) || work < least[name]) least[name] = work
      place = ++count[name] # kept in order, so that the median of the rounds is the middle one
      while (place > 1 && means[name, place - 1] > mean) { means[name, place] = means[name, place - 1]; place-- }
      means[name, place] = mean }
    END { us = "jformers bfloat16"; ours = means[us, int((count[us] + 1) / 2)]
          for (name in best) { middle = means[name, int((count[name] + 1) / 2)]
              printf "%-18s best %6.1f median %6.1f examples/s  processor %7.1f ms a step  %5.2f x %5.2f x\n",
                     name, 32e3 / best[name], 32e3 / middle, least[name], best[name] / best[us], middle / ours } }' \
    "$out" | sort
