"""Adds the vocabularies that the tokenizers library learns to text/src/test/resources/training/golden.json.

The texts are the single lines of the GPT-2 tokenizer fixture. Only trainings whose result does not change from run to
run are stored: byte-level BPE with a maximum length, BPE on characters without marks, and unigram models.
"""
import json
import pathlib

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

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


def unigram(**options):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("\u2581", "always")
    return tokenizer, trainers.UnigramTrainer(show_progress=False, **options)


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
    }
    for name, (tokenizer, trainer) in cases.items():
        tokenizer.train_from_iterator(texts(), trainer)
        model = json.loads(tokenizer.to_str())["model"]
        if name.startswith("unigram"):
            golden[name] = {"unk_id": model["unk_id"], "scores": dict(sorted(model["vocab"]))}
        else:
            tokens = sorted(model["vocab"], key=model["vocab"].get)
            golden[name] = {"tokens": tokens, "merges": [" ".join(merge) for merge in model["merges"]]}
    file.write_text(json.dumps(golden, ensure_ascii=True, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
