#!/usr/bin/env bash
# Does a converted ONNX export compute what ONNX Runtime computes from the export? Hidden states of each text of a file,
# here and there, from the export itself and from one with weights of one byte that onnxruntime.quantization makes of it.
# Fails if the ids differ, or hidden states of the export, or of the weights that the bytes stand for, by more than 1e-5.
#
#   bench/onnx-agreement.sh JAR_OR_ONNX TEXTS [COUNT]     PYTHON=/path/to/python with onnxruntime, onnx, tokenizers installed
#
# TEXTS: one text a line, plain or gz; of a table with tabs the first column. The first 3,000 different ones are taken.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
"$python" bench/python/onnx_agreement.py prepare "$1" "$2" "${3:-3000}" "$out"
for kind in float int8; do
    ./jformers convert "$out/$kind/model.onnx" --out "$out/$kind/folder"
    JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.OnnxAgreement \
        ./jformers "$out/$kind/folder" "$out/texts" "$out/$kind/here"
done
"$python" bench/python/onnx_agreement.py compare "$out"
