#!/usr/bin/env python3
"""Folders of tokenizers in several forms, with what AutoTokenizer makes of each.

    python make_folder_fixtures.py text/src/test/resources        # transformers 5.18.0, tokenizers 0.23.2

Writes folders.jsonl.gz into the folder that holds `tokenizers/`, whose vocabularies it uses. A line is one folder: its
`files` (a text names a file below `tokenizers/`, a list holds lines, an object is JSON), `texts` (a text, or a pair), and
for each text `ids`, `offsets` where the reference knows them, `tokens`, `decoded` without special tokens and
`decoded_special` with them; `runs` are ids to decode. Nothing is random.
"""
from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

from transformers import AutoTokenizer, logging  # noqa: E402

logging.set_verbosity_error()

TEXTS = [
    "Hello world", "  two  spaces ", "", " ", "a  b\tc\nd\r\n", "The QUICK brown fox, isn't it?",
    "na\u00efve cafe\u0301 \u00bd \ufb01 \u00df \u0130", "\u65e5\u672c\u8a9e 12345", "\U0001f600 x", "50% off !  don 't n't . ok",
    "<s> x </s> y <pad> <unk>", "[CLS] a [SEP] [MASK] b [UNK]", "a <mask> b<mask>c <extra_id_3>",
    "<|endoftext|> q <|startoftext|>w <|startoftranscript|><|1.08|>", "x<sp1>y  <sp1> <SP1> z", "New_Tok new_tok <ent>",
    "en_XX <mask_1> <unk_7> <eop>", "\u00a0nbsp\u2028line\u3000", "`` quoted '' x\u2581y", ["Hello world", "the second"], ["", "x"],
]
LETTERS = ["HELLO WORLD", "hello world", "  A  B ", "", "A|B", "<pad> HE <s>LLO</s> X", "\u00c9 A \u00df", "<unk>  A", "it's",
           "A<pad>B", "NEW_TOK A", "[PAD] a [UNK] b"]

# vocabulary, class, model type, name of the vocabulary's file if it is another one than there
CLASSES = [
    ("bert-wordpiece-uncased", "Bert", "bert", None), ("bert-wordpiece-cased", "DistilBert", "distilbert", None),
    ("bert-wordpiece-cased", "Electra", "electra", None), ("bert-wordpiece-uncased", "MPNet", "mpnet", None),
    ("gpt2-byte-level-bpe", "GPT2", "gpt2", None), ("gpt2-byte-level-bpe", "GPT2", "opt", None),
    ("gpt2-byte-level-bpe", "GPT2", "gpt_neo", None), ("gpt2-byte-level-bpe", "CodeGen", "codegen", None),
    ("gpt2-byte-level-bpe", "GPTNeoX", "gpt_neox", None), ("gpt2-byte-level-bpe", "Qwen2", "qwen2", None),
    ("gpt2-byte-level-bpe", "Qwen2", "qwen3", None), ("gpt2-byte-level-bpe", "Whisper", "whisper", None),
    ("roberta-byte-level-bpe", "Roberta", "roberta", None), ("roberta-byte-level-bpe", "Bart", "bart", None),
    ("roberta-byte-level-bpe", "LED", "led", None), ("roberta-byte-level-bpe", "Blenderbot", "blenderbot", None),
    ("roberta-byte-level-bpe", "Deberta", "deberta", None), ("clip-bpe", "CLIP", "clip", None),
    ("openai-gpt-bpe", "OpenAIGPT", "openai-gpt", None), ("t5-unigram", "T5", "t5", None), ("t5-unigram", "T5", "mt5", None),
    ("t5-unigram", "T5", "switch_transformers", None), ("albert-unigram", "Albert", "albert", None),
    ("xlnet-unigram", "XLNet", "xlnet", None), ("xlm-roberta-unigram", "XLMRoberta", "xlm-roberta", None),
    ("xlm-roberta-unigram", "Camembert", "camembert", None), ("xlm-roberta-unigram", "MBart", "mbart", None),
    ("xlm-roberta-unigram", "MBart50", "mbart50", None), ("xlm-roberta-unigram", "Barthez", "barthez", None),
    ("xlm-roberta-unigram", "BigBird", "big_bird", "spiece.model"), ("t5-unigram", "DebertaV2", "deberta-v2", "spm.model"),
    ("llama-bpe-byte-fallback", "Llama", "llama", None), ("llama-bpe-byte-fallback", "Llama", "mistral", None),
    ("llama-bpe-byte-fallback", "Gemma", "gemma2", None), ("llama-bpe-byte-fallback", "Gemma", "gemma3_text", None),
    ("pegasus-unigram", "Pegasus", "pegasus", None), ("ctrl-bpe", "CTRL", "ctrl", None),
    ("marian-two-models", "Marian", "marian", None), ("t5-unigram", "SpeechT5", "speecht5", "spm_char.model"),
]
OLDER = ("vocab.txt", "vocab.json", "merges.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model", "source.spm",
         "target.spm")


