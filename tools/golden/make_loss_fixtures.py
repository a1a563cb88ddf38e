#!/usr/bin/env python3
"""Twenty steps of training of tiny models, as PyTorch takes them.

    python make_loss_fixtures.py OUT_DIR                 write everything
    python make_loss_fixtures.py OUT_DIR --only 'bert*'  write some
    python make_loss_fixtures.py OUT_DIR --check         train again what is there and compare

Written with torch 2.13.0 (CPU), transformers 5.18.0, sentence-transformers 6.0.1, safetensors 0.8.0; golden.json repeats
the versions.

One folder a case: the model before training (`config.json`, `model.safetensors`), the batches as `in.<input>` [K, ...] in
`golden.safetensors`, taken in turn from the first to the last and again from the first, and `golden.json`:

    task, versions, recipe
    objective         of sentence embeddings: the loss, its numbers, and how vectors of tokens become one; of students:
                      the weights of what they learn from the model in the folder `teacher`; of hidden patches: how many
                      of an image are hidden; of GPT's auxiliary loss its weight
    losses, norms     of each step: what is made small, and the joint norm of the gradients before clipping
    gradients         per parameter norm and sum of the first step's gradient, clipped
    moved             per parameter norm and sum of (value after the last step - value before the first)
    rounding          names of parameters whose way only rounding decides: a key's bias changes no attention, so its
                      gradient is what rounding leaves of zero, which Adam makes as large as any other

AdamW with weight decay on what has two dimensions or more, clipping at 1, a linear schedule with warm-up, float32, no
dropout. The labels of language models stand where they are predicted. A step of several batches has one loss: the sum over
all labels of the step, divided by their number (the reference's num_items_in_batch).

Every case is trained in float64 besides. A case whose losses differ by more than 2e-5 is refused: then a rounding decides
something, such as which expert reads a token, and it says nothing about who computes it.
"""
from __future__ import annotations

import argparse
import fnmatch
import json
import math
import os
import shutil
from dataclasses import dataclass, field, replace
from typing import Callable

import torch
import transformers as tf
from safetensors.torch import load_file, save_file
from sentence_transformers.cross_encoder import CrossEncoder
from sentence_transformers.cross_encoder.losses import BinaryCrossEntropyLoss
from sentence_transformers.sentence_transformer import losses as sentence_losses
from sentence_transformers.sentence_transformer.modules.pooling import Pooling
from torch import nn
from transformers import DataCollatorForLanguageModeling, get_linear_schedule_with_warmup
from transformers.trainer_pt_utils import LabelSmoother

import make_vaswani_fixture as vaswani
from fixture_json import dump_json
from fixture_toolkit import IGNORE, Rng, mask_of, randomise, segments_of, text, token_labels

STEPS = 20
BATCHES = 5
RECIPE = dict(steps=STEPS, rate=4e-3, warmup=4, beta1=0.9, beta2=0.999, epsilon=1e-6, weight_decay=0.1, clip=1.0)
VOCAB = 61
WIDTH, FFN, POSITIONS = 24, 29, 19

ENCODER = dict(vocab_size=VOCAB, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=4, intermediate_size=FFN,
               max_position_embeddings=POSITIONS, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
               classifier_dropout=0.0)
ROBERTA = ENCODER | dict(type_vocab_size=1, pad_token_id=1, bos_token_id=0, eos_token_id=2)
DISTILBERT = dict(vocab_size=VOCAB, dim=WIDTH, n_layers=2, n_heads=4, hidden_dim=FFN, max_position_embeddings=POSITIONS,
                  dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0)
ALBERT = dict(vocab_size=VOCAB, embedding_size=13, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=4,
              intermediate_size=FFN, max_position_embeddings=POSITIONS, classifier_dropout_prob=0.0)
ELECTRA = ENCODER | dict(embedding_size=13, summary_last_dropout=0.0)
DEBERTA = ENCODER | dict(type_vocab_size=0, relative_attention=True, max_relative_positions=-1, position_buckets=8,
                         norm_rel_ebd="layer_norm", share_att_key=True, pos_att_type=["p2c", "c2p"],
                         position_biased_input=False, pooler_hidden_size=WIDTH, pooler_dropout=0.0, cls_dropout=0.0)
LLAMA = dict(vocab_size=VOCAB, hidden_size=WIDTH, intermediate_size=FFN, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=POSITIONS, pad_token_id=0, bos_token_id=1, eos_token_id=2)
GPT2 = dict(vocab_size=VOCAB, n_embd=WIDTH, n_layer=2, n_head=4, n_positions=POSITIONS, resid_pdrop=0.0, embd_pdrop=0.0,
            attn_pdrop=0.0, bos_token_id=2, eos_token_id=2)
T5 = dict(vocab_size=VOCAB, d_model=WIDTH, d_kv=6, d_ff=FFN, num_layers=2, num_decoder_layers=2, num_heads=4,
          relative_attention_num_buckets=8, relative_attention_max_distance=20, dropout_rate=0.0, pad_token_id=0,
          eos_token_id=1, decoder_start_token_id=0)
BART = dict(vocab_size=VOCAB, d_model=WIDTH, encoder_layers=2, decoder_layers=2, encoder_attention_heads=4,
            decoder_attention_heads=4, encoder_ffn_dim=FFN, decoder_ffn_dim=FFN, max_position_embeddings=POSITIONS,
            dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, pad_token_id=1, bos_token_id=0, eos_token_id=2,
            decoder_start_token_id=2, forced_eos_token_id=None)
