#!/usr/bin/env python3
"""Training with LoRA, as PEFT does it: make_lora_training_fixtures.py OUT

For each of some tiny models: the base's folder, the adapter at its start (`start/`, B random so that it counts), the batch,
the losses of 20 steps of AdamW without dropout, the gradients of the first step (sum and norm of each matrix), the adapter
after them (`end/`) and the logits of the adapted and of the merged model.
"""
import json
import os
import sys

import torch
import transformers as T
from peft import LoraConfig, get_peft_model

OUT = sys.argv[1]
STEPS, RATE = 20, 1e-2
COMMON = dict(vocab_size=17, num_hidden_layers=2, num_attention_heads=2)
ENCODER = dict(hidden_size=8, intermediate_size=12, max_position_embeddings=16, hidden_dropout_prob=0.0,
               attention_probs_dropout_prob=0.0, num_labels=3, **COMMON)
IDS = [[5, 7, 3, 2, 9], [4, 6, 8, 11, 13]]

CASES = {
    "bert-classes": (T.BertForSequenceClassification, T.BertConfig(**ENCODER), dict(task_type="SEQ_CLS"), [2, 0]),
    "roberta-tags": (T.RobertaForTokenClassification, T.RobertaConfig(pad_token_id=1, **ENCODER),
                     dict(task_type="TOKEN_CLS", target_modules=["query", "key", "output.dense"]),
                     [[0, 1, 2, 0, -100], [1, 1, -100, 2, 0]]),
    "distilbert-classes": (T.DistilBertForSequenceClassification, T.DistilBertConfig(
        vocab_size=17, dim=8, hidden_dim=12, n_layers=2, n_heads=2, max_position_embeddings=16, dropout=0.0,
        attention_dropout=0.0, seq_classif_dropout=0.0, num_labels=3),
        dict(task_type="SEQ_CLS", target_modules=["q_lin", "v_lin"], modules_to_save=["pre_classifier", "classifier"], use_rslora=True), [1, 2]),
    "gpt2-words": (T.GPT2LMHeadModel, T.GPT2Config(
        vocab_size=17, n_embd=8, n_layer=2, n_head=2, n_positions=16, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0),
        dict(task_type="CAUSAL_LM", target_modules=["c_attn", "mlp.c_proj"], fan_in_fan_out=True), IDS),
    "llama-words": (T.LlamaForCausalLM, T.LlamaConfig(
        hidden_size=8, intermediate_size=12, num_key_value_heads=1, max_position_embeddings=16, **COMMON),
        dict(task_type="CAUSAL_LM", target_modules=["q_proj", "v_proj", "down_proj"]), IDS),
}


def main():
    torch.set_num_threads(1)
    for name, (kind, config, lora, labels) in CASES.items():
        torch.manual_seed(5)
        model = kind(config)
        folder = os.path.join(OUT, name)
        model.save_pretrained(os.path.join(folder, "base"))
        model = get_peft_model(model, LoraConfig(r=2, lora_alpha=6, lora_dropout=0.0, **lora))
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if "lora_B" in key:
                    parameter.normal_(0, 0.1)
        model.save_pretrained(os.path.join(folder, "start"))
        trained = {k: p for k, p in model.named_parameters() if p.requires_grad}
        decayed = [p for k, p in trained.items() if p.dim() > 1]
        others = [p for k, p in trained.items() if p.dim() <= 1]
        opt = torch.optim.AdamW([{"params": decayed}, {"params": others, "weight_decay": 0.0}], lr=RATE, eps=1e-6,
                                weight_decay=0.01)
        ids, target = torch.tensor(IDS), torch.tensor(labels)
        losses, gradients = [], {}
        model.train()
        for step in range(STEPS):
            opt.zero_grad()
            loss = model(input_ids=ids, labels=target).loss
            loss.backward()
            if step == 0:
                gradients = {k.replace(".default", "").replace(".modules_to_save", ""):
                             [p.grad.sum().item(), p.grad.norm().item()] for k, p in trained.items()}
            opt.step()
            losses.append(loss.item())
        model.eval()
        model.save_pretrained(os.path.join(folder, "end"))
        with torch.no_grad():
            logits = model(input_ids=ids).logits.flatten().tolist()
        with open(os.path.join(folder, "lora.json"), "w") as out:
            json.dump({"input_ids": IDS, "labels": labels, "rate": RATE, "losses": losses, "gradients": gradients,
                       "logits": logits}, out)
        for part in ("start", "end"):
            os.remove(os.path.join(folder, part, "README.md"))


if __name__ == "__main__":
    main()
