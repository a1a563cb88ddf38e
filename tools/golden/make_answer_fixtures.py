#!/usr/bin/env python3
"""Question answering: windows of contexts, the search for answers, and the pipeline.

    PYTHONPATH=OLDER python make_answer_fixtures.py windows train/src/test/resources --scripts DIR
    PYTHONPATH=OLDER python make_answer_fixtures.py pipelines cli/src/test/resources/pipelines

OLDER: transformers 4.57.6, the last version with this pipeline, and tokenizers 0.22.2: 0.23 forgets the windows behind the
second. DIR: utils_qa.py of transformers' examples/pytorch/question-answering. torch 2.13.0.

`windows` takes the tokenizers in OUT/rows and writes OUT/answers/windows.json: for each question the windows, where each
answer begins and ends in them, scores at random, and the answer that utils_qa.py finds with them. `pipelines` writes folders
as make_pipeline_fixtures.py does.
"""
import argparse
import json
import os
import sys

import numpy as np
import torch
import transformers as T

import make_pipeline_fixtures as pipelines

# --------------------------------------------------------------------------- windows
LONG = "the old fox runs over the tree and it sleeps under a lazy dog , and the dog runs ."
ODD = "the  caf\u00e9 fox\u00a0runs\n\U0001F98A under ... e\u0301 trees\u200b , undersleeping foxes\U0001F43A run"
# question, context, answers with the places of their first characters
QUESTIONS = [
    ("the fox", "a dog runs", [("dog", 2)]),
    ("the fox", LONG, [("lazy dog", LONG.index("lazy dog")), ("dog", 50)]),
    ("  a dog", LONG, [(".", LONG.index("."))]),
    ("a", LONG, [("the", 0)]),
    ("runs", LONG, []),
    ("a", LONG, [(LONG[4:60], 4)]),
    ("fox", ODD, [("undersleeping", ODD.index("undersleeping"))]),
    ("\U0001F98A?", ODD, [("\U0001F98A", ODD.index("\U0001F98A"))]),
    ("fox", ODD, [("caf\u00e9", 5)]),
    ("foxes , dogs and trees", ODD, [("oxe", ODD.index("oxes"))]),
    ("the dog sleeps", "\u200b fox", [("fox", 2)]),
    ("a", "dog", [("dog", 0)]),
]
FORMS = [(64, 16), (14, 4), (12, 0), (13, 5)]


def place(offsets, begin, end, text):
    """The tokens of an answer, or none: the last one that begins no later and the first one that ends no earlier."""
    start, stop = text[1], text[1] + len(text[0])
    if offsets[begin][0] > start or offsets[end - 1][1] < stop:
        return None
    first = max(i for i in range(begin, end) if offsets[i][0] <= start)
    last = min(i for i in range(begin, end) if offsets[i][1] >= stop)
    return [first, last]


def windows(tokenizer, question, context, longest, stride):
    question = question.lstrip()
    first = tokenizer.padding_side == "right"
    texts = (question, context) if first else (context, question)
    rows = tokenizer(*texts, truncation="only_second" if first else "only_first", max_length=longest, stride=stride,
                     return_overflowing_tokens=True, return_offsets_mapping=True, return_token_type_ids=True)
    found = []
    for i, ids in enumerate(rows["input_ids"]):
        inside = [k for k, s in enumerate(rows.sequence_ids(i)) if s == (1 if first else 0)]
        found.append({"ids": ids, "types": rows["token_type_ids"][i], "from": inside[0], "to": inside[-1] + 1,
                      "none": ids.index(tokenizer.cls_token_id),
                      "offsets": [list(o) for o in rows["offset_mapping"][i]]})
    return found


def searches(module, name, form, number, context, rows, r):
    """What utils_qa.py answers to scores at random."""
    scores = [[[float(f"{x:.4g}") for x in r.normal(0, 3, len(row["ids"]))] for row in rows] for _ in range(2)]
    answers = []
    for may_be_none, best, longest, threshold in ((False, 20, 30, 0.0), (True, 20, 3, 0.0), (True, 5, 30, -1.5)):
        features = [{"example_id": "q", "offset_mapping": [
            o if row["from"] <= k < row["to"] else None for k, o in enumerate(row["offsets"])]} for row in rows]
        ragged = [np.empty(len(rows), dtype=object) for _ in range(2)]
        for side in range(2):
            for i, row in enumerate(scores[side]):
                ragged[side][i] = np.array(row, dtype=np.float32)
        out = os.path.join("/tmp", f"answers-{os.getpid()}")
        os.makedirs(out, exist_ok=True)
        module.postprocess_qa_predictions(
            Examples([{"id": "q", "context": context}]), features, tuple(ragged), version_2_with_negative=may_be_none,
            n_best_size=best, max_answer_length=longest, null_score_diff_threshold=threshold, output_dir=out)
        said = json.load(open(os.path.join(out, "predictions.json")))["q"]
        best_ones = json.load(open(os.path.join(out, "nbest_predictions.json")))["q"]
        answer = {"may_be_none": may_be_none, "best": best, "longest": longest, "threshold": threshold, "answer": said}
        answer["best_answer"] = next(one["text"] for one in best_ones if one["text"])
        answer["probability"] = next(one["probability"] for one in best_ones if one["text"])
        if may_be_none:
            answer["none_above"] = json.load(open(os.path.join(out, "null_odds.json")))["q"]
        answers.append(answer)
    return {"starts": scores[0], "ends": scores[1], "answers": answers}


