"""The recipe of docs/examples/digits.json in PyTorch and transformers: a small ViT of random weights reads the digits of MNIST,
AdamW with weight decay 0.05 on matrices, clipping at 1, warm-up over a tenth and cosine decay, batches of 64 at random,
bfloat16 by autocast, images cut at random, measured after each epoch, the best kept. Arguments: folder of the images (train,
dev), epochs, seed."""

import math
import random
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import ViTConfig, ViTForImageClassification, get_cosine_schedule_with_warmup

BATCH, SIDE, SMALLEST = 64, 28, 0.5
task, epochs, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
draw = random.Random(seed)


def read(part):
    files = sorted((task / part).glob("*/*.png"))
    return [(Image.open(file).convert("RGB"), int(file.parent.name)) for file in files]


def cut(image):
    """As torchvision's RandomResizedCrop."""
    for _ in range(10):
        area = SIDE * SIDE * draw.uniform(SMALLEST, 1)
        ratio = math.exp(draw.uniform(math.log(3 / 4), math.log(4 / 3)))
        wide, high = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < wide <= SIDE and 0 < high <= SIDE:
            left, top = draw.randint(0, SIDE - wide), draw.randint(0, SIDE - high)
            return image.crop((left, top, left + wide, top + high)).resize((SIDE, SIDE), Image.BILINEAR)
    return image


def batch(rows, change):
    pixels = np.stack([np.asarray(change(image), dtype=np.float32) for image, _ in rows]) / 255
    values = torch.from_numpy((pixels - 0.5) / 0.5).permute(0, 3, 1, 2).contiguous()
    return values, torch.tensor([label for _, label in rows])


train, dev = read("train"), read("dev")
torch.manual_seed(seed)
model = ViTForImageClassification(ViTConfig(
    image_size=SIDE, patch_size=7, hidden_size=128, num_hidden_layers=4, num_attention_heads=4, intermediate_size=256,
    hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, num_labels=10))
steps = epochs * math.ceil(len(train) / BATCH)
decayed = [p for p in model.parameters() if p.dim() > 1]
plain = [p for p in model.parameters() if p.dim() <= 1]
groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0}]
optimizer = torch.optim.AdamW(groups, lr=1e-3, fused=True)
schedule = get_cosine_schedule_with_warmup(optimizer, math.ceil(0.1 * steps), steps)
best = 0
for epoch in range(epochs):
    draw.shuffle(train)
    model.train()
    for i in range(0, len(train), BATCH):
        values, labels = batch(train[i : i + BATCH], cut)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = model(pixel_values=values, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    model.eval()
    right = 0
    with torch.no_grad():
        for i in range(0, len(dev), 256):
            values, labels = batch(dev[i : i + 256], lambda image: image)
            right += (model(pixel_values=values).logits.argmax(-1) == labels).sum().item()
    best = max(best, right / len(dev))
print(task.name, "seed", seed, f"accuracy {100 * best:.2f}")