def token(content, **flags):
    return {"content": content, "special": False, "lstrip": False, "rstrip": False, "normalized": False, "single_word": False, **flags}


FORMS = {
    "class": lambda c, m: {"tokenizer_config.json": {"tokenizer_class": c + "Tokenizer"}, "config.json": {"model_type": m}},
    "bare": lambda c, m: {"config.json": {"model_type": m}},
    "fast": lambda c, m: {"tokenizer_config.json": {"tokenizer_class": c + "TokenizerFast"}},
    "flags": lambda c, m: {
        "config.json": {"model_type": m},
        "tokenizer_config.json": {
            "tokenizer_class": c + "Tokenizer", "do_lower_case": False, "add_prefix_space": True, "add_bos_token": True,
            "add_eos_token": True, "clean_up_tokenization_spaces": True, "legacy": True, "src_lang": "de_DE", "strip_accents": True,
            "additional_special_tokens": ["<sp1>"]}},
    "map": lambda c, m: {
        "config.json": {"model_type": m}, "tokenizer_config.json": {"add_prefix_space": False, "split_special_tokens": True},
        "special_tokens_map.json": {"pad_token": "<sp1>", "mask_token": token("<ent>", lstrip=True)},
        "added_tokens.json": {"new_tok": 5000, "<ent>": 5001}},
    "listed": lambda c, m: {
        "config.json": {"model_type": m},
        "tokenizer_config.json": {
            "tokenizer_class": c + "Tokenizer", "extra_special_tokens": ["<ent>"], "image_token": "<img>",
            "clean_up_tokenization_spaces": False,
            "added_tokens_decoder": {"6000": token("<sp1>", special=True, lstrip=True, rstrip=True),
                                     "7": token("new_tok", normalized=True, single_word=True)}}},
    "named": lambda c, m: {
        "config.json": {"model_type": m},
        "tokenizer_config.json": {"tokenizer_class": c + "Tokenizer", "extra_special_tokens": {"image_token": "<ent>"}}},
}


def older(root, name, renamed):
    folder = os.path.join(root, "tokenizers", name)
    return {renamed if renamed and f.endswith(".model") else f: f"{name}/{f}" for f in OLDER if os.path.exists(os.path.join(folder, f))}


def make(root, folder, files):
    for name, content in files.items():
        path = os.path.join(folder, name)
        if isinstance(content, str):
            shutil.copy(os.path.join(root, "tokenizers", content), path)
        else:
            with open(path, "w", encoding="utf-8", newline="") as f:
                f.write("".join(content)) if isinstance(content, list) else json.dump(content, f)


def line(root, name, files, texts=TEXTS, runs=()):
    with tempfile.TemporaryDirectory() as folder:
        make(root, folder, files)
        try:
            tok = AutoTokenizer.from_pretrained(folder)
        except Exception as e:  # noqa: BLE001 - the reference fails: what happens then is in docs/conformance.md
            print("no reference for", name, type(e).__name__)
            return None, None
        kept, expected = [], []
        for text in texts:
            try:
                e = tok(text) if isinstance(text, str) else tok(*text)
            except Exception:  # noqa: BLE001 - a vocabulary without its unknown token
                continue
            ids = e["input_ids"]
            one = {"ids": ids, "tokens": tok.convert_ids_to_tokens(ids) if not tok.is_fast else e.tokens(),
                   "decoded": tok.decode(ids, skip_special_tokens=True), "decoded_special": tok.decode(ids)}
            if tok.is_fast:
                pair = (text,) if isinstance(text, str) else text
                one["offsets"] = tok(*pair, return_offsets_mapping=True)["offset_mapping"]
            kept.append(text)
            expected.append(one)
        decoded = [{"ids": ids, "decoded": tok.decode(ids, skip_special_tokens=True), "decoded_special": tok.decode(ids)} for ids in runs]
        return {"name": name, "files": files, "texts": kept, "expected": expected, "runs": decoded}, tok


