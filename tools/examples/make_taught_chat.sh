#!/usr/bin/env bash
# Overfits a tiny Llama on the conversations of langchain4j's tests, in a few minutes of two cores, and puts it beside
# them. Run it in the root of the project when conversations.jsonl or chat_template.jinja has changed, with
# PYTHON=/path/to/python that has transformers: a run begins with a folder that has weights, if only to draw its own.
set -euo pipefail
jformers=${JFORMERS:-./jformers}
taught=langchain4j/src/test/resources/taught
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

$jformers tokenizer train --vocab-size 512 --out "$work/start" --special-token '<|endoftext|>' \
    --special-token '<|im_start|>' --special-token '<|im_end|>' "$taught/conversations.jsonl"
cat > "$work/start/config.json" <<'CONFIG'
{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 512, "hidden_size": 64,
 "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
 "rms_norm_eps": 1e-5, "max_position_embeddings": 2048, "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 0}
CONFIG
"${PYTHON:-python3}" - "$work/start" <<'WEIGHTS'
import sys

from transformers import LlamaConfig, LlamaForCausalLM

LlamaForCausalLM(LlamaConfig.from_pretrained(sys.argv[1])).save_pretrained(sys.argv[1])
WEIGHTS
echo '{"eos_token_id": 2}' > "$work/start/generation_config.json"
cp "$taught/chat_template.jinja" "$work/start"
$jformers finetune "$work/start" --task chat --train "$taught/conversations.jsonl" \
    --validation "$taught/conversations.jsonl" --max-length 512 --batch 2 --epochs 150 --learning-rate 5e-3 \
    --precision float32 --set model.weights=random --set records.model=last --set records.validate_every=100000 \
    --set records.checkpoint_every=100000 --out "$work/run"
for file in config.json generation_config.json model.safetensors tokenizer.json tokenizer_config.json; do
    cp "$work/run/model/$file" "$taught"
done
