"""Cuts the files of seven tasks into rows to train on and rows to validate on, as docs/results.md uses them. Arguments: the
folder of the files, the folder to write. No library needed."""

import gzip
import json
import random
import sys
import zlib
from pathlib import Path

SOURCE, TARGET = Path(sys.argv[1]), Path(sys.argv[2])


def table(name, columns=None):
    path = SOURCE / name
    text = (gzip.open(path, "rt", encoding="utf-8-sig") if name.endswith(".gz") else open(path, encoding="utf-8-sig")).read()
    lines = [line.split("\t") for line in text.split("\n") if line.strip()]
    if columns is None:
        columns, lines = lines[0], lines[1:]
    return [dict(zip(columns, line)) for line in lines if len(line) >= len(columns)]


def held_out(rows, count):
    order = list(range(len(rows)))
    random.Random(1).shuffle(order)
    return [rows[i] for i in order[count:]], [rows[i] for i in order[:count]]


def write(task, parts, **columns):
    (TARGET / task).mkdir(parents=True, exist_ok=True)
    for part, rows in zip(("train", "dev"), parts):
        with open(TARGET / task / f"{part}.jsonl", "w") as file:
            for row in rows:
                file.write(json.dumps({to: row[of] for to, of in columns.items()}) + "\n")
        print(task, part, len(rows))


def tagged(name):
    sentences, words, tags = [], [], []
    for line in open(SOURCE / name, encoding="utf-8").read().split("\n") + [""]:
        if line.strip():
            word, tag = line.split("\t")[:2]
            words.append(word)
            tags.append(tag.strip())
        elif words:
            sentences.append({"words": words, "tags": tags})
            words, tags = [], []
    return sentences


cola = ("source", "label", "mark", "text")
write("sst2", held_out(table("sst2/train.tsv.gz"), 2000), text="text", label="label")
write("cola", [table(f"cola/in_domain_{part}.tsv", cola) for part in ("train", "dev")], text="text", label="label")
write("mrpc", [table(f"mrpc/{part}.tsv") for part in ("train", "val")], text="#1 String", pair="#2 String", label="Quality")
write("rte", held_out(table("rte/train.tsv"), 250), text="sentence1", pair="sentence2", label="label")
write("stsb", held_out(table("stsb/train.tsv"), 750), text="sentence1", pair="sentence2", label="score")
write("wnut17", [tagged(f"wnut17/{name}.conll") for name in ("wnut17train", "emerging.dev")], words="words", tags="tags")


def png(pixels, side):
    """A grey image as a PNG file."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    lines = b"".join(b"\0" + pixels[i * side : (i + 1) * side] for i in range(side))
    head = side.to_bytes(4, "big") * 2 + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def digits(images, labels, count):
    """The images of MNIST in a folder for each digit; so many of them are kept apart."""
    pixels, numbers = gzip.open(SOURCE / images).read()[16:], gzip.open(SOURCE / labels).read()[8:]
    side, order = 28, list(range(len(numbers)))
    random.Random(1).shuffle(order)
    for place, i in enumerate(order):
        folder = TARGET / "mnist" / ("dev" if place < count else "train") / str(numbers[i])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{i:05}.png").write_bytes(png(pixels[i * side * side : (i + 1) * side * side], side))
    print("mnist", len(numbers) - count, "and", count)


digits("../vision/mnist-t10k-0-8000-images-idx3-ubyte.gz", "../vision/mnist-t10k-0-8000-labels-idx1-ubyte.gz", 1000)
