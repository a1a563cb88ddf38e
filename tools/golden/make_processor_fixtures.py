#!/usr/bin/env python3
"""Golden values of changes to scores: every class of logits_process.py that concerns our families, on random scores.

    python make_processor_fixtures.py OUT.json
    python make_processor_fixtures.py --check OUT.json    # the same again, compared

The file has the names of all classes there are, a few matrices of scores with token ids before them, and per case the
class, its arguments (length: how many of the ids), the number of the matrix and the scores that come out. Numbers that
are not finite are texts.
"""
import inspect
import json
import math
import random
import sys

import numpy
import torch
from transformers import GenerationConfig
from transformers.generation import logits_process as reference

ROWS, VOCABULARY, LENGTH = 3, 24, 7
torch.set_num_threads(1)


def number(x):
    return float(str(numpy.float32(x))) if math.isfinite(x) else str(x)


def numbers(t):
    return [[number(x) for x in row] for row in t.tolist()]


def matrices():
    torch.manual_seed(5)
    r = random.Random(5)
    plain = torch.randn(ROWS, VOCABULARY) * 2
    wide = torch.randn(ROWS, VOCABULARY) * 9
    flat = torch.randn(ROWS, VOCABULARY) * 0.05
    ruled = torch.randn(ROWS, VOCABULARY) * 2
    ruled[torch.rand(ROWS, VOCABULARY) < 0.4] = -math.inf
    logs = torch.log_softmax(torch.randn(ROWS, VOCABULARY) * 3, -1)
    all_scores = [plain, wide, flat, ruled, logs]
    # Few different tokens, so that sequences of them come again.
    ids = [[[r.randrange(6) for _ in range(LENGTH)] for _ in range(ROWS)] for _ in all_scores]
    return all_scores, ids


class Answer(dict):
    __getattr__ = dict.__getitem__


def cases():
    """Class and arguments; a function makes the processor of them."""
    source = [[7, 3, 1, 0, 4, 2], [2, 2, 5, 9, 0, 1], [11, 4, 4, 3, 0, 23]]
    ends = torch.tensor([2, 9])
    for length in (LENGTH, LENGTH + 1):
        yield "MinLengthLogitsProcessor", {"min_length": length, "eos_token_id": [2, 9]}, \
            lambda a: reference.MinLengthLogitsProcessor(a["min_length"], ends)
    for new in (2, 3):
        yield "MinNewTokensLengthLogitsProcessor", {"prompt": 5, "min_new_tokens": new, "eos_token_id": [2, 9]}, \
            lambda a: reference.MinNewTokensLengthLogitsProcessor(a["prompt"], a["min_new_tokens"], ends)
    for value in (0.3, 1.7):
        yield "TemperatureLogitsWarper", {"value": value}, \
            lambda a: reference.TemperatureLogitsWarper(a["value"])
    for value in (0.8, 1.3):
        yield "RepetitionPenaltyLogitsProcessor", {"value": value}, \
            lambda a: reference.RepetitionPenaltyLogitsProcessor(a["value"])
        yield "EncoderRepetitionPenaltyLogitsProcessor", {"value": value, "source": source}, \
            lambda a: reference.EncoderRepetitionPenaltyLogitsProcessor(a["value"], torch.tensor(source))
    for keep in (1, 3):
        for value in (0.0, 0.4, 0.9):
            yield "TopPLogitsWarper", {"value": value, "keep": keep}, \
                lambda a: reference.TopPLogitsWarper(a["value"], min_tokens_to_keep=a["keep"])
        for value in (0.02, 0.3):
            yield "MinPLogitsWarper", {"value": value, "keep": keep}, \
                lambda a: reference.MinPLogitsWarper(a["value"], min_tokens_to_keep=a["keep"])
            yield "EpsilonLogitsWarper", {"value": value, "keep": keep}, \
                lambda a: reference.EpsilonLogitsWarper(a["value"], min_tokens_to_keep=a["keep"])
            yield "EtaLogitsWarper", {"value": value, "keep": keep}, \
                lambda a: reference.EtaLogitsWarper(a["value"], min_tokens_to_keep=a["keep"])
        for value in (0.2, 0.8):
            yield "TypicalLogitsWarper", {"value": value, "keep": keep}, \
                lambda a: reference.TypicalLogitsWarper(a["value"], min_tokens_to_keep=a["keep"])
        for value in (1, 5, 30):
            yield "TopKLogitsWarper", {"value": value, "keep": keep}, \
                lambda a: reference.TopKLogitsWarper(a["value"], min_tokens_to_keep=a["keep"])
    for value in (0.3, 0.8, 1.0):
        yield "TopHLogitsWarper", {"value": value}, lambda a: reference.TopHLogitsWarper(a["value"])
    for size in (1, 2, 3):
        yield "NoRepeatNGramLogitsProcessor", {"size": size}, \
            lambda a: reference.NoRepeatNGramLogitsProcessor(a["size"])
        yield "EncoderNoRepeatNGramLogitsProcessor", {"size": size, "source": source}, \
            lambda a: reference.EncoderNoRepeatNGramLogitsProcessor(a["size"], torch.tensor(source))
    biases = [[[3], 2.5], [[0, 1], -4.0], [[1, 4], 6.0], [[2, 3, 5], 1.0], [[5, 5], -1.5], [[22], -3.0]]
    yield "SequenceBiasLogitsProcessor", {"biases": biases}, \
        lambda a: reference.SequenceBiasLogitsProcessor([[list(s), b] for s, b in biases])
    words = [[3], [0, 1], [1, 4], [4, 4], [5, 5], [2]]
    yield "NoBadWordsLogitsProcessor", {"words": words[:5]}, \
        lambda a: reference.NoBadWordsLogitsProcessor([list(w) for w in words[:5]], ends)
    for beams in (1, 3):
        yield "PrefixConstrainedLogitsProcessor", {"beams": beams}, \
            lambda a: reference.PrefixConstrainedLogitsProcessor(
                lambda batch, row: [(int(row[-1]) + 1) % VOCABULARY, (int(row[-1]) * 5 + 7) % VOCABULARY], a["beams"])
    for length in (1, LENGTH):
        yield "ForcedBOSTokenLogitsProcessor", {"token": 8, "length": length}, \
            lambda a: reference.ForcedBOSTokenLogitsProcessor(8)
    for length in (LENGTH + 1, LENGTH + 2):
        yield "ForcedEOSTokenLogitsProcessor", {"max_length": length, "eos_token_id": [2, 9]}, \
            lambda a: reference.ForcedEOSTokenLogitsProcessor(a["max_length"], ends)
    yield "InfNanRemoveLogitsProcessor", {}, lambda a: reference.InfNanRemoveLogitsProcessor()
    for after in (0, 2, 9):
        yield "ExponentialDecayLengthPenalty", {"after": after, "factor": 1.3, "prompt": 3, "eos_token_id": [2, 9]}, \
            lambda a: reference.ExponentialDecayLengthPenalty((a["after"], a["factor"]), ends, a["prompt"])
    yield "LogitNormalization", {}, lambda a: reference.LogitNormalization()
    for begin in (LENGTH, LENGTH - 1):
        yield "SuppressTokensAtBeginLogitsProcessor", {"tokens": [1, 20], "begin": begin}, \
            lambda a: reference.SuppressTokensAtBeginLogitsProcessor([1, 20], a["begin"])
    yield "SuppressTokensLogitsProcessor", {"tokens": [0, 5, 23]}, \
        lambda a: reference.SuppressTokensLogitsProcessor([0, 5, 23])
    for begin, latest in ((LENGTH, None), (LENGTH, 1), (3, None), (4, 1)):
        yield "WhisperTimeStampLogitsProcessor", {"begin": begin, "end": 2, "first": 4, "latest": latest}, \
            lambda a: reference.WhisperTimeStampLogitsProcessor(GenerationConfig(
                eos_token_id=2, no_timestamps_token_id=3, max_initial_timestamp_index=a["latest"]), a["begin"])
    for scale in (0.0, 1.5, 4.0):
        yield "UnbatchedClassifierFreeGuidanceLogitsProcessor", {"scale": scale}, \
            lambda a: reference.UnbatchedClassifierFreeGuidanceLogitsProcessor(a["scale"], guide)


