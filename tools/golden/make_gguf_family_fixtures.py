#!/usr/bin/env python3
"""Tiny models of all families that llama.cpp keeps, as GGUF files, and what transformers computes with them.

    make_gguf_family_fixtures.py OUT [--check]      needs torch, transformers, safetensors and gguf

`<name>.gguf` is written with the gguf package: names by its own tables (`get_tensor_name_map`), hyperparameters and
changes of tensors by the rules of llama.cpp's conversion. Matrices are of the types F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0
and Q5_1 in turn. `outputs.safetensors` holds `<name>.ids` and `<name>.out`: logits, or hidden states of a body, that
transformers computes with the numbers that the package reads out of the file.
"""
import argparse
import os

import gguf
import numpy as np
import torch
import transformers as tf
from gguf import MODEL_ARCH as Arch
from gguf import GGMLQuantizationType as Type
from safetensors.torch import load_file, save_file

TURN = [Type.F32, Type.Q8_0, Type.F16, Type.Q4_0, Type.BF16, Type.Q4_1, Type.Q5_0, Type.Q5_1]
SMALL = dict(vocab_size=64, hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=64)
YARN = dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16, rope_theta=20000.0)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=32, rope_theta=500.0)


def interleave(rows, heads):
    return rows.reshape(heads, 2, -1, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def separate(rows, heads):
    return rows.reshape(heads, -1, 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


class Family:
    """One file: a model, the architecture, and the changes of its tensors both ways."""
    def __init__(self, name, arch, model, skip=(), strip=""):
        self.name, self.arch, self.model, self.skip, self.strip = name, arch, model, skip, strip
        self.config = model.config

    def change(self, name):
        """To the file, and back."""
        same = (lambda x: x), (lambda x: x)
        heads = self.config.to_dict().get("num_attention_heads")
        kv = self.config.to_dict().get("num_key_value_heads")
        if self.arch == Arch.LLAMA and ".q_proj." in name:
            return (lambda x: interleave(x, heads)), (lambda x: separate(x, heads))
        if self.arch == Arch.LLAMA and ".k_proj." in name:
            return (lambda x: interleave(x, kv)), (lambda x: separate(x, kv))
        if self.arch in (Arch.GEMMA2, Arch.GEMMA3) and name.endswith("norm.weight"):
            return (lambda x: x + np.float32(1)), (lambda x: x - np.float32(1))
        if self.arch == Arch.GPT2 and ".h." in name and name.endswith("weight") and "ln_" not in name:
            return (lambda x: x.T), (lambda x: x.T)
        if self.name == "roberta" and "position_embeddings" in name:
            cut = self.config.pad_token_id + 1
            rows = self.model.state_dict()[name][:cut].numpy()
            return (lambda x: x[cut:]), (lambda x: np.concatenate([rows, x]))
        return same


def hyperparameters(w, family):
    c, arch = family.config, family.arch
    get = c.to_dict().get
    if arch in (Arch.T5, Arch.T5ENCODER):
        w.add_context_length(512)
        w.add_embedding_length(c.d_model)
        w.add_feed_forward_length(c.d_ff)
        w.add_block_count(c.num_layers)
        w.add_head_count(c.num_heads)
        w.add_key_length(c.d_kv)
        w.add_value_length(c.d_kv)
        w.add_layer_norm_eps(c.layer_norm_epsilon)
        w.add_layer_norm_rms_eps(c.layer_norm_epsilon)
        w.add_relative_attn_buckets_count(c.relative_attention_num_buckets)
        if arch == Arch.T5:
            w.add_decoder_block_count(c.num_decoder_layers)
            w.add_decoder_start_token_id(c.decoder_start_token_id)
        return
    w.add_block_count(c.num_hidden_layers)
    cut = c.pad_token_id + 1 if family.name == "roberta" else 0
    w.add_context_length(c.max_position_embeddings - cut)
    w.add_embedding_length(c.hidden_size)
    w.add_head_count(c.num_attention_heads)
    if arch == Arch.GPT2:
        w.add_feed_forward_length(c.n_inner)
        w.add_layer_norm_eps(c.layer_norm_epsilon)
        return
    w.add_feed_forward_length(get("intermediate_size") or get("hidden_dim"))
    if arch == Arch.BERT:
        w.add_layer_norm_eps(get("layer_norm_eps") or 1e-12)
        w.add_causal_attention(False)
        w.add_token_type_count(get("type_vocab_size") or 1)
        return
    w.add_head_count_kv(c.num_key_value_heads)
    w.add_layer_norm_rms_eps(c.rms_norm_eps)
    rope = c.rope_parameters
    full = rope.get("full_attention", rope)
    w.add_rope_freq_base(full["rope_theta"])
    if full["rope_type"] in ("yarn", "linear"):
        w.add_rope_scaling_type(gguf.RopeScalingType(full["rope_type"]))
        w.add_rope_scaling_factor(full["factor"])
    if full["rope_type"] == "yarn":
        w.add_rope_scaling_orig_ctx_len(full["original_max_position_embeddings"])
    if arch == Arch.LLAMA:
        w.add_rope_dimension_count(c.head_dim)
        w.add_vocab_size(c.vocab_size)
    if arch in (Arch.QWEN3, Arch.GEMMA2, Arch.GEMMA3):
        w.add_key_length(c.head_dim)
        w.add_value_length(c.head_dim)
    if arch == Arch.GEMMA2:
        w.add_attn_logit_softcapping(c.attn_logit_softcapping)
        w.add_final_logit_softcapping(c.final_logit_softcapping)
    if arch in (Arch.GEMMA2, Arch.GEMMA3):
        w.add_sliding_window(c.sliding_window)


def divisors(c):
    """As llama.cpp's conversion computes what Llama 3's frequencies are divided by."""
    rope, found = c.rope_parameters, []
    for i in range(0, c.head_dim, 2):
        wave = 2 * np.pi * rope["rope_theta"] ** (i / c.head_dim)
        low = rope["original_max_position_embeddings"] / rope["low_freq_factor"]
        high = rope["original_max_position_embeddings"] / rope["high_freq_factor"]
        smooth = (rope["original_max_position_embeddings"] / wave - rope["low_freq_factor"]) \
            / (rope["high_freq_factor"] - rope["low_freq_factor"])
        found.append(1 if wave < high else rope["factor"] if wave > low else 1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(found, dtype=np.float32)


def write(out, family):
    c = family.config
    layers = max(c.to_dict().get(key) or 0 for key in ("num_hidden_layers", "n_layer", "num_layers", "n_layers"))
    names = gguf.get_tensor_name_map(family.arch, layers)
    w = gguf.GGUFWriter(os.path.join(out, family.name + ".gguf"), gguf.MODEL_ARCH_NAMES[family.arch])
    hyperparameters(w, family)
    for add, key in ((w.add_bos_token_id, "bos_token_id"), (w.add_eos_token_id, "eos_token_id"),
                     (w.add_pad_token_id, "pad_token_id")):
        if getattr(c, key, None) is not None:
            add(getattr(c, key))
    if family.arch == Arch.LLAMA and c.rope_parameters["rope_type"] == "llama3":
        w.add_tensor("rope_freqs.weight", divisors(c))
    read, turn = {}, 0
    for name, tensor in family.model.state_dict().items():
        if any(part in name for part in family.skip):
            continue
        stored_name = names.get_name(name.removeprefix(family.strip), (".weight", ".bias"))
        assert stored_name, name
        to, back = family.change(name)
        values = np.ascontiguousarray(to(tensor.float().numpy()))
        kind = Type.F32
        if tensor.dim() == 2 and not any(p in stored_name for p in ("position_embd", "token_types", "attn_rel_b")):
            kind = TURN[turn % len(TURN)]
            turn += 1
        data = gguf.quantize(values, kind)
        w.add_tensor(stored_name, data, raw_dtype=kind)
        number = back(gguf.dequantize(data, kind).astype(np.float32))
        read[name] = torch.from_numpy(np.ascontiguousarray(number))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    family.model.load_state_dict(read, strict=False)


def models():
    torch.manual_seed(3)
    small = dict(SMALL)
    gemma = dict(SMALL, head_dim=16, query_pre_attn_scalar=16, sliding_window=4, hidden_activation="gelu_pytorch_tanh")
    bert = {k: v for k, v in SMALL.items() if k != "num_key_value_heads"}
    t5 = dict(vocab_size=64, d_model=32, d_kv=8, d_ff=32, num_layers=2, num_heads=4, relative_attention_num_buckets=8,
              decoder_start_token_id=0)
    skip_head = ("lm_head",)
    gemma3 = dict(gemma, num_hidden_layers=6)
    made = [
        Family("llama3", Arch.LLAMA, tf.LlamaForCausalLM(tf.LlamaConfig(**small, rope_parameters=LLAMA3, rms_norm_eps=1e-5))),
        Family("mistral", Arch.LLAMA, tf.MistralForCausalLM(tf.MistralConfig(**small, sliding_window=None))),
        Family("qwen2", Arch.QWEN2, tf.Qwen2ForCausalLM(tf.Qwen2Config(**small, tie_word_embeddings=True,
                                                                       rope_parameters=YARN)), skip_head),
        Family("qwen3", Arch.QWEN3, tf.Qwen3ForCausalLM(tf.Qwen3Config(**small, head_dim=16, tie_word_embeddings=False))),
        Family("gemma2", Arch.GEMMA2, tf.Gemma2ForCausalLM(tf.Gemma2Config(**gemma)), skip_head),
        Family("gemma3", Arch.GEMMA3, tf.Gemma3ForCausalLM(tf.Gemma3TextConfig(**gemma3)), skip_head),
        Family("gpt2", Arch.GPT2, tf.GPT2LMHeadModel(tf.GPT2Config(
            vocab_size=64, n_positions=64, n_embd=32, n_layer=2, n_head=4, n_inner=64, bos_token_id=0, eos_token_id=1)),
            skip_head),
        Family("bert", Arch.BERT, tf.BertModel(tf.BertConfig(**bert)), ("pooler",)),
        Family("roberta", Arch.BERT, tf.RobertaModel(tf.RobertaConfig(**bert, type_vocab_size=1)), ("pooler",)),
        Family("distilbert", Arch.BERT, tf.DistilBertModel(tf.DistilBertConfig(
            vocab_size=64, dim=32, hidden_dim=32, n_layers=2, n_heads=4, max_position_embeddings=64))),
        Family("t5", Arch.T5, tf.T5ForConditionalGeneration(tf.T5Config(**t5)), ("embed_tokens", "lm_head")),
        Family("t5-gated", Arch.T5, tf.T5ForConditionalGeneration(tf.T5Config(
            **t5, feed_forward_proj="gated-gelu", tie_word_embeddings=False)), ("embed_tokens",)),
        Family("t5-encoder", Arch.T5ENCODER, tf.T5EncoderModel(tf.T5Config(**t5)), ("embed_tokens",)),
    ]
    gated = next(family.model for family in made if family.name == "t5-gated")
    gated.lm_head.weight = torch.nn.Parameter(torch.randn(64, 32) * 0.1)  # the class ties it whatever the key says
    for family in made:  # norms and constants other than what all start with
        for name, tensor in family.model.state_dict().items():
            if tensor.dim() == 1:
                tensor.add_(torch.randn_like(tensor) * 0.1)
            elif "lm_head" not in name:
                tensor.mul_(4)
    return made


def outputs(family):
    ids = torch.arange(5, 29).view(2, 12)
    given = {"input_ids": ids}
    if family.arch == Arch.T5:
        given["decoder_input_ids"] = torch.arange(30, 40).view(2, 5)
    with torch.no_grad():
        return ids, family.model.eval()(**given)[0]


def make(out):
    found = {}
    for family in models():
        write(out, family)
        ids, result = outputs(family)
        found[f"{family.name}.ids"] = ids
        found[f"{family.name}.out"] = result.contiguous()
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    path = os.path.join(args.out, "outputs.safetensors")
    if args.check:
        import tempfile
        with tempfile.TemporaryDirectory() as again:
            made = make(again)
        for name, values in load_file(path).items():
            assert torch.allclose(values, made[name], rtol=1e-4, atol=1e-5), name
    else:
        save_file(make(args.out), path)
