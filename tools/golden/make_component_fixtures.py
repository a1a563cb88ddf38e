"""Which partial and malformed definitions of a tokenizer's components the tokenizers library takes, and what they do.

Every component is spoiled at every key: the key is dropped, null, of another type; a key that nobody knows is added. A
line of the golden file names the part, holds its JSON, and then either `refused`, on loading or at the first text, or what
encoding or decoding gives.

    python make_component_fixtures.py ../../text/src/test/resources/tokenizers-components.jsonl
"""

import base64
import copy
import json
import struct
import sys

from tokenizers import Tokenizer

TEXTS = ["Hello  w\u00f6rld, it's 123!", " a-b\u2581c \u4e2d\u6587 ", ""]
IDS = [[5, 6, 7, 8], [9, 10, 11, 12, 13], [0]]
OTHERS = [None, "", "x", "xy", "\U0001f600", 1, -1, 1.5, True, [], ["a", 1], {}, {"String": "l"}, {"a": 1}]

PIECES = ["[UNK]", "a", "b", "c", " ", "\u2581a", "##b", "l</w>", "<0xE4>", "<0xB8>", "<0xAD>", "\u2581b\u2581", " .",
          "he", "l", "lo", "<pad>", "|", "\u0120a", "Hello", "hello", "\u2581Hello", "world", "w\u00f6rld", ",", "it", "'",
          "s", "123", "!", "1", "2", "3", "H", "e", "o", "w", "r", "d", "i", "t", "-", "\u2581", "\u00f6", "\u4e2d", "xy"]
VOCAB = {piece: i for i, piece in enumerate(PIECES)}
MODEL = {"type": "BPE", "dropout": None, "unk_token": "[UNK]", "continuing_subword_prefix": None,
         "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": True,
         "vocab": VOCAB, "merges": [["l", "o"]]}



def charsmap():
    """A table that turns l into LL: a trie of 512 units, and the string."""
    units = [0] * 512
    units[0] = 256 << 10
    units[256 ^ ord("l")] = ord("l") | 1 << 8 | 1 << 10
    units[256 ^ ord("l") ^ 1] = 1 << 31
    return base64.b64encode(struct.pack("<513I", 4 * 512, *units) + b"LL\0").decode()


