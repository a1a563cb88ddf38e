"""Cases of LoRA adapters with what PEFT computes: make_adapter_cases.py REPOSITORY/conformance/src/test/resources/cases

Each folder has a base model, an adapter with random weights as PEFT saves it, and case.json.
"""

import json
import os
import shutil
import sys

import torch
import transformers as T
from peft import LoraConfig, PeftModel, get_peft_model

OUT = sys.argv[1]
TEXT = {"input_ids": [[5, 7, 3, 2, 9]]}
PAIR = {"input_ids": [[5, 7, 3, 2, 1]], "decoder_input_ids": [[0, 7, 9]]}
Q = ["q_proj"]


def llama(**more):
    return T.LlamaConfig(vocab_size=12, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
                         num_key_value_heads=2, intermediate_size=6, max_position_embeddings=16, **more)


TIED, UNTIED = llama(tie_word_embeddings=True), llama(tie_word_embeddings=False)
GPT2 = T.GPT2Config(vocab_size=12, n_embd=8, n_layer=1, n_head=2, n_positions=16)
BERT = T.BertConfig(vocab_size=12, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=6,
                    max_position_embeddings=16)
T5 = T.T5Config(vocab_size=12, d_model=8, d_kv=4, d_ff=6, num_layers=1, num_heads=2)
BART = T.BartConfig(vocab_size=12, d_model=8, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
                    decoder_attention_heads=2, encoder_ffn_dim=6, decoder_ffn_dim=6, max_position_embeddings=16)
MIXTRAL = T.MixtralConfig(vocab_size=12, hidden_size=8, num_hidden_layers=1, num_attention_heads=2,
                          num_key_value_heads=2, intermediate_size=12, max_position_embeddings=16,
                          num_local_experts=3, num_experts_per_tok=2)

CASES = {
    "llama-whole-table": ("LlamaForCausalLM", TIED, dict(target_modules=Q, modules_to_save=["embed_tokens"]), TEXT),
    "llama-whole-table-tied": ("LlamaForCausalLM", TIED, dict(
        target_modules=Q, modules_to_save=["embed_tokens"], ensure_weight_tying=True), TEXT),
    "llama-whole-output": ("LlamaForCausalLM", TIED, dict(target_modules=Q, modules_to_save=["lm_head"]), TEXT),
    "llama-table-and-output": ("LlamaForCausalLM", TIED, dict(target_modules=["lm_head", "embed_tokens"]), TEXT),
    "llama-untied-table": ("LlamaForCausalLM", UNTIED, dict(target_modules=["embed_tokens"]), TEXT),
    "llama-dora": ("LlamaForCausalLM", TIED, dict(target_modules=["q_proj", "down_proj"], use_dora=True), TEXT),
    "llama-rslora-bin": ("LlamaForCausalLM", TIED, dict(target_modules=["q_proj", "up_proj"], use_rslora=True), TEXT),
    "llama-tokens": ("LlamaForCausalLM", UNTIED, dict(
        target_modules=Q, trainable_token_indices={"embed_tokens": [3, 5], "lm_head": [7]}), TEXT),
    "gpt2-dora": ("GPT2LMHeadModel", GPT2, dict(
        target_modules=["c_attn", "c_proj"], use_dora=True, fan_in_fan_out=True), TEXT),
    "gpt2-biases": ("GPT2LMHeadModel", GPT2, dict(target_modules=["c_attn"], bias="all"), TEXT),
    "gpt2-table": ("GPT2LMHeadModel", GPT2, dict(target_modules=["c_attn", "wte"]), TEXT),
    "bert-lora-bias": ("BertForMaskedLM", BERT, dict(target_modules=["query", "value"], lora_bias=True), TEXT),
    "bert-output": ("BertForMaskedLM", BERT, dict(target_modules=["query", "decoder"]), TEXT),
    "bert-whole-head": ("BertForMaskedLM", BERT, dict(target_modules=["query"], modules_to_save=["cls"]), TEXT),
    "t5-output": ("T5ForConditionalGeneration", T5, dict(target_modules=["q", "v", "lm_head"]), PAIR),
    "bart-whole-output": ("BartForConditionalGeneration", BART, dict(
        target_modules=Q, modules_to_save=["lm_head"]), PAIR),
    "mixtral-experts": ("MixtralForCausalLM", MIXTRAL, dict(
        target_modules=Q, target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"]), TEXT),
    "mixtral-router": ("MixtralForCausalLM", MIXTRAL, dict(
        target_modules=Q, target_parameters=["mlp.gate.weight"]), TEXT),
}

torch.set_num_threads(1)
for name, (cls, config, lora, inputs) in CASES.items():
    folder = os.path.join(OUT, "lora-" + name)
    shutil.rmtree(folder, ignore_errors=True)
    base, adapter = os.path.join(folder, "base"), os.path.join(folder, "adapter")
    torch.manual_seed(1)
    model = getattr(T, cls)(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    model.save_pretrained(base)
    model = get_peft_model(getattr(T, cls).from_pretrained(base), LoraConfig(r=2, lora_alpha=4, **lora))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if parameter.requires_grad or "lora" in key:
                parameter.normal_(1 if "magnitude" in key else 0, 0.2)
    model.save_pretrained(adapter, safe_serialization=not name.endswith("bin"))
    os.remove(os.path.join(adapter, "README.md"))
    model = PeftModel.from_pretrained(getattr(T, cls).from_pretrained(base), adapter).eval()
    logits = model(**{key: torch.tensor(value) for key, value in inputs.items()}).logits
    case = {"op": "forward", "topic": "LoRA", "source": "peft 0.21", "correct": "as PeftModel", "folder": "base",
            "adapter": "adapter", "inputs": inputs, "outputs": ["logits"], "tolerance": 2e-4,
            "expected": {"logits": logits.flatten().tolist()}}
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump(case, file)
