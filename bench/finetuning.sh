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
awk -v unit=examples -f bench/steps.awk "$out" | sort
