"""The Python side of bench/tokenizer-agreement.sh.

    tokenizer_agreement.py texts DATA TEXTS              every text of the data folder, one JSON string a line
    tokenizer_agreement.py folders DATA FOLDERS          the vocabularies as folders or files that a tokenizer opens
    tokenizer_agreement.py encode FOLDERS TEXTS          what the reference makes of them, a digest for 1,000 texts

A text is a line of a file, and 100 lines in a row; a string of at least one letter in JSON. Equal ones count once.
"""
import glob
import gzip
import hashlib
import json
import os
import shutil
import sys
import zipfile

import numpy

BLOCK = 1000
LINES = 100


# ---- Texts


def contents(data):
    """The texts of files, unpacked, each with its name."""
    for path in sorted(glob.glob(data + "/**/*", recursive=True)):
        if not os.path.isfile(path) or "/tokenizers/" in path:
            continue
        if path.endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                for name in sorted(archive.namelist()):
                    if not name.endswith("/"):
                        yield name, archive.read(name)
        else:
            with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
                yield path.removesuffix(".gz"), file.read()


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def texts_of(name, content):
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        if "/rt-polarity" not in name:
            return
        text = content.decode("latin-1")  # the one text that is no UTF-8
    if "\0" in text:
        return
    if name.endswith(".json"):
        yield from strings(json.loads(text))
        return
    lines = text.split("\n")
    if name.endswith(".jsonl"):
        for line in lines:
            if line:
                yield from strings(json.loads(line))
        return
    yield from lines
    for begin in range(0, len(lines), LINES):
        yield "\n".join(lines[begin:begin + LINES])


def write_texts(data, path):
    seen = set()
    with open(path, "w", encoding="ascii") as out:
        for name, content in contents(data):
            new = [text for text in dict.fromkeys(texts_of(name, content)) if text.strip() and text not in seen]
            seen.update(new)
            out.writelines(json.dumps(text) + "\n" for text in new)
            if new:
                print(f"{name.removeprefix(data)}: {len(new)} texts", file=sys.stderr)
    print(f"{len(seen)} texts, {sum(len(text.encode()) for text in seen) / 1e6:.1f} MB", file=sys.stderr)


# ---- Vocabularies


def folder(path, config, **files):
    os.makedirs(path)
    for name, source in files.items():
        shutil.copy(source, f"{path}/{name.replace('__', '.')}")
    with open(path + "/tokenizer_config.json", "w") as out:
        json.dump(config, out)
    return path