class Examples(list):
    """Rows that are columns too."""

    def __getitem__(self, key):
        return [row[key] for row in self] if isinstance(key, str) else super().__getitem__(key)


def write_windows(out, scripts):
    sys.path.insert(0, scripts)
    import utils_qa
    golden = []
    r = np.random.default_rng(5)
    for name in ("right", "left"):
        tokenizer = T.PreTrainedTokenizerFast.from_pretrained(os.path.join(out, "rows", name))
        for longest, stride in FORMS:
            for number, (question, context, answers) in enumerate(QUESTIONS):
                try:
                    rows = windows(tokenizer, question, context, longest, stride)
                except BaseException:  # the question leaves no room, or less than the stride: the library panics
                    continue
                entry = {"tokenizer": name, "max_length": longest, "stride": stride, "question": question,
                         "context": context, "windows": rows, "answers": [
                             {"text": text, "start": start,
                              "places": [place(row["offsets"], row["from"], row["to"], (text, start)) for row in rows]}
                             for text, start in answers]}
                # The scores for no answer are those of the first token there.
                if name == "right":
                    entry["search"] = searches(utils_qa, name, (longest, stride), number, context, rows, r)
                for row in rows:
                    row["offsets"] = [x for o in row["offsets"][row["from"]:row["to"]] for x in o]
                golden.append(entry)
    folder = os.path.join(out, "answers")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "windows.json"), "w", encoding="utf-8") as file:
        json.dump(golden, file, ensure_ascii=True, separators=(",", ":"))
        file.write("\n")
    print(len(golden), "questions,", sum(len(entry["windows"]) for entry in golden), "windows")


# --------------------------------------------------------------------------- the pipeline
TASK = "question-answering"
MODELS = {
    "bert-answers": (pipelines.bert, "BertForQuestionAnswering", lambda: pipelines.word_piece(False), "Bert", 32, {}, [TASK]),
    "roberta-answers": (pipelines.roberta, "RobertaForQuestionAnswering", pipelines.roberta_pieces, "Roberta", 32, {}, [TASK]),
    "distilbert-answers": (pipelines.distilbert, "DistilBertForQuestionAnswering", lambda: pipelines.word_piece(True),
                           "DistilBert", 32, {}, [TASK]),
}


def calls():
    short, long = pipelines.CORPUS[0], pipelines.LONG
    odd = pipelines.TEXTS[6] + " " + pipelines.TEXTS[4]
    asked = {"question": "Where did Anna move?", "context": short}
    return [
        {"inputs": asked},
        {"inputs": asked, "top_k": 4},
        {"inputs": asked, "top_k": 3, "handle_impossible_answer": True},
        {"inputs": asked, "top_k": 3, "max_answer_len": 2},
        {"inputs": {"question": "Who?", "context": long}, "top_k": 5, "doc_stride": 6},
        {"inputs": {"question": "Who?", "context": long}, "doc_stride": 0},
        {"inputs": {"question": "Who?", "context": long}, "top_k": 3, "max_seq_len": 20, "doc_stride": 5},
        {"inputs": {"question": "Who?", "context": long}, "top_k": 2, "handle_impossible_answer": True},
        {"inputs": {"question": "smile?", "context": odd}, "top_k": 3},
        {"inputs": {"question": pipelines.TEXTS[5], "context": pipelines.TEXTS[5]}, "top_k": 2},
        {"inputs": {"question": "Who?", "context": "Anna Anna anna"}, "top_k": 2},
        {"inputs": {"question": "Who?", "context": "Anna"}},
        {"inputs": {"question": "", "context": short}},
        {"inputs": {"question": "Who?", "context": ""}},
        {"inputs": {"question": long, "context": short}},
        {"inputs": asked, "top_k": 0},
        {"inputs": asked, "max_answer_len": 0},
        {"inputs": asked, "doc_stride": 64, "max_seq_len": 20},
    ]


def answer(pipe, call):
    arguments = dict(call)
    try:
        result = pipelines.plain(pipe(**arguments.pop("inputs"), **arguments))
        json.dumps(result, allow_nan=False)
        return {"result": result}
    except BaseException as e:  # noqa: BLE001 - the tokenizers library panics too
        return {"fails": f"{type(e).__name__}: {str(e)}".splitlines()[0][:160]}


def write_pipelines(out):
    pipelines.MODELS.update(MODELS)
    for name in MODELS:
        folder = os.path.join(out, name)
        pipelines.build(name, folder)
        pipe = T.pipeline(TASK, model=folder, tokenizer=folder, device="cpu", dtype=torch.float32)
        found = [{"task": TASK, "call": call, **answer(pipe, call)} for call in calls()]
        # Where windows hold no more than the stride, the library panics.
        found = [line for line in found if not line.get("fails", "").startswith("Panic")]
        with open(os.path.join(folder, "calls.jsonl"), "w", encoding="utf-8") as file:
            for line in found:
                print(json.dumps(line, ensure_ascii=False), file=file)
        print(name, len(found), "calls", [line["fails"] for line in found if "fails" in line])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["windows", "pipelines"])
    parser.add_argument("out")
    parser.add_argument("--scripts")
    options = parser.parse_args()
    if options.what == "windows":
        write_windows(options.out, options.scripts)
    else:
        write_pipelines(options.out)


if __name__ == "__main__":
    main()
