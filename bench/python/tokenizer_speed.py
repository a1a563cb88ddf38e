"""The Python side of bench/tokenizers.sh: encode, batch or train with the tokenizers library."""
import os
import sys
import time

what, path, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.environ["TOKENIZERS_PARALLELISM"] = "false" if what == "encode" else "true"
if what == "encode":
    os.environ["RAYON_NUM_THREADS"] = "1"

from tokenizers import Tokenizer, models, pre_tokenizers, trainers  # noqa: E402

with open(path, encoding="utf-8", newline="\n") as file:
    lines = file.read().splitlines()
megabytes = os.path.getsize(path) / 1e6


def run(subject, tokenizer):
    if what == "train":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.train_from_iterator(lines, trainers.BpeTrainer(
            vocab_size=int(subject), min_frequency=2, show_progress=False, special_tokens=["<|endoftext|>"],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    else:
        tokenizer.encode_batch(lines)


for subject in sys.argv[4:]:
    tokenizer = None if what == "train" else Tokenizer.from_file(subject)
    if tokenizer is not None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
    best = float("inf")
    for _ in range(rounds):
        clock = time.process_time if what == "encode" else time.perf_counter
        start = clock()
        run(subject, tokenizer)
        best = min(best, clock() - start)
    print(f"python {what} {subject} {best * 1e3:.1f} ms {megabytes / best:.2f} MB/s")
