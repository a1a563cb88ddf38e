"""The peer of Decoding: transformers continues 32 tokens by 128, greedily, several times.

    decoding.py FOLDER float32|bfloat16
"""
import sys
import time

import torch
import transformers

transformers.utils.logging.disable_progress_bar()
ROUNDS = 6
PROMPT = 32
NEW_TOKENS = 128

folder, precision = sys.argv[1:]
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, precision)).eval()
prompt = torch.arange(PROMPT)[None]
seconds = []
for _ in range(ROUNDS):
    begin = time.perf_counter()
    written = model.generate(prompt, attention_mask=torch.ones_like(prompt), do_sample=False, pad_token_id=0,
                             max_new_tokens=NEW_TOKENS, min_new_tokens=NEW_TOKENS)
    seconds.append(time.perf_counter() - begin)
    assert written.shape[1] == PROMPT + NEW_TOKENS
warm = sorted(seconds[1:])
print(f"transformers {precision} tokens/s best {NEW_TOKENS / warm[0]:.1f} median {NEW_TOKENS / warm[len(warm) // 2]:.1f}")
