"""The peer of ModelLoading: transformers loads a model folder and runs it over 16 tokens, several times.

    model_loading.py FOLDER float32|bfloat16
"""
import json
import re
import sys
import time

import torch
import transformers

transformers.utils.logging.disable_progress_bar()
ROUNDS = 6


def peak_megabytes():
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\s*(\d+)", status.read()).group(1)) * 1024 / 1e6


def once(folder, precision):
    begin = time.perf_counter()
    with open(folder + "/config.json") as config:
        head = getattr(transformers, json.load(config)["architectures"][0])
    model = head.from_pretrained(folder, dtype=getattr(torch, precision)).eval()
    loaded = time.perf_counter()
    with torch.no_grad():
        ids = torch.arange(16)[None]
        model(ids, **({"decoder_input_ids": ids} if model.config.is_encoder_decoder else {}))
    return loaded - begin, time.perf_counter() - begin


folder, precision = sys.argv[1:]
before = peak_megabytes()
first = once(folder, precision)
peak = peak_megabytes() - before
rounds = [first] + [once(folder, precision) for _ in range(ROUNDS - 1)]
load, ready = (min(times) for times in zip(*rounds))
print(f"transformers {precision} first load {first[0]:.3f} ready {first[1]:.3f} best load {load:.3f} ready {ready:.3f} "
      f"peak {peak:.0f}")
