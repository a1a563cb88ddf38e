"""The recipe of `jformers finetune --task sentence-embedding` with sentence-transformers, for the figures of docs/results.md:
cosines are to be the scores of STS-B, AdamW with weight decay 0.01 on matrices, clipping at 1, warm-up over a tenth and linear
decay, batches of 32 at random, bfloat16 by autocast, measured after each epoch, the best kept. Arguments: model folder, folder
of the rows (train.jsonl, dev.jsonl), rate, epochs, seed."""

import json
import math
import random
import sys
from pathlib import Path

import scipy.stats
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules.transformer import Transformer
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.modules.pooling import Pooling
from transformers import get_linear_schedule_with_warmup

BATCH, HIGHEST = 32, 5
folder, task = sys.argv[1], Path(sys.argv[2])
rate, epochs, seed = float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])


def read(part):
    return [json.loads(line) for line in open(task / f"{part}.jsonl")]


train, dev = read("train"), read("dev")
torch.manual_seed(seed)
model = SentenceTransformer(modules=[Transformer(folder, max_seq_length=512), Pooling(384, "mean")], device="cpu")


def measure():
    model.eval()
    first, second = (model.encode([row[name] for row in dev], convert_to_tensor=True) for name in ("text", "pair"))
    model.train()
    cosines = torch.nn.functional.cosine_similarity(first, second).tolist()
    truth = [float(row["label"]) for row in dev]
    return {"spearman": scipy.stats.spearmanr(truth, cosines)[0], "pearson": scipy.stats.pearsonr(truth, cosines)[0]}


def said(figures):
    return " ".join(f"{name} {100 * value:.2f}" for name, value in figures.items())


before = measure()
steps = epochs * math.ceil(len(train) / BATCH)
loss_of = losses.CosineSimilarityLoss(model)
decayed = [p for p in model.parameters() if p.dim() > 1]
plain = [p for p in model.parameters() if p.dim() <= 1]
groups = [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0}]
optimizer = torch.optim.AdamW(groups, lr=rate, fused=True)
schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
best = None
for epoch in range(epochs):
    order = list(range(len(train)))
    random.Random(seed * 1000 + epoch).shuffle(order)
    for i in range(0, len(train), BATCH):
        rows = [train[j] for j in order[i : i + BATCH]]
        columns = [model.preprocess([row[name] for row in rows]) for name in ("text", "pair")]
        scores = torch.tensor([float(row["label"]) / HIGHEST for row in rows])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = loss_of(columns, scores)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    figures = measure()
    if best is None or figures["spearman"] > best["spearman"]:
        best = figures
print(task.name, "seed", seed, "before", said(before), "after", said(best))
