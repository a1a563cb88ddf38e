#!/usr/bin/env python3
"""Pipelines that read pairs of texts: labels without training and ranked texts.

    PYTHONPATH=OLDER python make_pair_fixtures.py labels cli/src/test/resources/pipelines [--check]
    python make_pair_fixtures.py ranks cli/src/test/resources/pipelines [--check]

OLDER: transformers 4.57.6 and tokenizers 0.22.2. `ranks` is written with sentence-transformers 6.0.1, transformers 5.18.0 and
tokenizers 0.23.2; both with torch 2.13.0. They write folders as make_pipeline_fixtures.py does.
"""
import argparse
import json
import os

import torch

import make_pipeline_fixtures as pipelines
from fixture_toolkit import write_calls
from make_pipeline_fixtures import CORPUS, LONG, TEXTS

LABELS = "zero-shot-classification"
RANKS = "reranking"
VERDICTS = ["contradiction", "neutral", "entailment"]

# name: config, class of the model, tokenizer, its class, model_max_length, what the config says, tasks
MODELS = {
    "labels": {
        "bert-entailment": (pipelines.bert, "BertForSequenceClassification", lambda: pipelines.word_piece(False), "Bert", 32,
                            pipelines.labels(VERDICTS), [LABELS]),
        "roberta-entailment": (pipelines.roberta, "RobertaForSequenceClassification", pipelines.roberta_pieces, "Roberta", 32,
                               pipelines.labels(["ENTAILMENT", "NOT"]), [LABELS]),
        "distilbert-nameless": (pipelines.distilbert, "DistilBertForSequenceClassification", lambda: pipelines.word_piece(True),
                                "DistilBert", 24, dict(num_labels=3), [LABELS]),
    },
    "ranks": {
        "bert-ranks": (pipelines.bert, "BertForSequenceClassification", lambda: pipelines.word_piece(True), "Bert", 32,
                       dict(num_labels=1), [RANKS]),
        "roberta-ranks": (pipelines.roberta, "RobertaForSequenceClassification", pipelines.roberta_pieces, "Roberta", 32, dict(
            num_labels=1, sentence_transformers={"activation_fn": "torch.nn.modules.linear.Identity"}), [RANKS]),
        # Saved by sentence-transformers, whose own file wins over the configuration.
        "bert-saved-ranks": (pipelines.bert, "BertForSequenceClassification", lambda: pipelines.word_piece(False), "Bert", 32, dict(
            num_labels=1, sentence_transformers={"activation_fn": "torch.nn.modules.activation.Sigmoid"}), [RANKS]),
        "distilbert-ranks": (pipelines.distilbert, "DistilBertForSequenceClassification", lambda: pipelines.word_piece(True),
                             "DistilBert", 32, dict(num_labels=1, sbert_ce_default_activation_function="torch.nn.modules.linear.Identity"),
                             [RANKS]),
    },
}