NORMALIZERS = [
    {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": True,
     "lowercase": True},
    {"type": "Strip", "strip_left": True, "strip_right": False},
    {"type": "StripAccents"}, {"type": "NFC"}, {"type": "NFD"}, {"type": "NFKC"}, {"type": "NFKD"},
    {"type": "Lowercase"}, {"type": "Nmt"}, {"type": "ByteLevel"},
    {"type": "Replace", "pattern": {"String": "l"}, "content": "L"},
    {"type": "Replace", "pattern": {"Regex": "l+"}, "content": "L"},
    {"type": "Prepend", "prepend": "_"},
    {"type": "Precompiled", "precompiled_charsmap": charsmap()},
    {"type": "Sequence", "normalizers": [{"type": "Lowercase"}, {"type": "Prepend", "prepend": "_"}]},
]
PRE_TOKENIZERS = [
    {"type": "BertPreTokenizer"}, {"type": "Whitespace"}, {"type": "WhitespaceSplit"}, {"type": "UnicodeScripts"},
    {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
    {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True},
    {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": False, "prepend_scheme": "never"},
    {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": False, "prepend_scheme": "always"},
    {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True, "prepend_scheme": "never"},
    {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True, "prepend_scheme": "first"},
    {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True, "prepend_scheme": "First"},
    {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": True, "str_rep": "\u2581"},
    {"type": "Split", "pattern": {"String": "l"}, "behavior": "Isolated", "invert": False},
    {"type": "Split", "pattern": {"Regex": "l+"}, "behavior": "MergedWithNext", "invert": True},
    {"type": "Split", "pattern": {"Regex": "("}, "behavior": "Removed", "invert": True},
    {"type": "Split", "pattern": {"Regex": "l", "String": "l"}, "behavior": "Removed", "invert": True},
    {"type": "Split", "pattern": {"Regex": "l"}, "behavior": "removed", "invert": True},
    {"type": "Punctuation", "behavior": "Isolated"},
    {"type": "Punctuation", "behavior": "isolated"},
    {"type": "Digits", "individual_digits": True},
    {"type": "CharDelimiterSplit", "delimiter": "-"},
    {"type": "FixedLength", "length": 3},
    {"type": "FixedLength", "length": 0},
    {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Digits", "individual_digits": True}]},
]
POST_PROCESSORS = [
    {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    {"type": "BertProcessing", "sep": ["a", 1], "cls": ["b", 2]},
    {"type": "RobertaProcessing", "sep": ["a", 1], "cls": ["b", 2], "trim_offsets": True, "add_prefix_space": True},
    {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x", "type_id": 0}},
                                              {"Sequence": {"id": "A", "type_id": 0}}],
     "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
     "special_tokens": {"x": {"id": "x", "ids": [1, 2], "tokens": ["a", "b"]}}},
    {"type": "TemplateProcessing", "single": "x $A", "pair": "$A $B:1",
     "special_tokens": [{"id": "x", "ids": [1, 2], "tokens": ["a", "b"]}]},
    {"type": "TemplateProcessing", "single": ["x", "$A"], "pair": ["$A", "$B:1"],
     "special_tokens": {"x": {"id": "x", "ids": [1, 2], "tokens": ["a", "b"]}}},
    {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "B", "type_id": 0}}],
     "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": {}},
    {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}],
     "pair": [{"Sequence": {"id": "A", "type_id": 0}}], "special_tokens": {}},
    {"type": "TemplateProcessing", "single": [], "pair": [], "special_tokens": {}},
    {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "y", "type_id": 0}}], "pair": [],
     "special_tokens": {}},
    {"type": "TemplateProcessing", "single": [], "pair": [],
     "special_tokens": {"x": {"id": "y", "ids": [1], "tokens": ["a"]}}},
    {"type": "Sequence", "processors": [{"type": "BertProcessing", "sep": ["a", 1], "cls": ["b", 2]}]},
]
DECODERS = [
    {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    {"type": "WordPiece", "prefix": "##", "cleanup": True},
    {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": True},
    {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": False, "prepend_scheme": "always"},
    {"type": "BPEDecoder", "suffix": "</w>"},
    {"type": "ByteFallback"}, {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    {"type": "Replace", "pattern": {"String": "l"}, "content": "L"},
    {"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": True},
    {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]},
]
MODELS = [
    {"type": "BPE", "dropout": None, "unk_token": "[UNK]", "continuing_subword_prefix": "", "end_of_word_suffix": "",
     "fuse_unk": True, "byte_fallback": False, "ignore_merges": False,
     "vocab": {"[UNK]": 0, "l": 1, "o": 2, "lo": 3, "H": 4}, "merges": [["l", "o"]]},
    {"type": "BPE", "vocab": {"[UNK]": 0, "l": 1, "o": 2, "lo": 3, "H": 4}, "merges": ["l o"]},
    {"type": "BPE", "vocab": {"l": 0, "o": 1}, "merges": ["l o"]},
    {"type": "BPE", "vocab": {"l": 0, "o": 1, "lo": 2}, "merges": ["lo"]},
    {"type": "BPE", "vocab": {"l": 0, "o": 1, "lo": 2}, "merges": ["l o x"]},
    {"type": "BPE", "vocab": {"l": 0, "o": 1, "lo": 2}, "merges": [["l", "o"], "l o"]},
    {"type": "BPE", "vocab": {"l": 0, "o": 1, "lo": 2}, "merges": ["#version: 0.2", "l o"]},
    {"type": "BPE", "vocab": {"l": 0, "o": 1, "lo": 2}, "merges": [["l", "o", "x"]]},
    {"type": "BPE", "vocab": {"l": 0, "o": 0, "lo": 2}, "merges": []},
    {"type": "BPE", "vocab": {}, "merges": []},
    {"type": "BPE", "dropout": 1.5, "vocab": {}, "merges": []},
    {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
     "vocab": {"[UNK]": 0, "H": 1, "##e": 2}},
    {"type": "WordLevel", "vocab": {"[UNK]": 0, "Hello": 1}, "unk_token": "[UNK]"},
    {"type": "WordLevel", "vocab": {"Hello": 1}, "unk_token": "[UNK]"},
    {"type": "Unigram", "unk_id": 0, "vocab": [["[UNK]", 0.0], ["H", -1.0], ["l", -2]], "byte_fallback": False},
    {"type": "Unigram", "unk_id": 3, "vocab": [["[UNK]", 0.0], ["H", -1.0]], "byte_fallback": False},
    {"type": "Unigram", "unk_id": 0, "vocab": [], "byte_fallback": False},
    {"type": "Unigram", "unk_id": 0, "vocab": [["[UNK]", 0.0], ["H"]], "byte_fallback": False},
    {"type": "Unigram", "unk_id": 0, "vocab": [["[UNK]", 0.0], ["H", 1, 2]], "byte_fallback": False},
    {"type": "Unigram", "unk_id": 0, "vocab": {"[UNK]": 0.0, "H": 1.0}, "byte_fallback": False},
]
ADDED = [{"id": 46, "content": "[X]", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
          "special": True}]
ROOTS = {
    "truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
    "padding": {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0,
                "pad_type_id": 0, "pad_token": "[PAD]"},
}


def paths(node, depth=0):
    """Places of all keys below a node, but for those of vocabularies."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield (key,)
            if key not in ("vocab",):
                yield from ((key,) + rest for rest in paths(value, depth + 1))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield (i,)
            yield from ((i,) + rest for rest in paths(value, depth + 1))


def at(node, path):
    for key in path:
        node = node[key]
    return node


def mutations(node):
    yield copy.deepcopy(node)
    extra = copy.deepcopy(node)
    if isinstance(extra, dict):
        extra["nobody_knows"] = 1
        yield extra
    for path in paths(node):
        dropped = copy.deepcopy(node)
        del at(dropped, path[:-1])[path[-1]]
        yield dropped
        if isinstance(at(node, path), dict):
            more = copy.deepcopy(node)
            at(more, path)["nobody_knows"] = 1
            yield more
        for other in OTHERS:
            if path[-1] == "dropout" and other == 1:
                continue  # what is encoded then is left to chance, and dropout is ignored
            if other != at(node, path):
                changed = copy.deepcopy(node)
                at(changed, path[:-1])[path[-1]] = copy.deepcopy(other)
                yield changed


def definition(part, node):
    whole = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
             "pre_tokenizer": None, "post_processor": None, "decoder": None, "model": MODEL}
    if part == "root":
        whole.update(node)
    else:
        whole[part] = node
    return whole


def outcome(part, node):
    try:
        tokenizer = Tokenizer.from_str(json.dumps(definition(part, node)))
    except BaseException as e:  # the library panics for some
        return {"refused": True}
    if part == "root":
        return {}
    if part == "decoder":
        return {"texts": [tokenizer.decode(ids, skip_special_tokens=False) for ids in IDS]}
    try:
        out = {"ids": [tokenizer.encode(text).ids for text in TEXTS]}
        if part == "post_processor":
            out["pair"] = tokenizer.encode(TEXTS[0], TEXTS[1]).ids
        return out
    except BaseException:
        return {"refused": True}


def uneven(node):
    """Whether a special token of a template has more ids than tokens, or fewer, which jformers refuses."""
    special = node.get("special_tokens") if isinstance(node, dict) else None
    entries = special.values() if isinstance(special, dict) else special if isinstance(special, list) else []
    return any(isinstance(entry, dict) and isinstance(entry.get("ids"), list)
               and isinstance(entry.get("tokens"), list) and len(entry["ids"]) != len(entry["tokens"])
               for entry in entries)


def main(target):
    parts = {"normalizer": NORMALIZERS, "pre_tokenizer": PRE_TOKENIZERS, "post_processor": POST_PROCESSORS,
             "decoder": DECODERS, "model": MODELS}
    lines = {}
    for part, nodes in parts.items():
        for node in nodes:
            for mutated in mutations(node):
                if not uneven(mutated):
                    lines.setdefault((part, json.dumps(mutated)), mutated)
        for other in OTHERS:
            lines.setdefault((part, json.dumps(other)), other)
    for mutated in mutations(ADDED):
        lines.setdefault(("added_tokens", json.dumps(mutated)), mutated)
    for key, value in ROOTS.items():
        for mutated in mutations({key: value}):
            lines.setdefault(("root", json.dumps(mutated)), mutated)
    for mutated in [{"version": "2.0"}, {"version": None}, {"version": 1}, {"nobody_knows": 1}, {"version": "1.1"}]:
        lines.setdefault(("root", json.dumps(mutated)), mutated)
    with open(target, "w", encoding="utf-8") as out:
        out.write(json.dumps({"texts": TEXTS, "ids": IDS, "model": MODEL}, ensure_ascii=False) + "\n")
        for (part, _), node in lines.items():
            line = {"part": part, "json": node} | outcome(part, node)
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
