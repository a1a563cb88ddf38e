#!/usr/bin/env python3
"""Blocks of all quantized types of GGUF that are read, and their elements: make_gguf_block_fixtures.py OUT.safetensors [--check]

`<type>.bytes` are random blocks, then the first of them with each of SCALES as its scales; `<type>.values` is what the
gguf package reads out of them (of Q8_K, which it does not read, the product that ggml defines). `<type>.in` are numbers,
and `<type>.out` the blocks that the package makes of them.
"""
import argparse

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from safetensors.numpy import load_file, save_file

# Where the float16 scales of a block lie.
PLACES = {Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0], Type.Q2_K: [80, 82],
          Type.Q3_K: [108], Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208], Type.IQ4_NL: [0], Type.IQ4_XS: [0]}
# Zero, minus zero, the smallest number, a subnormal one, a negative one, the greatest, infinity, none.
SCALES = [0x0000, 0x8000, 0x0001, 0x83A5, 0xB266, 0x7BFF, 0x7C00, 0x7E00]


def blocks(rng, kind):
    _, size = gguf.GGML_QUANT_SIZES[kind]
    made = rng.integers(0, 256, (4, size), dtype=np.uint8)
    for place in PLACES[kind]:  # scales as models have them
        scales = rng.normal(0, 0.1, len(made)).astype("<f2").view(np.uint8).reshape(-1, 2)
        made[:, place:place + 2] = scales
    extremes = np.repeat(made[:1], len(SCALES), axis=0)
    for place in PLACES[kind]:
        extremes[:, place:place + 2] = np.array(SCALES, dtype="<u2").view(np.uint8).reshape(-1, 2)
    return np.concatenate([made, extremes])


def q8_k(rng):
    made = rng.integers(0, 256, (5, 292), dtype=np.uint8)
    made[:, :4] = np.array([0.01, -0.3, 0, 1e-42, 3e38], dtype="<f4").view(np.uint8).reshape(-1, 4)
    scales = made[:, :4].copy().view("<f4")
    return made, scales * made[:, 4:260].view(np.int8).astype(np.float32)


def numbers(rng):
    """Rows of 32: usual ones, steps and halves between them, equal greatest ones of both signs, zeros, tiny ones."""
    rows = [rng.normal(0, scale, 32) for scale in (1, 0.02, 1e3, 1e-6, 1e-9)]
    rows += [np.arange(32) - 15.5, np.arange(32) - 16, np.linspace(-127, 127, 32), np.linspace(-8, 7, 32)]
    rows += [np.zeros(32), -np.zeros(32), np.where(np.arange(32) % 2, 3.25, -3.25), np.full(32, -0.5)]
    rows += [np.where(np.arange(32) == 7, 127, (np.arange(32) - 16) / 2)]
    return np.array(rows, dtype=np.float32)


def tensors():
    rng = np.random.default_rng(17)
    made = {}
    with np.errstate(all="ignore"):
        for kind in PLACES:
            stored = blocks(rng, kind)
            made[f"{kind.name}.bytes"] = stored
            made[f"{kind.name}.values"] = np.concatenate([gguf.dequantize(block[None], kind) for block in stored])
        made["Q8_K.bytes"], made["Q8_K.values"] = q8_k(rng)
        values = numbers(rng)
        for kind in (Type.Q8_0, Type.Q4_0):
            made[f"{kind.name}.in"] = values
            made[f"{kind.name}.out"] = gguf.quantize(values, kind)
    return made


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    made = tensors()
    if args.check:
        there = load_file(args.out)
        assert made.keys() == there.keys()
        for name, values in made.items():
            assert np.array_equal(values, there[name], equal_nan=values.dtype.kind == "f"), name
    else:
        save_file(made, args.out)
