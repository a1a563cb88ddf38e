"""Adds the vocabularies that the tokenizers library learns to text/src/test/resources/training/golden.json.

The texts are the single lines of the GPT-2 tokenizer fixture. Trainings with marked characters (WordPiece, BPE with an end
of words) change from run to run, since those characters are numbered in the order of a hash table. They do not where the
order is given: the first tokens are named as special tokens, in the order in which words sorted by UTF-16 bring them.
"""
import json
import pathlib

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

RESOURCES = pathlib.Path(__file__).resolve().parents[2] / "text/src/test/resources"


def texts():
    lines = (RESOURCES / "tokenizers/gpt2-byte-level-bpe/golden.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [row["text"] for row in rows if row["kind"] == "single"]


def bpe_with_maximum_length():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return tokenizer, trainers.BpeTrainer(
        vocab_size=600, min_frequency=2, max_token_length=5, special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)


def bpe_on_characters():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer, trainers.BpeTrainer(
        vocab_size=500, min_frequency=2, special_tokens=["<unk>"], initial_alphabet=["\u00e9"], show_progress=False)


def first_tokens(tokenizer, lines, prefix="", suffix="", limit=None, initial=""):
    """The characters in the order of Unicode, then those with marks as the sorted words bring them."""
    words = {}
    for line in lines:
        if tokenizer.normalizer:
            line = tokenizer.normalizer.normalize_str(line)
        for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(line):
            words[word] = words.get(word, 0) + 1
    counts = {}
    for word, count in words.items():
        for character in word:
            counts[character] = counts.get(character, 0) + count
    counts.update((character, 1 << 60) for character in initial)
    kept = sorted(sorted(counts, key=lambda character: (-counts[character], character))[:limit])
    tokens = dict.fromkeys(kept)
    for word in sorted(words, key=lambda word: word.encode("utf-16-be")):
        for i, character in enumerate(word):
            if character in counts and character in kept:
                mark = suffix if i == len(word) - 1 else ""
                tokens.setdefault((prefix if i else "") + character + mark)
    return kept, list(tokens)


def bert_words(model):
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def word_piece(lines, special="[PAD] [UNK] [CLS] [SEP] [MASK]", prefix="##", limit=None, initial="", **options):
    tokenizer = bert_words(models.WordPiece(unk_token="[UNK]"))
    kept, first = first_tokens(tokenizer, lines, prefix=prefix, limit=limit, initial=initial)
    return tokenizer, trainers.WordPieceTrainer(
        special_tokens=special.split() + first, limit_alphabet=len(kept), initial_alphabet=kept,
        continuing_subword_prefix=prefix, show_progress=False, **options)


def bpe_with_marks(lines, prefix="", suffix="</w>", **options):
    tokenizer = bert_words(models.BPE(unk_token="<unk>"))
    kept, first = first_tokens(tokenizer, lines, prefix=prefix, suffix=suffix)
    return tokenizer, trainers.BpeTrainer(
        special_tokens=["<unk>"] + first, continuing_subword_prefix=prefix, end_of_word_suffix=suffix,
        show_progress=False, **options)


def unigram(**options):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("\u2581", "always")
    return tokenizer, trainers.UnigramTrainer(show_progress=False, **options)


def like(name, vocab_size, new=(), renamed=None):
    """What train_new_from_iterator makes of a fixture; the old names of renamed tokens, which it appends, are left out."""
    tokenizer = PreTrainedTokenizerFast.from_pretrained(RESOURCES / "tokenizers" / name)
    model = json.loads(tokenizer._tokenizer.to_str())["model"]
    prefix, suffix = model.get("continuing_subword_prefix") or "", model.get("end_of_word_suffix") or ""
    first = []
    if prefix or suffix:
        initial = "".join(pre_tokenizers.ByteLevel.alphabet()) if suffix else ""
        _, first = first_tokens(tokenizer._tokenizer, texts(), prefix, suffix, initial=initial)
    trained = tokenizer.train_new_from_iterator(
        texts(), vocab_size, new_special_tokens=[*new, *first], special_tokens_map=renamed, show_progress=False)
    definition = json.loads(trained._tokenizer.to_str())
    model = definition["model"]
    golden = {"post_processor": definition["post_processor"]}
    golden["added_tokens"] = [
        token for token in definition["added_tokens"]
        if token["content"] not in {*first, *(renamed or {})} or token["content"] in (renamed or {}).values()]
    if model["type"] == "Unigram":
        return golden | {"unk_id": model["unk_id"], "scores": dict(sorted(model["vocab"]))}
    golden["tokens"] = sorted(model["vocab"], key=model["vocab"].get)
    return golden | ({"merges": [" ".join(merge) for merge in model["merges"]]} if "merges" in model else {})


def main():
    file = RESOURCES / "training/golden.json"
    golden = json.loads(file.read_text(encoding="utf-8"))
    cases = {
        "bpe-maximum-length": bpe_with_maximum_length(),
        "bpe-characters": bpe_on_characters(),
        "unigram": unigram(vocab_size=700, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>"),
        "unigram-options": unigram(
            vocab_size=650, special_tokens=["<s>"], unk_token="<u>", shrinking_factor=0.5, n_sub_iterations=3,
            max_piece_length=6, initial_alphabet=["\u00df", "\u0416"]),
        "wordpiece": word_piece(texts(), vocab_size=700, min_frequency=2),
        "wordpiece-rare": word_piece(texts(), vocab_size=900, min_frequency=1),
        "wordpiece-alphabet": word_piece(texts(), vocab_size=400, min_frequency=2, limit=30, initial="\u00e9\u00df"),
        "wordpiece-marks": word_piece(
            texts(), special="<a> [UNK] [CLS] [SEP]", prefix="@@", vocab_size=700, min_frequency=3),
        "bpe-end-of-word": bpe_with_marks(texts(), vocab_size=700, min_frequency=2),
        "bpe-both-marks": bpe_with_marks(texts(), vocab_size=800, min_frequency=2, prefix="##", max_token_length=6),
    }
    for name, (tokenizer, trainer) in cases.items():
        tokenizer.train_from_iterator(texts(), trainer)
        model = json.loads(tokenizer.to_str())["model"]
        if name.startswith("unigram"):
            golden[name] = {"unk_id": model["unk_id"], "scores": dict(sorted(model["vocab"]))}
        else:
            golden[name] = {"tokens": sorted(model["vocab"], key=model["vocab"].get)}
            if "merges" in model:
                golden[name]["merges"] = [" ".join(merge) for merge in model["merges"]]
    golden["like-gpt2"] = like("gpt2-byte-level-bpe", 400, ["<new>"], {"<|endoftext|>": "<end>"})
    golden["like-roberta"] = like("roberta-byte-level-bpe", 300, renamed={"<s>": "<start>", "<unk>": "<u>"})
    golden["like-llama"] = like("llama-bpe-byte-fallback", 400)
    golden["like-bert"] = like("bert-wordpiece-cased", 600, ["<new>"], {"[CLS]": "<start>", "[UNK]": "<u>"})
    golden["like-clip"] = like("clip-bpe", 700)
    golden["like-t5"] = like("t5-unigram", 1000, ["<new>"], {"<unk>": "<u>"})
    file.write_text(json.dumps(golden, ensure_ascii=True, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
