"""The Python side of bench/saved-agreement.sh for vectors of texts and labels of images: saved_tunings.py OUT

Below OUT: for each folder with vectors.json what sentence-transformers makes of its texts from the folder model, for each with
scores.json what transformers' pipeline scores its images with; each beside what jformers answered.
"""
import glob
import json
import os
import sys

import sentence_transformers
import torch
import transformers

TOLERANCE = 1e-5


def vectors(folder, said):
    model = sentence_transformers.SentenceTransformer(os.path.join(folder, "model"), device="cpu")
    got = model.encode(said["texts"], convert_to_tensor=True)
    return (got - torch.tensor(said["vectors"])).abs().max().item()


def scores(folder, said):
    pipe = transformers.pipeline("image-classification", model=os.path.join(folder, "model"), device="cpu")
    worst = 0
    for file, ours in said.items():
        theirs = {label["label"]: label["score"] for label in pipe(file, function_to_apply="none")}
        assert theirs.keys() == ours.keys(), file
        worst = max(worst, *(abs(theirs[label] - ours[label]) for label in ours))
    return worst


def main(out):
    transformers.utils.logging.disable_progress_bar()
    print(f"transformers {transformers.__version__}, sentence-transformers {sentence_transformers.__version__}")
    worst = 0
    for kind, compare in (("vectors", vectors), ("scores", scores)):
        for file in sorted(glob.glob(os.path.join(out, "*", kind + ".json"))):
            with open(file, encoding="utf-8") as said:
                error = compare(os.path.dirname(file), json.load(said))
            print(f"{os.path.basename(os.path.dirname(file)):28}{kind} {error:.1e}")
            worst = max(worst, error)
    print(f"largest difference {worst:.1e}, allowed {TOLERANCE:.0e}")
    sys.exit(not worst <= TOLERANCE)


if __name__ == "__main__":
    main(sys.argv[1])
