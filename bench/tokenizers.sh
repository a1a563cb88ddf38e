#!/usr/bin/env bash
# Speed of tokenizers beside Python's tokenizers library (Rust), in alternating runs on the same machine: encoding on one
# core in processor time, batches on all cores and training a byte-level BPE in wall time. The best run of each counts.
#
#   bench/tokenizers.sh TEXT TRAINING_TEXT TOKENIZER_JSON...     PYTHON=/path/to/python with tokenizers installed
set -euo pipefail
cd "$(dirname "$0")/.."

text=$1; training=$2; shift 2
python=${PYTHON:-python3}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

mvn -B -q -ntp -pl bench -am -Dmaven.test.skip=true package
# What the launcher sets for the command `jformers tokenizer`.
export JFORMERS_JAVA_OPTS="-XX:+UseParallelGC -XX:TieredStopAtLevel=4 ${JFORMERS_JAVA_OPTS:-}"
export JFORMERS_BENCH_CLASSES=bench/target/classes JFORMERS_BENCH_MAIN=org.jformers.bench.TokenizerSpeed

for round in 1 2 3; do
    for what in encode batch; do
        ./jformers $what "$text" 8 "$@" 2>/dev/null | tee -a "$out"
        "$python" bench/python/tokenizer_speed.py $what "$text" 4 "$@" | tee -a "$out"
    done
    ./jformers train "$training" 1 16384 2>/dev/null | tee -a "$out"
    "$python" bench/python/tokenizer_speed.py train "$training" 1 16384 | tee -a "$out"
done

echo
awk '
    { name = $2 " " $3; if (!((name, $1) in best) || $4 < best[name, $1]) best[name, $1] = $4; names[name] = 1 }
    END { for (name in names)
              printf "%-60s jformers %9.1f ms  python %9.1f ms  python/jformers %.2f\n",
                     name, best[name, "jformers"], best[name, "python"], best[name, "python"] / best[name, "jformers"] }' \
    "$out" | sort
