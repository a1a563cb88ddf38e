#!/usr/bin/env python3
"""Pipelines that write texts: PYTHONPATH=OLDER python make_writing_fixtures.py OUT [--only NAMES] [--check]

OLDER: transformers 4.57.6, the last version with all of them, and tokenizers 0.22.2. torch 2.13.0. Folders are as
make_pipeline_fixtures.py writes them. Kept is only what computing in float64 confirms: a tie is nobody's right answer. `seed`
in a call is ours: random draws start there.
"""
import argparse
import copy
import functools
import json
import os
import warnings

import torch
import transformers as T
from tokenizers import pre_tokenizers

import make_pipeline_fixtures as pipelines
from fixture_toolkit import randomise, write_calls
from make_pipeline_fixtures import CORPUS, LONG, TEXTS, plain, same

warnings.simplefilter("ignore")
T.logging.set_verbosity(T.logging.CRITICAL)
torch.set_num_threads(1)

WRITES = "text-generation"
TEMPLATE = ("{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m.content | trim }}{{ eos_token }}\n{% endfor %}"
            "{% if add_generation_prompt %}[assistant]{% endif %}")

GREEDY = {"max_new_tokens": 8, "do_sample": False}


def writing_calls(special):
    greedy = lambda text, **more: {"inputs": text, **GREEDY, **more}  # noqa: E731
    chosen = {"max_new_tokens": 6, "num_beams": 3, "do_sample": False}
    calls = [greedy(text) for text in TEXTS + CORPUS[:3] + [special, special + " a film"]]
    calls += [greedy(text, return_full_text=False) for text in (TEXTS[0], TEXTS[4], "", CORPUS[5][:20], special)]
    return calls + [
        greedy("Where are you", return_full_text=True, return_text=None),
        greedy(TEXTS[1], return_tensors=True), greedy("", return_tensors=True),
        greedy("It is", return_full_text=True, return_tensors=True),
        {"inputs": "It is", **chosen}, {"inputs": "It is", **chosen, "num_return_sequences": 3},
        {"inputs": "It is", **chosen, "num_return_sequences": 2, "return_tensors": True},
        {"inputs": "It is", **chosen, "num_return_sequences": 4},
        {"inputs": "It is", **chosen, "length_penalty": 0.2, "early_stopping": True, "num_return_sequences": 2},
        {"inputs": "The film", "max_new_tokens": 7, "seed": 3}, {"inputs": "The film", "max_new_tokens": 7, "seed": 4},
        {"inputs": "The film", "max_new_tokens": 7, "seed": 3, "num_return_sequences": 3, "top_k": 8, "temperature": 1.4},
        {"inputs": "The film", "max_new_tokens": 7, "seed": 9, "top_p": 0.7, "top_k": 0, "return_full_text": False},
        greedy("The old town", prefix="Prague . "), greedy("", prefix="Prague"),
        greedy("The old town", prefix="Prague . ", add_special_tokens=True, return_full_text=False),
        greedy("Anna moved", stop_sequence=" the"), greedy("Anna moved", stop_sequence="e"),
        greedy("Anna moved", min_new_tokens=5), greedy("Anna moved", repetition_penalty=1.7),
        greedy("Anna moved to to to", no_repeat_ngram_size=1), greedy("Anna moved", bad_words_ids=[[5], [300, 7]]),
        greedy("Anna moved", suppress_tokens=[10, 11, 12]), greedy("Anna moved", eos_token_id=[9, 40]),
        greedy("Anna moved", min_length=12), greedy("Anna moved", max_length=4), greedy(LONG[:60], max_length=5),
        greedy(LONG, truncation=True, max_length=9), greedy(LONG, tokenizer_encode_kwargs={"truncation": True, "max_length": 7}),
        greedy(LONG, handle_long_generation="hole"), greedy(LONG, handle_long_generation="hole", max_new_tokens=500),
        greedy("Anna", handle_long_generation="all"),
        greedy("Anna , it is n't ' a ' film .", clean_up_tokenization_spaces=False), greedy("Anna , it is n't ' a ' film ."),
        greedy("Anna" + special, skip_special_tokens=False), greedy("Anna", skip_special_tokens=False, return_full_text=False),
        {"inputs": "Anna", "do_sample": False}, {"inputs": "Anna", "do_sample": False, "max_length": 12},
        {"inputs": "Anna", "do_sample": False, "prefix": "Prague", "max_length": 14, "min_length": 10},
        {"inputs": "Anna", "do_sample": False, "max_new_tokens": None}, {"inputs": "The film", "seed": 5},
        greedy("Anna", add_special_tokens=False), greedy("Anna", use_cache=False), greedy("Anna", num_beams=0),
        greedy("Anna", max_new_tokens=-3), greedy("Anna", temperature=-1.0, do_sample=True),
    ]


