#!/usr/bin/env python3
"""Pipelines of the library over tiny random models: make_pipeline_fixtures.py OUT [--check]

For each model a folder with tokenizer and weights, and `calls.jsonl`: per line a task, a call as `jformers run --json` takes
it (a text, or an object of inputs and options), and what the pipeline returns, or why it fails.
"""
import argparse
import copy
import json
import os
import warnings

import torch
import transformers as T
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from fixture_toolkit import randomise, same, write_calls

warnings.simplefilter("ignore")
T.logging.set_verbosity_error()
T.logging.disable_progress_bar()
torch.set_num_threads(1)

CORPUS = """
Anna Smith moved from New York to Paris in the spring of 1998.
A charming and often affecting journey through the old town of Prague.
The quick brown fox jumps over the lazy dog near the river Thames.
Microsoft and the University of Cambridge opened a laboratory together.
It is not a good film, but the actors are better than the story they were given.
"Where are you going?" asked Peter; "to London," said Mary.
Das schöne Mädchen aus Köln trinkt gern Kaffee im Café am Rhein.
He didn't know whether they'd arrive on time, so he called the U.S. embassy.
Mr. Johnson-Miller paid 25.50 dollars for three tickets (row 7, seats 1-3).
The film was dull and slow; nobody laughed, and half of the people left early.
An extraordinarily unbelievable, wonderfully acted and beautifully photographed picture.
Berlin, Madrid and Rome are capitals; Barcelona and Munich are not.
""".strip().splitlines()

LONG = " ".join(CORPUS[:4])
WORDS = ["Anna", "Smith", "lives", "in", "New", "York", "(", "U.S.", ")", "."]


# --------------------------------------------------------------------------- tokenizers
def word_piece(lower):
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=lower)
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    t.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=220, special_tokens=special, show_progress=False))
    t.decoder = decoders.WordPiece()
    t.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)])
    roles = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    return t, roles, {"do_lower_case": lower}


def byte_level(special, roles):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=256 + 60, special_tokens=special, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    if len(special) > 2:
        t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return t, roles, {}


def roberta_pieces():
    return byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"], {
        "bos": "<s>", "eos": "</s>", "pad": "<pad>", "unk": "<unk>", "cls": "<s>", "sep": "</s>", "mask": "<mask>"})


def gpt2_pieces():
    return byte_level(["<|endoftext|>", "<|pad|>"], {
        "bos": "<|endoftext|>", "eos": "<|endoftext|>", "unk": "<|endoftext|>", "pad": "<|pad|>"})


def unigram(special, template, roles, **config):
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(" {2,}", " ")])
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.decoder = decoders.Metaspace()
    t.train_from_iterator(CORPUS, trainers.UnigramTrainer(
        vocab_size=160, special_tokens=special, unk_token=roles["unk"], show_progress=False))
    t.post_processor = processors.TemplateProcessing(
        *template, [(s, special.index(s)) for s in special if any(s in part for part in template)])
    return t, roles, config


def deberta_pieces():
    return unigram(["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"],
                   ("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
                   {"bos": "[CLS]", "eos": "[SEP]", "pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"},
                   do_lower_case=False, split_by_punct=False)


def xlnet_pieces():
    return unigram(["<unk>", "<s>", "</s>", "<cls>", "<sep>", "<pad>", "<mask>"],
                   ("$A:0 <sep>:0 <cls>:2", "$A:0 <sep>:0 $B:1 <sep>:1 <cls>:2"),
                   {"bos": "<s>", "eos": "</s>", "pad": "<pad>", "unk": "<unk>", "cls": "<cls>", "sep": "<sep>", "mask": "<mask>"},
                   do_lower_case=False, keep_accents=True)


def t5_pieces():
    return unigram(["<pad>", "</s>", "<unk>"], ("$A </s>", "$A </s> $B </s>"), {"eos": "</s>", "pad": "<pad>", "unk": "<unk>"},
                   extra_ids=0)


def llama_pieces():
    special = ["<unk>", "<s>", "</s>"]
    t = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    t.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=3 + 256 + 120, show_progress=False, special_tokens=special + [f"<0x{i:02X}>" for i in range(256)]))
    t.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    t.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A <s>:1 $B:1", [("<s>", 1)])
    return t, {"bos": "<s>", "eos": "</s>", "unk": "<unk>", "pad": "</s>"}, {"add_bos_token": True, "add_eos_token": False}


