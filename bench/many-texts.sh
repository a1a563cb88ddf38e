#!/usr/bin/env bash
# Many texts through one pipeline, line by line: after each tenth, the seconds that it took, those of the processor, which say
# the same on a busy machine, and the resident memory. Then asks the first and the last hundred by themselves, and compares:
# the order is the input's.
#
#   bench/many-texts.sh TASK FOLDER [COUNT]        such as text-classification, or embeddings
set -euo pipefail
task=$1
folder=$(realpath "$2")
count=${3:-100000}
cd "$(dirname "$0")/.."
./jformers --version >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk -v count="$count" 'BEGIN {
    split("a of it to in on at by no so we do go is an as or", words, " ")
    for (i = 1; i <= count; i++) {
        text = i
        for (w = 0; w < i * 7919 % 11; w++) text = text " " words[1 + (i * 31 + w * 17) % 17]
        print text
    } }' >"$work/texts"

mkfifo "$work/results"
./jformers run "$task" --model "$folder" <"$work/texts" >"$work/results" 2>"$work/log" &
awk -v every=$((count / 10)) -v pid=$! -v kept="$work/kept" -v count="$count" \
    -v ticks="$(getconf CLK_TCK)" '
    function now(   t) { "date +%s.%N" | getline t; close("date +%s.%N"); return t }
    function resident(   line, kb) {
        while ((getline line < ("/proc/" pid "/status")) > 0) if (line ~ /^VmRSS/) { split(line, part, " "); kb = part[2] }
        close("/proc/" pid "/status")
        return kb / 1024 }
    function worked(   line, part) {
        getline line < ("/proc/" pid "/stat"); close("/proc/" pid "/stat")
        sub(/.*\) /, "", line); split(line, part, " ")
        return (part[12] + part[13]) / ticks }
    NR == 1 { begin = now(); before = worked() }
    NR <= 100 || NR > count - 100 { print > kept }
    (NR % every == 0 && NR < count) || NR == count - 100 {
        t = now(); w = worked()
        printf "%8d texts  %6.1f s  %6.1f s of processors  %5.0f MB\n", NR, t - begin, w - before, resident()
        fflush(); begin = t; before = w }
    END { if (NR != count) { print "got " NR " results for " count " texts"; exit 1 } }' <"$work/results" \
    || { cat "$work/log"; exit 1; }
wait %1

{ head -100 "$work/texts"; tail -100 "$work/texts"; } | ./jformers run "$task" --model "$folder" 2>/dev/null >"$work/alone"
awk 'NR == FNR { first[FNR] = $0; next }
     { split(first[FNR], a, /[^-0-9.eE]+/); n = split($0, b, /[^-0-9.eE]+/)
       for (i = 1; i <= n; i++) { d = a[i] - b[i]; if (d < 0) d = -d; if (d > most) most = d } }
     END { printf "%d of them by themselves: numbers differ by at most %g\n", FNR, most }' "$work/kept" "$work/alone"