torch.manual_seed(6)
OTHER = torch.randn(ROWS, VOCABULARY) * 2


def guide(*args, **kwargs):
    return Answer(logits=OTHER.unsqueeze(1), past_key_values=None)


def make():
    all_scores, ids = matrices()
    records = []
    for name, arguments, processor in cases():
        for i, scores in enumerate(all_scores):
            before = torch.tensor(ids[i])[:, :arguments.get("length", LENGTH)]
            out = processor(arguments)(before, scores.clone())
            if out.isnan().any():
                continue  # infinity minus infinity is nobody's right answer
            records.append({"class": name, "arguments": arguments, "matrix": i, "expected": numbers(out)})
    # What is no number there.
    odd = all_scores[0].clone()
    odd[0, 3], odd[1, 4], odd[2, 5] = math.nan, math.inf, -math.inf
    all_scores.append(odd)
    ids.append(ids[0])
    records.append({"class": "InfNanRemoveLogitsProcessor", "arguments": {}, "matrix": len(all_scores) - 1,
                    "expected": numbers(reference.InfNanRemoveLogitsProcessor()(torch.tensor(ids[0]), odd))})
    classes = [name for name, value in inspect.getmembers(reference, inspect.isclass)
               if value.__module__ == reference.__name__]
    return {"classes": [c for c in classes if not c.endswith("Like")],
            "matrices": [{"ids": i, "scores": numbers(s)} for i, s in zip(ids, all_scores)],
            "other": numbers(OTHER), "cases": records}


def text(made):
    lines = ['{"classes": ' + json.dumps(made["classes"]) + ',', '"other": ' + json.dumps(made["other"]) + ',']
    for key in ("matrices", "cases"):
        lines.append(f'"{key}": [')
        lines.append(",\n".join(json.dumps(one) for one in made[key]))
        lines.append("]" + ("," if key == "matrices" else "}"))
    return "\n".join(lines) + "\n"


def close(a, b):
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(close, a, b))
    return abs(a - b) <= 1e-5 * (1 + abs(a)) if isinstance(a, float) and isinstance(b, float) else a == b


if __name__ == "__main__":
    made = make()
    if sys.argv[1] == "--check":
        same = close(json.load(open(sys.argv[2])), json.loads(text(made)))
        print("the same" if same else "different")
        sys.exit(0 if same else 1)
    with open(sys.argv[1], "w") as file:
        file.write(text(made))
    print(len(made["cases"]), "cases")
