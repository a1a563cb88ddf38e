#!/usr/bin/env python3
"""Vectors of texts and labels of images, as make_pipeline_fixtures.py has texts: make_vector_fixtures.py OUT [--check]

Written with sentence-transformers 6.0.1, torch 2.13.0, transformers 5.18.0, pillow 12.3.0. Folders with vectors are saved by
sentence-transformers, so that its files are read; those with images have the images of their calls, whose paths are told from
the folder of the module cli.
"""
import argparse
import json
import os
import warnings

import torch
import transformers as T
from PIL import Image, ImageDraw
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules.normalize import Normalize
from sentence_transformers.base.modules.transformer import Transformer
from sentence_transformers.sentence_transformer.modules.pooling import Pooling

from fixture_toolkit import randomise
from make_pipeline_fixtures import CORPUS, LONG, TEXTS, answer, bert, build, gpt2, gpt2_pieces, plain, word_piece
from make_pipeline_fixtures import MODELS as HEADED

warnings.simplefilter("ignore")
T.logging.set_verbosity_error()
T.logging.disable_progress_bar()
torch.set_num_threads(1)

WIDTH = 16
# name: config, class of the model, tokenizer, its class, longest text, pooling, whether vectors have length 1
VECTORS = {
    "bert-vectors": (bert, "BertModel", lambda: word_piece(True), "Bert", 20, "mean", True),
    "bert-cls-vectors": (bert, "BertModel", lambda: word_piece(True), "Bert", 24, "cls", False),
    "gpt2-vectors": (gpt2, "GPT2Model", gpt2_pieces, "GPT2", 32, "lasttoken", False),
    "gpt2-max-vectors": (gpt2, "GPT2Model", gpt2_pieces, "GPT2", 32, "max", False),
}
IMAGES = "vit-images"
PLACE = "src/test/resources/pipelines"


def make_vectors(name, folder):
    config, head, pieces, kind, longest, pooling, normalized = VECTORS[name]
    HEADED[name] = (config, head, pieces, kind, longest, {}, [])
    build(name, folder)
    modules = [Transformer(folder, max_seq_length=longest), Pooling(WIDTH, pooling)] + ([Normalize()] if normalized else [])
    SentenceTransformer(modules=modules, device="cpu").save(folder, create_model_card=False)


def vector_lines(folder):
    model = SentenceTransformer(folder, device="cpu")
    encode = lambda texts: model.encode(texts, batch_size=1, convert_to_tensor=True)  # noqa: E731 - nothing is padded
    texts = [text for text in TEXTS if text.strip()]
    lines = [{"task": "embeddings", "call": text, "result": plain(encode([text])[0].tolist())} for text in texts[:5]]
    lines.append({"task": "embeddings", "call": {"inputs": LONG, "truncation": True}, "result": plain(encode([LONG])[0].tolist())})
    for source, sentences in ((CORPUS[1], [CORPUS[9], CORPUS[10], CORPUS[1]]), ("dull", texts)):
        vectors = encode([source] + sentences)
        lines.append({
            "task": "sentence-similarity",
            "call": {"inputs": {"source_sentence": source, "sentences": sentences}, "truncation": True},
            "result": plain(model.similarity(vectors[:1], vectors[1:])[0].tolist())})
    one = encode(["dull", "An often affecting old film"])
    lines.append({"task": "sentence-similarity", "call": {"inputs": "dull", "source_sentence": "An often affecting old film"},
                  "result": plain(model.similarity(one[:1], one[1:])[0].tolist()[0])})
    return lines


def make_images(folder):
    os.makedirs(folder, exist_ok=True)
    config = T.ViTConfig(image_size=12, patch_size=4, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2,
                         intermediate_size=24, id2label={i: name for i, name in enumerate("abcdefg")},
                         label2id={name: i for i, name in enumerate("abcdefg")})
    model = T.ViTForImageClassification(config)
    randomise(model, seed=11, head_gain=3.0)
    model.save_pretrained(folder)
    T.ViTImageProcessorPil(size={"height": 12, "width": 12}).save_pretrained(folder)
    for name, size in (("wide", (40, 18)), ("high", (9, 31))):
        image = Image.new("RGB", size, (30, 60, 200))
        ImageDraw.Draw(image).ellipse((2, 1, size[0] // 2, size[1] - 4), fill=(240, 200, 10))
        image.save(os.path.join(folder, name + ".png"))


def image_lines(folder):
    pipe = T.pipeline("image-classification", model=T.ViTForImageClassification.from_pretrained(folder),
                      image_processor=T.ViTImageProcessorPil.from_pretrained(folder), device="cpu")
    calls = ["wide", "high", {"inputs": "wide", "top_k": 2}, {"inputs": "high", "top_k": 100},
             {"inputs": "high", "function_to_apply": "none"}, {"inputs": "wide", "function_to_apply": "sigmoid", "top_k": 3},
             {"inputs": "missing"}]
    lines = []
    for call in calls:
        there, told = call, call
        for at, place in (("there", folder), ("told", f"{PLACE}/{IMAGES}")):
            path = lambda name: f"{place}/{name}.png"  # noqa: E731
            changed = path(call) if isinstance(call, str) else {**call, "inputs": path(call["inputs"])}
            there, told = (changed, told) if at == "there" else (there, changed)
        lines.append({"task": "image-classification", "call": told, **answer(pipe, there)})
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    for name in [*VECTORS, IMAGES]:
        folder = os.path.join(options.out, name)
        if not options.check:
            make_images(folder) if name == IMAGES else make_vectors(name, folder)
        lines = image_lines(folder) if name == IMAGES else vector_lines(folder)
        text = "".join(json.dumps(line, ensure_ascii=True) + "\n" for line in lines)
        path = os.path.join(folder, "calls.jsonl")
        if options.check:
            print(name, "as stored" if open(path).read() == text else "DIFFERENT")
        else:
            with open(path, "w") as file:
                file.write(text)


if __name__ == "__main__":
    main()