def clip(path, source):
    """CLIP's list of merges as the two files that transformers reads."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode
    merges = gzip.open(source, "rt", encoding="utf-8").read().split("\n")[1:49152 - 256 - 2 + 1]
    letters = list(bytes_to_unicode().values())
    tokens = letters + [letter + "</w>" for letter in letters] + [merge.replace(" ", "") for merge in merges]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    folder(path, {"tokenizer_class": "CLIPTokenizer"})
    with open(path + "/vocab.json", "w", encoding="utf-8") as out:
        json.dump({token: index for index, token in enumerate(tokens)}, out, ensure_ascii=False)
    with open(path + "/merges.txt", "w", encoding="utf-8") as out:
        out.write("#version: 0.2\n" + "\n".join(merges) + "\n")
    return path


def write_folders(data, out):
    vocabularies = data + "/tokenizers/"
    rows = []

    def row(name, kind, reference, path=None, without="-"):
        """A vocabulary: who is asked there, for what, what is opened here, and words whose texts are left out."""
        rows.append((name, kind, reference, path or reference, without))

    for name in "roberta-base/tokenizer.json", "bert-base-cased-tokenizer.json", "t5/tokenizer.json":
        row(name, "tokenizers", vocabularies + name)
    for name in "bert-base-cased", "bert-base-uncased", "bert-multi-cased":
        config = {"tokenizer_class": "BertTokenizer", "do_lower_case": "uncased" in name}
        row(name + "-vocab.txt", "transformers",
            folder(f"{out}/{name}", config, vocab__txt=f"{vocabularies}{name}-vocab.txt"))
    gpt2 = folder(out + "/gpt2", {"tokenizer_class": "GPT2Tokenizer"}, vocab__json=vocabularies + "gpt2/encoder.json",
                  merges__txt=vocabularies + "gpt2/vocab.bpe")
    row("gpt2", "transformers", gpt2)
    row("clip", "transformers", clip(out + "/clip", vocabularies + "clip-bpe_simple_vocab_16e6.txt.gz"))
    marian = vocabularies + "marian-opus-mt-en-mg/"
    row("marian-opus-mt-en-mg", "slow", folder(
        out + "/marian", {"tokenizer_class": "MarianTokenizer", "source_lang": "en", "target_lang": "mg"},
        vocab__json=marian + "vocab.json", source__spm=marian + "source.spm", target__spm=marian + "target.spm"))
    row("whisper-multilingual.tiktoken", "tiktoken", vocabularies + "whisper-multilingual.tiktoken")
    for name in ("albert-spiece.model", "llama2-tokenizer.model", "mistral-tokenizer.model.v1",
                 "sentencepiece-test_model.model", "t5/spiece.model"):
        row(name, "sentencepiece", vocabularies + name)
    row("llama2-tokenizer.bin", "sentencepiece", vocabularies + "llama2-tokenizer.model",
        vocabularies + "llama2-tokenizer.bin")
    gguf = vocabularies + "gguf/ggml-vocab-"
    # Its special tokens are found in a text; sentencepiece spells them.
    row("ggml-vocab-llama-spm.gguf", "sentencepiece", vocabularies + "llama2-tokenizer.model", gguf + "llama-spm.gguf",
        without="<unk> <s> </s>")
    row("ggml-vocab-gpt-2.gguf", "transformers", gpt2, gguf + "gpt-2.gguf")
    row("ggml-vocab-bert-bge.gguf", "transformers", out + "/bert-base-uncased", gguf + "bert-bge.gguf")
    with open(out + "/list.tsv", "w") as file:
        file.writelines("\t".join(row) + "\n" for row in rows)


# ---- Reference


def encoder(kind, path):
    """A function from texts to arrays of ids and, from the tokenizers library, offsets and decoded text."""
    if kind == "sentencepiece":
        import sentencepiece
        model = sentencepiece.SentencePieceProcessor(model_file=path)
        return lambda texts: [(ids,) for ids in model.encode(texts, num_threads=2)]
    if kind == "tiktoken":
        import tiktoken
        from tiktoken.load import load_tiktoken_bpe
        pattern = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
        ranks = tiktoken.Encoding("whisper", pat_str=pattern, mergeable_ranks=load_tiktoken_bpe(path), special_tokens={})
        return lambda texts: [(ids,) for ids in ranks.encode_ordinary_batch(texts, num_threads=2)]
    import transformers
    transformers.logging.set_verbosity_error()
    if kind == "slow":
        slow = transformers.AutoTokenizer.from_pretrained(path)
        return lambda texts: [(slow.encode(text, add_special_tokens=False),) for text in texts]
    import tokenizers
    if kind == "transformers":
        fast = transformers.AutoTokenizer.from_pretrained(path).backend_tokenizer
    else:
        fast = tokenizers.Tokenizer.from_file(path)
    fast.no_truncation()
    fast.no_padding()

    def encode(texts):
        encodings = fast.encode_batch(texts, add_special_tokens=False)
        decoded = fast.decode_batch([encoding.ids for encoding in encodings], skip_special_tokens=False)
        return [(encoding.ids, encoding.offsets, text) for encoding, text in zip(encodings, decoded)]

    return encode


def digest(results):
    sha = hashlib.sha256()
    for ids, *rest in results:
        sha.update(numpy.array(ids, "<i4").tobytes() + b";")
        if rest:
            sha.update(numpy.array(rest[0], "<i4").tobytes() + rest[1].encode() + b";")
    return sha.hexdigest()[:16]


def encode(folders, path):
    with open(path, encoding="ascii") as file:
        texts = [json.loads(line) for line in file]
    with open(folders + "/list.tsv") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    for name, kind, reference, _, without in rows:
        encode_block = encoder(kind, reference)
        words = without.split() if without != "-" else []
        for begin in range(0, len(texts), BLOCK):
            block = texts[begin:begin + BLOCK]
            results = encode_block([text for text in block if not any(word in text for word in words)])
            print(name, begin, sum(len(ids) for ids, *_ in results), digest(results), flush=True)


if __name__ == "__main__":
    {"texts": write_texts, "folders": write_folders, "encode": encode}[sys.argv[1]](*sys.argv[2:])
