#!/usr/bin/env python3
"""What Wav2Vec2CTCTokenizer makes of frames: make_ctc_fixtures.py OUT.json [--check]

For each tokenizer its files, and for each row of frames (ids of tokens) the text and where its characters and words stand.
"""
import argparse
import json
import os
import random
import tempfile

import transformers as T

T.logging.set_verbosity_error()

CLASS = {"tokenizer_class": "Wav2Vec2CTCTokenizer"}
LETTERS = {t: i for i, t in enumerate(["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"])}
TUNED = {t: i for i, t in enumerate([*"|abcdefgö.?", "th", "[UNK]", "[PAD]", "ß"])}
TOKENS = {"unk_token": "[UNK]", "pad_token": "[PAD]"}
FOLDERS = [
    ("plain", {"vocab.json": LETTERS, "tokenizer_config.json": CLASS}),
    ("lower", {"vocab.json": LETTERS, "tokenizer_config.json": {**CLASS, "do_lower_case": True}}),
    ("tuned", {"vocab.json": TUNED, "tokenizer_config.json": {**CLASS, **TOKENS, "clean_up_tokenization_spaces": True}}),
    ("underscore", {"vocab.json": TUNED, "tokenizer_config.json": {**CLASS, **TOKENS, "replace_word_delimiter_char": "_"}}),
    ("another delimiter", {"vocab.json": TUNED, "tokenizer_config.json": {**CLASS, **TOKENS, "word_delimiter_token": "e"}}),
    ("language", {"vocab.json": {"eng": TUNED, "deu": LETTERS}, "tokenizer_config.json": {**CLASS, "target_lang": "deu"}}),
    ("added", {"vocab.json": TUNED, "tokenizer_config.json": {
        **CLASS, **TOKENS, "additional_special_tokens": ["<new>"]}}),
]


def rows(size, pad, space):
    r = random.Random(size)
    yield []
    yield [pad] * 5
    yield [space, space, pad, space]
    yield [5, 5, pad, 5, space, pad, 6, 6, size, size + 3, 7]
    yield [space, 5, 6, space, space, 7, pad]
    for length in (1, 7, 30, 60):
        for likely in ([pad], [pad, space], list(range(size))):
            ids = []
            while len(ids) < length:
                one = r.choice(likely) if r.random() < 0.6 else r.randrange(size)
                ids += [one] * r.choice((1, 1, 2, 3))
            yield ids[:length]


def stretches(offsets, key):
    return [[o[key], int(o["start_offset"]), int(o["end_offset"])] for o in offsets]


def made():
    cases = []
    for name, files in FOLDERS:
        with tempfile.TemporaryDirectory() as folder:
            for file, value in files.items():
                with open(os.path.join(folder, file), "w", encoding="utf-8") as f:
                    json.dump(value, f)
            tok = T.AutoTokenizer.from_pretrained(folder)
            delimiter = files["tokenizer_config.json"].get("word_delimiter_token")
            if delimiter:  # 5.18 forgets on its way to the class what the file says
                tok = T.Wav2Vec2CTCTokenizer(os.path.join(folder, "vocab.json"), **TOKENS, word_delimiter_token=delimiter)
        frames = []
        for ids in rows(len(tok), tok.pad_token_id, tok.word_delimiter_token_id):
            out = tok.decode(ids, skip_special_tokens=False, output_char_offsets=True, output_word_offsets=True)
            frames.append({"ids": ids, "text": out.text, "characters": stretches(out.char_offsets, "char"),
                           "words": stretches(out.word_offsets, "word")})
        cases.append({"name": name, "files": files, "frames": frames})
    return {"transformers": T.__version__, "cases": cases}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("out")
    p.add_argument("--check", action="store_true")
    a = p.parse_args()
    if a.check:
        with open(a.out, encoding="utf-8") as f:
            same = json.load(f)["cases"] == json.loads(json.dumps(made()))["cases"]
        print("the same" if same else "differs")
        raise SystemExit(0 if same else 1)
    with open(a.out, "w", encoding="utf-8") as f:
        json.dump(made(), f, ensure_ascii=False, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main()
