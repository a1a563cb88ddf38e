#!/usr/bin/env python3
"""Texts that are cut into words, and the defaults of rows: what AutoTokenizer makes of the tokenizer fixtures.

    python make_word_fixtures.py text/src/test/resources [--check]

Writes `words.jsonl`: a line for each tokenizer, with and without `add_prefix_space` where it is byte-level. Oracles:
transformers 5.18.0, tokenizers 0.23.2. Nothing is random.
"""
import json
import pathlib
import sys

from transformers import AutoTokenizer

SENTENCES = [
    ["The", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "."],
    ["Visit", "https://www.example.org/path", "or", "mail", "info@example.com", "!"],
    ["Der", "Bär", "läuft", "über", "die", "große", "Straße", ";", "5", "€"],
    ["I", "'m", "sure", "you", "'ve", "it", ":", "o'clock", "don't"],
    ["New York", " leading", "trailing ", "two  spaces"],
    ["\u200b", "a", "\u00ad", "", " ", "b", "\u2028", "🍕", "我能吞下玻璃", "한국어"],
    ["[SEP]", "<s>", "</s>", "<mask>", "[MASK]", "x"],
    ["unbelievable", "internationalization", "encoder-decoder", "$1,204.99", "34,328.3%"],
    ["word"],
    [],
]
CUT = 9
FOLDERS = {
    "albert-unigram": [None], "bert-wordpiece-cased": [None], "bert-wordpiece-uncased": [None],
    "gpt2-byte-level-bpe": [False, True], "llama-bpe-byte-fallback": [None], "openai-gpt-bpe": [None],
    "roberta-byte-level-bpe": [False, True], "t5-unigram": [None], "xlm-roberta-unigram": [None],
    "xlnet-unigram": [None], "clip-bpe": [None],
}


def case(tokenizer, words):
    whole = tokenizer(words, is_split_into_words=True, return_token_type_ids=True)
    cut = tokenizer(words, is_split_into_words=True, truncation=True, max_length=CUT)
    tokenizer.truncation_side = "left"
    left = tokenizer(words, is_split_into_words=True, truncation=True, max_length=CUT)
    tokenizer.truncation_side = "right"
    return {
        "words": words, "ids": whole["input_ids"],
        "word_ids": [-1 if word is None else word for word in whole.word_ids()],
        "types": whole["token_type_ids"], "cut": cut["input_ids"], "cut_left": left["input_ids"],
    }


def line(folder, prefix):
    options = {} if prefix is None else {"add_prefix_space": prefix}
    tokenizer = AutoTokenizer.from_pretrained(folder, **options)
    limit = tokenizer.model_max_length
    return {
        "folder": folder.name, "prefix": bool(prefix), "pad": tokenizer.pad_token_id,
        "pad_type": tokenizer.pad_token_type_id, "padding_side": tokenizer.padding_side,
        "truncation_side": tokenizer.truncation_side, "max_length": None if limit > 10**9 else limit,
        "cases": [case(tokenizer, words) for words in SENTENCES],
    }


def main():
    out = pathlib.Path(sys.argv[1])
    lines = [line(out / "tokenizers" / name, prefix) for name, forms in FOLDERS.items() for prefix in forms]
    text = "".join(json.dumps(entry) + "\n" for entry in lines)
    file = out / "words.jsonl"
    if "--check" in sys.argv:
        sys.exit(0 if file.read_text() == text else f"{file} differs")
    file.write_text(text)


main()