def chats(special):
    user = lambda text: {"role": "user", "content": text}  # noqa: E731
    said = lambda text: {"role": "assistant", "content": text}  # noqa: E731
    system = {"role": "system", "content": "Be brief."}
    talk = [system, user("Where is Anna?"), said("In Paris."), user(" And Peter? ")]
    return [
        {"inputs": talk, **GREEDY}, {"inputs": talk, **GREEDY, "return_full_text": False},
        {"inputs": talk[:2], **GREEDY, "return_tensors": True}, {"inputs": talk[:3], **GREEDY},
        {"inputs": talk[:3], **GREEDY, "continue_final_message": False},
        {"inputs": talk, **GREEDY, "continue_final_message": True},
        {"inputs": talk[:2] + [said("He went to ")], **GREEDY, "return_full_text": False},
        {"inputs": [user(TEXTS[4])], "max_new_tokens": 5, "num_beams": 2, "num_return_sequences": 2, "do_sample": False},
        {"inputs": [user("")], **GREEDY}, {"inputs": [user(TEXTS[6])], "max_new_tokens": 5, "seed": 11},
        {"inputs": [{**user("dull"), "name": "Anna"}], **GREEDY},
        {"inputs": [{"role": "user"}], **GREEDY}, {"inputs": ["dull"], **GREEDY, "return_full_text": None, "no": 1},
    ]


def target_calls(special):
    short = {"max_new_tokens": 8}
    greedy = {**short, "num_beams": 1}
    calls = [{"inputs": text, **short} for text in TEXTS + CORPUS[:2]] + [{"inputs": text, **greedy} for text in TEXTS[:6]]
    return calls + [{"inputs": special, **short}, {"inputs": special + " a film", **short}] + [
        {"inputs": "It is", **short, "num_return_sequences": 4}, {"inputs": "It is", **short, "num_return_sequences": 5},
        {"inputs": "It is", **short, "num_beams": 3, "num_return_sequences": 2, "length_penalty": 2.0, "early_stopping": True},
        {"inputs": "It is", **short, "num_return_sequences": 2, "return_tensors": True},
        {"inputs": "It is", **greedy, "return_tensors": True}, {"inputs": "", **greedy, "return_tensors": True},
        {"inputs": "It is", **greedy, "return_text": True, "return_tensors": False},
        {"inputs": "The film", **short, "do_sample": True, "num_beams": 1, "seed": 3},
        {"inputs": "The film", **short, "do_sample": True, "num_beams": 1, "seed": 3, "top_k": 5, "num_return_sequences": 2},
        {"inputs": "The film", **short, "do_sample": True, "seed": 7, "temperature": 1.3},
        {"inputs": "The old", **greedy, "stop_sequence": "film"}, {"inputs": "The old", **greedy, "min_new_tokens": 6},
        {"inputs": "The old", **greedy, "repetition_penalty": 1.6}, {"inputs": "The old", **greedy, "no_repeat_ngram_size": 1},
        {"inputs": "The old", **greedy, "encoder_no_repeat_ngram_size": 1}, {"inputs": "The old", **greedy, "max_length": 4},
        {"inputs": "The old", "num_beams": 2, "max_new_tokens": None, "max_length": 5},
        {"inputs": "The old", **greedy, "clean_up_tokenization_spaces": True},
        {"inputs": CORPUS[5], **short, "clean_up_tokenization_spaces": True},
        {"inputs": LONG, **greedy, "truncation": True}, {"inputs": LONG, **greedy, "truncation": "only_first"},
        {"inputs": CORPUS[10][:30], **greedy, "truncation": False}, {"inputs": "dull", **greedy, "truncation": "middle"},
        {"inputs": "dull", "max_new_tokens": 0}, {"inputs": "dull", **short, "num_beams": -1}, {"inputs": "dull", **short, "length": 3},
        {"inputs": "dull", **greedy, "bad_words_ids": [[7], [8, 9]]}, {"inputs": "dull", **greedy, "forced_bos_token_id": 12},
        {"inputs": "dull", **greedy, "eos_token_id": [9, 14]}, {"inputs": "dull", **greedy, "decoder_start_token_id": 6},
    ]


def language_calls(special):
    return [{**call, "src_lang": source, "tgt_lang": target} for call in target_calls(special)
            for source, target in (("en_XX", "de_DE"), ("fr_XX", "ro_RO"))[:1 + (call["inputs"] in TEXTS[:3])]] + [
        {"inputs": "dull", "src_lang": "en_XX"}, {"inputs": "dull", "tgt_lang": "en_XX"}]


