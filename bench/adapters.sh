#!/usr/bin/env bash
# Does PEFT load the adapters that jformers writes? Tiny models of six families with adapters of nine forms: the logits of
# PeftModel beside ours, and the merged folders beside merge_and_unload. Fails if logits differ by more than 1e-5, or merged
# weights by more than 1e-6.
#
#   bench/adapters.sh      PYTHON=/path/to/python with transformers and peft installed
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.AdapterForms ./jformers "$out"
"$python" bench/python/adapters.py "$out"