# --------------------------------------------------------------------------- models
SMALL = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24)
TAGS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
WORD_CLASSES = ["NOUN", "VERB", "O"]


def labels(names):
    return dict(id2label=dict(enumerate(names)), label2id={n: i for i, n in enumerate(names)})


def bert(vocab, **more):
    return T.BertConfig(vocab_size=vocab, max_position_embeddings=40, pad_token_id=0, **SMALL, **more)


def roberta(vocab, **more):
    return T.RobertaConfig(vocab_size=vocab, max_position_embeddings=34, type_vocab_size=1, pad_token_id=1, bos_token_id=0,
                           eos_token_id=2, **SMALL, **more)


def distilbert(vocab, **more):
    return T.DistilBertConfig(vocab_size=vocab, dim=16, hidden_dim=24, n_layers=2, n_heads=2, max_position_embeddings=32,
                              pad_token_id=0, **more)


def gpt2(vocab, **more):
    return T.GPT2Config(vocab_size=vocab, n_embd=16, n_layer=2, n_head=2, n_positions=48, bos_token_id=0, eos_token_id=0,
                        **more)


def deberta(vocab, **more):
    return T.DebertaV2Config(vocab_size=vocab, max_position_embeddings=32, relative_attention=True, position_buckets=8,
                             pos_att_type=["p2c", "c2p"], norm_rel_ebd="layer_norm", share_att_key=True, type_vocab_size=0,
                             position_biased_input=False, pad_token_id=0, **SMALL, **more)


def llama(vocab, **more):
    return T.LlamaConfig(vocab_size=vocab, num_key_value_heads=1, max_position_embeddings=64, bos_token_id=1, eos_token_id=2,
                         **SMALL, **more)


def bart(vocab, **more):
    return T.BartConfig(vocab_size=vocab, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
                        decoder_attention_heads=2, encoder_ffn_dim=24, decoder_ffn_dim=24, max_position_embeddings=40,
                        pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2, **more)


def xlnet(vocab, **more):
    return T.XLNetConfig(vocab_size=vocab, d_model=16, n_layer=2, n_head=2, d_inner=24, pad_token_id=5, bos_token_id=1,
                         eos_token_id=2, **more)


def t5(vocab, **more):
    return T.T5Config(vocab_size=vocab, d_model=16, d_kv=8, d_ff=24, num_layers=1, num_decoder_layers=1, num_heads=2,
                      pad_token_id=0, eos_token_id=1, decoder_start_token_id=0, **more)


CLASSES = "text-classification"
ENTITIES = "token-classification"
VECTORS = "feature-extraction"
GAPS = "fill-mask"

