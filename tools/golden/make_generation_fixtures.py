#!/usr/bin/env python3
"""Golden values of generation: small models of four families, random settings of every kind, and what is written.

    python make_generation_fixtures.py OUT   # OUT/FAMILY/{config.json,model.safetensors,records.jsonl,guided.jsonl}
    python make_generation_fixtures.py --check OUT    # the same again, compared

A line of records.jsonl has the prompts, the settings, the seed, per sequence its new tokens (up to the first end token)
and, for beams, its score; guided.jsonl, of decoders, has a negative prompt or none besides. Kept is only what computing
in float64 confirms: a tie is nobody's right answer.
"""
import copy
import json
import os
import random
import shutil
import sys
import warnings

import torch
import transformers
from transformers import (BartConfig, BartForConditionalGeneration, GPT2Config, GPT2LMHeadModel, GenerationConfig,
                          LlamaConfig, LlamaForCausalLM, T5Config, T5ForConditionalGeneration)

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity(transformers.logging.CRITICAL)
torch.set_num_threads(1)

VOCABULARY = 40
RECORDS = 120
GUIDED = 40
FAMILIES = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=0)),
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(
        vocab_size=VOCABULARY, n_embd=24, n_layer=2, n_head=2, n_positions=64, bos_token_id=1, eos_token_id=2,
        pad_token_id=0)),
    "t5": lambda: T5ForConditionalGeneration(T5Config(
        vocab_size=VOCABULARY, d_model=24, d_kv=8, d_ff=40, num_layers=2, num_heads=2, pad_token_id=0, eos_token_id=2,
        decoder_start_token_id=0)),
    "bart": lambda: BartForConditionalGeneration(BartConfig(
        vocab_size=VOCABULARY, d_model=24, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=40, decoder_ffn_dim=40, max_position_embeddings=64, pad_token_id=1,
        bos_token_id=0, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=None)),
}


def tokens(r, count):
    return [r.randrange(3, VOCABULARY) for _ in range(count)]


def settings(r, pair):
    """Random settings, about four at a time besides those of the search."""
    s = {"max_new_tokens": r.choice([4, 6, 8, 10])}
    if r.random() < 0.2:
        s["max_length"] = s.pop("max_new_tokens") + (1 if pair else 8)
    s["eos_token_id"] = r.choice([2, 2, [2, 5], [2, 5, 9], None])
    if r.random() < 0.55:
        s["num_beams"] = r.choice([2, 3, 4])
        s["early_stopping"] = r.choice([True, False, "never"])
        s["length_penalty"] = r.choice([1.0, 0.0, 2.0, 0.6, -1.0])
        s["num_return_sequences"] = r.randrange(1, s["num_beams"] + 1)
    if r.random() < 0.4:
        s["do_sample"] = True
        s["top_k"] = r.choice([0, 5, 20, 50])
        if s.get("num_beams", 1) == 1:
            s["num_return_sequences"] = r.choice([1, 2, 3])
        kinds = {
            "temperature": lambda: r.choice([0.5, 0.8, 1.5]), "top_p": lambda: r.choice([0.0, 0.5, 0.9]),
            "min_p": lambda: r.choice([0.0, 0.05, 0.3, 1.0]), "top_h": lambda: r.choice([0.2, 0.6, 1.0]),
            "typical_p": lambda: r.choice([0.2, 0.7, 0.95]), "epsilon_cutoff": lambda: r.choice([0.01, 0.05, 0.2]),
            "eta_cutoff": lambda: r.choice([0.01, 0.1, 0.5])}
        for key in r.sample(sorted(kinds), r.choice([0, 1, 1, 2, 3])):
            s[key] = kinds[key]()
    ends = s["eos_token_id"] is not None
    kinds = {
        "repetition_penalty": lambda: r.choice([0.7, 1.2, 1.8]), "no_repeat_ngram_size": lambda: r.choice([1, 2, 3]),
        "encoder_repetition_penalty": lambda: r.choice([0.6, 1.5, 3.0]),
        "encoder_no_repeat_ngram_size": lambda: r.choice([1, 2, 3]),
        "bad_words_ids": lambda: [tokens(r, r.choice([1, 1, 2])) for _ in range(6)] + [[2]],
        "sequence_bias": lambda: [[tokens(r, r.choice([1, 1, 2])), r.choice([-4.0, 2.5, 6.0])] for _ in range(6)],
        "min_length": lambda: r.choice([3, 6, 12]), "min_new_tokens": lambda: r.choice([2, 5]),
        "forced_eos_token_id": lambda: r.choice([2, [2, 7]]), "forced_bos_token_id": lambda: r.randrange(3, VOCABULARY),
        "suppress_tokens": lambda: tokens(r, 5) + r.choice([[], [-1]]),
        "begin_suppress_tokens": lambda: tokens(r, 8), "renormalize_logits": lambda: True,
        "remove_invalid_values": lambda: True}
    if ends:
        kinds["exponential_decay_length_penalty"] = lambda: [r.choice([1, 3]), r.choice([1.1, 1.6])]
    chosen = r.sample(sorted(kinds), r.choice([0, 1, 2, 3, 4]))
    if "exponential_decay_length_penalty" in chosen:
        # End tokens that both rule out and raise come to infinity minus infinity, which is nobody's right answer.
        chosen = [key for key in chosen if key not in ("min_length", "min_new_tokens", "remove_invalid_values")]
    for key in chosen:
        s[key] = kinds[key]()
    return s


