"""The peer of Decoding: transformers continues 32 tokens by 128, greedily, and reads a prompt of 1,024, several times.

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
LONG_PROMPT = 1024

folder, precision = sys.argv[1:]
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, precision)).eval()


def timed(length, new_tokens):
    """Seconds of all rounds but the first, the least first."""
    prompt = torch.arange(length)[None]
    seconds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        written = model.generate(prompt, attention_mask=torch.ones_like(prompt), do_sample=False, pad_token_id=0,
                                 max_new_tokens=new_tokens, min_new_tokens=new_tokens)
        seconds.append(time.perf_counter() - begin)
        assert written.shape[1] == length + new_tokens
    return sorted(seconds[1:])


written = timed(PROMPT, NEW_TOKENS)
read = timed(LONG_PROMPT, 1)
print(f"transformers {precision} tokens/s best {NEW_TOKENS / written[0]:.1f} median {NEW_TOKENS / written[2]:.1f}; "
      f"of prompts best {LONG_PROMPT / read[0]:.0f} median {LONG_PROMPT / read[2]:.0f}")