# name: config, class of the model, tokenizer, its class, model_max_length, what the config says, tasks
MODELS = {
    "bert-classes": (bert, "BertForSequenceClassification", lambda: word_piece(False), "Bert", 32,
                     labels(["negative", "neutral", "positive"]), [CLASSES, VECTORS]),
    "roberta-classes": (roberta, "RobertaForSequenceClassification", roberta_pieces, "Roberta", 32,
                        dict(num_labels=2), [CLASSES, VECTORS]),
    "distilbert-number": (distilbert, "DistilBertForSequenceClassification", lambda: word_piece(True), "DistilBert", 32,
                          dict(problem_type="regression", num_labels=1), [CLASSES, VECTORS]),
    "gpt2-several": (gpt2, "GPT2ForSequenceClassification", gpt2_pieces, "GPT2", 40,
                     dict(problem_type="multi_label_classification", pad_token_id=1, **labels(["a", "b", "c"])),
                     [CLASSES, VECTORS]),
    "deberta-v2-one": (deberta, "DebertaV2ForSequenceClassification", deberta_pieces, "DebertaV2", 32, dict(num_labels=1),
                       [CLASSES, VECTORS]),
    "llama-classes": (llama, "LlamaForSequenceClassification", llama_pieces, "Llama", 64,
                      dict(num_labels=4, pad_token_id=2), [CLASSES, VECTORS]),
    "llama-unpadded": (llama, "LlamaForSequenceClassification", llama_pieces, "Llama", 64, dict(num_labels=3), [CLASSES]),
    "bart-classes": (bart, "BartForSequenceClassification", roberta_pieces, "Bart", 32, dict(num_labels=3),
                     [CLASSES, VECTORS]),
    "xlnet-classes": (xlnet, "XLNetForSequenceClassification", xlnet_pieces, "XLNet", 32, dict(num_labels=2),
                      [CLASSES, VECTORS]),
    "t5-classes": (t5, "T5ForSequenceClassification", t5_pieces, "T5", 32, dict(num_labels=3), [CLASSES]),
    "bert-tags": (bert, "BertForTokenClassification", lambda: word_piece(False), "Bert", 16, labels(TAGS), [ENTITIES]),
    "distilbert-tags": (distilbert, "DistilBertForTokenClassification", lambda: word_piece(True), "DistilBert", 16,
                        labels(WORD_CLASSES), [ENTITIES]),
    "roberta-tags": (roberta, "RobertaForTokenClassification", roberta_pieces, "Roberta", 20, labels(TAGS), [ENTITIES]),
    "gpt2-tags": (gpt2, "GPT2ForTokenClassification", gpt2_pieces, "GPT2", 24, labels(TAGS), [ENTITIES]),
    "deberta-v2-tags": (deberta, "DebertaV2ForTokenClassification", deberta_pieces, "DebertaV2", 20, labels(TAGS), [ENTITIES]),
    "xlnet-tags": (xlnet, "XLNetForTokenClassification", xlnet_pieces, "XLNet", 20, labels(TAGS), [ENTITIES]),
    "bert-gaps": (bert, "BertForMaskedLM", lambda: word_piece(False), "Bert", 32, {}, [GAPS]),
    "roberta-gaps": (roberta, "RobertaForMaskedLM", roberta_pieces, "Roberta", 32, {}, [GAPS]),
    "llama-tags": (llama, "LlamaForTokenClassification", llama_pieces, "Llama", 32, labels(TAGS), [ENTITIES]),
}

# --------------------------------------------------------------------------- calls
TEXTS = ["An often affecting old film", "dull", "", " ", "A caf\u00e9 in K\u00f6ln, na\u00efve e\u0301 \ufb01n", "\u65e5\u672c\u8a9e\u306e text",
         "\U0001F600 smile \U0001F468\u200d\U0001F469\u200d\U0001F467!", "two  spaces\tand\nlines\r\n", "unbelievably" * 9]


