#!/usr/bin/env python3
"""Batches of classification, token classification and multiple choice: what transformers' tokenizer and collators make of texts.

    python make_row_fixtures.py train/src/test/resources/rows

Writes two small WordPiece tokenizers, one of which cuts and fills on the left, and `rows.json` with batches. Oracles:
transformers 5.18.0, tokenizers 0.23.2. Nothing is random.
"""
import json
import pathlib
import sys

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    AutoTokenizer, DataCollatorForMultipleChoice, DataCollatorForTokenClassification, DataCollatorWithPadding,
    PreTrainedTokenizerFast,
)

TEXTS = [
    "the fox runs", "a dog", "the lazy dog sleeps under the old tree and the fox runs over it", "fox",
    "sleeps , sleeps and sleeps .",
]
PAIRS = [
    ("the fox runs", "a dog"), ("the lazy dog sleeps under the old tree", "fox"),
    ("dog", "the lazy dog sleeps under the old tree and the fox runs"), ("a a a a a a", "the the the the the the the"),
    ("the fox", "the fox"),
]
SENTENCES = [
    ["the", "foxes", "run", "."], ["dogs"], ["\u200b", "old", "trees", "sleeping", "under", "foxes", "runs", "dogs"],
    ["the", "dogs", "sleeping", ",", "trees"],
]
TAGS = [[0, 1, 0, 0], [1], [2, 0, 1, 2, 0, 1, 2, 1], [0, 1, 2, 0, 1]]
CHOICES = [
    ("the fox runs", ["a dog", "the lazy dog sleeps under the old tree", "fox"]), ("dog", ["fox", "tree", "a tree"]),
    ("the lazy dog sleeps under the old tree", ["and the fox runs over it", "it sleeps", "."]),
]
CUT = 10
WORDS = "the a fox dog run sleep tree old lazy over it and under , . ##s ##es ##ing un ##der".split()


def make(folder, **options):
    vocabulary = {token: i for i, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    roles = {f"{role}_token": f"[{role.upper()}]" for role in ("pad", "unk", "cls", "sep", "mask")}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **roles, **options)
    fast.save_pretrained(folder)
    return AutoTokenizer.from_pretrained(folder)


def lists(batch):
    return {name: tensor.tolist() for name, tensor in batch.items()}


def texts(tokenizer, rows):
    encoded = [tokenizer(*row, truncation=True, max_length=CUT, return_token_type_ids=True) for row in rows]
    cut = sum(len(tokenizer(*row)["input_ids"]) > CUT for row in rows)
    return {"batch": lists(DataCollatorWithPadding(tokenizer)(encoded)), "truncated": cut}


def tagged(tokenizer):
    rows = []
    labelled = []
    for words, tags in zip(SENTENCES, TAGS):
        row = tokenizer(
            words, is_split_into_words=True, truncation=True, max_length=CUT, return_token_type_ids=True)
        labels, places, previous = [], [], None
        for word in row.word_ids():
            first = word is not None and word != previous
            labels.append(tags[word] if first else -100)
            places += [word] if first else []
            previous = word
        row["labels"] = labels
        rows.append(row)
        labelled.append(places)
    return {"batch": lists(DataCollatorForTokenClassification(tokenizer)(rows)), "words": labelled}


def choices(tokenizer):
    rows = [{"labels": 0, **tokenizer([question] * len(those), those, truncation=True, max_length=CUT,
                                      return_token_type_ids=True)} for question, those in CHOICES]
    batch = lists(DataCollatorForMultipleChoice(tokenizer)(rows))
    del batch["labels"]
    return batch


def main():
    out = pathlib.Path(sys.argv[1])
    golden = {}
    for name, options in {"right": {}, "left": {"padding_side": "left", "truncation_side": "left"}}.items():
        tokenizer = make(out / name, **options)
        golden[name] = {
            "texts": texts(tokenizer, [(text,) for text in TEXTS]), "pairs": texts(tokenizer, PAIRS),
            "tagged": tagged(tokenizer), "choices": choices(tokenizer),
        }
    inputs = {"texts": TEXTS, "pairs": PAIRS, "sentences": SENTENCES, "tags": TAGS, "choices": CHOICES, "max_length": CUT}
    (out / "rows.json").write_text(json.dumps({"inputs": inputs, "golden": golden}) + "\n")


main()
