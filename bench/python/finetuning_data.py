"""Cuts the files of all tasks into rows to train on and rows to validate on, as docs/results.md uses them. Arguments: the
folder of the files, the folder to write. No library needed."""

import csv
import gzip
import io
import json
import random
import sys
import zipfile
import zlib
from collections import Counter
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


def mmlu(name):
    rows = []
    with zipfile.ZipFile(SOURCE / name) as archive:
        for file in sorted(name for name in archive.namelist() if name.endswith(".csv")):
            for row in csv.reader(io.TextIOWrapper(archive.open(file), encoding="utf-8", newline="")):
                rows.append(dict(zip(("question", "A", "B", "C", "D", "answer"), row)))
    return [row for row in rows if all(value.strip() for value in row.values())]


def squad(name):
    """Articles are whole in one part."""
    articles = json.load(gzip.open(SOURCE / name, "rt", encoding="utf-8"))["data"]
    (TARGET / "squad2").mkdir(parents=True, exist_ok=True)
    for part, some in zip(("train", "dev"), held_out(articles, len(articles) // 5)):
        (TARGET / "squad2" / f"{part}.json").write_text(json.dumps({"version": "v2.0", "data": some}))
        print("squad2", part, sum(len(paragraph["qas"]) for article in some for paragraph in article["paragraphs"]),
              "questions of", len(some), "articles")


cola = ("source", "label", "mark", "text")
write("sst2", held_out(table("sst2/train.tsv.gz"), 2000), text="text", label="label")
write("cola", [table(f"cola/in_domain_{part}.tsv", cola) for part in ("train", "dev")], text="text", label="label")
write("mrpc", [table(f"mrpc/{part}.tsv") for part in ("train", "val")], text="#1 String", pair="#2 String", label="Quality")
write("rte", held_out(table("rte/train.tsv"), 250), text="sentence1", pair="sentence2", label="label")
write("stsb", held_out(table("stsb/train.tsv"), 750), text="sentence1", pair="sentence2", label="score")
write("wnut17", [tagged(f"wnut17/{name}.conll") for name in ("wnut17train", "emerging.dev")], words="words", tags="tags")
write("mmlu", held_out(mmlu("mmlu/val.zip"), 400), **{name: name for name in ("question", "A", "B", "C", "D", "answer")})
write("agnews", held_out(table("agnews/train-part.tsv.gz", ("text", "label")), 1000), text="text", label="label")
squad("squad2/dev-v2.0-half.json.gz")


def conversations(name, count):
    rows = [json.loads(line) for line in gzip.open(SOURCE / name, "rt", encoding="utf-8")]
    write("gsm8k", held_out(rows, count), question="question", answer="answer")


def speakers(name, most, count):
    """The speeches of a play by the speakers who speak most; and all others, line by line, to learn the language from."""
    speeches = [part.split(":\n", 1) for part in open(SOURCE / name, encoding="utf-8").read().split("\n\n") if ":\n" in part]
    rows = [{"label": who, "text": " ".join(said.split())} for who, said in speeches]
    spoken = Counter(row["label"] for row in rows)
    chosen = {who for who, _ in spoken.most_common(most)}
    parts = held_out([row for row in rows if row["label"] in chosen], count)
    write("speakers", parts, text="text", label="label")
    kept = {row["text"] for row in parts[1]}
    others, watched = held_out([row["text"] for row in rows if row["text"] not in kept], count)
    for part, texts in (("text", others), ("text-dev", watched)):
        (TARGET / "speakers" / f"{part}.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")


conversations("gsm8k/train.jsonl.gz", 500)
speakers("../lm/tinyshakespeare.txt", 8, 300)


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
