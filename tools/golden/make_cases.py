#!/usr/bin/env python3
"""Cases of a small tokenizer of its own: truncation, a chat's mask, tokens and offsets.

    python make_cases.py OUT_DIR [--check]

Each folder holds `case.json` (docs/conformance.md lists its keys) and the tokenizer's files.
Oracles: tokenizers 0.23.2, transformers 5.18.0.
"""
from __future__ import annotations

import argparse
import json
import os
import tempfile

from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

WORDS = "the quick brown fox jumps over lazy dog hello world 😀 é : user assistant".split()
TEMPLATE = (
    "{% for m in messages %}{{ m.role }} : {% if m.role == 'assistant' %}{% generation %}{{ m.content }}"
    "{% endgeneration %}{% else %}{{ m.content }}{% endif %}{{ '\\n' }}{% endfor %}")


def tokenizer() -> PreTrainedTokenizerFast:
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        chat_template=TEMPLATE)


def truncations():
    first = "the quick brown fox jumps over the lazy dog"
    second = "hello world 😀 the dog"
    yield "truncate-single-right", dict(first=first, max=6, stride=2, strategy="longest_first", side="right")
    yield "truncate-single-left", dict(first=first, max=6, stride=1, strategy="longest_first", side="left")
    yield "truncate-pair-longest", dict(
        first=first, second=second, max=11, stride=0, strategy="longest_first", side="right")
    yield "truncate-pair-second-left", dict(
        first=first, second=second, max=14, stride=1, strategy="only_second", side="left")
    yield "truncate-stride-too-long", dict(first=first, max=6, stride=4, strategy="longest_first", side="right")


def truncate(fast: PreTrainedTokenizerFast, case: dict) -> dict:
    raw = Tokenizer.from_str(fast.backend_tokenizer.to_str())
    try:
        raw.enable_truncation(case["max"], stride=case["stride"], strategy=case["strategy"], direction=case["side"])
        # As words: of a text, 0.23 reads no more than the first windows need and forgets the others.
        words = [case[name].split() for name in ("first", "second") if name in case]
        encoding = raw.encode(*words, is_pretokenized=True)
    except BaseException:  # the library panics
        return {"refused": True}
    return {"expected": {"ids": encoding.ids, "overflow": [window.ids for window in encoding.overflowing]}}


def chat(fast: PreTrainedTokenizerFast) -> dict:
    messages = [
        {"role": "user", "content": "hello 😀 world"}, {"role": "assistant", "content": "the é fox"},
        {"role": "user", "content": "dog"}, {"role": "assistant", "content": "over the dog"}]
    text = fast.apply_chat_template(messages, tokenize=False)
    encoded = fast.apply_chat_template(
        messages, return_assistant_tokens_mask=True, return_dict=True, tokenize=True)
    spans, at = [], 0
    for message in messages:
        at = text.index(message["content"], at)
        if message["role"] == "assistant":
            spans.append([at, at + len(message["content"])])
        at += len(message["content"])
    return {"messages": messages, "add_generation_prompt": False, "mask": True, "expected": {
        "text": text, "generated": spans, "ids": encoded["input_ids"], "mask": encoded["assistant_masks"]}}


def tokens(fast: PreTrainedTokenizerFast) -> dict:
    texts = ["hello 😀 the cat", ["é fox", "over dog"]]
    expected = []
    for text in texts:
        encoding = fast.backend_tokenizer.encode(*([text] if isinstance(text, str) else text))
        expected.append({
            "ids": encoding.ids, "tokens": encoding.tokens, "offsets": [list(span) for span in encoding.offsets],
            "decoded": fast.decode(encoding.ids, skip_special_tokens=True, clean_up_tokenization_spaces=False),
            "decoded_special": fast.decode(encoding.ids, clean_up_tokenization_spaces=False)})
    return {"texts": texts, "expected": expected}


def cases(fast: PreTrainedTokenizerFast):
    for name, case in truncations():
        yield name, {"op": "truncate", "topic": "truncation", "folder": ".", **case, **truncate(fast, case)}
    yield "chat-mask", {"op": "chat", "topic": "assistant mask", "folder": ".", **chat(fast)}
    yield "tokenize-parts", {"op": "tokenize", "topic": "tokens and offsets", "folder": ".", **tokens(fast)}


def write(out: str) -> None:
    fast = tokenizer()
    for name, case in cases(fast):
        folder = os.path.join(out, name)
        os.makedirs(folder, exist_ok=True)
        fast.save_pretrained(folder)
        with open(os.path.join(folder, "case.json"), "w", encoding="utf-8") as file:
            json.dump(case, file, indent=1)
            file.write("\n")


def check(out: str) -> None:
    with tempfile.TemporaryDirectory() as again:
        write(again)
        for name in sorted(os.listdir(again)):
            for file in sorted(os.listdir(os.path.join(again, name))):
                with open(os.path.join(again, name, file), "rb") as new, \
                        open(os.path.join(out, name, file), "rb") as old:
                    print(f"{name}/{file}: {'same' if new.read() == old.read() else 'DIFFERS'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--check", action="store_true", help="compute again and compare with what is there")
    arguments = parser.parse_args()
    (check if arguments.check else write)(arguments.out)


if __name__ == "__main__":
    main()
