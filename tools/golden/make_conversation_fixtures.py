#!/usr/bin/env python3
"""Which tokens of conversations are answers, as TRL finds them.

    python make_conversation_fixtures.py text/src/test/resources/chat [--check]

Oracle: trl 1.13.0 (`SFTTrainer` with `assistant_only_loss` where the template marks answers, and otherwise with prompt and
completion), transformers 5.18.0. Writes `answers/tokenizer.json`, a small byte-level BPE, and `answers.jsonl`: template,
messages, ids and labels, -100 where there is no loss. The templates are those of make_chat_fixtures.py, and those here,
which mark what the assistant said.
"""
from __future__ import annotations

import argparse
import json
import pathlib
from types import SimpleNamespace

from datasets import Dataset, disable_progress_bars
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast
from trl import SFTConfig, SFTTrainer

SPECIAL = ["<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<bos>",
           "<eos>", "<start_of_turn>", "<end_of_turn>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>", "<think>", "</think>"]

MARKED = {
    "chatml-marked": "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}{% if m.role == 'assistant' %}"
                     "{% generation %}{{ m.content + '<|im_end|>' }}{% endgeneration %}{% else %}{{ m.content + '<|im_end|>' }}"
                     "{% endif %}{{ '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
    "llama3-marked": "{{ bos_token }}{% for m in messages %}{{ '<|start_header_id|>' + m.role + '<|end_header_id|>\\n\\n' }}"
                     "{% if m.role == 'assistant' %}{% generation %}{{ m.content | trim + '<|eot_id|>' }}{% endgeneration %}"
                     "{% else %}{{ m.content | trim + '<|eot_id|>' }}{% endif %}{% endfor %}",
    "plain-marked": "{% for m in messages %}{{ m.role }}: {% if m.role == 'assistant' %}{% generation %}{{ m.content }}"
                    "{% endgeneration %}{% else %}{{ m.content }}{% endif %}{{ '\\n' }}{% endfor %}",
}
FOUND = ["chatml", "llama3", "gemma", "phi3", "zephyr", "llama2", "mistral", "qwen3-thinking", "openchat", "hermes-loop-controls"]


def said(role, content):
    return {"role": role, "content": content}


ONE = [
    [said("user", "What is 2+2?"), said("assistant", "4, of course.")],
    [said("user", "Größe 漢字 😀 é"), said("assistant", "ﬁne ß ǆ 😀\n\nand more")],
    [said("user", "  tell me  "), said("assistant", "a long story: the fox runs over the dog, the dog sleeps")],
]
SEVERAL = [
    [said("user", "a"), said("assistant", "b"), said("user", "c"), said("assistant", "d e f")],
    [said("system", "Be terse."), said("user", "What is 2+2?"), said("assistant", "4"), said("user", "Sure?"),
     said("assistant", "Yes, 😀!"), said("user", "Bye")],
]


def tokenizer(folder):
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=SPECIAL, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tok.train_from_iterator([m["content"] for c in ONE + SEVERAL for m in c] * 3 + ["assistant user system\n\n"] * 9, trainer)
    tok.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    folder.mkdir(exist_ok=True)
    tok.save(str(folder / "tokenizer.json"))
    return PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), bos_token="<s>", eos_token="</s>")


def labelled(tok, template, rows, marked):
    """What TRL makes of rows, by the code that its trainer prepares data with."""
    trainer = SimpleNamespace(chat_template=template, completion_only_loss=not marked, _is_vlm=False, _tokenizer=tok)
    args = SFTConfig(output_dir="/tmp/none", assistant_only_loss=marked, max_length=None, use_cpu=True, bf16=False)
    prepared = SFTTrainer._prepare_dataset(trainer, Dataset.from_list(rows), tok, args, False, None, "train")
    return [{"ids": row["input_ids"], "labels": row["labels"]} for row in prepared]


def begins(tok, template, conversation):
    """Whether the tokens of the whole begin with those of the prompt, without which TRL warns and counts wrongly."""
    def ids(messages, prompt):
        return tok.apply_chat_template(messages, chat_template=template, add_generation_prompt=prompt)["input_ids"]
    prompt = ids(conversation[:-1], True)
    return ids(conversation, False)[:len(prompt)] == prompt


def lines(tok, folder):
    for name, template in MARKED.items():
        rows = labelled(tok, template, [{"messages": c} for c in ONE + SEVERAL], True)
        for conversation, row in zip(ONE + SEVERAL, rows):
            yield {"name": name, "template": template, "messages": conversation, **row}
    for name in FOUND:
        template = (folder / "templates" / f"{name}.jinja").read_text(encoding="utf-8")
        able = [c for c in ONE if begins(tok, template, c)]
        if not able:
            continue
        rows = labelled(tok, template, [{"prompt": c[:-1], "completion": c[-1:]} for c in able], False)
        for conversation, row in zip(able, rows):
            yield {"name": name, "messages": conversation, **row}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    disable_progress_bars()
    made = list(lines(tokenizer(arguments.out / "answers"), arguments.out))
    text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in made)
    file = arguments.out / "answers.jsonl"
    if arguments.check:
        print("answers.jsonl", "is the same" if file.read_text(encoding="utf-8") == text else "DIFFERS")
    else:
        file.write_text(text, encoding="utf-8")
        print("answers.jsonl", len(made), "lines")


if __name__ == "__main__":
    main()
