#!/usr/bin/env python3
"""Figures of rankings: make_ranking_fixture.py train/src/test/resources/metrics/ranking.json

MRR at 10 by sentence-transformers 6.0.1's evaluator of cross-encoders, average precision by scikit-learn 1.9.1.
"""
import json
import sys

import numpy as np
from sentence_transformers.cross_encoder.evaluation import CrossEncoderRerankingEvaluator
from sklearn.metrics import average_precision_score


def case(r, queries, texts, share, digits):
    names, relevant, scores, reciprocal = [], [], [], []
    evaluator = CrossEncoderRerankingEvaluator(samples=[], at_k=10)
    for query in range(queries):
        labels = (r.random(texts) < share).astype(int)
        labels[r.integers(texts)] = 1
        # Within a query no two are equal, whose order is left to chance there.
        own = r.choice(10 ** digits, texts, replace=False) / 10 ** digits
        reciprocal.append(evaluator.compute_metrics(labels.tolist(), own)[0])
        names += [f"q{query}"] * texts
        relevant += labels.tolist()
        scores += own.tolist()
    order = r.permutation(len(names))
    return {"queries": [names[i] for i in order], "relevant": [relevant[i] for i in order],
            "scores": [scores[i] for i in order], "mrr": float(np.mean(reciprocal)),
            "average_precision": float(average_precision_score(relevant, scores))}


def main():
    r = np.random.default_rng(3)
    cases = [case(r, *of) for of in ((1, 2, 0, 1), (3, 5, 0.2, 1), (4, 24, 0.02, 2), (6, 8, 0.5, 2), (2, 30, 0.0, 4))]
    with open(sys.argv[1], "w") as file:
        json.dump({"cases": cases}, file, separators=(",", ":"))
        file.write("\n")
    print([round(each["mrr"], 4) for each in cases])


main()
