#!/usr/bin/env bash
# Does Python answer the same from what we save? Small models with heads for classes, numbers, relevance, tags, answers,
# choices and words are trained whole and with LoRA, and saved: transformers loads the folders, PEFT the adapters, and merges
# them. Models of images, and encoders for vectors of texts, are fine-tuned as commands do it: transformers and
# sentence-transformers load the folders. Fails if a score differs by more than 1e-5.
#
#   bench/saved-agreement.sh [ENCODER_FOLDER...]     PYTHON=/path/to/python with transformers, peft, sentence-transformers
set -euo pipefail
here=$PWD
encoders=()
for folder in "$@"; do encoders+=("$(realpath "$folder")"); done
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
[[ $python == */* && $python != /* ]] && python=$here/$python
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.SavedAgreement \
    ./jformers "$out" "${encoders[@]}"
"$python" bench/python/saved_agreement.py "$out"
JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.SavedFineTunings \
    ./jformers "$out/tunings" "${encoders[@]}"
"$python" bench/python/saved_tunings.py "$out/tunings"
