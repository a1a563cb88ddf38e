#!/usr/bin/env bash
# Speed of training sentence embeddings beside sentence-transformers: all-minilm-l6-v2 (BERT, 6 layers x 384) learns pairs of
# texts with in-batch negatives, 32 pairs a step, the same pairs in the same order, in alternating runs on the same machine.
# The peers: sentence-transformers' trainer (fit), and a plain PyTorch loop over batches that are ready (loop). Prints pairs
# per second by the mean step (best round and median of the rounds), milliseconds of processor time per step, and the ratios to
# jformers in bfloat16.
#
#   bench/embedding.sh TABLE FIRST SECOND [ROUNDS] [STEPS]
#       PYTHON=/path/to/python with sentence-transformers, datasets and accelerate installed
#
# TABLE is a file with the columns FIRST and SECOND, such as the train.tsv of STS-B with sentence1 and sentence2.
set -euo pipefail
table=$(realpath "$1")
first=$2
second=$3
cd "$(dirname "$0")/.."

rounds=${4:-3}
steps=${5:-170}
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
model=$(./jformers download all-minilm-l6-v2 2>/dev/null | tail -1)
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.EmbeddingTraining
pairs=$folder/pairs.tsv out=$folder/out.txt
./jformers prepare "$table" "$first" "$second" "$steps" "$pairs"

for ((round = 1; round <= rounds; round++)); do
    for precision in bfloat16 float32; do
        ./jformers "$precision" "$model" "$pairs" 2>/dev/null | tee -a "$out"
        for peer in fit loop; do
            "$python" bench/python/embedding.py "$peer" "$precision" "$model" "$pairs" 2>/dev/null | tail -1 | tee -a "$out"
        done
    done
done

echo
awk -v unit=pairs -f bench/steps.awk "$out" | sort
