"""Rows and losses of a dialogue with two candidates, as transformers' GPT2DoubleHeadsModel computes them.

The rows follow the description in Wolf et al., arXiv:1901.08149, section 3: persona, history and reply in a row, each
turn behind the token of its speaker, whose token is the type too; the loss of tokens is that of the right reply alone.
Run: python make_dialogue_fixtures.py OUT (train/src/test/resources/dialogue)."""
import json
import sys
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2DoubleHeadsModel, PreTrainedTokenizerFast

SPECIAL = ["<bos>", "<eos>", "<speaker1>", "<speaker2>", "<pad>"]
DIALOGUE = {
    "personality": ["I bake bread.", "I get up at four."],
    "utterances": [
        {"history": ["Good morning!"],
         "candidates": ["I sell lamps.", "Good morning, the bread is ready."]},
        {"history": ["Good morning!", "Good morning, the bread is ready.", "Is it not too early?"],
         "candidates": ["It rains.", "I always get up at four."]},
    ],
}


def row(tokenizer, persona, history, candidate, right, max_history):
    def ids(text):
        return tokenizer.encode(text, add_special_tokens=False).ids

    bos, eos, replies, asks, _ = (tokenizer.token_to_id(token) for token in SPECIAL)
    segments = [(replies, [bos] + ids(" ".join(persona)))]
    turns = history[-(2 * max_history + 1):]
    speaker = asks if len(turns) % 2 else replies
    for turn in turns:
        segments.append((speaker, [speaker] + ids(turn)))
        speaker = replies if speaker == asks else asks
    assert speaker == replies
    before = sum(len(tokens) for _, tokens in segments)
    segments.append((replies, [replies] + ids(candidate) + [eos]))
    input_ids = [token for _, tokens in segments for token in tokens]
    types = [speaker for speaker, tokens in segments for _ in tokens]
    labels = [-100] * (before + 1) + input_ids[before + 1:] if right else [-100] * len(input_ids)
    return input_ids, types, labels


def main(out):
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    texts = DIALOGUE["personality"] + [t for u in DIALOGUE["utterances"] for t in u["history"] + u["candidates"]]
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=290, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in SPECIAL])
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(out)

    torch.manual_seed(5)
    pad = tokenizer.token_to_id("<pad>")
    config = GPT2Config(vocab_size=tokenizer.get_vocab_size(), n_positions=96, n_embd=16, n_layer=1, n_head=2,
                        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, summary_first_dropout=0.0, num_labels=1,
                        initializer_range=0.2, bos_token_id=pad - 4, eos_token_id=pad - 3, pad_token_id=pad)
    model = GPT2DoubleHeadsModel(config).eval()
    model.save_pretrained(out)

    cases = []
    for max_history in (2, 0):
        for types_given in (True, False):
            rows = [[row(tokenizer, DIALOGUE["personality"], u["history"], c, c == u["candidates"][-1], max_history)
                     for c in u["candidates"]] for u in DIALOGUE["utterances"]]
            longest = max(len(r[0]) for reply in rows for r in reply)

            def padded(part, value):
                return [[r[part] + [value] * (longest - len(r[part])) for r in reply] for reply in rows]

            batch = {"input_ids": padded(0, pad), "labels": padded(2, -100),
                     "mc_token_ids": [[len(r[0]) - 1 for r in reply] for reply in rows],
                     "mc_labels": [len(reply) - 1 for reply in rows]}
            if types_given:
                batch["token_type_ids"] = padded(1, pad)
            with torch.no_grad():
                output = model(**{name: torch.tensor(value) for name, value in batch.items()})
            cases.append({"max_history": max_history, "types": types_given, "batch": batch,
                          "loss": output.loss.item(), "mc_loss": output.mc_loss.item()})
    dialogues = {"train": [DIALOGUE], "valid": [DIALOGUE]}
    (out / "dialogues.json").write_text(json.dumps(dialogues) + "\n")
    (out / "expected.json").write_text(json.dumps(cases) + "\n")


main(Path(sys.argv[1]))