def code_calls(special):
    code = [">>de<< ", ">>fr<<", ">> de<<", ">>xx<< ", " >>de<< ", ">>de<<>>fr<< ", ">>de<<"]
    return target_calls(special) + [{"inputs": c + CORPUS[0][:20], "max_new_tokens": 6} for c in code]


def pair_calls(special):
    return [{**call, "src_lang": "en", "tgt_lang": "de"} for call in target_calls(special)[:24]] + target_calls(special)[24:]


def gpt2(vocab, **more):
    return T.GPT2Config(vocab_size=vocab, n_embd=16, n_layer=2, n_head=2, n_positions=64, bos_token_id=0, eos_token_id=0, **more)


CODES = ("ar_AR cs_CZ de_DE en_XX es_XX et_EE fi_FI fr_XX gu_IN hi_IN it_IT ja_XX kk_KZ ko_KR lt_LT lv_LV my_MM ne_NP nl_XX ro_RO"
         " ru_RU si_LK tr_TR vi_VN zh_CN").split()


def mbart_pieces():
    special = ["<s>", "<pad>", "</s>", "<unk>", *CODES, "<mask>"]
    roles = {"bos": "<s>", "eos": "</s>", "pad": "<pad>", "unk": "<unk>", "cls": "<s>", "sep": "</s>", "mask": "<mask>"}
    tokenizer, roles, config = pipelines.unigram(special, ("$A </s> en_XX", "$A $B </s> en_XX"), roles, src_lang="en_XX",
                                                 tgt_lang="ro_RO", additional_special_tokens=CODES)
    # As the class of later versions has it whatever tokenizer.json says.
    tokenizer.normalizer = None
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    return tokenizer, roles, config


def mbart(vocab, **more):
    return T.MBartConfig(vocab_size=vocab, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
                         decoder_attention_heads=2, encoder_ffn_dim=24, decoder_ffn_dim=24, max_position_embeddings=64,
                         pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=7, forced_eos_token_id=2, **more)


def marian(vocab, **more):
    return T.MarianConfig(vocab_size=vocab, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
                          decoder_attention_heads=2, encoder_ffn_dim=24, decoder_ffn_dim=24, max_position_embeddings=64,
                          pad_token_id=vocab - 1, eos_token_id=0, decoder_start_token_id=vocab - 1, forced_eos_token_id=0,
                          bad_words_ids=[[vocab - 1]], **more)


def marian_pieces(folder):
    """Two sentencepiece models without rules for characters, which keep them small, and one table for both."""
    import sentencepiece
    for side, text in (("source", CORPUS), ("target", [" ".join(reversed(line.split())) for line in CORPUS])):
        with open(os.path.join(folder, side + ".spm"), "wb") as out:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(text), model_writer=out, vocab_size=120, model_type="unigram",
                normalization_rule_name="identity", hard_vocab_limit=False, minloglevel=2, num_threads=1)
    table = {"</s>": 0, "<unk>": 1}
    for side in ("source", "target"):
        model = sentencepiece.SentencePieceProcessor(model_file=os.path.join(folder, side + ".spm"))
        for i in range(model.get_piece_size()):
            table.setdefault(model.id_to_piece(i), len(table))
    for code in (">>de<<", ">>fr<<", "<pad>"):
        table[code] = len(table)
    with open(os.path.join(folder, "vocab.json"), "w", encoding="utf-8") as out:
        json.dump(table, out, ensure_ascii=False)
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as out:
        json.dump({"tokenizer_class": "MarianTokenizer", "source_lang": "en", "target_lang": "mul", "model_max_length": 48,
                   "separate_vocabs": False, "unk_token": "<unk>", "eos_token": "</s>", "pad_token": "<pad>"}, out)
    return len(table)


T5_PARAMS = {
    "summarization": {"prefix": "summarize: ", "max_length": 30, "min_length": 4, "num_beams": 3, "early_stopping": True,
                      "length_penalty": 2.0, "no_repeat_ngram_size": 3},
    "translation_en_to_de": {"prefix": "translate English to German: ", "max_length": 20, "num_beams": 2},
}
ANY, SUMMARY, TRANSLATION = "text2text-generation", "summarization", "translation"

