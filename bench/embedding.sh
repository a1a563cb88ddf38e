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
              printf "%-18s best %6.1f median %6.1f pairs/s  processor %7.1f ms a step  %5.2f x %5.2f x\n",
                     name, 32e3 / best[name], 32e3 / middle, least[name], best[name] / best[us], middle / ours } }' \
    "$out" | sort