def letters(root):
    vocab = {t: i for i, t in enumerate(["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"])}
    small = {t.lower() if len(t) == 1 else t: i for t, i in vocab.items()}
    tuned = {t: i for i, t in enumerate([t for t in vocab if not t.startswith("<")] + ["[UNK]", "[PAD]"])}
    cls = {"tokenizer_class": "Wav2Vec2CTCTokenizer"}
    runs = [[11, 11, 0, 5, 15, 0, 15, 8, 4, 4, 18, 3, 0], [0, 0, 4, 7, 7, 0, 7, 4], [], [1, 5, 5, 2]]
    yield line(root, "letters-bare", {"vocab.json": vocab, "config.json": {"model_type": "wav2vec2"}}, LETTERS, runs)
    yield line(root, "letters-class", {"vocab.json": vocab, "tokenizer_config.json": {**cls, "do_lower_case": True}}, LETTERS, runs)
    yield line(root, "letters-small", {"vocab.json": small, "tokenizer_config.json": {**cls, "clean_up_tokenization_spaces": True}},
               LETTERS, runs)
    yield line(root, "letters-tuned", {
        "vocab.json": tuned, "config.json": {"model_type": "wav2vec2"}, "added_tokens.json": {"<s>": len(tuned), "</s>": len(tuned) + 1},
        "special_tokens_map.json": {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "[UNK]", "pad_token": "[PAD]"},
        "tokenizer_config.json": {**cls, "do_lower_case": True, "word_delimiter_token": "|"}}, LETTERS, runs)
    yield line(root, "letters-missing", {"vocab.json": tuned, "tokenizer_config.json": {
        **cls, "unk_token": "[UNK]", "pad_token": "[PAD]", "additional_special_tokens": ["NEW_TOK"], "replace_word_delimiter_char": "_"}},
        LETTERS, runs)
    yield line(root, "letters-language", {"vocab.json": {"eng": tuned, "deu": vocab}, "tokenizer_config.json": {**cls, "target_lang": "deu"}},
               LETTERS, runs)


def odd(root):
    """Files with odd lines, vocabularies apart, models without a class."""
    vocab = ["[PAD]\n", "[UNK]\n", "[CLS]\n", "[SEP]\n", "[MASK]\n", "a \n", "\u2028\n", "b\r\n", "\u0085\n", "c\u000bd\n", "\n", "##s\n", "c"]
    yield line(root, "odd-lines", {"vocab.txt": vocab, "config.json": {"model_type": "bert"}}, ["a b c as [MASK]", "cs \u2028 \u0085"])
    table = {t: i for i, t in enumerate(["<|endoftext|>", "a", "b", "#", "ab", "##", "\u0120", "\u0120a"])}
    yield line(root, "odd-merges", {"vocab.json": table, "merges.txt": ["#version: 0.2\r\n", "a b\r\n", "# #\r\n", "\u0120 a"],
                                    "config.json": {"model_type": "gpt2"}}, ["ab ## a", " ab"])
    parts = {t: i for i, t in enumerate(["adapt", "re@@", "a@@", "apt", "c@@", "t", "<unk>"])}
    yield line(root, "odd-parts", {"vocab.json": parts, "config.json": {"model_type": "ctrl"},
                                   "merges.txt": ["#version: 0.2\n", "a p\n", "ap t</w>\n", "r e\n", "a d\n", "ad apt</w>\n", "c t</w>"]},
               ["adapt react readapt apt", "a p x ct", "adaptre"])
    with open(os.path.join(root, "tokenizers", "marian-two-models", "vocab.json"), encoding="utf-8") as f:
        shared = json.load(f)
    pieces = sorted(t for t in shared if t not in ("</s>", "<unk>", "<pad>"))[:-50]
    apart = {t: i for i, t in enumerate(["</s>", "<unk>", *pieces, "<pad>"])}
    yield line(root, "marian-apart", {**older(root, "marian-two-models", None), "target_vocab.json": apart,
                                      "tokenizer_config.json": {"tokenizer_class": "MarianTokenizer", "separate_vocabs": True}})
    for name in ("sentencepiece-unigram", "llama-bpe-byte-fallback"):
        model = older(root, name, "tokenizer.model")
        yield line(root, "no-class-" + name, {**model, "config.json": {"model_type": "mixtral"}})
        yield line(root, "no-class-ends-" + name, {**model, "config.json": {"model_type": "llama"}, "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": True, "add_eos_token": True, "pad_token": "<newpad>"}})


