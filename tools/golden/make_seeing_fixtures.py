#!/usr/bin/env python3
"""Pipelines of images: labels without training, and features. PYTHONPATH=OLDER python make_seeing_fixtures.py OUT [--check]

OLDER: transformers 4.57.6 and tokenizers 0.22.2. torch 2.13.0, pillow 12.3.0. Folders are as make_pipeline_fixtures.py writes
them; the images of all are in the first one, their paths are told from the folder of the module cli.
"""
import argparse
import json
import os
import random
import warnings

import torch
import transformers as T
from PIL import Image, ImageDraw
from tokenizers import processors

import make_pipeline_fixtures as pipelines
from fixture_toolkit import randomise, write_calls
from make_pipeline_fixtures import answer, same

warnings.simplefilter("ignore")
T.logging.set_verbosity_error()
torch.set_num_threads(1)

PLACE = "src/test/resources/pipelines/clip-labels"
LABELS, FEATURES = "zero-shot-image-classification", "image-feature-extraction"
SIDE = dict(image_size=12, patch_size=4, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, hidden_size=16)
IMAGES = {"wide.png": ("RGB", (40, 18)), "high.png": ("RGB", (9, 31)), "gray.png": ("L", (20, 20)), "one.png": ("RGB", (1, 5)),
          "glass.png": ("RGBA", (17, 13)), "palette.png": ("P", (15, 22)), "photo.jpg": ("RGB", (33, 21))}
MORE = {"bit.png": ("1", (14, 14)), "soft.png": ("LA", (11, 26)), "exact.png": ("RGB", (12, 12))}
ASKED = ["a cat", "the old town", "K\u00f6ln"]


def clip_pieces():
    t, roles, config = pipelines.byte_level(["<|startoftext|>", "<|endoftext|>"], {
        "bos": "<|startoftext|>", "eos": "<|endoftext|>", "unk": "<|endoftext|>", "pad": "<|endoftext|>"})
    t.post_processor = processors.TemplateProcessing(
        "<|startoftext|> $A <|endoftext|>", None, [("<|startoftext|>", 0), ("<|endoftext|>", 1)])
    return t, roles, config


def draw(folder):
    for name, (mode, size) in {**IMAGES, **MORE}.items():
        image = Image.new("RGB", size, (30, 60, 200))
        r = random.Random(name)
        for _ in range(4):
            x, y = r.randrange(size[0]), r.randrange(size[1])
            ImageDraw.Draw(image).ellipse((x - 5, y - 5, x + 6, y + 5), fill=tuple(r.randrange(256) for _ in range(3)))
        image.convert(mode).save(os.path.join(folder, name))
    with open(os.path.join(folder, "text.png"), "w") as out:
        out.write("no image")


def make_clip(folder):
    os.makedirs(folder, exist_ok=True)
    tokenizer, roles, _ = clip_pieces()
    tokenizer.save(os.path.join(folder, "tokenizer.json"), pretty=False)
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as out:
        json.dump({"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 24, "model_input_names": ["input_ids", "attention_mask"],
                   **{role + "_token": token for role, token in roles.items()}}, out, indent=1)
    text = dict(vocab_size=tokenizer.get_vocab_size(), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
                intermediate_size=24, max_position_embeddings=24, bos_token_id=0, eos_token_id=1, pad_token_id=1)
    model = T.CLIPModel(T.CLIPConfig(text_config=text, vision_config=SIDE, projection_dim=12))
    randomise(model, seed=11)
    model.save_pretrained(folder)
    T.CLIPImageProcessor(size={"shortest_edge": 12}, crop_size={"height": 12, "width": 12}).save_pretrained(folder)
    draw(folder)


def make_features(name, folder):
    os.makedirs(folder, exist_ok=True)
    model = {
        "vit-features": lambda: T.ViTModel(T.ViTConfig(**SIDE)),
        "vit-unpooled": lambda: T.ViTForImageClassification(T.ViTConfig(**SIDE)),
        "clip-vision-features": lambda: T.CLIPVisionModel(T.CLIPVisionConfig(**SIDE)),
    }[name]()
    randomise(model, seed=11)
    model.save_pretrained(folder)
    if name.startswith("clip"):
        T.CLIPImageProcessor(size={"shortest_edge": 12}, crop_size={"height": 12, "width": 12}).save_pretrained(folder)
    else:
        T.ViTImageProcessor(size={"height": 12, "width": 12}).save_pretrained(folder)


def label_calls():
    calls = [{"inputs": name, "candidate_labels": ASKED} for name in [*IMAGES, "missing.png", "text.png"]]
    for template in ("{}", "a photo of a {}, {{old}}", "{0} and {0}", "{} {}", "a {label}", "Ein Bild von {}!"):
        calls += [{"inputs": name, "candidate_labels": ASKED, "hypothesis_template": template} for name in ("wide.png", "gray.png")]
    for labels in (["a cat"], ["a cat", "a cat", "x"], ["", " "], ["\U0001F600", "\u65e5\u672c", "e\u0301"], list("abcdefghijklmnopqrst"),
                   ["unbelievably" * 5, "x"], ["<|endoftext|>", "<|startoftext|> a"], ["a, b", "c"]):
        calls += [{"inputs": name, "candidate_labels": labels} for name in ("high.png", "photo.jpg", "glass.png", "palette.png")]
    calls += [{"inputs": "wide.png", "candidate_labels": ["unbelievably" * 5, "x"], "tokenizer_kwargs": {"truncation": True}},
              {"inputs": "wide.png", "candidate_labels": ASKED, "tokenizer_kwargs": {"truncation": True, "max_length": 6}}]
    return calls


def feature_calls():
    images = [*IMAGES, *MORE]
    return [{"inputs": name} for name in [*images, "missing.png", "text.png"]] + [
        {"inputs": name, "pool": True} for name in images] + [{"inputs": "one.png", "pool": False}]


def lines(name, folder, images):
    if name == "clip-labels":
        task, calls = LABELS, label_calls()
        pipe = T.pipeline(task, model=T.CLIPModel.from_pretrained(folder), tokenizer=T.AutoTokenizer.from_pretrained(folder),
                          image_processor=T.CLIPImageProcessor.from_pretrained(folder), device="cpu")
    else:
        task, calls = FEATURES, feature_calls()
        kind, processor = (T.CLIPVisionModel, T.CLIPImageProcessor) if name.startswith("clip") else (T.ViTModel, T.ViTImageProcessor)
        pipe = T.pipeline(task, model=kind.from_pretrained(folder), image_processor=processor.from_pretrained(folder), device="cpu")
    found = []
    for call in calls:
        if name == "vit-unpooled" and call.get("pool"):
            continue  # there the weights are random
        there = answer(pipe, {**call, "inputs": os.path.join(images, call["inputs"])})
        if "fails" in there:
            there["fails"] = there["fails"].replace(images, PLACE)
        found.append({"task": task, "call": {**call, "inputs": f"{PLACE}/{call['inputs']}"}, **there})
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    images = os.path.join(options.out, "clip-labels")
    write_calls(options.out, ("clip-labels", "vit-features", "vit-unpooled", "clip-vision-features"), options.check,
                lambda folder, name: make_clip(folder) if name == "clip-labels" else make_features(name, folder),
                lambda folder, name: lines(name, folder, images), same)


if __name__ == "__main__":
    main()