MARIAN = BART | dict(decoder_start_token_id=1, decoder_vocab_size=VOCAB, share_encoder_decoder_embeddings=True)

CLIP_TEXT = dict(vocab_size=VOCAB, hidden_size=16, intermediate_size=20, num_hidden_layers=1, num_attention_heads=2,
                 max_position_embeddings=POSITIONS)
IMAGES = dict(hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=4, intermediate_size=FFN, image_size=8,
              patch_size=4)
VIT = IMAGES | dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
SWIN = dict(image_size=8, patch_size=2, embed_dim=12, depths=[2, 2], num_heads=[2, 4], window_size=2, mlp_ratio=2.0,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, drop_path_rate=0.0)
SPEECH = dict(vocab_size=20, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=4, intermediate_size=FFN,
              conv_dim=[8, 8], conv_stride=[4, 3], conv_kernel=[6, 4], num_feat_extract_layers=2, pad_token_id=0,
              num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2, hidden_dropout=0.0, attention_dropout=0.0,
              activation_dropout=0.0, feat_proj_dropout=0.0, final_dropout=0.0, layerdrop=0.0, mask_time_prob=0.0)
# The lengths of a convolution's weights have three dimensions there, and are scales, which do not decay, here.
SPOKEN = dict(weight_decay=0.0)


# --------------------------------------------------------------------------- batches
def lengths(r, rows, longest):
    some = r.ids((rows,), 3, longest + 1).tolist()
    some[0] = longest
    return some


