#!/usr/bin/env python3
"""Speech pipelines of the library over tiny random models: make_speech_fixtures.py OUT [--check]

For each model a folder with tokenizer, feature extractor, weights and sounds, and `calls.jsonl` as make_pipeline_fixtures.py
writes it. Sounds of another rate reach the library as make_audio_fixtures.py resamples them: torchaudio is not needed.
"""
import argparse
import copy
import json
import os
import random
import signal
import struct
import warnings

import numpy as np
import torch
import transformers as T
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from fixture_toolkit import randomise, same, write_calls
from make_audio_fixtures import sinc_hann

warnings.simplefilter("ignore")
T.logging.set_verbosity_error()
T.logging.disable_progress_bar()
torch.set_num_threads(1)

RATE = 8000
SECONDS = 20  # that a call takes at most
BASE = "src/test/resources/pipelines"


# --------------------------------------------------------------------------- sounds
def sound(seed, seconds, rate=RATE):
    """Tones, noise and silence, for a tenth to a third of a second each."""
    r, parts, left = random.Random(seed), [], int(seconds * rate)
    noise = np.random.default_rng(seed)
    while left > 0:
        n = min(left, int(rate * r.uniform(0.1, 0.33)))
        i = np.arange(n) / rate
        part = sum(r.uniform(0, 0.4) * np.sin(2 * np.pi * r.uniform(80, rate / 2.2) * i) for _ in range(r.randint(0, 3)))
        part = part + r.choice((0, 0.02, 0.2)) * noise.standard_normal(n)
        parts.append(np.clip(part * r.choice((0.02, 0.3, 0.9, 1)), -1, 0.99))
        left -= n
    return np.concatenate(parts)


def write_wav(path, channels, rate, bits):
    numbers = np.stack(channels, 1)
    if bits == 8:
        data = np.round(numbers * 127 + 128).astype(np.uint8).tobytes()
    else:
        data = np.round(numbers * 32767).astype("<i2").tobytes()
    block = len(channels) * bits // 8
    form = struct.pack("<HHIIHH", 1, len(channels), rate, rate * block, block, bits)
    with open(path, "wb") as f:
        f.write(b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + form)
        f.write(b"data" + struct.pack("<I", len(data)) + data)


def read_wav(path, target):
    with open(path, "rb") as f:
        raw = f.read()
    _, channels, rate, _, _, bits = struct.unpack("<HHIIHH", raw[20:36])
    if bits == 8:
        numbers = (np.frombuffer(raw[44:], np.uint8).astype(float) - 128) / 128
    else:
        numbers = np.frombuffer(raw[44:], "<i2").astype(float) / 32768
    mono = numbers.reshape(-1, channels).mean(1).astype(np.float32)
    return mono if rate == target else sinc_hann(mono, rate, target).astype(np.float32)


def sounds(folder, *named):
    for name, seed, seconds, rate, channels, bits in named:
        write_wav(os.path.join(folder, name), [sound(seed + i, seconds, rate) for i in range(channels)], rate, bits)


# --------------------------------------------------------------------------- tokenizers
def letters(folder, **more):
    vocab = {t: i for i, t in enumerate(["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLU", "TH"])}
    with open(os.path.join(folder, "vocab.json"), "w") as f:
        json.dump(vocab, f)
    tok = T.Wav2Vec2CTCTokenizer(os.path.join(folder, "vocab.json"), **more)
    tok.save_pretrained(folder)
    return len(vocab)


TEXTS = """the old man and the sea told a tale of the land
it is not the tone that makes the music, said Anna; she sat in the hall
der alte Mann und das Meer, ein Lied an den Tag
ask not what the house can do for you""".splitlines()
LANGUAGES = ["en", "de", "fr"]