def label_calls(special):
    asked = ["film", "travel", "food and drink"]
    several = {"candidate_labels": asked, "multi_label": True}
    calls = [{"inputs": text, "candidate_labels": asked} for text in TEXTS + CORPUS[:4]]
    calls += [{"inputs": text, **several} for text in TEXTS[:2] + TEXTS[4:6] + [CORPUS[8]]]
    return calls + [
        {"inputs": CORPUS[1], "candidate_labels": " film, travel ,,caf\u00e9\u00a0"},
        {"inputs": CORPUS[1], "candidate_labels": "film"},
        {"inputs": CORPUS[1], "candidate_labels": ["film"], "multi_label": True},
        {"inputs": CORPUS[1], "candidate_labels": ["film", "film", "dull"]},
        {"inputs": CORPUS[1], "candidate_labels": ["\U0001F600", "K\u00f6ln", ""]},
        {"inputs": CORPUS[1], "candidate_labels": ["film, dull", "{}"]},
        {"inputs": CORPUS[1], "candidate_labels": list("abcdefghijklmnopqrstuvwxyz"[:24])},
        {"inputs": CORPUS[9], "candidate_labels": asked, "hypothesis_template": "{}"},
        {"inputs": CORPUS[9], "candidate_labels": asked, "hypothesis_template": "{0} or {0}"},
        {"inputs": CORPUS[9], "candidate_labels": asked, "hypothesis_template": "{{ {} }}", "multi_label": False},
        {"inputs": CORPUS[9], "candidate_labels": asked, "hypothesis_template": "Dieser Text handelt von {}!"},
        {"inputs": CORPUS[9], "candidate_labels": asked, "hypothesis_template": "It is."},
        {"inputs": CORPUS[9], "candidate_labels": asked, "hypothesis_template": "{} and {}"},
        {"inputs": CORPUS[9], "candidate_labels": asked, "hypothesis_template": "a { label }"},
        {"inputs": CORPUS[9], "candidate_labels": []},
        {"inputs": CORPUS[9], "candidate_labels": " , "},
        {"inputs": CORPUS[9]},
        {"inputs": LONG, "candidate_labels": asked},
        {"inputs": LONG, "candidate_labels": ["film", "unbelievably " * 2 + "long"], "multi_label": True},
        {"inputs": "unbelievably" * 40, **several},
        {"inputs": "dull", "candidate_labels": ["film", "unbelievably" * 12]},
        {"inputs": special, "candidate_labels": asked},
        {"inputs": special + special, **several},
    ]


def rank_calls(special):
    found = [CORPUS[1], CORPUS[9], CORPUS[0], CORPUS[11]]
    odd = TEXTS + [special]
    calls = [{"inputs": {"query": query, "documents": found}, "truncation": True} for query in TEXTS + CORPUS[4:6]]
    calls += [{"inputs": {"query": query, "documents": odd}, "truncation": True} for query in ("a film", "", special)]
    return calls + [
        {"inputs": odd, "query": "dull", "truncation": True},
        {"inputs": odd, "query": "dull", "truncation": True, "top_k": 3, "return_documents": True},
        {"inputs": found, "query": "dull", "truncation": True, "top_k": None, "return_documents": True},
        {"inputs": found, "query": "dull", "truncation": True, "top_k": 0},
        {"inputs": found, "query": "dull", "truncation": True, "top_k": 100},
        {"inputs": [], "query": "dull"},
        {"inputs": ["dull"], "query": "dull"},
        {"inputs": ["dull", "dull", "a film", "dull"], "query": "film"},
        {"inputs": [LONG, "dull", LONG * 5], "query": LONG, "truncation": True},
        {"inputs": ["dull", LONG], "query": "film", "truncation": True},
    ]


CALLS = {LABELS: label_calls, RANKS: rank_calls}


class Ranking:
    """sentence-transformers' ranking with the options of a call."""

    def __init__(self, folder):
        from sentence_transformers import CrossEncoder
        self.model = CrossEncoder(folder, device="cpu")

    def __call__(self, inputs, query=None, documents=None, truncation=None, **options):
        if isinstance(inputs, dict):
            query, documents = inputs["query"], inputs["documents"]
        else:
            documents = inputs
        return self.model.rank(query, documents, batch_size=1, **options)  # one by one: nothing is padded


def save(folder):
    from sentence_transformers import CrossEncoder
    CrossEncoder(folder, device="cpu", activation_fn=torch.nn.Identity()).save_pretrained(folder, create_model_card=False)


def lines(folder, name):
    if pipelines.MODELS[name][-1] != [RANKS]:
        return pipelines.lines(folder, name)
    roles = json.load(open(os.path.join(folder, "tokenizer_config.json")))
    ranking = Ranking(folder)
    return [{"task": RANKS, "call": call, **pipelines.answer(ranking, call)}
            for call in rank_calls(" ".join(roles[role + "_token"] for role in ("unk", "sep")))]


def make(folder, name):
    pipelines.build(name, folder)
    if "saved" in name:
        save(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=MODELS)
    parser.add_argument("out")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    pipelines.MODELS.clear()
    pipelines.MODELS.update(MODELS[options.what])
    pipelines.CALLS.update(CALLS)
    write_calls(options.out, pipelines.MODELS, options.check, make, lines, pipelines.same)


if __name__ == "__main__":
    main()
