"""The peer of Requests: transformers answers sixteen requests of mixed lengths, as a batch padded to the longest prompt and
the longest answer, or by its continuous batching. Tokens that nobody asked for do not count.

    requests.py FOLDER float32|bfloat16 padded|continuous ROUNDS
"""
import sys
import time

import torch
import transformers

transformers.utils.logging.disable_progress_bar()
REQUESTS = 16

folder, precision, way, rounds = sys.argv[1:]
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, precision)).eval()
state = 1


def drawn(least, most):
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return least + (state >> 16) % (most - least + 1)


lengths = [(drawn(8, 512), drawn(16, 256)) for _ in range(REQUESTS)]
prompts = [[place % 1000 for place in range(length)] for length, _ in lengths]
longest = max(answer for _, answer in lengths)


def padded():
    width = max(len(prompt) for prompt in prompts)
    ids = torch.tensor([[0] * (width - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    written = model.generate(ids, attention_mask=mask, do_sample=False, pad_token_id=0, max_new_tokens=longest,
                             min_new_tokens=longest)
    assert written.shape == (REQUESTS, width + longest)


def continuous():
    settings = transformers.GenerationConfig(do_sample=False, eos_token_id=-1, pad_token_id=0, max_new_tokens=longest)
    limits = transformers.ContinuousBatchingConfig(num_blocks=64, max_batch_tokens=1024)
    with model.continuous_batching_context_manager(
            generation_config=settings, continuous_batching_config=limits) as manager:
        for prompt, (_, answer) in zip(prompts, lengths):
            manager.add_request(prompt, max_new_tokens=answer)
        answers = [manager.get_result() for _ in prompts]
    assert sum(len(answer.generated_tokens) for answer in answers) == sum(answer for _, answer in lengths)


tokens = sum(answer for _, answer in lengths)
model.generate(torch.tensor([prompts[0]]), max_new_tokens=2, pad_token_id=0)
seconds = []
for _ in range(int(rounds)):
    begin = time.perf_counter()
    {"padded": padded, "continuous": continuous}[way]()
    seconds.append(time.perf_counter() - begin)
seconds.sort()
print(f"transformers {way} {precision} {tokens} tokens, tokens/s best {tokens / seconds[0]:.1f} "
      f"median {tokens / seconds[len(seconds) // 2]:.1f}")
