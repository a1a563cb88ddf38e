"""The recipes of `jformers finetune --task chat`, `masked-lm` and `sequence-to-sequence` in PyTorch and transformers, for
docs/results.md: AdamW with weight decay 0.01 on matrices, clipping at 1, warm-up over a tenth and linear decay, batches of 32 at
random, bfloat16 by autocast, measured on the rows to validate on after each epoch.

    finetuning_quality_language.py chat MODEL rows/gsm8k RATE EPOCHS STEPS SEED [OUT]
    finetuning_quality_language.py masked MODEL rows/speakers RATE EPOCHS STEPS SEED [OUT]
    finetuning_quality_language.py pairs MODEL TRAIN.a,TRAIN.b,DEV.a,DEV.b RATE EPOCHS STEPS SEED [OUT]

STEPS 0 is as many as the epochs make; OUT is where the last model is saved. LONGEST in the environment: tokens of a row at
most, 256.
"""

import gzip
import json
import math
import os
import random
import sys
from pathlib import Path

import sacrebleu
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    get_linear_schedule_with_warmup,
)

BATCH, LONGEST, IGNORED = 32, int(os.environ.get("LONGEST", 256)), -100
kind, folder, data = sys.argv[1:4]
rate, epochs, limit, seed = float(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6]), int(sys.argv[7])
torch.manual_seed(seed)
tokenizer = AutoTokenizer.from_pretrained(folder)
families = {"chat": AutoModelForCausalLM, "masked": AutoModelForMaskedLM, "pairs": AutoModelForSeq2SeqLM}
# The fused attention of PyTorch is a scalar loop in bfloat16 on processors without AMX.
model = families[kind].from_pretrained(folder, attn_implementation="eager")


def lines(name):
    opened = gzip.open(name, "rt", encoding="utf-8") if name.endswith(".gz") else open(name, encoding="utf-8")
    return [line.rstrip("\n") for line in opened]


def conversation(row):
    """As trl has it: what follows the prompt is learned."""
    asked = [{"role": "user", "content": row["question"]}]
    prompt = tokenizer.apply_chat_template(asked, add_generation_prompt=True)["input_ids"]
    ids = tokenizer.apply_chat_template(asked + [{"role": "assistant", "content": row["answer"]}])["input_ids"]
    return {"input_ids": ids[:LONGEST], "labels": ([IGNORED] * len(prompt) + ids[len(prompt) :])[:LONGEST]}


def texts(name):
    rows = tokenizer(lines(name), truncation=True, max_length=LONGEST, return_overflowing_tokens=True)
    return [{"input_ids": ids} for ids in rows["input_ids"]]


def pairs(sources, targets):
    sources, targets = lines(sources), lines(targets)
    kept = [(s, t) for s, t in zip(sources, targets, strict=True) if s.strip() and t.strip()]
    rows = [
        {"input_ids": tokenizer(s)["input_ids"], "labels": tokenizer(text_target=t)["input_ids"], "source": s, "target": t}
        for s, t in kept
    ]
    return [row for row in rows if max(len(row["input_ids"]), len(row["labels"])) <= 128]


if kind == "chat":
    train, dev = ([conversation(json.loads(line)) for line in lines(f"{data}/{part}.jsonl")] for part in ("train", "dev"))
elif kind == "masked":
    train, dev = (texts(f"{data}/{part}.txt") for part in ("text", "text-dev"))
    hide, always = DataCollatorForLanguageModeling(tokenizer), DataCollatorForLanguageModeling(tokenizer, seed=1)
else:
    files = data.split(",")
    train, dev = pairs(*files[:2]), pairs(*files[2:])
pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id


def collate(rows, collator=None):
    if kind == "masked":
        return dict(collator(rows))

    def filled(name, value):
        longest = max(len(row[name]) for row in rows)
        return torch.tensor([row[name] + [value] * (longest - len(row[name])) for row in rows])

    lengths = [len(row["input_ids"]) for row in rows]
    mask = torch.tensor([[1] * n + [0] * (max(lengths) - n) for n in lengths])
    return {"input_ids": filled("input_ids", pad), "attention_mask": mask, "labels": filled("labels", IGNORED)}


def measure():
    model.eval()
    total, right, count = 0.0, 0, 0
    order = sorted(range(len(dev)), key=lambda i: len(dev[i]["input_ids"]))
    with torch.no_grad():
        for i in range(0, len(order), BATCH):
            batch = collate([dev[j] for j in order[i : i + BATCH]], always if kind == "masked" else None)
            logits = model(**batch).logits.float()
            labels = batch["labels"]
            if kind == "chat":
                logits, labels = logits[:, :-1], labels[:, 1:]
            chosen = labels != IGNORED
            total += torch.nn.functional.cross_entropy(logits[chosen], labels[chosen], reduction="sum").item()
            right += (logits.argmax(-1)[chosen] == labels[chosen]).sum().item()
            count += chosen.sum().item()
    model.train()
    return f"loss {total / count:.4f} perplexity {math.exp(total / count):.3f} accuracy {100 * right / count:.2f}"


def bleu():
    model.eval()
    written, order = [None] * len(dev), sorted(range(len(dev)), key=lambda i: -len(dev[i]["input_ids"]))
    with torch.no_grad():
        for i in range(0, len(order), BATCH):
            some = order[i : i + BATCH]
            batch = collate([dev[j] for j in some])
            batch.pop("labels")
            answers = model.generate(**batch, num_beams=4, max_new_tokens=128)
            for j, answer in zip(some, answers):
                written[j] = tokenizer.decode(answer, skip_special_tokens=True)
    model.train()
    return f"BLEU {sacrebleu.corpus_bleu(written, [[row['target'] for row in dev]]).score:.2f}"


per_epoch = math.ceil(len(train) / BATCH)
steps = min(limit or math.inf, epochs * per_epoch) if epochs else limit
decayed = [p for p in model.parameters() if p.dim() > 1]
plain = [p for p in model.parameters() if p.dim() <= 1]
groups = [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0}]
optimizer = torch.optim.AdamW(groups, lr=rate, fused=True)
schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
print("before:", measure())
model.train()
done = 0
while done < steps:
    order = list(range(len(train)))
    random.Random(seed * 1000 + done).shuffle(order)
    for i in range(0, len(train), BATCH):
        batch = collate([train[j] for j in order[i : i + BATCH]], hide if kind == "masked" else None)
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
    print("step", done, measure(), flush=True)
if kind == "pairs":
    print(bleu())
if len(sys.argv) > 8:
    model.save_pretrained(sys.argv[8])
    tokenizer.save_pretrained(sys.argv[8])
print(kind, Path(data.split(",")[0]).name, "seed", seed, "steps", steps)
