"""Answers to questions for finetuning_quality.py: windows of contexts, the search for answers and SQuAD's figures, as
transformers' run_qa.py and the official script of SQuAD 2.0 have them. Windows are cut here, since tokenizers 0.23 forgets
those behind the second."""

import collections
import json
import re
import string
from dataclasses import dataclass

import numpy as np

LENGTH, STRIDE, BEST, LONGEST = 384, 128, 20, 30


@dataclass
class Window:
    question: int
    begin: int  # first token of the context
    places: list  # of the tokens of the context
    start: int
    end: int


def read(file):
    return [
        {"question": asked["question"].lstrip(), "context": paragraph["context"], "answers": asked["answers"]}
        for article in json.load(open(file))["data"] for paragraph in article["paragraphs"] for asked in paragraph["qas"]
    ]


def encode(tokenizer, rows):
    cls, sep = tokenizer.cls_token_id, tokenizer.sep_token_id
    out = []
    for number, row in enumerate(rows):
        question = tokenizer(row["question"], add_special_tokens=False)["input_ids"]
        context = tokenizer(row["context"], add_special_tokens=False, return_offsets_mapping=True)
        ids, places = context["input_ids"], context["offset_mapping"]
        room, begin = LENGTH - len(question) - 3, len(question) + 2
        for at in range(0, len(ids), room - STRIDE):
            some = places[at : at + room]
            start = end = 0
            if row["answers"]:
                first = row["answers"][0]["answer_start"]
                last = first + len(row["answers"][0]["text"])
                if some[0][0] <= first and some[-1][1] >= last:
                    start = begin + max(i for i, place in enumerate(some) if place[0] <= first)
                    end = begin + min(i for i, place in enumerate(some) if place[1] >= last)
            encoded = [cls, *question, sep, *ids[at : at + room], sep]
            types = [0] * begin + [1] * (len(encoded) - begin)
            out.append((
                {"input_ids": encoded, "attention_mask": [1] * len(encoded), "token_type_ids": types},
                Window(number, begin, some, start, end),
            ))
            if at + room >= len(ids):
                break
    return out


def predictions(rows, windows, scores):
    found = collections.defaultdict(list)
    none = {}
    for (encoded, window), (starts, ends) in zip(windows, scores):
        n = len(encoded["input_ids"])
        here = starts[0] + ends[0]
        none[window.question] = min(none.get(window.question, here), here)
        inside = range(window.begin, window.begin + len(window.places))
        for first in np.argsort(starts[:n])[: -BEST - 1 : -1]:
            for last in np.argsort(ends[:n])[: -BEST - 1 : -1]:
                if first in inside and last in inside and first <= last < first + LONGEST:
                    found[window.question].append((
                        starts[first] + ends[last], window.places[first - window.begin][0],
                        window.places[last - window.begin][1]))
    answers = []
    for number, row in enumerate(rows):
        best = max(found[number], default=None)
        answers.append("" if best is None or none[number] > best[0] else row["context"][best[1] : best[2]])
    return answers


def normalized(text):
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def f1(gold, said):
    if not gold or not said:
        return float(gold == said)
    same = sum((collections.Counter(gold) & collections.Counter(said)).values())
    return 2 * same / (len(gold) + len(said))


def measure(rows, windows, scores):
    exact, overlap, unanswerable = [], [], []
    for row, said in zip(rows, predictions(rows, windows, scores)):
        accepted = [normalized(answer["text"]) for answer in row["answers"]]
        accepted = [answer for answer in accepted if answer] or [[]]
        exact.append(max(float(answer == normalized(said)) for answer in accepted))
        overlap.append(max(f1(answer, normalized(said)) for answer in accepted))
        unanswerable.append(not row["answers"])
    exact, overlap, unanswerable = np.array(exact), np.array(overlap), np.array(unanswerable)
    return {"exact": exact.mean(), "f1": overlap.mean(), "has_ans_f1": overlap[~unanswerable].mean(),
            "no_ans_exact": exact[unanswerable].mean()}
