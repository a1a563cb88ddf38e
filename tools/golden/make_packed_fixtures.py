#!/usr/bin/env python3
"""A tiny Llama in the layouts of quantized folders, and what transformers computes with the numbers they stand for.

    make_packed_fixtures.py OUT [--check]      needs torch, transformers, safetensors

Each folder is written after the published layout: GPTQ (AutoGPTQ's, in both formats, with groups of neighbours, of all
inputs and in the order of activations), AWQ (AutoAWQ's gemm), bitsandbytes (int8; nf4 with double quantization; fp4),
fp8 (by block, by channel, by tensor) and compressed-tensors' whole numbers (8 bits, and 4 bits packed). `golden.safetensors` in it holds `in.input_ids`, `out.logits` and `q_proj`, the first
projection's numbers. Numbers are computed here with numpy from what is packed, not before it is packed.
"""
import argparse
import json
import os

import numpy as np
import torch
import transformers as tf
from safetensors.torch import load_file, save_file

CONFIG = dict(vocab_size=32, hidden_size=64, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
              num_key_value_heads=1, head_dim=32, max_position_embeddings=32, tie_word_embeddings=True)
NF4 = [-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
       -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
       0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0]
FP4 = [0.0, 0.0052083334885537624, 0.6666666865348816, 1.0, 0.3333333432674408, 0.5, 0.1666666716337204, 0.25,
       -0.0, -0.0052083334885537624, -0.6666666865348816, -1.0, -0.3333333432674408, -0.5, -0.1666666716337204, -0.25]


def pack(values, bits, axis):
    """Whole numbers along an axis into int32, the first one in the lowest bits."""
    values = np.moveaxis(values.astype(np.int64), axis, 0)
    per = 32 // bits
    words = sum(values[k::per] << (bits * k) for k in range(per))
    return torch.from_numpy(np.moveaxis(words, 0, axis).astype(np.uint32).view(np.int32).copy())


def gptq(weight, rng, bits=4, group=32, act=False, offset=1):
    out, inputs = weight.shape
    size = inputs if group == -1 else group
    order = rng.permutation(inputs) if act else np.arange(inputs)
    g_idx = np.empty(inputs, dtype=np.int32)
    g_idx[order] = np.arange(inputs) // size
    groups, top = int(g_idx.max()) + 1, 2 ** bits - 1
    scales = np.empty((groups, out), dtype=np.float16)
    zeros = np.empty((groups, out), dtype=np.int64)
    for g in range(groups):
        part = weight[:, g_idx == g]
        low, high = np.minimum(part.min(1), 0), np.maximum(part.max(1), 0)
        scales[g] = (high - low) / top
        zeros[g] = np.clip(np.round(-low / scales[g].astype(np.float32)), 0, top)
    zeros[0, 0] = 0  # which the first format stores as -1
    q = np.clip(np.round(weight / scales.astype(np.float32)[g_idx].T) + zeros[g_idx].T, 0, top).astype(np.int64)
    numbers = scales.astype(np.float32)[g_idx].T * (q - zeros[g_idx].T).astype(np.float32)
    parts = {"qweight": pack(q.T, bits, 0), "qzeros": pack((zeros - offset) & top, bits, 1),
             "scales": torch.from_numpy(scales), "g_idx": torch.from_numpy(g_idx)}
    return parts, numbers


def awq(weight, rng, group=32):
    out, inputs = weight.shape
    parts = weight.reshape(out, -1, group)
    low, high = np.minimum(parts.min(2), 0), np.maximum(parts.max(2), 0)
    scales = ((high - low) / 15).astype(np.float16)
    zeros = np.clip(np.round(-low / scales.astype(np.float32)), 0, 15)
    q = np.clip(np.round(parts / scales.astype(np.float32)[..., None]) + zeros[..., None], 0, 15)
    numbers = (scales.astype(np.float32)[..., None] * (q - zeros[..., None]).astype(np.float32)).reshape(out, inputs)
    order = [0, 2, 4, 6, 1, 3, 5, 7]
    ordered = lambda values: values.reshape(values.shape[0], -1, 8)[..., order].reshape(values.shape[0], -1)
    made = {"qweight": pack(ordered(q.reshape(out, inputs).T), 4, 1), "qzeros": pack(ordered(zeros.T), 4, 1),
            "scales": torch.from_numpy(np.ascontiguousarray(scales.T))}
    return made, numbers


def int8(weight, rng):
    scb = np.abs(weight).max(1).astype(np.float32)
    q = np.round(weight * (127 / scb)[:, None]).astype(np.int8)
    numbers = q.astype(np.float32) * scb[:, None] * np.float32(7.874015718698502e-3)
    return {"weight": torch.from_numpy(q), "SCB": torch.from_numpy(scb), "weight_format": torch.tensor(0, dtype=torch.uint8)}, numbers


