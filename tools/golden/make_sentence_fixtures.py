#!/usr/bin/env python3
"""Which texts sentence-transformers takes for hard negatives, and which rows it puts into a batch.

    python make_sentence_fixtures.py OUT.json [--check]

Written with sentence-transformers 6.0.1, datasets 5.0.1, torch 2.13.0, for train/src/test/resources/sentences.json:

    mining      vectors of texts (length 1), rows (numbers of a first and a second text), and for each of some settings the
                negatives of each row by mine_hard_negatives; no text is among the candidates for itself
    batches     rows of texts, and the batches of NoDuplicatesBatchSampler where rows come in their own order
"""
import argparse
import json
import random

import numpy as np
import torch
from datasets import Dataset
from sentence_transformers.base import sampler
from sentence_transformers.util import mine_hard_negatives

CASES = [
    dict(num_negatives=3),
    dict(num_negatives=2, range_min=2),
    dict(num_negatives=4, range_max=5),
    dict(num_negatives=2, relative_margin=0.05),
    dict(num_negatives=3, absolute_margin=0.1, range_min=1),
    dict(num_negatives=5, max_score=0.4),
]


class Known:
    """A model that knows the vectors of all texts; a text is its name."""

    device = torch.device("cpu")

    def __init__(self, vectors):
        self.vectors = vectors

    def encode_document(self, texts, **options):
        return np.stack([self.vectors[int(text)] for text in texts])

    encode_query = encode_document

    def similarity(self, a, b):
        return torch.as_tensor(a) @ torch.as_tensor(b).T

    def similarity_pairwise(self, a, b):
        return (torch.as_tensor(a) * torch.as_tensor(b)).sum(-1)


def mining():
    generator = torch.Generator().manual_seed(3)
    queries, answers = 24, 30
    vectors = torch.nn.functional.normalize(torch.randn(queries + answers, 6, generator=generator), dim=1)
    vectors = [[float(f"{x:.6f}") for x in v] for v in vectors.tolist()]
    draw = random.Random(5)
    rows = [[q, queries + q] for q in range(queries)] + [[draw.randrange(queries), queries + a] for a in range(queries, answers)]
    model = Known(np.asarray(vectors, dtype=np.float32))
    cases = []
    for case in CASES:
        dataset = Dataset.from_dict({"a": [str(a) for a, _ in rows], "p": [str(p) for _, p in rows]})
        mined = mine_hard_negatives(dataset, model, **case, verbose=False, output_format="triplet")
        found = {tuple(row): [] for row in rows}
        for row in mined:
            found[int(row["a"]), int(row["p"])].append(int(row["negative"]))
        cases.append({"settings": case, "negatives": [found[tuple(row)] for row in rows]})
    return {"vectors": vectors, "rows": rows, "cases": cases}


def batches():
    draw = random.Random(2)
    rows = [[draw.randrange(20), 20 + draw.randrange(12)] for _ in range(90)]
    dataset = Dataset.from_dict({"a": [str(a) for a, _ in rows], "p": [str(p) for _, p in rows]})
    sampler.torch.randperm = lambda count, generator=None, dtype=torch.int64: torch.arange(count, dtype=dtype)
    found = list(sampler.NoDuplicatesBatchSampler(dataset, batch_size=8, drop_last=False))
    return {"rows": rows, "rows_per_batch": 8, "batches": found}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    golden = {"mining": mining(), "batches": batches()}
    if options.check:
        with open(options.out) as file:
            print("as stored" if json.load(file) == golden else "DIFFERENT")
        return
    with open(options.out, "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