def classification_calls(special):
    both, first, second = ({"text": a, "text_pair": b} for a, b in (
        (CORPUS[0], CORPUS[9]), (CORPUS[0], "a dull film"), ("a dull film", CORPUS[9])))
    return TEXTS[:4] + [
        {"inputs": TEXTS[4]},
        {"inputs": TEXTS[5], "top_k": None},
        {"inputs": TEXTS[6], "top_k": 1},
        {"inputs": TEXTS[7], "top_k": 2},
        {"inputs": TEXTS[0], "top_k": 100},
        {"inputs": TEXTS[0], "top_k": 0},
        {"inputs": TEXTS[8], "top_k": None, "function_to_apply": "none", "truncation": True},
        {"inputs": TEXTS[0], "top_k": None, "function_to_apply": "sigmoid"},
        {"inputs": TEXTS[0], "function_to_apply": "SoftMax"},
        {"inputs": TEXTS[0], "function_to_apply": None, "truncation": None},
        {"inputs": both, "truncation": True},
        {"inputs": {"text": CORPUS[4], "text_pair": "dull"}, "truncation": True, "top_k": None},
        {"inputs": {"text": "dull", "text_pair": ""}, "top_k": None},
        {"inputs": {"text": "dull"}, "top_k": None},
        {"inputs": first, "truncation": "only_first", "max_length": 24, "top_k": None},
        {"inputs": second, "truncation": "only_second", "max_length": 24, "top_k": None},
        {"inputs": LONG, "truncation": True, "top_k": None},
        {"inputs": LONG, "truncation": True, "max_length": 9, "padding": True, "top_k": None},
        {"inputs": both, "truncation": "only_first", "max_length": 12},
        {"inputs": LONG, "top_k": None},
        {"inputs": LONG, "max_length": 7, "top_k": None},
        {"inputs": "dull", "add_special_tokens": False, "top_k": None},
        {"inputs": special, "top_k": None},
        {"inputs": "dull", "function_to_apply": "exp"},
    ]


def entity_calls(special):
    calls = [{"inputs": text, "aggregation_strategy": strategy}
             for text in (CORPUS[5], CORPUS[8][:40], TEXTS[4], TEXTS[6])
             for strategy in ("none", "simple", "first", "average", "max")]
    calls += TEXTS[1:4] + [
        CORPUS[3],
        {"inputs": TEXTS[5], "aggregation_strategy": "first"},
        {"inputs": TEXTS[7], "aggregation_strategy": "average", "ignore_labels": []},
        {"inputs": TEXTS[8], "aggregation_strategy": "MAX", "ignore_labels": []},
        {"inputs": CORPUS[6], "ignore_labels": ["O", "B-PER", "VERB"], "aggregation_strategy": None},
        {"inputs": CORPUS[7], "ignore_labels": ["LOC", "NOUN"], "aggregation_strategy": "simple"},
        {"inputs": special, "aggregation_strategy": "simple", "ignore_labels": []},
        {"inputs": LONG},
        # As words: of a long text, tokenizers 0.23 forgets the windows behind the second.
        {"inputs": LONG.split(), "is_split_into_words": True, "aggregation_strategy": "simple", "stride": 4},
        {"inputs": LONG.split(), "is_split_into_words": True, "aggregation_strategy": "first", "stride": 0},
        {"inputs": LONG.split(), "is_split_into_words": True, "aggregation_strategy": "max", "stride": 7, "ignore_labels": []},
        {"inputs": LONG.split(), "is_split_into_words": True, "stride": 3},
        {"inputs": CORPUS[8][:12], "aggregation_strategy": "average", "stride": 2},
        {"inputs": LONG, "stride": 3, "aggregation_strategy": "none"},
        {"inputs": LONG, "stride": 1000, "aggregation_strategy": "simple"},
        {"inputs": WORDS[:6], "is_split_into_words": True},
        {"inputs": WORDS, "is_split_into_words": True, "aggregation_strategy": "simple"},
        {"inputs": WORDS, "is_split_into_words": True, "aggregation_strategy": "average", "delimiter": "  "},
        {"inputs": WORDS[:4] + ["K\u00f6ln\U0001F600"], "is_split_into_words": True, "aggregation_strategy": "first", "delimiter": ""},
        {"inputs": "dull", "aggregation_strategy": "mean"},
        {"inputs": "dull", "is_split_into_words": True},
    ]
    return calls


