#!/usr/bin/env python3
"""Golden values of image processors: small random images, settings, and what comes out.

    python make_image_processor_fixture.py OUT.json
"""
import json
import os
import sys
import tempfile

import numpy as np
from PIL import Image
from transformers import AutoImageProcessor

rng = np.random.default_rng(3)
VIT = {"image_processor_type": "ViTImageProcessor"}
CLIP = {"image_processor_type": "CLIPImageProcessor"}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
CASES = [
    ("vit", (11, 7), "", dict(VIT, size={"height": 6, "width": 8})),
    ("vit lanczos up", (3, 4), "",
     dict(VIT, size={"height": 7, "width": 5}, resample=1, image_mean=[0.1, 0.2, 0.3], image_std=[0.5, 1.0, 2.0])),
    ("vit down", (41, 30), "", dict(VIT, size={"height": 4, "width": 4}, resample=2)),
    ("clip", (11, 7), "", dict(CLIP, size={"shortest_edge": 6}, crop_size={"height": 5, "width": 5})),
    ("clip wide", (9, 23), "", dict(CLIP, size={"shortest_edge": 4}, crop_size={"height": 3, "width": 6})),
    ("clip padded", (9, 7), "", dict(CLIP, size={"shortest_edge": 4}, crop_size={"height": 8, "width": 7})),
    ("clip plain", (5, 4), "",
     dict(CLIP, do_resize=False, do_center_crop=False, do_rescale=False, do_normalize=False)),
    ("nearest", (11, 7), "", dict(VIT, size={"height": 6, "width": 9}, resample=0)),
    ("box", (11, 7), "", dict(VIT, size={"height": 6, "width": 9}, resample=4)),
    ("box halves", (8, 12), "", dict(VIT, size={"height": 4, "width": 4}, resample=4)),
    ("hamming", (11, 7), "", dict(VIT, size={"height": 6, "width": 9}, resample=5)),
    ("longest edge", (12, 18), "", dict(VIT, size={"shortest_edge": 8, "longest_edge": 10})),
    ("longest edge rounds", (11, 17), "", dict(VIT, size={"shortest_edge": 8, "longest_edge": 9})),
    ("longest edge reached by none", (12, 7), "", dict(VIT, size={"shortest_edge": 5, "longest_edge": 30})),
    ("longest edge stays", (5, 7), "", dict(VIT, size={"shortest_edge": 5, "longest_edge": 30})),
    ("largest height and width", (12, 18), "", dict(VIT, size={"max_height": 7, "max_width": 8})),
    ("list", (12, 18), "", dict(VIT, size=[5, 6])),
    ("not square", (12, 18), "", dict(VIT, size=5, default_to_square=False)),
    ("null is false", (6, 5), "", dict(CLIP, do_resize=None, do_center_crop=None, do_normalize=None)),
    ("one number", (6, 5), "", dict(VIT, size=4, image_mean=0.5, image_std=0.25)),
    ("model type", (12, 9), "swin", dict(size=5)),
    ("model type of clip", (12, 9), "clip", dict(size=5, crop_size=4)),
    ("extractor", (12, 9), "", dict(image_processor_type=None, feature_extractor_type="DeiTFeatureExtractor",
                                    size=7, crop_size=5)),
    ("fast", (12, 9), "", dict(image_processor_type="ViTImageProcessorFast", size=5)),
    ("deit", (12, 9), "", dict(HALF, image_processor_type="DeiTImageProcessor", size=7, crop_size=5)),
    ("beit", (12, 9), "", dict(image_processor_type="BeitImageProcessor", size=7)),
    ("bit", (12, 9), "", dict(image_processor_type="BitImageProcessor", size=7, crop_size=6)),
    ("siglip", (12, 9), "", dict(image_processor_type="SiglipImageProcessor", size={"height": 5, "width": 4})),
    ("siglip bare", (12, 9), "", dict(image_processor_type="SiglipImageProcessor", size=5)),
    ("blip", (12, 9), "", dict(image_processor_type="BlipImageProcessor", size=5)),
    ("pvt", (12, 9), "", dict(image_processor_type="PvtImageProcessor", size=5)),
    ("mobile net", (12, 9), "", dict(image_processor_type="MobileNetV1ImageProcessor", size=7, crop_size=5)),
    ("chinese clip", (12, 9), "", dict(image_processor_type="ChineseCLIPImageProcessor", size=7, crop_size=5)),
]
out = {"cases": []}
for name, (height, width), model_type, settings in CASES:
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "preprocessor_config.json"), "w") as f:
            json.dump(settings, f)
        with open(os.path.join(folder, "config.json"), "w") as f:
            json.dump({"model_type": model_type or "vit"}, f)
        values = AutoImageProcessor.from_pretrained(folder)(Image.fromarray(image), return_tensors="np")["pixel_values"][0]
    out["cases"].append(dict(
        name=name, model_type=model_type, settings=settings, height=height, width=width,
        pixels=image.reshape(-1).tolist(), shape=list(values.shape), values=[float("%.8g" % x) for x in values.reshape(-1)]))
with open(sys.argv[1], "w") as f:
    f.write("{\"cases\": [\n" + ",\n".join(json.dumps(case) for case in out["cases"]) + "\n]}\n")