def guided_settings(r):
    s = {"max_new_tokens": r.choice([5, 8]), "eos_token_id": r.choice([2, [2, 5], None]),
         "guidance_scale": r.choice([0.0, 0.5, 1.5, 3.0])}
    if r.random() < 0.5:
        s["do_sample"] = True
        s["top_k"] = r.choice([0, 5])
    if r.random() < 0.4:
        s["repetition_penalty"] = r.choice([0.8, 1.4])
    return s


def run(model, prompts, s, seed, pair, pad, negative=None):
    longest = max(map(len, prompts))
    rows = [(p + [pad] * (longest - len(p))) if pair else ([pad] * (longest - len(p)) + p) for p in prompts]
    mask = [([1] * len(p) + [0] * (longest - len(p))) if pair else ([0] * (longest - len(p)) + [1] * len(p))
            for p in prompts]
    torch.manual_seed(seed)
    other = {} if negative is None else {"negative_prompt_ids": torch.tensor([negative] * len(rows))}
    out = model.generate(torch.tensor(rows), **other, attention_mask=torch.tensor(mask),
                         generation_config=GenerationConfig(**s), return_dict_in_generate=True, output_scores=True)
    start = 1 if pair else longest
    ends = s["eos_token_id"] if isinstance(s["eos_token_id"], list) else [s["eos_token_id"]]
    sequences = []
    for row in out.sequences[:, start:].tolist():
        end = next((i + 1 for i, token in enumerate(row) if token in ends), len(row))
        sequences.append(row[:end])
    scores = getattr(out, "sequences_scores", None)
    return sequences, None if scores is None else [round(x, 5) for x in scores.tolist()]


def make(family, folder):
    torch.manual_seed(sum(map(ord, family)))
    model = FAMILIES[family]().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.6 if parameter.shape[0] == VOCABULARY else 0.35)
    model.generation_config = GenerationConfig()
    exact = copy.deepcopy(model).double()
    pair = model.config.is_encoder_decoder
    pad = model.config.pad_token_id
    model.save_pretrained(folder)
    os.remove(os.path.join(folder, "generation_config.json"))
    r = random.Random(family)
    records = []
    refused = 0
    while len(records) < RECORDS:
        s = settings(r, pair)
        s["pad_token_id"] = pad
        if pair:
            s["decoder_start_token_id"] = model.config.decoder_start_token_id
        prompts = [tokens(r, r.choice([3, 5, 8])) for _ in range(r.choice([1, 1, 2, 3]))]
        seed = r.randrange(1000)
        try:
            sequences, scores = run(model, prompts, s, seed, pair, pad)
        except (ValueError, RuntimeError, IndexError):
            refused += 1
            continue
        again, scores_again = run(exact, prompts, s, seed, pair, pad)
        near = scores is None or all(abs(a - b) < 1e-4 * (1 + abs(b)) for a, b in zip(scores, scores_again))
        if sequences != again or not near or scores is not None and min(scores) < -1e6:
            continue
        record = {"prompts": prompts, "settings": s, "seed": seed, "sequences": sequences}
        if scores is not None:
            record["scores"] = scores
        records.append(record)
    print(family, "refused", refused)
    write(records, folder, "records.jsonl")
    if not pair:
        write(guided(model, exact, random.Random(family + " guided")), folder, "guided.jsonl")


def guided(model, exact, r):
    """Scores led away from those behind another prompt; beams are left out: the reference mixes theirs up."""
    pad = model.config.pad_token_id
    records = []
    while len(records) < GUIDED:
        s = {**guided_settings(r), "pad_token_id": pad}
        prompts = [tokens(r, r.choice([3, 5, 8])) for _ in range(r.choice([1, 1, 2, 3]))]
        negative = tokens(r, r.choice([1, 4, 10])) if r.random() < 0.5 else None
        seed = r.randrange(1000)
        sequences, _ = run(model, prompts, s, seed, False, pad, negative)
        if sequences == run(exact, prompts, s, seed, False, pad, negative)[0]:
            record = {"prompts": prompts, "settings": s, "seed": seed, "sequences": sequences}
            if negative is not None:
                record["negative"] = negative
            records.append(record)
    return records


def write(records, folder, name):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        for record in records:
            f.write(json.dumps(record, separators=(",", ":")) + "\n")


def main():
    check = sys.argv[1] == "--check"
    out = sys.argv[-1]
    for family in FAMILIES:
        folder = os.path.join(out, family)
        kept = os.path.join(out, family + ".again") if check else folder
        shutil.rmtree(kept, ignore_errors=True)
        os.makedirs(kept)
        make(family, kept)
        if check:
            same = all(open(os.path.join(folder, name)).read() == open(os.path.join(kept, name)).read()
                       for name in os.listdir(kept) if name.endswith(".jsonl"))
            shutil.rmtree(kept)
            print(family, "same" if same else "DIFFERENT")


if __name__ == "__main__":
    main()
