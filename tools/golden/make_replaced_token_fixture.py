#!/usr/bin/env python3
"""One batch of ELECTRA's two models together, by the reference's own heads.

    python make_replaced_token_fixture.py OUT_DIR

Written with torch 2.13.0 (CPU), transformers 5.18.0. OUT_DIR holds the discriminator (`config.json`, `model.safetensors`),
the generator in `generator`, and `golden.json`: the batch (`input_ids` with hidden tokens, `attention_mask`, `labels`), the
tokens that the generator fills in where labels stand (`sampled`, among them some of the original ones), both losses, and per
parameter norm and sum of the gradient of generator + 50 x discriminator. Both models share the tables of the entrance, whose
gradients are those of both.
"""
import json
import os
import sys

import torch
import transformers as tf

from fixture_json import dump_json
from fixture_toolkit import IGNORE, Rng, randomise, text
from make_loss_fixtures import ELECTRA, VOCAB, sums

SMALL = ELECTRA | dict(hidden_size=12, num_attention_heads=2, intermediate_size=14)


def main(out):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    discriminator = tf.ElectraForPreTraining(tf.ElectraConfig(**ELECTRA))
    generator = tf.ElectraForMaskedLM(tf.ElectraConfig(**SMALL))
    randomise(discriminator, 71)
    randomise(generator, 72)
    generator.electra.embeddings = discriminator.electra.embeddings
    generator.tie_weights()
    discriminator.save_pretrained(out)
    generator.save_pretrained(os.path.join(out, "generator"))
    r = Rng(73)
    x = text(r, VOCAB, [11, 7, 9], pad=0, lo=5)
    original = x["input_ids"].clone()
    hidden = (r.uniform(3, 11) > 0.6) & (x["attention_mask"] == 1)
    labels = original.masked_fill(~hidden, IGNORE)
    x["input_ids"] = original.masked_fill(hidden, 4)
    sampled = r.ids((3, 11), 5, VOCAB)
    sampled[0] = torch.where(r.uniform(11) > 0.4, original[0], sampled[0])
    replaced = torch.where(hidden, sampled, original)
    generator.train()
    discriminator.train()
    filled = generator(**x, labels=labels).loss
    found = discriminator(
        input_ids=replaced, attention_mask=x["attention_mask"], labels=(replaced != original).long()).loss
    (filled + 50 * found).backward()
    dump_json(os.path.join(out, "golden.json"), {
        "versions": {"torch": torch.__version__, "transformers": tf.__version__},
        "input_ids": x["input_ids"].tolist(), "attention_mask": x["attention_mask"].tolist(), "labels": labels.tolist(),
        "sampled": sampled[hidden].tolist(), "generator_loss": filled.item(), "replaced_loss": found.item(),
        "discriminator": {name: sums(p.grad.double()) for name, p in discriminator.named_parameters()},
        "generator": {name: sums(p.grad.double()) for name, p in generator.named_parameters()},
    })
    print(filled.item(), found.item(), int(hidden.sum()), int((replaced != original).sum()))


if __name__ == "__main__":
    main(sys.argv[1])