# name: config, class of the model, tokenizer, its class, model_max_length, what the config says, tasks
MODELS = {
    "gpt2-writes": (gpt2, "GPT2LMHeadModel", pipelines.gpt2_pieces, "GPT2", 48, dict(
        task_specific_params={WRITES: {"do_sample": True, "max_length": 50}}), [WRITES]),
    "t5-writes": (pipelines.t5, "T5ForConditionalGeneration", pipelines.t5_pieces, "T5", 64, dict(
        task_specific_params=T5_PARAMS), [ANY, SUMMARY, TRANSLATION]),
    "bart-writes": (lambda vocab, **more: pipelines.bart(vocab, forced_eos_token_id=2, **more), "BartForConditionalGeneration",
                    pipelines.roberta_pieces, "Bart", 40, dict(prefix=" "), [SUMMARY, ANY]),
    "mbart-writes": (mbart, "MBartForConditionalGeneration", mbart_pieces, "MBart", 60, {}, [TRANSLATION]),
    "marian-writes": (marian, "MarianMTModel", marian_pieces, "Marian", 48, {}, [TRANSLATION]),
    "llama-writes": (pipelines.llama, "LlamaForCausalLM", pipelines.llama_pieces, "Llama", 512, {}, [WRITES]),
}
SETTINGS = {"marian-writes": {"max_length": 24, "num_beams": 6}, "llama-writes": {"max_length": 30, "temperature": 0.5, "num_beams": 2}}
CHATS = {"llama-writes"}
CALLS = {WRITES: writing_calls, ANY: target_calls, SUMMARY: target_calls, TRANSLATION: pair_calls}
OTHER_CALLS = {"mbart-writes": language_calls, "marian-writes": code_calls}


@functools.cache
def pipeline(task, folder, dtype):
    return T.pipeline(task, model=folder, tokenizer=folder, device="cpu", dtype=dtype)


def answer(pipe, call):
    arguments = copy.deepcopy(call)
    seed = arguments.pop("seed", None)
    if seed is not None:
        torch.manual_seed(seed)
    if "src_lang" in arguments and pipe.model.config.model_type == "t5":  # there the task says it
        task = f"translation_{arguments.pop('src_lang')}_to_{arguments.pop('tgt_lang')}"
        pipe = pipeline(task, pipe.tokenizer.name_or_path, pipe.model.dtype)
    try:
        result = pipe(arguments.pop("inputs"), **arguments)
        result = [{key: value.tolist() if torch.is_tensor(value) else value for key, value in one.items()} for one in result]
        result = plain(result)
        json.dumps(result, allow_nan=False)
        return {"result": result}
    except Exception as e:  # noqa: BLE001 - what fails there fails here
        return {"fails": f"{type(e).__name__}: {str(e)}".splitlines()[0][:160]}


def lines(folder, name):
    roles = json.load(open(os.path.join(folder, "tokenizer_config.json")))
    special = " ".join(roles[role + "_token"] for role in ("unk", "bos", "eos") if role + "_token" in roles)
    found = []
    for task in MODELS[name][-1]:
        pipe, exact = (pipeline(task, folder, dtype) for dtype in (torch.float32, torch.float64))
        for call in OTHER_CALLS.get(name, CALLS[task])(special) + (chats(special) if name in CHATS else []):
            line = {"task": task, "call": call, **answer(pipe, call)}
            if line.get("fails", "").startswith("IndexError: index out of range"):
                continue  # there is no position for a new token: we write as many as there are
            if line.keys() == (again := {"task": task, "call": call, **answer(exact, call)}).keys() \
                    and ("fails" in line or line == again):
                found.append(line)
            else:
                print("  a tie:", json.dumps(call)[:100])
    return found


def change(folder, file, **values):
    path = os.path.join(folder, file)
    with open(path, encoding="utf-8") as read:
        changed = {**json.load(read), **values}
    with open(path, "w", encoding="utf-8") as out:
        json.dump(changed, out, indent=1)


def build_marian(name, folder):
    os.makedirs(folder, exist_ok=True)
    model = T.MarianMTModel(marian(marian_pieces(folder)))
    randomise(model, seed=11, head_gain=3.0)
    model.save_pretrained(folder)


def build(name, folder):
    (build_marian if name == "marian-writes" else pipelines.build)(name, folder)
    if name in SETTINGS:
        change(folder, "generation_config.json", **SETTINGS[name])
    if name.startswith(("llama", "t5")):  # what their own classes make of tokenizer.json differs between versions
        change(folder, "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast")
    if name in CHATS:
        with open(os.path.join(folder, "chat_template.jinja"), "w") as out:
            out.write(TEMPLATE)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--only", default=",".join(MODELS))
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    pipelines.MODELS.clear()
    pipelines.MODELS.update(MODELS)
    write_calls(options.out, options.only.split(","), options.check, lambda folder, name: build(name, folder), lines, same)


if __name__ == "__main__":
    main()
