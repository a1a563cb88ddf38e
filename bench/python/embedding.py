"""The peers of EmbeddingTraining: the same model, pairs and recipe in sentence-transformers' trainer and in a plain PyTorch
loop, in bfloat16 (autocast) or float32. Arguments: fit|loop, bfloat16|float32, model folder, file of pairs."""

import sys
import tempfile

import torch
from clock import Clock
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.modules.pooling import Pooling
from sentence_transformers.base.modules.normalize import Normalize
from sentence_transformers.base.modules.transformer import Transformer

BATCH, WARMUP, LONGEST = 32, 5, 256


def loop(model, pairs, precision):
    from transformers import get_linear_schedule_with_warmup

    batches = []
    for i in range(0, len(pairs), BATCH):
        columns = zip(*pairs[i : i + BATCH])
        batches.append([model.preprocess(list(column)) for column in columns])
    loss_of = losses.MultipleNegativesRankingLoss(model)
    decayed = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0}], lr=5e-5, fused=True
    )
    schedule = get_linear_schedule_with_warmup(optimizer, len(batches) // 10, len(batches))
    times, seen = [], []
    model.train()
    for batch in batches:
        clock = Clock()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bfloat16"):
            loss = loss_of(batch, torch.zeros(BATCH))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        seen.append(loss.item())
        times.append(clock.lap())
    return times, seen


def fit(model, pairs, precision):
    from datasets import Dataset
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.base.sampler import DefaultBatchSampler
    from transformers import TrainerCallback

    times, seen = [], []

    class InOrder(DefaultBatchSampler):
        def __iter__(self):
            yield from (list(range(i, i + BATCH)) for i in range(0, len(pairs), BATCH))

    class Watch(TrainerCallback):
        def on_step_begin(self, args, state, control, **kwargs):
            self.clock = self.clock if times else Clock()

        def on_step_end(self, args, state, control, **kwargs):
            times.append(self.clock.lap())

        def on_log(self, args, state, control, logs=None, **kwargs):
            seen.append(float((logs or {}).get("loss", "nan")))

    SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            tempfile.mkdtemp(),
            per_device_train_batch_size=BATCH,
            num_train_epochs=1,
            learning_rate=5e-5,
            warmup_steps=len(pairs) // BATCH // 10,
            weight_decay=0.01,
            bf16=precision == "bfloat16",
            use_cpu=True,
            batch_sampler=InOrder,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            logging_steps=max(1, len(pairs) // BATCH // 2),
        ),
        train_dataset=Dataset.from_dict({"anchor": [a for a, _ in pairs], "positive": [b for _, b in pairs]}),
        loss=losses.MultipleNegativesRankingLoss(model),
        callbacks=[Watch()],
    ).train()
    return times, [x for x in seen if x == x]


def main():
    kind, precision, folder, path = sys.argv[1:]
    torch.manual_seed(1)
    pairs = [tuple(line.rstrip("\n").split("\t")) for line in open(path, encoding="utf-8")]
    transformer = Transformer(folder, max_seq_length=LONGEST)
    model = SentenceTransformer(modules=[transformer, Pooling(384, "mean"), Normalize()], device="cpu")
    times, seen = (fit if kind == "fit" else loop)(model, pairs, precision)
    walls = sorted(wall for wall, _ in times[WARMUP:])
    processor = sum(processor for _, processor in times[WARMUP:]) / len(walls)
    later = seen[len(seen) // 2 :]
    print(
        f"{kind} {precision} mean {sum(walls) / len(walls):.1f} ms median {walls[len(walls) // 2]:.1f} ms "
        f"processor {processor:.1f} ms loss {sum(later) / max(1, len(later)):.4f}"
    )


main()
