"""The Python side of bench/adapters.sh: PEFT loads what AdapterForms wrote.

    adapters.py FOLDER
"""
import json
import os
import sys
import warnings

import torch
import transformers
from peft import PeftModel

LOGITS, WEIGHTS = 1e-5, 1e-6
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


def load(folder):
    with open(folder + "/config.json") as config:
        kind = json.load(config)["architectures"][0]
    return getattr(transformers, kind).from_pretrained(folder).eval()


def check(folder):
    with open(folder + "/logits.json") as file:
        record = json.load(file)
    ids = torch.tensor(record["input_ids"])
    expected = torch.tensor(record["logits"])

    def error(model):
        inputs = {"input_ids": ids} | ({"decoder_input_ids": ids} if model.config.is_encoder_decoder else {})
        with torch.no_grad():
            return (model(**inputs).logits.flatten() - expected).abs().max().item()

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        adapted = PeftModel.from_pretrained(load(folder + "/base"), folder + "/adapter").eval()
    lacking = [str(one.message) for one in warned if "missing" in str(one.message).lower()]
    merged = load(folder + "/merged")
    attached, ours = error(adapted), error(merged)
    theirs = adapted.merge_and_unload().state_dict()
    weights = max((theirs[name] - value).abs().max().item() for name, value in merged.state_dict().items())
    print(f"{os.path.basename(folder):22} PeftModel {attached:.1e}, merged folder {ours:.1e}, "
          f"weights beside merge_and_unload {weights:.1e}", *lacking)
    return attached <= LOGITS and ours <= LOGITS and weights <= WEIGHTS and not lacking


folders = sorted(os.path.join(sys.argv[1], name) for name in os.listdir(sys.argv[1]))
sys.exit(0 if all([check(folder) for folder in folders]) else 1)