def four(weight, rng, table=NF4, kind="nf4", nested=True, block=64):
    table = np.array(table, dtype=np.float32)
    flat = weight.reshape(-1, block)
    absmax = np.abs(flat).max(1).astype(np.float32)
    state = {"quant_type": kind, "blocksize": block, "dtype": "float16", "shape": list(weight.shape)}
    made = {}
    if nested:
        outer_table = np.sort(rng.uniform(-1, 1, 256)).astype(np.float32)
        offset = np.float32(absmax.mean())
        pieces = (absmax - offset)
        size = 16
        outer = np.array([np.abs(pieces[i:i + size]).max() for i in range(0, len(pieces), size)], dtype=np.float32)
        spread = np.repeat(outer, size)[:len(pieces)]
        index = np.abs(pieces[:, None] / spread[:, None] - outer_table).argmin(1).astype(np.uint8)
        absmax = outer_table[index] * spread + offset
        state.update(nested_blocksize=size, nested_dtype="float32", nested_offset=float(offset))
        made["weight.nested_absmax"] = torch.from_numpy(outer)
        made["weight.nested_quant_map"] = torch.from_numpy(outer_table)
        made["weight.absmax"] = torch.from_numpy(index)
    else:
        made["weight.absmax"] = torch.from_numpy(absmax)
    q = np.abs(flat[..., None] / absmax[:, None, None] - table).argmin(2).astype(np.uint8)
    numbers = (table[q] * absmax[:, None]).reshape(weight.shape)
    q = q.reshape(-1)
    made["weight"] = torch.from_numpy((q[::2] << 4 | q[1::2])[:, None].copy())
    made["weight.quant_map"] = torch.from_numpy(table)
    text = json.dumps(state).encode()
    made[f"weight.quant_state.bitsandbytes__{kind}"] = torch.tensor(list(text), dtype=torch.uint8)
    return made, numbers


def float8(weight, rng, block=None, scale_name="weight_scale_inv", dtype=torch.float32, extra=()):
    out, inputs = weight.shape
    rows, columns = block or (out, inputs)
    scales = np.array([[np.abs(weight[r:r + rows, c:c + columns]).max() / 448 for c in range(0, inputs, columns)]
                       for r in range(0, out, rows)], dtype=np.float32)
    stored = torch.from_numpy(scales).to(dtype)
    spread = np.repeat(np.repeat(stored.float().numpy(), rows, 0), columns, 1)[:out, :inputs]
    q = torch.from_numpy(weight / spread).to(torch.float8_e4m3fn)
    if block is None:
        stored = stored.reshape(())
    numbers = q.float().numpy() * spread
    return {"weight": q, scale_name: stored, **{name: torch.ones(1) for name in extra}}, numbers


def integers(weight, rng, bits=8, group=None, symmetric=True, packed=False):
    out, inputs = weight.shape
    parts = weight.reshape(out, -1, group or inputs)
    low, high = np.minimum(parts.min(2), 0), np.maximum(parts.max(2), 0)
    top = 2 ** (bits - 1)
    if symmetric:
        scales, zeros = np.maximum(-low, high) / (top - 0.5), np.zeros(low.shape)
    else:
        scales = (high - low) / (2 * top - 1)
        zeros = np.clip(np.round(-low / scales) - top, -top, top - 1)
    scales = torch.from_numpy(scales).bfloat16()
    spread = scales.float().numpy()[..., None]
    q = np.clip(np.round(parts / spread) + zeros[..., None], -top, top - 1)
    numbers = (spread * (q - zeros[..., None]).astype(np.float32)).reshape(out, inputs)
    q = q.reshape(out, inputs).astype(np.int8)
    made = {"weight_scale": scales}
    if packed:
        made["weight_packed"] = pack(q.astype(np.int64) + top, bits, 1)
        made["weight_shape"] = torch.tensor(weight.shape)
    else:
        made["weight"] = torch.from_numpy(q)
    if not symmetric:
        made["weight_zero_point"] = (pack(zeros.astype(np.int64) + top, bits, 0) if packed
                                     else torch.from_numpy(zeros.astype(np.int8)))
    return made, numbers