def whisper_pieces(folder):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=60, show_progress=False))
    model = json.loads(t.to_str())["model"]
    tok = T.WhisperTokenizer(vocab={**model["vocab"], "<|endoftext|>": len(model["vocab"])}, merges=[tuple(m) for m in model["merges"]])
    tok.add_special_tokens({"additional_special_tokens": [
        "<|startoftranscript|>", *(f"<|{one}|>" for one in LANGUAGES), "<|translate|>", "<|transcribe|>", "<|startoflm|>",
        "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]})
    tok.add_tokens([T.AddedToken(f"<|{i * 0.02:.2f}|>", special=False, normalized=False) for i in range(51)])
    tok.save_pretrained(folder)
    return tok


# --------------------------------------------------------------------------- models
CONVOLUTIONS = dict(conv_dim=[8, 8, 8], conv_stride=[5, 4, 4], conv_kernel=[10, 8, 4], num_feat_extract_layers=3)
SMALL = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, num_conv_pos_embeddings=8,
             num_conv_pos_embedding_groups=2, **CONVOLUTIONS)


def wav2vec2(folder, seed, head="CTC", gain=2.0, normalize=True, mask=False, lower=None, **more):
    if head == "CTC":
        more["vocab_size"] = letters(folder, **(lower or {})) + 1
    config = T.Wav2Vec2Config(**SMALL, pad_token_id=0, **more)
    model = getattr(T, f"Wav2Vec2For{head}")(config).eval()
    randomise(model, seed, gain=gain, head_gain=4.0 if head == "CTC" else 1.0)
    if head == "CTC":  # words rather than special tokens
        with torch.no_grad():
            model.lm_head.bias[:5] += torch.tensor([2.0, -4, -4, -2, 4])
    model.save_pretrained(folder)
    T.Wav2Vec2FeatureExtractor(sampling_rate=RATE, do_normalize=normalize, return_attention_mask=mask).save_pretrained(folder)


def whisper(folder, seed, head="ForConditionalGeneration", gain=1.5, emb=0.35, cross=4.0, **generation):
    size = dict(d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=2,
                encoder_ffn_dim=24, decoder_ffn_dim=24, num_mel_bins=12, max_source_positions=50, max_target_positions=64)
    T.WhisperFeatureExtractor(feature_size=12, sampling_rate=RATE, hop_length=80, chunk_length=1, n_fft=200).save_pretrained(folder)
    if head == "ForAudioClassification":
        config = T.WhisperConfig(**size, vocab_size=10, pad_token_id=0, bos_token_id=0, eos_token_id=0, decoder_start_token_id=1,
                                 classifier_proj_size=8, id2label={0: "yes", 1: "no", 2: "go"}, label2id={"yes": 0, "no": 1, "go": 2})
    else:
        tok = whisper_pieces(folder)
        ids = tok.convert_tokens_to_ids
        end = ids("<|endoftext|>")
        config = T.WhisperConfig(**size, vocab_size=len(tok), pad_token_id=end, bos_token_id=end, eos_token_id=end,
                                 decoder_start_token_id=ids("<|startoftranscript|>"), suppress_tokens=None, begin_suppress_tokens=None)
    model = getattr(T, "Whisper" + head)(config).eval()
    randomise(model, seed, gain=gain, emb_std=emb, cross_gain=cross)
    if head == "ForConditionalGeneration":
        specials = [i for i in tok.all_special_ids if i != end]
        settings = dict(
            eos_token_id=end, pad_token_id=end, bos_token_id=end, decoder_start_token_id=ids("<|startoftranscript|>"),
            no_timestamps_token_id=ids("<|notimestamps|>"), prev_sot_token_id=ids("<|startofprev|>"), is_multilingual=True,
            lang_to_id={f"<|{one}|>": ids(f"<|{one}|>") for one in LANGUAGES},
            task_to_id={one: ids(f"<|{one}|>") for one in ("translate", "transcribe")}, max_length=24,
            suppress_tokens=specials, begin_suppress_tokens=[ids("\u0120"), end], max_initial_timestamp_index=20)
        model.generation_config = T.GenerationConfig(**{**settings, **generation})
    model.save_pretrained(folder)


FRAMES = (("one.wav", 1, 1.1, RATE, 1, 8), ("two.wav", 3, 2.3, RATE, 1, 16), ("stereo.wav", 5, 0.4, 11025, 2, 16), ("short.wav", 7, 0.01, RATE, 1, 8))
PASSES = (("second.wav", 11, 1.0, RATE, 1, 8), ("half.wav", 13, 0.53, RATE, 1, 8), ("long.wav", 17, 3.37, RATE, 1, 8),
          ("longer.wav", 23, 5.11, RATE, 1, 8), ("stereo.wav", 19, 1.31, 11025, 2, 8))


FEW = tuple((f"{i}.wav", 31 + i, 0.06 + 0.05 * i, RATE, 1, 8) for i in range(11))


def ctc_calls():
    asr = "automatic-speech-recognition"
    for name in ("one.wav", "two.wav", "stereo.wav"):
        yield asr, name, {}
        for kind in ("char", "word"):
            yield asr, name, {"return_timestamps": kind}
        for window in ({"chunk_length_s": 0.5}, {"chunk_length_s": 0.7, "stride_length_s": 0.1}, {"chunk_length_s": 0.6, "stride_length_s": [0.2, 0.05]},
                       {"chunk_length_s": 0.31, "stride_length_s": 0.0, "return_timestamps": "char"}, {"chunk_length_s": 0.4, "return_timestamps": "word"},
                       {"chunk_length_s": 9.0}):
            yield asr, name, window
    yield asr, "short.wav", {}
    yield asr, "one.wav", {"return_timestamps": True}
    yield asr, "one.wav", {"return_timestamps": "sentence"}
    yield asr, "one.wav", {"return_language": True}
    yield asr, "one.wav", {"chunk_length_s": 0.3, "stride_length_s": 0.2}
    yield asr, "none.wav", {}


def whisper_calls():
    asr = "automatic-speech-recognition"
    for name in ("second.wav", "half.wav", "stereo.wav", "long.wav", "longer.wav"):
        for call in ({}, {"return_timestamps": True}, {"return_timestamps": True, "return_language": True}, {"return_language": True},
                     {"language": "german", "return_timestamps": True}, {"language": "fr", "task": "translate"}, {"task": "transcribe"},
                     {"chunk_length_s": 0.9}, {"chunk_length_s": 0.8, "return_timestamps": True},
                     {"chunk_length_s": 1.0, "stride_length_s": [0.3, 0.1], "return_timestamps": True, "return_language": True},
                     {"chunk_length_s": 0.7, "stride_length_s": 0.2, "num_beams": 1}, {"return_timestamps": True, "num_beams": 1},
                     {"generate_kwargs": {"num_beams": 2, "max_new_tokens": 30, "language": "<|de|>"}, "return_timestamps": True},
                     {"return_timestamps": True, "num_beams": 1, "condition_on_prev_tokens": True, "max_new_tokens": 20},
                     {"return_timestamps": True, "condition_on_prev_tokens": True}):
            yield asr, name, call
    yield asr, "second.wav", {"return_timestamps": "char"}
    yield asr, "second.wav", {"language": "klingon"}
    yield asr, "second.wav", {"task": "sing"}
    yield asr, "second.wav", {"max_new_tokens": 100}
    yield asr, "long.wav", {"chunk_length_s": 0.5, "stride_length_s": 0.3}


def label_calls(names):
    for name in names:
        for call in ({}, {"top_k": 2}, {"top_k": None, "function_to_apply": "sigmoid"}, {"function_to_apply": "none", "top_k": 99}):
            yield "audio-classification", name, call
    yield "audio-classification", names[0], {"function_to_apply": "square"}


CLASSES = dict(id2label=dict(enumerate("abcdefg")), label2id={n: i for i, n in enumerate("abcdefg")}, classifier_proj_size=6)
MODELS = {
    "wav2vec2-frames": (lambda f: wav2vec2(f, 1), FRAMES, ctc_calls),
    "wav2vec2-masked": (lambda f: wav2vec2(f, 2, mask=True, feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True,
                                           lower=dict(do_lower_case=True, replace_word_delimiter_char="_")), FRAMES, ctc_calls),
    "wav2vec2-labels": (lambda f: wav2vec2(f, 3, "SequenceClassification", gain=1.0, normalize=False, **CLASSES),
                        FRAMES[2:3] + FEW, lambda: label_calls([one[0] for one in FRAMES[2:3] + FEW])),
    "whisper-passes": (lambda f: whisper(f, 7, gain=2.0, emb=0.2, cross=12.0), PASSES, whisper_calls),
    "whisper-greedy": (lambda f: whisper(f, 8, gain=2.5, emb=1.0, cross=30.0, num_beams=1, return_timestamps=False, max_new_tokens=22, max_length=None,
                                         max_initial_timestamp_index=None, condition_on_prev_tokens=True), PASSES, whisper_calls),
    "whisper-labels": (lambda f: whisper(f, 6, "ForAudioClassification"), PASSES[:2], lambda: label_calls([one[0] for one in PASSES[:2]])),
}


# --------------------------------------------------------------------------- calls
def plain(value):
    if isinstance(value, (np.floating, float)):
        return float(f"{float(value):.7g}")
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value


class EndlessError(Exception):
    """A pass that ends where it begins comes again and again."""


def endless(*_):
    raise EndlessError


def lines(folder, name):
    signal.signal(signal.SIGALRM, endless)
    _, _, calls = MODELS[name]
    pipes, found = {}, []
    for task, file, options in calls():
        pipe = pipes.get(task) or pipes.setdefault(task, T.pipeline(task, model=folder, device="cpu", dtype=torch.float32))
        path = f"{BASE}/{name}/{file}"
        line = {"task": task, "call": {"inputs": path, **options} if options else path}
        signal.alarm(SECONDS)
        try:
            samples = read_wav(os.path.join(folder, file), RATE)
            line["result"] = plain(pipe(samples, **copy.deepcopy(options)))
        except EndlessError:
            print("left out, for the library does not come to an end:", json.dumps(line["call"]))
            continue
        except Exception as e:
            line["fails"] = f"{type(e).__name__}: {str(e).splitlines()[0][:120]}"
        finally:
            signal.alarm(0)
        found.append(line)
    return found


def build(name, folder):
    os.makedirs(folder, exist_ok=True)
    make, named, _ = MODELS[name]
    make(folder)
    sounds(folder, *named)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("out")
    options.add_argument("--check", action="store_true")
    options.add_argument("--only")
    options = options.parse_args()
    names = options.only.split(",") if options.only else MODELS
    write_calls(options.out, names, options.check, lambda folder, name: build(name, folder), lines, same)


if __name__ == "__main__":
    main()
