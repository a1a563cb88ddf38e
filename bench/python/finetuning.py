"""The peers of FineTuning: the same model, batches and recipe in a plain PyTorch loop in bfloat16 (autocast) or float32,
and in transformers' Trainer at its defaults. Arguments: loop|trainer, bfloat16|float32, model folder, file of batches."""

import sys
import tempfile

import torch
from clock import Clock
from transformers import AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup

BATCH, WARMUP = 32, 5


def examples(path):
    for line in open(path):
        label, ids = line.split("\t")
        yield {"input_ids": [int(i) for i in ids.split()], "label": int(label)}


def padded(texts):
    longest = max(len(text["input_ids"]) for text in texts)
    ids = torch.zeros(len(texts), longest, dtype=torch.long)
    mask = torch.zeros(len(texts), longest, dtype=torch.long)
    for row, text in enumerate(texts):
        length = len(text["input_ids"])
        ids[row, :length] = torch.tensor(text["input_ids"])
        mask[row, :length] = 1
    return {"input_ids": ids, "attention_mask": mask, "labels": torch.tensor([text["label"] for text in texts])}


def loop(model, rows, precision):
    batches = [padded(rows[i : i + BATCH]) for i in range(0, len(rows), BATCH)]
    decayed = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0}], lr=1e-4, fused=True
    )
    schedule = get_linear_schedule_with_warmup(optimizer, len(batches) // 10, len(batches))
    times, losses = [], []
    model.train()
    for batch in batches:
        clock = Clock()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bfloat16"):
            loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        times.append(clock.lap())
    return times, losses


def trainer(model, rows, folder):
    from transformers import DataCollatorWithPadding, Trainer, TrainerCallback, TrainingArguments

    times = []

    class Watch(TrainerCallback):
        def on_step_begin(self, args, state, control, **kwargs):
            self.clock = self.clock if times else Clock()

        def on_step_end(self, args, state, control, **kwargs):
            times.append(self.clock.lap())

    class InOrder(Trainer):
        def _get_train_sampler(self, *args, **kwargs):
            return torch.utils.data.SequentialSampler(self.train_dataset)

    InOrder(
        model,
        TrainingArguments(
            tempfile.mkdtemp(),
            per_device_train_batch_size=BATCH,
            num_train_epochs=1,
            learning_rate=1e-4,
            warmup_steps=len(rows) // BATCH // 10,
            weight_decay=0.01,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            use_cpu=True,
        ),
        train_dataset=rows,
        data_collator=DataCollatorWithPadding(AutoTokenizer.from_pretrained(folder)),
        callbacks=[Watch()],
    ).train()
    return times, [float("nan")]


def main():
    kind, precision, folder, path = sys.argv[1:]
    torch.manual_seed(1)
    rows = list(examples(path))
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=2)
    times, losses = loop(model, rows, precision) if kind == "loop" else trainer(model, rows, folder)
    walls = sorted(wall for wall, _ in times[WARMUP:])
    processor = sum(processor for _, processor in times[WARMUP:]) / len(walls)
    later = losses[len(losses) // 2 :]
    print(
        f"{kind} {precision} mean {sum(walls) / len(walls):.1f} ms median {walls[len(walls) // 2]:.1f} ms "
        f"processor {processor:.1f} ms loss {sum(later) / len(later):.4f}"
    )


main()