def folders():
    fp8 = dict(quant_method="fp8", activation_scheme="dynamic")
    group = lambda strategy: {"group_0": {"targets": ["Linear"], "input_activations": None,
                                          "weights": dict(num_bits=8, type="float", strategy=strategy, symmetric=True)}}
    whole = lambda form, **weights: dict(
        compressed, format=form, config_groups={"group_0": {"targets": ["Linear"], "weights": dict(type="int", **weights)}})
    compressed = dict(quant_method="compressed-tensors", format="float-quantized", ignore=["lm_head"])
    method = lambda **more: dict(dict(quant_method="gptq", bits=4, group_size=32, desc_act=False, sym=False), **more)
    bnb = dict(quant_method="bitsandbytes", load_in_4bit=False, load_in_8bit=False, bnb_4bit_quant_storage="uint8")
    return {
        "gptq": (method(), lambda w, r: gptq(w, r)),
        "gptq-8-act": (method(bits=8, desc_act=True, checkpoint_format="gptq"), lambda w, r: gptq(w, r, 8, 32, True)),
        "gptq-v2": (method(group_size=-1, checkpoint_format="gptq_v2"), lambda w, r: gptq(w, r, group=-1, offset=0)),
        "awq": (dict(quant_method="awq", bits=4, group_size=32, version="gemm", zero_point=True), awq),
        "bnb-int8": (dict(bnb, load_in_8bit=True), int8),
        "bnb-nf4": (dict(bnb, load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True), four),
        "bnb-fp4": (dict(bnb, load_in_4bit=True, bnb_4bit_quant_type="fp4"),
                    lambda w, r: four(w, r, FP4, "fp4", False)),
        "fp8-block": (dict(fp8, weight_block_size=[24, 48]), lambda w, r: float8(w, r, (24, 48))),
        "fp8-tensor": (dict(fp8, activation_scheme="static"),
                       lambda w, r: float8(w, r, extra=("activation_scale",))),
        "fbgemm": (dict(quant_method="fbgemm_fp8"), lambda w, r: float8(w, r, (1, w.shape[1]), "weight_scale")),
        "compressed": (dict(compressed, config_groups=group("channel")),
                       lambda w, r: float8(w, r, (1, w.shape[1]), "weight_scale", torch.bfloat16, ("input_scale",))),
        "integers-8": (whole("int-quantized", num_bits=8, strategy="channel", symmetric=True), integers),
        "integers-8-asymmetric": (whole("int-quantized", num_bits=8, strategy="group", group_size=32, symmetric=False),
                                  lambda w, r: integers(w, r, 8, 32, False)),
        "integers-4": (whole("pack-quantized", num_bits=4, strategy="group", group_size=32, symmetric=False),
                       lambda w, r: integers(w, r, 4, 32, False, True)),
        "integers-4-symmetric": (whole("pack-quantized", num_bits=4, strategy="channel", symmetric=True),
                                 lambda w, r: integers(w, r, 4, None, True, True)),
    }


def make(out):
    torch.manual_seed(11)
    model = tf.LlamaForCausalLM(tf.LlamaConfig(**CONFIG)).eval()
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.add_(torch.randn_like(tensor) * 0.08)
    original = {name: tensor.clone().half().float() for name, tensor in model.state_dict().items()}
    ids = torch.arange(3, 23).view(2, 10)
    for name, (settings, quantize) in folders().items():
        rng = np.random.default_rng(5)
        stored, numbers = {}, dict(original)
        for key, tensor in original.items():
            if key == "lm_head.weight":
                continue
            if not key.endswith("_proj.weight"):
                stored[key] = tensor.half()
                continue
            parts, values = quantize(tensor.numpy(), rng)
            module = key.removesuffix(".weight")
            stored.update({f"{module}.{part}": value.contiguous() for part, value in parts.items()})
            numbers[key] = torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
        model.load_state_dict(numbers)
        with torch.no_grad():
            logits = model(ids).logits
        folder = os.path.join(out, name)
        os.makedirs(folder, exist_ok=True)
        config = dict(CONFIG, model_type="llama", architectures=["LlamaForCausalLM"], quantization_config=settings)
        with open(os.path.join(folder, "config.json"), "w") as file:
            json.dump(config, file, indent=2, sort_keys=True)
            file.write("\n")
        save_file(stored, os.path.join(folder, "model.safetensors"), {"format": "pt"})
        save_file({"in.input_ids": ids, "out.logits": logits.contiguous(),
                   "q_proj": numbers["model.layers.0.self_attn.q_proj.weight"]},
                  os.path.join(folder, "golden.safetensors"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if args.check:
        import tempfile
        with tempfile.TemporaryDirectory() as again:
            make(again)
            for name in folders():
                for file in ("model", "golden"):
                    there = load_file(os.path.join(args.out, name, file + ".safetensors"))
                    made = load_file(os.path.join(again, name, file + ".safetensors"))
                    for key, values in there.items():
                        assert torch.allclose(values.float(), made[key].float(), rtol=1e-5, atol=1e-5), (name, key)
    else:
        make(args.out)
