"""The recipe of `jformers finetune` in PyTorch and transformers, for the figures of docs/results.md: AdamW with weight decay
0.01 on matrices, clipping at 1, warm-up over a tenth and linear decay, batches of 32 at random, bfloat16 by autocast,
measured on the rows to validate on after each epoch, the best kept. Batches of answers have 16 windows, those of choices 8
questions, of at most 128 tokens a choice. Arguments: model folder, folder of a task (train.jsonl, dev.jsonl; .json for
squad2), rate, epochs, steps at most (0 for none), seed. LONGEST in the environment: tokens of a text at most, 512."""

import json
import math
import os
import random
import sys
from pathlib import Path

import numpy as np
import scipy.stats
import torch
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef
from transformers import (
    AutoModelForMultipleChoice,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    get_linear_schedule_with_warmup,
)

import finetuning_answers

folder, task = sys.argv[1], Path(sys.argv[2])
rate, epochs, limit, seed = float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6])

answering, choosing = task.name == "squad2", task.name == "mmlu"
BATCH = 16 if answering else 8 if choosing else 32
CHOICES = "ABCD"
# The fused attention of PyTorch is a scalar loop in bfloat16 on processors without AMX: minutes a step for long texts.
EAGER = {"attn_implementation": "eager"}


def read(part):
    if answering:
        return finetuning_answers.read(task / f"{part}.json")
    return [json.loads(line) for line in open(task / f"{part}.jsonl")]


train, dev = read("train"), read("dev")
tagging, regression = "tags" in train[0], task.name == "stsb"
labels = sorted({tag for row in train for tag in row["tags"]} if tagging else {row.get("label") for row in train})
torch.manual_seed(seed)
tokenizer = AutoTokenizer.from_pretrained(folder, model_max_length=int(os.environ.get("LONGEST", 512)))
if answering:
    model = AutoModelForQuestionAnswering.from_pretrained(folder, **EAGER)
elif choosing:
    model = AutoModelForMultipleChoice.from_pretrained(folder, **EAGER)
elif tagging:
    model = AutoModelForTokenClassification.from_pretrained(folder, num_labels=len(labels), **EAGER)
else:
    count = 1 if regression else len(labels)
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=count, **EAGER)


def encode(rows):
    if answering:
        return finetuning_answers.encode(tokenizer, rows)
    out = []
    for row in rows:
        if choosing:
            texts = [row[choice].strip() for choice in CHOICES]
            encoded = tokenizer([row["question"]] * len(texts), texts, truncation=True, max_length=128)
            label = CHOICES.index(row["answer"].strip())
        elif tagging:
            encoded = tokenizer(row["words"], is_split_into_words=True, truncation=True)
            words = encoded.word_ids()
            label = [
                labels.index(row["tags"][w]) if w is not None and (i == 0 or words[i - 1] != w) else -100
                for i, w in enumerate(words)
            ]
        else:
            encoded = tokenizer(row["text"], row.get("pair"), truncation=True)
            label = float(row["label"]) if regression else labels.index(row["label"])
        out.append((dict(encoded), label))
    return out


def collate(rows):
    flat = [one for encoded, _ in rows for one in (apart(encoded) if choosing else [encoded])]
    longest = max(len(one["input_ids"]) for one in flat)
    batch = {}
    for name in flat[0]:
        pad = tokenizer.pad_token_id if name == "input_ids" else 0
        batch[name] = torch.tensor([one[name] + [pad] * (longest - len(one[name])) for one in flat])
        if choosing:
            batch[name] = batch[name].view(len(rows), len(CHOICES), longest)
    if answering:
        batch["start_positions"] = torch.tensor([label.start for _, label in rows])
        batch["end_positions"] = torch.tensor([label.end for _, label in rows])
    elif tagging:
        batch["labels"] = torch.tensor([label + [-100] * (longest - len(label)) for _, label in rows])
    else:
        batch["labels"] = torch.tensor([label for _, label in rows])
    return batch


def apart(encoded):
    """The rows of a question's choices."""
    return [{name: values[i] for name, values in encoded.items()} for i in range(len(CHOICES))]


def length(row):
    ids = row[0]["input_ids"]
    return max(map(len, ids)) if choosing else len(ids)


def entities(tags):
    found, start = set(), None
    for i, tag in enumerate(tags + ["O"]):
        previous = tags[i - 1] if i else "O"
        begins = tag != "O" and (tag[0] == "B" or previous == "O" or previous[2:] != tag[2:])
        if start is not None and (tag == "O" or begins):
            found.add((tags[start][2:], start, i))
            start = None
        if begins:
            start = i
    return found


def measure(rows):
    model.eval()
    order = sorted(range(len(rows)), key=lambda i: length(rows[i]))
    answers = [None] * len(rows)
    with torch.no_grad():
        for i in range(0, len(rows), 64):
            some = order[i : i + 64]
            batch = collate([rows[j] for j in some])
            output = model(**{k: v for k, v in batch.items() if k != "labels" and not k.endswith("positions")})
            logits = torch.stack((output.start_logits, output.end_logits), 1) if answering else output.logits
            for j, scores in zip(some, logits):
                answers[j] = scores.float().numpy()
    model.train()
    if answering:
        return finetuning_answers.measure(dev, rows, answers)
    if tagging:
        right = found = there = 0
        for row, (_, label), scores in zip(dev, rows, answers):
            places = [i for i, one in enumerate(label) if one != -100]
            # Words that were cut off are outside.
            tags = [labels[scores[i].argmax()] for i in places] + ["O"] * (len(row["tags"]) - len(places))
            truth, ours = entities(row["tags"]), entities(tags)
            right, found, there = right + len(truth & ours), found + len(ours), there + len(truth)
        return {"f1": 2 * right / max(1, found + there)}
    truth = np.array([label for _, label in rows])
    if regression:
        scores = np.array([a[0] for a in answers])
        return {"pearson": scipy.stats.pearsonr(truth, scores)[0], "spearman": scipy.stats.spearmanr(truth, scores)[0]}
    predicted = np.array([a.argmax() for a in answers])
    return {
        "accuracy": accuracy_score(truth, predicted),
        "f1": f1_score(truth, predicted, average="macro"),
        "matthews": matthews_corrcoef(truth, predicted),
    }


rows, held = encode(train), encode(dev)
per_epoch = math.ceil(len(rows) / BATCH)
steps = min(limit or math.inf, epochs * per_epoch) if epochs else limit
decayed = [p for p in model.parameters() if p.dim() > 1]
plain = [p for p in model.parameters() if p.dim() <= 1]
groups = [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0}]
optimizer = torch.optim.AdamW(groups, lr=rate, fused=True)
schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
main = "f1" if tagging or answering else "pearson" if regression else "matthews" if task.name == "cola" else "accuracy"
best, done = None, 0
model.train()
while done < steps:
    order = list(range(len(rows)))
    random.Random(seed * 1000 + done).shuffle(order)
    for i in range(0, len(rows), BATCH):
        batch = collate([rows[j] for j in order[i : i + BATCH]])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        done += 1
        if done == steps:
            break
    figures = measure(held)
    if best is None or figures[main] > best[main]:
        best = figures
print(task.name, "seed", seed, "steps", steps, " ".join(f"{name} {100 * value:.2f}" for name, value in best.items()))
