"""A tiny GPT-2 as pytorch_model.bin, its names inside the modules of data parallel training and of torch.compile.

Usage: python make_wrapped_folder.py OUT
"""

import json
import pathlib
import sys

import torch
from transformers import GPT2Config, GPT2LMHeadModel

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
torch.manual_seed(3)
torch.set_num_threads(1)
config = GPT2Config(vocab_size=11, n_positions=8, n_embd=4, n_layer=1, n_head=2)
weights = {}
for name, tensor in GPT2LMHeadModel(config).state_dict().items():
    if name != "lm_head.weight":
        weights["module." + name.replace("mlp.", "mlp._orig_mod.")] = tensor.clone()
torch.save(weights, out / "pytorch_model.bin")
keys = ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head")
text = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]} | {key: getattr(config, key) for key in keys}
(out / "config.json").write_text(json.dumps(text, indent=2) + "\n")