def options(root):
    """Options that one class has."""
    def one(name, vocabulary, cls, renamed=None, **config):
        config = {"tokenizer_class": cls + "Tokenizer", **config}
        return line(root, name, {**older(root, vocabulary, renamed), "tokenizer_config.json": config})

    yield one("option-offset", "pegasus-unigram", "Pegasus", offset=5)
    yield one("option-zero", "pegasus-unigram", "Pegasus", offset=0)
    yield one("option-masks", "pegasus-unigram", "Pegasus", mask_token="<mask_2>", mask_token_sent="<mask_1>",
              additional_special_tokens=["<mask_1>", "<unk_2>"])
    yield one("option-sentence", "pegasus-unigram", "Pegasus", mask_token="[MASK]", mask_token_sent=None, offset=3)
    yield one("option-extra", "t5-unigram", "T5", extra_ids=10)
    yield one("option-none", "t5-unigram", "T5", extra_ids=0, clean_up_tokenization_spaces=True)
    yield one("option-accents", "albert-unigram", "Albert", keep_accents=True, do_lower_case=False)
    yield one("option-punctuation", "t5-unigram", "DebertaV2", "spm.model", split_by_punct=True, do_lower_case=True, unk_token="<unk>")
    yield one("option-times", "gpt2-byte-level-bpe", "Whisper", predict_timestamps=True, add_prefix_space=True, language="zh",
              task="transcribe", extra_special_tokens=["<|startoftranscript|>", "<|en|>", "<|zh|>", "<|transcribe|>"])
    yield one("option-ideographs", "bert-wordpiece-uncased", "Bert", tokenize_chinese_chars=False, strip_accents=False)
    yield one("option-language", "xlm-roberta-unigram", "MBart50", src_lang="af_ZA", tgt_lang="de_DE")
    yield one("option-trim", "roberta-byte-level-bpe", "Roberta", trim_offsets=False,
              mask_token={"__type": "AddedToken", **token("<mask>", lstrip=True, normalized=True)})
    yield one("option-forced", "gpt2-byte-level-bpe", "GPT2", clean_up_tokenization_spaces=True, add_bos_token=True,
              clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output=True)
    yield one("option-nulls", "gpt2-byte-level-bpe", "GPT2", pad_token=None, unk_token=None, bos_token=None)


def main(root):
    lines = [*letters(root), *odd(root), *options(root)]
    for vocabulary, cls, model_type, renamed in CLASSES:
        files = older(root, vocabulary, renamed)
        for form, make_form in FORMS.items():
            one, tok = line(root, f"{cls}-{model_type}-{form}", {**files, **make_form(cls, model_type)})
            lines.append((one, tok))
            if form == "class" and (cls, model_type) in (("Bert", "bert"), ("GPT2", "opt"), ("Llama", "llama")):
                with tempfile.TemporaryDirectory() as folder:
                    tok.add_tokens(["new_tok", "<SP1>"])
                    tok.add_special_tokens({"extra_special_tokens": ["<sp1>"]})
                    tok.save_pretrained(folder)
                    saved = {f: json.load(open(os.path.join(folder, f), encoding="utf-8")) for f in sorted(os.listdir(folder))
                             if f.endswith(".json")}
                lines.append(line(root, f"{cls}-{model_type}-saved", {**saved, "config.json": {"model_type": model_type}}))
                flags = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": True, "do_lower_case": False}
                lines.append(line(root, f"{cls}-{model_type}-as-file", {"tokenizer.json": saved["tokenizer.json"], "tokenizer_config.json": flags}))
    for name in ("bert-wordpiece-uncased", "roberta-byte-level-bpe", "openai-gpt-bpe", "xlnet-unigram", "albert-unigram", "t5-unigram",
                 "llama-bpe-byte-fallback"):
        folder = os.path.join(root, "tokenizers", name)
        files = {f: f"{name}/{f}" for f in sorted(os.listdir(folder)) if not f.startswith("golden")}
        lines.append(line(root, "saved-by-4-" + name, files))
    with gzip.GzipFile(os.path.join(root, "folders.jsonl.gz"), "wb", mtime=0) as f:
        for one, _ in lines:
            if one is not None:
                f.write((json.dumps(one, separators=(",", ":")) + "\n").encode("ascii"))


if __name__ == "__main__":
    main(sys.argv[1])