def vector_calls(special):
    return [TEXTS[1], {"inputs": TEXTS[4]}, {"inputs": TEXTS[5]}, {"inputs": TEXTS[6]}, TEXTS[2], {"inputs": special},
            {"inputs": LONG, "truncation": True, "tokenize_kwargs": {"max_length": 6}},
            {"inputs": CORPUS[9], "tokenize_kwargs": {"truncation": True, "max_length": 5}, "return_tensors": False},
            {"inputs": "dull", "tokenize_kwargs": {"truncation": True}, "truncation": True},
            {"inputs": "dull", "tokenize_kwargs": {"add_special_tokens": False}}]


def gap_calls(special):
    mask = special
    return [f"The old {mask} of Prague", {"inputs": f"{mask} moved to Paris.", "top_k": 2}, {"inputs": f"a {mask}", "top_k": 100},
            f"Anna {mask} moved from {mask} York", {"inputs": f"{mask}{mask} is {mask}!", "top_k": 1},
            {"inputs": f"a {mask} film", "targets": ["good", "slow", "dull"]},
            {"inputs": f"a {mask} film", "targets": "unbelievable"},
            {"inputs": f"a {mask} film {mask}", "targets": ["old", "old", "journey"], "top_k": 1},
            {"inputs": f"a {mask} film", "targets": ["\U0001F600\U0001F600", "of"]},
            {"inputs": f"caf\u00e9 {mask} K\u00f6ln", "top_k": None},
            {"inputs": f"{mask} " + LONG, "tokenizer_kwargs": {"truncation": True}},
            {"inputs": f"{mask} " + LONG, "tokenizer_kwargs": {"truncation": True, "max_length": 9}, "top_k": 3},
            "no gap", {"inputs": f"a {mask}", "targets": []}, {"inputs": LONG + f" {mask}", "tokenizer_kwargs": {"truncation": True}}]


CALLS = {GAPS: gap_calls, CLASSES: classification_calls, ENTITIES: entity_calls, VECTORS: vector_calls}


def plain(value):
    """As JSON has it: numbers with seven digits."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, (str, int)) or value is None:
        return value
    return float(f"{float(value):.7g}")


def answer(pipe, call):
    arguments = copy.deepcopy(call) if isinstance(call, dict) else {"inputs": call}  # pipelines write into it
    try:
        result = plain(pipe(arguments.pop("inputs"), **arguments))
        json.dumps(result, allow_nan=False)
        return {"result": result}
    except Exception as e:  # noqa: BLE001 - what fails there fails here
        return {"fails": f"{type(e).__name__}: {str(e)}".splitlines()[0][:160]}


# --------------------------------------------------------------------------- files
def build(name, folder):
    config, head, pieces, kind, longest, more, _ = MODELS[name]
    os.makedirs(folder, exist_ok=True)
    tokenizer, roles, settings = pieces()
    tokenizer.save(os.path.join(folder, "tokenizer.json"), pretty=False)
    settings = {"tokenizer_class": kind + "Tokenizer", "model_max_length": longest, "clean_up_tokenization_spaces": False,
                **{role + "_token": token for role, token in roles.items()}, **settings}
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as out:
        json.dump(settings, out, indent=1)
    model = getattr(T, head)(config(tokenizer.get_vocab_size(), **more))
    randomise(model, seed=11, head_gain=3.0)
    model.save_pretrained(folder)


def lines(folder, name):
    roles = json.load(open(os.path.join(folder, "tokenizer_config.json")))
    special = roles["mask_token"] if GAPS in MODELS[name][-1] else " ".join(roles[role + "_token"] for role in ("unk", "sep", "eos") if role + "_token" in roles)
    found = []
    for task in MODELS[name][-1]:
        pipe = T.pipeline(task, model=folder, tokenizer=folder, device="cpu", dtype=torch.float32)
        for call in CALLS[task](special):
            found.append({"task": task, "call": call, **answer(pipe, call)})
    return found


def main():
    options = argparse.ArgumentParser()
    options.add_argument("out")
    options.add_argument("--check", action="store_true")
    options = options.parse_args()
    write_calls(options.out, MODELS, options.check, lambda folder, name: build(name, folder), lines, same)


if __name__ == "__main__":
    main()
