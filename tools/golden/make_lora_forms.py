#!/usr/bin/env python3
"""The forms that adapters of PEFT have: make_lora_forms.py testkit/src/test/resources/lora

For each of some tiny models: the base's folder, adapters with random weights as PEFT saves them, and in `logits.json` the
input, the logits of the base and those of PeftModel with each adapter.
"""
import json
import os
import shutil
import sys

import torch
import transformers as T
from peft import LoraConfig, PeftModel, get_peft_model

OUT = sys.argv[1]
COMMON = dict(vocab_size=17, num_hidden_layers=2, num_attention_heads=2)
TEXT = {"input_ids": [[5, 7, 3, 2, 9], [4, 6, 8, 11, 13]]}
PAIR = TEXT | {"decoder_input_ids": [[0, 7, 9], [0, 4, 4]]}
CLASSES = dict(task_type="SEQ_CLS")
WORDS = dict(task_type="CAUSAL_LM")

CASES = {
    "bert": (T.BertForSequenceClassification, T.BertConfig(
        hidden_size=8, intermediate_size=12, max_position_embeddings=16, num_labels=3, **COMMON), TEXT, {
            "plain": dict(target_modules=["query", "value"], **CLASSES),
            "lora-only": dict(target_modules=["query", "output.dense"], bias="lora_only", **CLASSES),
            "regex-all-biases": dict(target_modules=r".*layer\.1\.(attention\.self\.(query|key)|output\.dense)",
                                     bias="all", use_rslora=True, **CLASSES)}),
    "gpt2": (T.GPT2LMHeadModel, T.GPT2Config(vocab_size=17, n_embd=8, n_layer=3, n_head=2, n_positions=16), TEXT, {
        "ranks": dict(target_modules=["c_attn", "mlp.c_proj"], fan_in_fan_out=True, layers_to_transform=[0, 2],
                      rank_pattern={r"h\.2\..*c_attn": 3, "c_proj": 1}, alpha_pattern={"c_attn": 5}, **WORDS),
        "gaussian": dict(target_modules="all-linear", fan_in_fan_out=True, init_lora_weights="gaussian", **WORDS)}),
    "llama": (T.LlamaForCausalLM, T.LlamaConfig(
        hidden_size=8, intermediate_size=12, num_key_value_heads=1, max_position_embeddings=16, **COMMON), TEXT, {
            "excluded": dict(target_modules="all-linear", exclude_modules=["down_proj"], use_rslora=True, **WORDS),
            "layers": dict(target_modules=["q_proj", "up_proj"], layers_to_transform=1, layers_pattern="layers",
                           **WORDS),
            "output": dict(target_modules=["v_proj"], modules_to_save=["lm_head"], **WORDS)}),
    "t5": (T.T5ForConditionalGeneration, T.T5Config(
        vocab_size=17, d_model=8, d_kv=4, d_ff=12, num_layers=2, num_heads=2, tie_word_embeddings=False), PAIR, {
            # PEFT 0.21 makes nothing of SEQ_2_SEQ_LM with transformers 5.18.
            "decoder": dict(target_modules=r"decoder\..*(SelfAttention|EncDecAttention)\.[qv]")}),
}


def logits(model, inputs):
    with torch.no_grad():
        return model(**{key: torch.tensor(value) for key, value in inputs.items()}).logits.flatten().tolist()


def main():
    torch.set_num_threads(1)
    for name, (kind, config, inputs, adapters) in CASES.items():
        torch.manual_seed(7)
        folder = os.path.join(OUT, name)
        shutil.rmtree(folder, ignore_errors=True)
        base = os.path.join(folder, "base")
        kind(config).eval().save_pretrained(base)
        record = {"inputs": inputs, "base": logits(kind.from_pretrained(base).eval(), inputs), "adapters": {}}
        for adapter, lora in adapters.items():
            model = get_peft_model(kind.from_pretrained(base), LoraConfig(**(dict(r=2, lora_alpha=6) | lora)))
            with torch.no_grad():
                for key, parameter in model.named_parameters():
                    if parameter.requires_grad and "lora_A" not in key:
                        parameter.normal_(0, 0.3)
            path = os.path.join(folder, adapter)
            model.save_pretrained(path)
            os.remove(os.path.join(path, "README.md"))
            settings = os.path.join(path, "adapter_config.json")
            with open(settings) as file:
                text = file.read().replace(json.dumps(base), '"base"')  # no path of this machine
            with open(settings, "w") as file:
                file.write(text)
            record["adapters"][adapter] = logits(
                PeftModel.from_pretrained(kind.from_pretrained(base), path).eval(), inputs)
        with open(os.path.join(folder, "logits.json"), "w") as file:
            json.dump(record, file)


if __name__ == "__main__":
    main()
