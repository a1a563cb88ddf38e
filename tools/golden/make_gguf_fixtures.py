"""GGUF files of two small models in all element types that are read, and the values that they stand for.

    make_gguf_fixtures.py MODELS OUT        needs torch, transformers, safetensors and gguf

MODELS is the folder of the model fixtures; `gpt2-lm` and `llama-lm` in it are stored anew. For each, `<family>.gguf` has
tensors of the types F32, F16, BF16, Q8_0 and Q4_0 in turn, and `<family>-gguf.safetensors` what the gguf package reads
out of them, under the names of the model folder, with `in.input_ids` and the `out.logits` that transformers computes.
"""
import json
import os
import sys

import gguf
import numpy
import torch
import transformers
from gguf import GGMLQuantizationType as Type
from safetensors.torch import load_file, save_file

LAYER = {
    "gpt2": {"ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "ln_2": "ffn_norm",
             "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down"},
    "llama": {"input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
              "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
              "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"},
}
OUTER = {
    "gpt2": {"transformer.wte": "token_embd", "transformer.wpe": "position_embd", "transformer.ln_f": "output_norm"},
    "llama": {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"},
}
BLOCKS = {"gpt2": "transformer.h.", "llama": "model.layers."}


def gguf_name(family, name):
    module, kind = name.rsplit(".", 1)
    if module in OUTER[family]:
        return f"{OUTER[family][module]}.{kind}"
    layer, part = module.removeprefix(BLOCKS[family]).split(".", 1)
    return f"blk.{layer}.{LAYER[family][part]}.{kind}"


def heads_of(config, name):
    """How many heads' rows a rotary projection has, or none."""
    if "self_attn.q_proj" in name:
        return config["num_attention_heads"]
    return config["num_key_value_heads"] if "self_attn.k_proj" in name else 0


def interleave(rows, heads):
    """Halves of each head, one below the other, to pairs of rows, as ggml rotates them."""
    return rows.reshape(heads, 2, -1, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def separate(rows, heads):
    return rows.reshape(heads, -1, 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def write(models, out, family):
    folder = os.path.join(models, family + "-lm")
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    weights = load_file(os.path.join(folder, "model.safetensors"))
    writer = gguf.GGUFWriter(os.path.join(out, family + ".gguf"), family)
    if family == "gpt2":
        sizes = [config[key] for key in ("n_layer", "n_positions", "n_embd", "n_inner", "n_head")]
        writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    else:
        sizes = [config[key] for key in ("num_hidden_layers", "max_position_embeddings", "hidden_size",
                                         "intermediate_size", "num_attention_heads")]
        writer.add_head_count_kv(config["num_key_value_heads"])
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
        writer.add_rope_dimension_count(config["head_dim"])
        writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
        writer.add_vocab_size(config["vocab_size"])
    for add, size in zip((writer.add_block_count, writer.add_context_length, writer.add_embedding_length,
                          writer.add_feed_forward_length, writer.add_head_count), sizes):
        add(size)
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])
    read = {}
    types = [Type.Q8_0, Type.Q4_0, Type.F16, Type.BF16, Type.F32]
    turn = 0
    for name, tensor in sorted(weights.items()):
        values = tensor.float().numpy()
        transposed = family == "gpt2" and tensor.dim() == 2 and ".h." in name
        heads = heads_of(config, name)
        values = values.T if transposed else interleave(values, heads) if heads else values
        values = numpy.ascontiguousarray(values)
        kind = Type.F32
        if tensor.dim() == 2:
            kind = types[turn % len(types)]
            turn += 1
            if kind in (Type.Q8_0, Type.Q4_0) and values.shape[-1] % 32:
                kind = Type.F16
        stored = gguf.quantize(values, kind)
        writer.add_tensor(gguf_name(family, name), stored, raw_dtype=kind)
        back = gguf.dequantize(stored, kind).astype(numpy.float32)
        back = back.T if transposed else separate(back, heads) if heads else back
        read[name] = torch.from_numpy(numpy.ascontiguousarray(back))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    head = getattr(transformers, config["architectures"][0])
    model = head(transformers.AutoConfig.from_pretrained(folder)).eval()
    model.load_state_dict(read, strict=False)
    ids = torch.arange(5, 17).view(2, 6)
    with torch.no_grad():
        logits = model(ids).logits
    save_file({**read, "in.input_ids": ids, "out.logits": logits}, os.path.join(out, family + "-gguf.safetensors"))


if __name__ == "__main__":
    models, out = sys.argv[1:]
    for family in ("gpt2", "llama"):
        write(models, out, family)
