#!/usr/bin/env python3
"""Values of single blocks, from torch.nn (torch 2.13.0, CPU, float32).

    python make_block_fixtures.py OUT.safetensors

Names are `<block>.<weight>`, `<block>.in.<input>` and `<block>.out.<output>`; weights have torch's names.
"""
import sys

import torch
from safetensors.torch import save_file
from torch import nn

WIDTH, HEADS, INNER = 12, 3, 17
TENSORS = {}


def put(block, module, **values):
    for name, weight in module.named_parameters():
        TENSORS[f"{block}.{name}"] = weight.detach().clone().contiguous()
    for name, value in values.items():
        TENSORS[f"{block}.{name.replace('_', '.', 1)}"] = value.detach().clone().contiguous()


def randomised(module):
    for name, weight in module.named_parameters():
        scale = "norm" in name or isinstance(module, (nn.LayerNorm, nn.RMSNorm))
        weight.data.normal_(1.0 if scale and name.endswith("weight") else 0.0, 0.4)
    return module.eval()


torch.manual_seed(5)
x = torch.randn(2, 5, WIDTH)
memory = torch.randn(2, 4, 7)
padding = torch.tensor([[False] * 5, [False, False, False, True, True]])
causal = torch.ones(5, 5, dtype=torch.bool).triu(1)

attention = randomised(nn.MultiheadAttention(WIDTH, HEADS, batch_first=True))
y, weights = attention(x, x, x, key_padding_mask=padding, attn_mask=causal, average_attn_weights=False)
put("self", attention, in_x=x, in_real=(~padding).long(), out_y=y, out_weights=weights)

cross = randomised(nn.MultiheadAttention(WIDTH, HEADS, batch_first=True, kdim=7, vdim=7))
y, weights = cross(x, memory, memory, average_attn_weights=False)
put("cross", cross, in_x=x, in_memory=memory, out_y=y, out_weights=weights)

for block, first, activation in (("post", False, "relu"), ("pre", True, "gelu")):
    layer = randomised(nn.TransformerEncoderLayer(WIDTH, HEADS, INNER, 0.0, activation, 1e-5, True, first))
    # torch's fast path has other kernels; gradients on keep to the plain one.
    put(block, layer, in_x=x, in_real=(~padding).long(), out_y=layer(x, src_key_padding_mask=padding))

norm = randomised(nn.LayerNorm(WIDTH, 1e-6))
put("layerNorm", norm, in_x=x, out_y=norm(x))
rms = randomised(nn.RMSNorm(WIDTH, 1e-6))
put("rmsNorm", rms, in_x=x, out_y=rms(x))

torch.manual_seed(11)
TENSORS["random.normal"] = torch.empty(3, 5).normal_(0, 0.02)
TENSORS["random.uniform"] = torch.empty(3, 5).uniform_(-0.5, 0.5)
save_file(TENSORS, sys.argv[1])
