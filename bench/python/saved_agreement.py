"""The Python side of bench/saved-agreement.sh: saved_agreement.py OUT

For each folder below OUT with answers.safetensors: the model that was trained whole, by transformers, the adapter on its
base, by PEFT, as it is and merged, and the model that jformers merged, by transformers; each beside what jformers answered.
"""
import glob
import os
import sys

import peft
import torch
import transformers
from safetensors.torch import load_file

TOLERANCE = 1e-5


def load(folder):
    config = transformers.AutoConfig.from_pretrained(folder)
    kind = getattr(transformers, config.architectures[0])
    model, report = kind.from_pretrained(folder, output_loading_info=True)
    left = {key: report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if report[key]}
    assert not left, f"{folder}: {left}"
    return model.eval()


def scores(output):
    """Of answers to questions, those of beginnings and ends."""
    if "start_logits" in output:
        return torch.stack((output.start_logits, output.end_logits), -1)
    return output.logits


def main(out):
    transformers.utils.logging.disable_progress_bar()
    print(f"transformers {transformers.__version__}, peft {peft.__version__}, torch {torch.__version__}")
    worst = 0
    for file in sorted(glob.glob(os.path.join(out, "*", "answers.safetensors"))):
        folder, tensors = os.path.dirname(file), load_file(file)
        inputs = {name[3:]: tensor for name, tensor in tensors.items() if name.startswith("in.")}
        with torch.no_grad():
            adapted = peft.PeftModel.from_pretrained(load(os.path.join(folder, "base")), os.path.join(folder, "adapter"))
            adapted.eval()
            answers = {
                "whole": (scores(load(os.path.join(folder, "whole"))(**inputs)), "whole"),
                "adapter": (scores(adapted(**inputs)), "adapter"),
                "merged here": (scores(load(os.path.join(folder, "merged"))(**inputs)), "merged"),
                "merged there": (scores(adapted.merge_and_unload()(**inputs)), "merged"),
            }
        errors = {name: (got - tensors[ours]).abs().max().item() for name, (got, ours) in answers.items()}
        moved = (tensors["whole"] - tensors["adapter"]).abs().max().item()
        assert moved > 100 * TOLERANCE, f"{folder}: both trainings give the same"
        print(f"{os.path.basename(folder):28}" + "  ".join(f"{name} {error:.1e}" for name, error in errors.items()))
        worst = max(worst, *errors.values())
    print(f"largest difference {worst:.1e}, allowed {TOLERANCE:.0e}")
    sys.exit(not worst <= TOLERANCE)


if __name__ == "__main__":
    main(sys.argv[1])