def encoder(labels, pad=0, pairs=False, rows=5, longest=11):
    def batch(r):
        many = lengths(r, rows, longest)
        x = text(r, VOCAB, many, pad=pad)
        if pairs:
            x["token_type_ids"] = segments_of(x["attention_mask"], [max(1, n // 2) for n in many])
        x["labels"] = labels(r, x)
        return x
    return batch


def one_of(classes):
    return lambda r, x: r.ids((len(x["input_ids"]),), 0, classes)


def several_of(classes):
    return lambda r, x: (r.uniform(len(x["input_ids"]), classes) > 0.6).float()


def number(r, x):
    return r.floats(len(x["input_ids"]), std=1.5)


def tags(classes):
    return lambda r, x: token_labels(r, x["input_ids"], x["attention_mask"], classes, 0.7)


def shares(r, x):
    return (r.uniform(len(x["input_ids"]), 1) * 8).round() / 8


def spans(pairs=False, rows=5, longest=11):
    """Answers begin and end among the tokens; every third is none, which is the first token."""
    def batch(r):
        x = encoder(lambda r, x: None, pairs=pairs, rows=rows, longest=longest)(r)
        del x["labels"]
        many = x["attention_mask"].sum(1).tolist()
        places = [sorted(r.ids((2,), 0, n).tolist()) if row % 3 else [0, 0] for row, n in enumerate(many)]
        x["start_positions"], x["end_positions"] = torch.tensor(places).T.contiguous()
        return x
    return batch


def choices(count, pad=0, pairs=False, rows=3, longest=9):
    """Rows [B, N, T] of unequal length."""
    def batch(r):
        x = encoder(lambda r, x: None, pad=pad, pairs=pairs, rows=rows * count, longest=longest)(r)
        del x["labels"]
        x = {name: t.view(rows, count, -1) for name, t in x.items()}
        x["labels"] = r.ids((rows,), 0, count)
        return x
    return batch


def words(pad=0, rows=4, longest=11):
    """Rows of unequal length; each token's label is the next one, the last one's none."""
    def batch(r):
        x = text(r, VOCAB, lengths(r, rows, longest), pad=pad, lo=3)
        none = torch.full((rows, 1), IGNORE)
        following = x["input_ids"].masked_fill(x["attention_mask"] == 0, IGNORE)
        x["labels"] = torch.cat([following[:, 1:], none], 1)
        return x
    return batch


def answers(pad=0, rows=4, longest=11):
    """Conversations of which some tokens, those of the answers, are predicted; the label stands before its token."""
    def batch(r):
        x = text(r, VOCAB, lengths(r, rows, longest), pad=pad, lo=3)
        said = (r.uniform(rows, longest) > 0.5) & (x["attention_mask"] == 1)
        said[:, 1] = True
        following = x["input_ids"].masked_fill(~said, IGNORE)
        x["labels"] = torch.cat([following[:, 1:], torch.full((rows, 1), IGNORE)], 1)
        return x
    return batch


class Vocabulary:
    """All that the collator asks of a tokenizer."""
    mask_token = "[MASK]"

    def convert_tokens_to_ids(self, token):
        return 4

    def __len__(self):
        return VOCAB


def hidden(pad=0, rows=5, longest=11, types=False):
    """Texts whose tokens the reference's collator hides."""
    def batch(r):
        x = text(r, VOCAB, lengths(r, rows, longest), pad=pad, lo=5)
        if types:
            x["token_type_ids"] = torch.zeros_like(x["input_ids"])
        collator = DataCollatorForLanguageModeling(
            Vocabulary(), mlm_probability=0.3, seed=r.ids((1,), 1, 10000).item())
        collator.create_rng()
        special = x["attention_mask"] == 0
        special[:, 0] = True
        x["input_ids"], x["labels"] = collator.torch_mask_tokens(x["input_ids"], special_tokens_mask=special)
        return x
    return batch


def pairs(relation, rows=5, longest=11):
    """Pairs of texts with hidden tokens, and how each pair is related."""
    def batch(r):
        x = hidden(rows=rows, longest=longest)(r)
        x["token_type_ids"] = segments_of(x["attention_mask"], [max(1, n // 2) for n in x["attention_mask"].sum(1).tolist()])
        x[relation] = r.ids((rows,), 0, 2)
        return x
    return batch


def blocks(rows=3, longest=12):
    """Blocks cut from a stream: the label of the last token is the first one behind the block."""
    def batch(r):
        ids = r.ids((rows, longest + 1), 3, VOCAB)
        return {"input_ids": ids[:, :-1].contiguous(), "labels": ids[:, 1:].contiguous()}
    return batch


def prefixes(rows=4, longest=12):
    """Blocks whose beginning is seen from both sides; the label of its last token is the first one that is predicted."""
    def batch(r):
        x = blocks(rows, longest)(r)
        x["prefix_lengths"] = r.ids((rows,), 1, longest + 1)
        inside = torch.arange(longest) < x["prefix_lengths"][:, None] - 1
        x["labels"] = x["labels"].masked_fill(inside, IGNORE)
        return x
    return batch


def sequences(start, pad=0, eos=1, rows=4, longest=9):
    def batch(r):
        x = text(r, VOCAB, lengths(r, rows, longest), pad=pad)
        y = text(r, VOCAB, lengths(r, rows, longest - 2), pad=pad)
        labels = y["input_ids"].masked_fill(y["attention_mask"] == 0, IGNORE)
        for row, n in enumerate(y["attention_mask"].sum(1).tolist()):
            labels[row, n - 1] = eos
        before = torch.cat([torch.full((rows, 1), start), labels[:, :-1]], 1)
        x["decoder_input_ids"] = before.masked_fill(before == IGNORE, pad)
        x["labels"] = labels
        return x
    return batch


def images(classes, side=8, rows=4):
    def batch(r):
        return {"pixel_values": r.floats(rows, 3, side, side), "labels": r.ids((rows,), 0, classes)}
    return batch


def patches(said, side, grid, hidden, cell=1, rows=4):
    """Images and which of their patches are hidden: the last ones of an order, or squares of several that have a 1."""
    def batch(r):
        x = {"pixel_values": r.floats(rows, 3, side, side)}
        order = torch.stack([torch.randperm((grid // cell) ** 2, generator=r.g) for _ in range(rows)])
        if said == "noise":
            return x | {"noise": order.float()}
        squares = (order >= order.shape[1] - hidden).long().view(rows, grid // cell, grid // cell)
        whole = squares.repeat_interleave(cell, 1).repeat_interleave(cell, 2).flatten(1)
        return x | {"bool_masked_pos": whole}
    return batch


def captioned(rows=4, longest=9, side=8):
    """Images and a text of each, which ends with the last token of the vocabulary."""
    def batch(r):
        many = lengths(r, rows, longest)
        x = text(r, VOCAB - 1, many, pad=0, lo=3)
        for row, n in enumerate(many):
            x["input_ids"][row, n - 1] = VOCAB - 1
        return x | {"pixel_values": r.floats(rows, 3, side, side)}
    return batch


def spoken(masked, rows=3, samples=300):
    """Waveforms of unequal length, and of each fewer tokens than it has frames, some of them twice in a row."""
    def batch(r):
        many = [samples, samples - 80, samples - 130]
        mask = mask_of(many, samples)
        labels = r.ids((rows, 6), 1, 20)
        labels[:, 3] = labels[:, 2]
        for row, count in enumerate([6, 5, 3]):
            labels[row, count:] = IGNORE
        x = {"input_values": r.floats(rows, samples) * mask, "labels": labels}
        return x | ({"attention_mask": mask} if masked else {})
    return batch


def sentences(columns, score, rows=4, longest=11, pad=0):
    """Texts one column after another, padded together; `score` makes the labels of the rows."""
    def batch(r):
        x = text(r, VOCAB, lengths(r, columns * rows, longest), pad=pad)
        x["labels"] = score(r, rows)
        return x
    return batch


def no_score(r, rows):
    return torch.zeros(rows)


def share_score(r, rows):
    return r.uniform(rows)


def binary_score(r, rows):
    return torch.tensor([1.0, 0.0] * (rows // 2))


# --------------------------------------------------------------------------- losses
def plain(model, x, share):
    """The reference's own loss of a batch, a mean over its labels or rows."""
    return model(**x).loss * share


def hidden_patches(model, x, share):
    return model(**x | ({"bool_masked_pos": x["bool_masked_pos"].bool()} if "bool_masked_pos" in x else {})).loss * share


def contrasted(model, x, share):
    return model(**x, return_loss=True).loss * share


def predicted(model, x, share, items):
    """Language models: labels stand where they are predicted, and are divided by those of the whole step."""
    return model(**x, shift_labels=x["labels"], num_items_in_batch=items).loss


def prefixed(model, x, share, items):
    """The same with a mask [B, 1, T, T] that says who sees whom."""
    length = x["input_ids"].shape[1]
    seen = torch.ones(length, length).tril().bool() | (torch.arange(length) < x["prefix_lengths"][:, None, None])
    kind = next(model.parameters()).dtype
    mask = torch.zeros(seen.shape, dtype=kind).masked_fill(~seen, torch.finfo(kind).min)[:, None]
    return model(input_ids=x["input_ids"], attention_mask=mask, labels=x["labels"], shift_labels=x["labels"],
                 num_items_in_batch=items).loss


def following(x):
    """For each token the one behind it, none for the last one of a row."""
    real = x["attention_mask"] == 1
    return x["input_ids"][:, 1:].masked_fill(~(real[:, 1:] & real[:, :-1]), IGNORE)


def auxiliary(model, x, share, tokens):
    """GPT's (Radford et al. 2018, equation 5): classes, and half of the next tokens by the token table."""
    out = model(**x, output_hidden_states=True)
    scores = out.hidden_states[-1][:, :-1] @ model.get_input_embeddings().weight.T
    language = nn.functional.cross_entropy(
        scores.flatten(0, 1), following(x).flatten(), ignore_index=IGNORE, reduction="sum")
    return out.loss * share + 0.5 * language / tokens


def with_router(model, x, share):
    return model(**x, output_router_logits=True).loss * share


def predicted_with_router(model, x, share, items):
    return model(**x, shift_labels=x["labels"], num_items_in_batch=items, output_router_logits=True).loss


def smoothed(model, x, share):
    """As the reference's trainer smooths labels: a mean over those of the batch."""
    labels = x["labels"]
    output = model(**{name: value for name, value in x.items() if name != "labels"})
    return LabelSmoother(epsilon=0.1)(output, labels) * share


def original(model, x, share):
    return model(x["input_ids"], x["decoder_input_ids"], x["labels"])["loss"] * share


class PastTokenizer(CrossEncoder):
    """A cross-encoder of a model, which is handed what its tokenizer would make."""

    num_labels = 1
    device = torch.device("cpu")

    def __init__(self, model, x):
        torch.nn.Module.__init__(self)
        self.run = lambda: {"scores": model(**x).logits.float()}

    def preprocess(self, pairs, **options):
        return {}

    def forward(self, inputs):
        return self.run()


def cross_encoded(model, x, share):
    """sentence-transformers' own loss."""
    inputs = {name: t for name, t in x.items() if name != "labels"}
    loss = BinaryCrossEntropyLoss(PastTokenizer(model, inputs))
    return loss([["query"], ["text"]], x["labels"].view(-1)) * share
POOLINGS = {"mean": "mean", "cls": "cls", "max": "max", "last_token": "lasttoken"}
TRIPLETS = {"euclidean": sentence_losses.TripletDistanceMetric.EUCLIDEAN, "cosine": sentence_losses.TripletDistanceMetric.COSINE}
SIAMESE = {"euclidean": sentence_losses.SiameseDistanceMetric.EUCLIDEAN, "cosine": sentence_losses.SiameseDistanceMetric.COSINE_DISTANCE}


def sentence_loss(o):
    apart = dict(margin=o.get("margin"))
    return {
        "in_batch_negatives": lambda: sentence_losses.MultipleNegativesRankingLoss(None, scale=o["scale"]),
        "cosine": lambda: sentence_losses.CosineSimilarityLoss(None),
        "triplet": lambda: sentence_losses.TripletLoss(None, TRIPLETS[o["distance"]], o["margin"]),
        "contrastive": lambda: sentence_losses.ContrastiveLoss(None, SIAMESE[o["distance"]], **apart),
        "online_contrastive": lambda: sentence_losses.OnlineContrastiveLoss(None, SIAMESE[o["distance"]], **apart),
    }[o["loss"]]()


def of_sentences(objective):
    """The losses of sentence-transformers on the pooled vectors of the columns."""
    def loss(model, x, share):
        hidden = model(input_ids=x["input_ids"], attention_mask=x["attention_mask"]).last_hidden_state
        pooling = Pooling(hidden.shape[-1], POOLINGS[objective["pooling"]])
        features = {"token_embeddings": hidden, "attention_mask": x["attention_mask"]}
        vectors = pooling(features)["sentence_embedding"]
        if objective["normalize"]:
            vectors = torch.nn.functional.normalize(vectors, p=2, dim=-1)
        return sentence_loss(objective).compute_loss_from_embeddings(
            list(vectors.split(len(x["labels"]))), x["labels"]) * share
    return loss


def mean_of_states(student, teacher, real):
    """Squared differences, layer beside the nearest layer, entrances among them."""
    layers, others = len(student) - 1, len(teacher) - 1
    beside = [teacher[math.floor(layer * others / layers + 0.5)] for layer in range(layers + 1)]
    return torch.stack([nn.functional.mse_loss(a[real], b[real]) for a, b in zip(student, beside)]).mean()


def distilled(teacher, o, labelled):
    """DistilBERT's terms (arXiv:1910.01108, 2): KL at a temperature times its square, labels, cosine; and states."""
    def loss(model, x, share):
        inputs = {name: t for name, t in x.items() if name != "labels"}
        with torch.no_grad():
            told = teacher(**inputs, output_hidden_states=True)
        said = model(**inputs, output_hidden_states=True)
        real = x["attention_mask"] == 1
        labels = x["labels"]
        hard = nn.functional.cross_entropy(said.logits.flatten(0, -2), labels.flatten(), ignore_index=IGNORE)
        places = ... if labels.ndim == 1 else labels != IGNORE if labelled else real
        t = o["temperature"]
        soft = nn.KLDivLoss(reduction="batchmean")(
            (said.logits[places] / t).log_softmax(-1), (told.logits[places] / t).softmax(-1)) * t ** 2
        last, other = said.hidden_states[-1][real], told.hidden_states[-1][real]
        cosine = nn.CosineEmbeddingLoss()(last, other, torch.ones(len(last)))
        states = mean_of_states(said.hidden_states, told.hidden_states, real)
        return (o["soft"] * soft + o["hard"] * hard + o["cosine"] * cosine + o["states"] * states) * share
    return loss


@dataclass
class Case:
    name: str
    task: str
    model: object
    config: object
    batch: Callable
    loss: Callable = plain
    accumulation: int = 1
    seed: int = 0
    recipe: dict = field(default_factory=dict)
    objective: dict = field(default_factory=dict)
    teacher: object = None


def student(name, task, model, config, batch, teacher, labelled=False, **weights):
    """A model that learns from one with another config, which lies in the folder `teacher` of its own."""
    o = dict(temperature=2.0, soft=5.0, hard=2.0, cosine=1.0, states=0.0, labelled=labelled) | weights
    return Case(name, task, model, config, batch, lambda taught: distilled(taught, o, labelled), objective=o,
                teacher=teacher)


def embedding(name, model, config, batch, accumulation=1, recipe=None, **objective):
    return Case(name, "BASE", model, config, batch, of_sentences(objective), accumulation, recipe=recipe or {},
                objective=objective)


def cases():
    one, tag, next_word, pair = "SEQUENCE_CLASSIFICATION", "TOKEN_CLASSIFICATION", "CAUSAL_LM", "SEQ2SEQ_LM"
    answer, choice = "QUESTION_ANSWERING", "MULTIPLE_CHOICE"
    hidden_word, both = "MASKED_LM", "PRETRAINING"
    several = dict(num_labels=4, problem_type="multi_label_classification")
    real = dict(num_labels=1)
    relevance = dict(num_labels=1, problem_type="multi_label_classification")
    image = "IMAGE_CLASSIFICATION"
    return [
        Case("bert-classes", one, tf.BertForSequenceClassification, tf.BertConfig(**ENCODER, num_labels=3),
             encoder(one_of(3), pairs=True)),
        Case("roberta-classes", one, tf.RobertaForSequenceClassification, tf.RobertaConfig(**ROBERTA, num_labels=2),
             encoder(one_of(2), pad=1)),
        Case("distilbert-classes", one, tf.DistilBertForSequenceClassification,
             tf.DistilBertConfig(**DISTILBERT, num_labels=5), encoder(one_of(5)), accumulation=2),
        Case("deberta-v2-classes", one, tf.DebertaV2ForSequenceClassification,
             tf.DebertaV2Config(**DEBERTA, num_labels=3), encoder(one_of(3))),
        Case("bert-several", one, tf.BertForSequenceClassification, tf.BertConfig(**ENCODER, **several),
             encoder(several_of(4), pairs=True)),
        Case("roberta-several", one, tf.RobertaForSequenceClassification, tf.RobertaConfig(**ROBERTA, **several),
             encoder(several_of(4), pad=1), accumulation=2),
        Case("albert-several", one, tf.AlbertForSequenceClassification, tf.AlbertConfig(**ALBERT, **several),
             encoder(several_of(4), pairs=True)),
        Case("bert-number", one, tf.BertForSequenceClassification, tf.BertConfig(**ENCODER, **real),
             encoder(number, pairs=True), accumulation=2),
        Case("distilbert-number", one, tf.DistilBertForSequenceClassification, tf.DistilBertConfig(**DISTILBERT, **real),
             encoder(number)),
        Case("electra-number", one, tf.ElectraForSequenceClassification, tf.ElectraConfig(**ELECTRA, **real),
             encoder(number, pairs=True)),
        Case("bert-tags", tag, tf.BertForTokenClassification, tf.BertConfig(**ENCODER, num_labels=5),
             encoder(tags(5)), accumulation=2),
        Case("roberta-tags", tag, tf.RobertaForTokenClassification, tf.RobertaConfig(**ROBERTA, num_labels=4),
             encoder(tags(4), pad=1)),
        Case("distilbert-tags", tag, tf.DistilBertForTokenClassification, tf.DistilBertConfig(**DISTILBERT, num_labels=3),
             encoder(tags(3))),
        Case("bert-answers", answer, tf.BertForQuestionAnswering, tf.BertConfig(**ENCODER), spans(pairs=True)),
        Case("distilbert-answers", answer, tf.DistilBertForQuestionAnswering,
             tf.DistilBertConfig(**DISTILBERT, qa_dropout=0.0), spans(), accumulation=2),
        Case("bert-choices", choice, tf.BertForMultipleChoice, tf.BertConfig(**ENCODER), choices(4, pairs=True)),
        Case("roberta-choices", choice, tf.RobertaForMultipleChoice, tf.RobertaConfig(**ROBERTA), choices(3, pad=1),
             accumulation=2),
        Case("bert-relevance", one, tf.BertForSequenceClassification, tf.BertConfig(**ENCODER, **relevance),
             encoder(shares, pairs=True), cross_encoded),
        Case("roberta-relevance", one, tf.RobertaForSequenceClassification, tf.RobertaConfig(**ROBERTA, **relevance),
             encoder(shares, pad=1), cross_encoded, accumulation=2),
        Case("gpt2-words", next_word, tf.GPT2LMHeadModel, tf.GPT2Config(**GPT2), words(), predicted, accumulation=2),
        Case("gpt2-blocks", next_word, tf.GPT2LMHeadModel, tf.GPT2Config(**GPT2), blocks(), predicted),
        Case("llama-words", next_word, tf.LlamaForCausalLM, tf.LlamaConfig(**LLAMA), words(), predicted),
        Case("llama-blocks", next_word, tf.LlamaForCausalLM, tf.LlamaConfig(**LLAMA, tie_word_embeddings=True), blocks(),
             predicted, accumulation=2),
        Case("gpt2-prefixes", next_word, tf.GPT2LMHeadModel, tf.GPT2Config(**GPT2), prefixes(), prefixed, accumulation=2),
        Case("llama-prefixes", next_word, tf.LlamaForCausalLM, tf.LlamaConfig(**LLAMA), prefixes(), prefixed),
        Case("gpt2-auxiliary", one, tf.GPT2ForSequenceClassification, tf.GPT2Config(**GPT2, num_labels=3, pad_token_id=0),
             encoder(one_of(3)), auxiliary, accumulation=2, objective=dict(auxiliary=0.5)),
        Case("llama-answers", next_word, tf.LlamaForCausalLM, tf.LlamaConfig(**LLAMA), answers(), predicted,
             accumulation=2),
        Case("bert-hidden", hidden_word, tf.BertForMaskedLM, tf.BertConfig(**ENCODER), hidden(types=True)),
        Case("roberta-hidden", hidden_word, tf.RobertaForMaskedLM, tf.RobertaConfig(**ROBERTA), hidden(pad=1),
             accumulation=2),
        Case("distilbert-hidden", hidden_word, tf.DistilBertForMaskedLM, tf.DistilBertConfig(**DISTILBERT), hidden()),
        Case("bert-next-sentences", both, tf.BertForPreTraining, tf.BertConfig(**ENCODER), pairs("next_sentence_label")),
        Case("albert-sentence-order", both, tf.AlbertForPreTraining, tf.AlbertConfig(**ALBERT),
             pairs("sentence_order_label")),
        student("bert-student", hidden_word, tf.BertForMaskedLM, tf.BertConfig(**ENCODER), hidden(types=True),
                (tf.BertForMaskedLM, tf.BertConfig(**ENCODER | dict(num_hidden_layers=4)))),
        student("gpt2-student", next_word, tf.GPT2LMHeadModel, tf.GPT2Config(**GPT2), words(),
                (tf.GPT2LMHeadModel, tf.GPT2Config(**GPT2 | dict(n_layer=3))), labelled=True, temperature=3.0, states=0.5),
        student("distilbert-student", one, tf.DistilBertForSequenceClassification,
                tf.DistilBertConfig(**DISTILBERT, num_labels=3), encoder(one_of(3)),
                (tf.BertForSequenceClassification, tf.BertConfig(**ENCODER | dict(num_hidden_layers=3), num_labels=3)),
                soft=1.0, hard=0.5, states=0.1),
        Case("mixtral-words", next_word, tf.MixtralForCausalLM, tf.MixtralConfig(
            **LLAMA, num_local_experts=4, num_experts_per_tok=2, router_aux_loss_coef=0.2), words(),
            predicted_with_router),
        Case("t5-sequences", pair, tf.T5ForConditionalGeneration, tf.T5Config(**T5), sequences(0)),
        Case("bart-sequences", pair, tf.BartForConditionalGeneration, tf.BartConfig(**BART),
             sequences(2, pad=1, eos=2), accumulation=2),
        Case("marian-smoothed", pair, tf.MarianMTModel, tf.MarianConfig(**MARIAN), sequences(1, pad=1, eos=2), smoothed,
             accumulation=2, recipe=dict(label_smoothing=0.1)),
        Case("switch-sequences", pair, tf.SwitchTransformersForConditionalGeneration, tf.SwitchTransformersConfig(
            **T5, num_experts=4, expert_capacity=5, num_sparse_encoder_layers=1, num_sparse_decoder_layers=1,
            router_jitter_noise=0.0, router_aux_loss_coef=0.1, router_z_loss_coef=0.03), sequences(0), with_router),
        Case("vaswani-sequences", pair, vaswani.Model, dict(
            vocab_size=VOCAB, d_model=WIDTH, nhead=4, num_encoder_layers=2, num_decoder_layers=2, dim_feedforward=FFN,
            activation="relu", norm_first=False, final_norm=False, label_smoothing=0.1, pad_id=0, bos_id=1, eos_id=2,
            max_positions=POSITIONS, layer_norm_eps=1e-5), sequences(1, eos=2), original, accumulation=2),
        Case("vit-images", image, tf.ViTForImageClassification, tf.ViTConfig(**VIT, num_labels=3), images(3), accumulation=2),
        Case("swin-images", image, tf.SwinForImageClassification, tf.SwinConfig(**SWIN, num_labels=3), images(3)),
        Case("clip-images", image, tf.CLIPForImageClassification, tf.CLIPConfig(
            vision_config=IMAGES, text_config=CLIP_TEXT, num_labels=4), images(4),
            recipe=dict(weight_decay=0.0)),  # the class's vector has one dimension there, three here
        Case("vit-mae-patches", both, tf.ViTMAEForPreTraining, tf.ViTMAEConfig(
            **VIT | dict(image_size=16), norm_pix_loss=True, decoder_hidden_size=12, decoder_num_hidden_layers=1,
            decoder_num_attention_heads=2, decoder_intermediate_size=14), patches("noise", 16, 4, 12), hidden_patches,
            accumulation=2, objective=dict(hidden=12)),
        Case("vit-patches", "MASKED_IMAGE", tf.ViTForMaskedImageModeling, tf.ViTConfig(
            **VIT | dict(image_size=16), encoder_stride=4), patches("mask", 16, 4, 10), hidden_patches,
            objective=dict(hidden=10)),
        Case("swin-patches", "MASKED_IMAGE", tf.SwinForMaskedImageModeling, tf.SwinConfig(
            **SWIN | dict(image_size=16), encoder_stride=4), patches("mask", 16, 8, 10, cell=2), hidden_patches,
            accumulation=2, objective=dict(hidden=40)),
        Case("clip-captions", "CONTRASTIVE", tf.CLIPModel, tf.CLIPConfig(
            vision_config=IMAGES, text_config=CLIP_TEXT | dict(eos_token_id=VOCAB - 1), projection_dim=8), captioned(),
            contrasted, accumulation=2,
            recipe=dict(weight_decay=0.0)),  # as clip-images
        Case("wav2vec2-speech", "CTC", tf.Wav2Vec2ForCTC, tf.Wav2Vec2Config(
            **SPEECH, ctc_loss_reduction="mean", feat_extract_norm="layer", do_stable_layer_norm=True), spoken(True),
            accumulation=2, recipe=SPOKEN),
        Case("wav2vec2-speech-sum", "CTC", tf.Wav2Vec2ForCTC, tf.Wav2Vec2Config(
            **SPEECH, ctc_loss_reduction="sum", ctc_zero_infinity=True), spoken(False), accumulation=2, recipe=SPOKEN),
        embedding("bert-pairs", tf.BertModel, tf.BertConfig(**ENCODER), sentences(2, no_score),
                  loss="in_batch_negatives", scale=20.0, pooling="mean", normalize=True, accumulation=2),
        embedding("distilbert-negatives", tf.DistilBertModel, tf.DistilBertConfig(**DISTILBERT), sentences(4, no_score),
                  loss="in_batch_negatives", scale=12.0, pooling="cls", normalize=False),
        embedding("bert-cosines", tf.BertModel, tf.BertConfig(**ENCODER), sentences(2, share_score),
                  loss="cosine", pooling="mean", normalize=False, accumulation=2),
        embedding("gpt2-triples", tf.GPT2Model, tf.GPT2Config(**GPT2), sentences(3, no_score),
                  loss="triplet", distance="euclidean", margin=5.0, pooling="last_token", normalize=False),
        embedding("roberta-triples", tf.RobertaModel, tf.RobertaConfig(**ROBERTA), sentences(3, no_score, pad=1),
                  loss="triplet", distance="cosine", margin=0.5, pooling="max", normalize=False),
        embedding("bert-contrastive", tf.BertModel, tf.BertConfig(**ENCODER), sentences(2, binary_score),
                  loss="contrastive", distance="cosine", margin=0.5, pooling="mean", normalize=False),
        embedding("distilbert-contrastive", tf.DistilBertModel, tf.DistilBertConfig(**DISTILBERT),
                  sentences(2, binary_score), loss="contrastive", distance="euclidean", margin=4.0, pooling="mean",
                  normalize=False),
        embedding("bert-online", tf.BertModel, tf.BertConfig(**ENCODER), sentences(2, binary_score, rows=6),
                  recipe=dict(rate=4e-4), loss="online_contrastive", distance="cosine", margin=0.9, pooling="mean", normalize=True),
    ]


# --------------------------------------------------------------------------- training
def count(x):
    """Labels that carry a loss: those that are not ignored, or the rows where they are no indices, spans, or spoken."""
    labels = x.get("labels")
    indices = labels is not None and labels.dtype == torch.long and "input_values" not in x
    return int((labels != IGNORE).sum()) if indices else len(next(iter(x.values())))


def train(case, model, tensors, recipe):
    for module in model.modules():
        assert not isinstance(module, torch.nn.Dropout) or module.p == 0, case.name
    model.train()
    named = {name: p for name, p in model.named_parameters() if p.requires_grad}
    before = {name: p.detach().double().clone() for name, p in named.items()}
    matrices = [p for p in named.values() if p.ndim > 1]
    others = [p for p in named.values() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": recipe["weight_decay"]}, {"params": others, "weight_decay": 0.0}],
        lr=recipe["rate"], betas=(recipe["beta1"], recipe["beta2"]), eps=recipe["epsilon"])
    schedule = get_linear_schedule_with_warmup(optimizer, recipe["warmup"], recipe["steps"])
    kind = next(model.parameters()).dtype
    losses, norms, gradients, taken = [], [], {}, 0
    for step in range(recipe["steps"]):
        batches = []
        for _ in range(recipe["accumulation"]):
            x = {name: t[taken % len(t)] for name, t in tensors.items()}
            batches.append({name: t.to(kind) if t.is_floating_point() else t for name, t in x.items()})
            taken += 1
        items = sum(count(x) for x in batches)
        optimizer.zero_grad()
        total = 0.0
        for x in batches:
            extra = (items,) if case.loss in (predicted, prefixed, predicted_with_router) else ()
            if case.loss is auxiliary:
                extra = (sum(int((following(one) != IGNORE).sum()) for one in batches),)
            loss = case.loss(model, x, count(x) / items, *extra)
            loss.backward()
            total += loss.item()
        norm = torch.nn.utils.clip_grad_norm_(named.values(), recipe["clip"]).item()
        if step == 0:
            gradients = {name: p.grad.double().clone() for name, p in named.items() if p.grad is not None}
        optimizer.step()
        schedule.step()
        losses.append(total)
        norms.append(norm)
    # Marian's positions are computed, but count as trained.
    moved = {name: p.detach().double() - before[name] for name, p in named.items()
             if name in gradients or not name.endswith("embed_positions.weight")}
    return losses, norms, gradients, moved


def sums(t):
    return {"norm": float(f"{t.norm().item():.7g}"), "sum": float(f"{t.sum().item():.7g}")}


def load(case, folder):
    if case.model is not vaswani.Model:
        # The experts' faster products want widths that are multiples of four.
        experts = {"experts_implementation": "eager"} if case.model is tf.MixtralForCausalLM else {}
        return case.model.from_pretrained(folder, dtype=torch.float32, **experts)
    model = vaswani.Model(case.config)
    model.load_state_dict(load_file(os.path.join(folder, "model.safetensors")))
    return model


def taught(case, folder, kind=torch.float32):
    """The case with the loss that its teacher gives it."""
    if case.teacher is None:
        return case
    teacher = case.teacher[0].from_pretrained(os.path.join(folder, "teacher"), dtype=torch.float32).to(kind).eval()
    return replace(case, loss=case.loss(teacher))


def compute(case, folder):
    tensors = {name[3:]: t for name, t in load_file(os.path.join(folder, "golden.safetensors")).items()}
    recipe = RECIPE | dict(accumulation=case.accumulation) | case.recipe
    losses, norms, gradients, moved = train(taught(case, folder), load(case, folder), tensors, recipe)
    exact, _, _, moved64 = train(
        taught(case, folder, torch.float64), load(case, folder).double(), tensors, recipe)
    off = max(abs(a - b) for a, b in zip(losses, exact))
    assert off < 2e-5, f"{case.name}: float32 and float64 differ by {off}"
    rounding = [name for name, t in moved.items() if (t - moved64[name]).norm() > 2e-4 * t.norm()]
    return {
        "task": case.task, "versions": {"torch": torch.__version__, "transformers": tf.__version__}, "recipe": recipe,
        "losses": [float(f"{x:.9g}") for x in losses], "norms": [float(f"{x:.7g}") for x in norms],
        "gradients": {name: sums(t) for name, t in gradients.items()},
        "moved": {name: sums(t) for name, t in moved.items()}, "rounding": rounding,
    } | ({"objective": case.objective} if case.objective else {}), off


def make(case, out):
    folder = os.path.join(out, case.name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    seed = case.seed * 1000 + sum(ord(c) * (i + 1) for i, c in enumerate(case.name))
    if case.model is vaswani.Model:
        model = vaswani.Model(case.config)
        vaswani.randomise(model, seed)
        save_file(model.state_dict(), os.path.join(folder, "model.safetensors"))
        with open(os.path.join(folder, "config.json"), "w") as f:
            json.dump({"model_type": "vaswani", "dropout": 0.0, **case.config}, f, indent=1)
    else:
        model = case.model(case.config)
        randomise(model, seed)
        model.tie_weights()
        model.save_pretrained(folder)
    if case.teacher is not None:
        teacher = case.teacher[0](case.teacher[1])
        randomise(teacher, seed + 2)
        teacher.tie_weights()
        teacher.save_pretrained(os.path.join(folder, "teacher"))
    r = Rng(seed + 1)
    batches = [case.batch(r) for _ in range(BATCHES)]
    save_file({"in." + name: torch.stack([x[name] for x in batches]) for name in batches[0]},
              os.path.join(folder, "golden.safetensors"))
    golden, off = compute(case, folder)
    dump_json(os.path.join(folder, "golden.json"), golden)
    print(f"{case.name}: loss {golden['losses'][0]:.4f} to {golden['losses'][-1]:.4f}, norm {golden['norms'][0]:.3g} to "
          f"{golden['norms'][-1]:.3g}, float64 within {off:.1e}, rounding decides {golden['rounding']}")


def check(case, out):
    folder = os.path.join(out, case.name)
    with open(os.path.join(folder, "golden.json")) as f:
        stored = json.load(f)
    golden, _ = compute(case, folder)
    worst = max(abs(a - b) for a, b in zip(golden["losses"], stored["losses"]))
    print(f"{case.name}: losses within {worst:.1e}" + ("" if worst < 2e-5 else " DIFFERENT"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--only", default="*")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tf.utils.logging.disable_progress_bar()
    for case in cases():
        if any(fnmatch.fnmatch(case.name, pattern) for pattern in options.only.split(",")):
            (check if options.check else make)(case, options.out)


if __name__ == "__main__":
    main()
