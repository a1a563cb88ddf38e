"""The peer of ModelLoading: transformers loads a model folder and runs it over 16 tokens.

    model_loading.py FOLDER float32|bfloat16
"""
import json
import re
import sys
import time

import torch
import transformers

transformers.utils.logging.disable_progress_bar()


def peak_megabytes():
    with open("/proc/self/status") as status:
        return int(re.search(r"VmHWM:\s*(\d+)", status.read()).group(1)) * 1024 / 1e6


folder, precision = sys.argv[1:]
with open(folder + "/config.json") as config:
    head = getattr(transformers, json.load(config)["architectures"][0])
ids = torch.arange(16)[None]
before = peak_megabytes()
begin = time.perf_counter()
model = head.from_pretrained(folder, dtype=getattr(torch, precision)).eval()
loaded = time.perf_counter()
with torch.no_grad():
    model(ids)
ran = time.perf_counter()
print(f"transformers {precision} load {loaded - begin:.3f} s first {ran - loaded:.3f} s ready {ran - begin:.3f} s "
      f"cpu {time.process_time():.3f} s peak {peak_megabytes() - before:.0f} MB")
