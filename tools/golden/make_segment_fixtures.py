#!/usr/bin/env python3
"""Segments of a text one after the other with the memory of those before, by the reference's own heads.

    python make_segment_fixtures.py OUT_DIR xlnet
    python make_segment_fixtures.py OUT_DIR transfo-xl

Written with torch 2.13.0 (CPU), transformers 5.18.0 for XLNet and 4.57.6, the last to have it, for Transformer-XL. OUT_DIR/FAMILY
holds the model and `golden.json`: the length of the memory (`memory`) and per segment the batch (`fields`), the mean loss
and per parameter norm and sum of its gradient, dropout off. Memory has no gradient; the third segment goes on with the first
row alone. XLNet's rows are those of a permutation language model: some tokens are predicted in an order in which a special
token has a place too; a row has padding. Transformer-XL's labels stand where they are predicted.
"""
import os
import sys
import types

import torch

if sys.argv[2:] == ["transfo-xl"]:  # asks for versions of its time, of which it needs nothing here
    checks = types.ModuleType("transformers.dependency_versions_check")
    checks.dep_version_check = lambda *names, **options: None
    sys.modules[checks.__name__] = checks
    os.environ["TRUST_REMOTE_CODE"] = "1"
    type_as = torch.Tensor.type_as  # it calls it by another name
    torch.Tensor.type_as = lambda t, other=None, dtype=None: type_as(t, other) if dtype is None else t.to(dtype)

import transformers as tf

from fixture_json import dump_json
from fixture_toolkit import IGNORE, Rng, randomise

VOCAB, ROWS, MEMORY = 61, 3, 9
SPECIAL = 4
XLNET = dict(vocab_size=VOCAB, d_model=24, n_layer=2, n_head=4, d_inner=29, dropout=0.0, mem_len=MEMORY,
             pad_token_id=0, bos_token_id=1, eos_token_id=2)
TRANSFO_XL = dict(vocab_size=VOCAB, d_model=24, n_layer=2, n_head=4, d_head=6, d_inner=29, d_embed=16, cutoffs=[20, 40],
                  div_val=2, mem_len=MEMORY, clamp_len=12, dropout=0.0, dropatt=0.0, adaptive=True, eos_token_id=2)


def permuted(r, length, rows, padded):
    """Rows with an order of predicted and special tokens, as XLNet's own code has it."""
    ids = r.ids((rows, length), 5, VOCAB)
    real = torch.ones(rows, length)
    ids[:, 2] = SPECIAL
    if padded:
        ids[-1, -2:], real[-1, -2:] = 0, 0
    predicted = (r.uniform(rows, length) > 0.55) & (ids > SPECIAL)
    predicted[:, 0], predicted[:, 1] = False, True
    ordered = predicted | (ids == SPECIAL)
    place = torch.where(ordered, r.uniform(rows, length), torch.full((rows, length), -1.0))
    hidden = place[:, None, :] > place[:, :, None]
    hidden |= torch.diag_embed(predicted)
    most = int(predicted.sum(1).max())
    mapping, labels = torch.zeros(rows, most, length), torch.full((rows, most), IGNORE)
    for row in range(rows):
        for k, t in enumerate(predicted[row].nonzero().flatten().tolist()):
            mapping[row, k, t], labels[row, k] = 1, ids[row, t]
    return dict(input_ids=ids, attention_mask=real.long(), perm_mask=hidden.float(), target_mapping=mapping, labels=labels)


def xlnet(r):
    model = tf.XLNetLMHeadModel(tf.XLNetConfig(**XLNET))
    segments = [permuted(r, 7, ROWS, False), permuted(r, 8, ROWS, True), permuted(r, 6, 1, False)]

    def read(x, mems):
        out = model(**x, mems=mems, use_mems=True)
        return out.loss, out.mems
    return model, segments, read


def transfo_xl(r):
    from transformers.models.deprecated.transfo_xl import TransfoXLConfig, TransfoXLLMHeadModel
    model = TransfoXLLMHeadModel(TransfoXLConfig(**TRANSFO_XL))
    text = r.ids((ROWS, 20), 3, VOCAB)
    segments = [dict(input_ids=text[:, :7], labels=text[:, 1:8].clone()),
                dict(input_ids=text[:, 7:13], labels=text[:, 8:14].clone()),
                dict(input_ids=text[:1, 13:18], labels=text[:1, 14:19].clone())]
    segments[1]["labels"][2, 4:] = IGNORE
    segments[2]["labels"][0, :3] = torch.tensor([5, 25, 50])  # one of each cluster

    def read(x, mems):
        body = model.transformer(input_ids=x["input_ids"], mems=mems)
        scores = model.crit(body.last_hidden_state.reshape(-1, TRANSFO_XL["d_model"]))
        loss = torch.nn.functional.nll_loss(scores, x["labels"].reshape(-1), ignore_index=IGNORE)
        return loss, body.mems
    return model, segments, read


def sums(t):
    return {"norm": float(f"{t.double().norm().item():.7g}"), "sum": float(f"{t.double().sum().item():.7g}")}


def main(out, family):
    torch.set_num_threads(1)
    model, segments, read = {"xlnet": xlnet, "transfo-xl": transfo_xl}[family](Rng(81))
    randomise(model, 82)
    model.tie_weights()
    folder = os.path.join(out, family)
    model.save_pretrained(folder)
    generation = os.path.join(folder, "generation_config.json")
    if os.path.exists(generation):
        os.remove(generation)
    model.train()
    mems, golden = None, []
    for x in segments:
        if mems is not None:
            mems = [states[:, :len(x["input_ids"])].contiguous() for states in mems]
        model.zero_grad()
        loss, mems = read(x, mems)
        loss.backward()
        golden.append({"fields": {name: t.tolist() for name, t in x.items()}, "loss": loss.item(),
                       "gradients": {name: sums(p.grad) for name, p in model.named_parameters() if p.grad is not None}})
        print(family, loss.item(), [tuple(states.shape) for states in mems])
    dump_json(os.path.join(folder, "golden.json"), {
        "versions": {"torch": torch.__version__, "transformers": tf.__version__}, "memory": MEMORY, "segments": golden})


if __name__ == "__main__":
    main(*sys.argv[1:])
