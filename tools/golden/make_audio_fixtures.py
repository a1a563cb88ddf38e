#!/usr/bin/env python3
"""Sounds at other rates, and the features that the library makes of sounds: make_audio_fixtures.py OUT [--check]

Sounds are numbers of a generator that is the same in the test, or the first second of a WAV file beside the golden files.
"""
import argparse
import json
import math
import os
import wave

import numpy as np
import transformers as T
from scipy.signal import resample_poly

T.logging.set_verbosity_error()


def noise(seed, length):
    """Noise that swells and breaks off; a linear congruential generator (ISO C, `rand`)."""
    state, samples = seed, []
    for i in range(length):
        state = (1103515245 * state + 12345) % 2 ** 31
        samples.append((state / 2 ** 30 - 1) * (i % 1000) / 1000)
    return np.array(samples, dtype=np.float32)


def recording(path):
    with wave.open(path) as file:
        assert file.getsampwidth() == 2 and file.getnchannels() == 1
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").astype(np.float32) / 32768


# --------------------------------------------------------------------------- other rates
def sinc_hann(samples, source, target, zeros=6, rolloff=0.99):
    """Band-limited interpolation with a windowed sinc, written down as the sum that it is."""
    divisor = math.gcd(source, target)
    source, target = source // divisor, target // divisor
    band, length = min(source, target) * rolloff, len(samples)
    radius, made = zeros * source / band, np.zeros(math.ceil(target * length / source))
    for n in range(len(made)):
        m = np.arange(max(0, math.ceil(n * source / target - radius)), min(length, math.floor(n * source / target + radius) + 1))
        t = band * (m / source - n / target)
        made[n] = (np.sinc(t) * np.cos(np.pi * t / zeros / 2) ** 2) @ samples[m].astype(np.float64) * band / source
    return made


def smooth(length):
    """Tones that all the rates can hold, which begin and end softly."""
    i = np.arange(length) / length
    return sum(np.sin(2 * np.pi * k * i + k) for k in range(3, 3 + length // 25, 4)) * np.sin(np.pi * i) ** 2


def resampling():
    cases = []
    for source, target, length in [(44100, 16000, 600), (48000, 16000, 500), (8000, 16000, 200), (22050, 16000, 301),
                                   (16000, 8000, 257), (11025, 16000, 150), (16001, 16000, 90), (96000, 16000, 7), (6, 16000, 1)]:
        samples = noise(length, length)
        cases.append({"from": source, "to": target, "samples": samples.tolist(),
                      "resampled": np.round(sinc_hann(samples, source, target), 7).tolist()})
    for source, target in [(44100, 16000), (8000, 16000), (48000, 16000)]:
        samples = smooth(400 * max(1, source // target))
        divisor = math.gcd(source, target)
        other = resample_poly(samples, target // divisor, source // divisor)
        apart = np.abs(sinc_hann(samples, source, target) - other)
        print(f"{source} to {target}: {apart.max() / np.abs(samples).max():.1e} of the peak from scipy's resample_poly")
    return {"cases": cases}


# --------------------------------------------------------------------------- features
WHISPER = [
    ("80 bands, a second", dict(feature_size=80, chunk_length=1, hop_length=800), [9999]),
    ("128 bands, longer than a chunk", dict(feature_size=128, chunk_length=1, hop_length=1600), [17001]),
    ("another window", dict(feature_size=20, chunk_length=1, hop_length=500, n_fft=128), [777]),
    ("an odd window", dict(feature_size=12, chunk_length=1, hop_length=333, n_fft=301), [8001]),
    ("half the rate, two sounds", dict(feature_size=16, chunk_length=2, sampling_rate=8000, hop_length=700), [1, 12345]),
    ("filled with something", dict(feature_size=9, chunk_length=1, hop_length=1000, padding_value=0.25), [4001]),
]
WAVEFORM = [
    ("defaults", {}, [301]),
    ("a batch without a mask", {}, [301, 200, 1]),
    ("a batch with a mask", dict(return_attention_mask=True), [301, 200, 77]),
    ("as it is", dict(do_normalize=False), [100, 61]),
    ("as it is, with a mask", dict(do_normalize=False, return_attention_mask=True, padding_value=-1.5), [100, 61]),
    ("a mask and another padding", dict(return_attention_mask=True, padding_value=-1.5), [100, 61]),
]


def case(name, extractor, sounds, **inputs):
    made = extractor(sounds, sampling_rate=extractor.sampling_rate, return_tensors="np", **inputs)
    tensors = {key: {"shape": list(value.shape), "values": np.round(value.astype(float), 6).ravel().tolist()}
               for key, value in made.items()}
    return {"name": name, "settings": json.loads(extractor.to_json_string()), "tensors": tensors}


def features(out):
    cases = []
    for name, settings, lengths in WHISPER:
        cases.append({**case(name, T.WhisperFeatureExtractor(**settings), [noise(n, n) for n in lengths]), "lengths": lengths})
    speech = recording(os.path.join(out, "speech.wav"))
    cases.append(case("speech", T.WhisperFeatureExtractor(chunk_length=1, hop_length=320), [speech]))
    whole = T.WhisperFeatureExtractor(feature_size=10, chunk_length=1, hop_length=600)
    cases.append({**case("whole", whole, [noise(23456, 23456)], truncation=False, padding="longest"), "lengths": [23456]})
    for name, settings, lengths in WAVEFORM:
        cases.append({**case(name, T.Wav2Vec2FeatureExtractor(**settings), [noise(n, n) for n in lengths], padding=True),
                      "lengths": lengths})
    return {"cases": cases}


def same(old, new, place):
    if isinstance(old, float) or isinstance(new, float):
        return [] if abs(old - new) <= 1e-5 else [f"{place}: {old} is {new} now"]
    if isinstance(old, dict):
        return [x for k in sorted(set(old) | set(new)) for x in same(old.get(k), new.get(k), f"{place}.{k}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [x for i in range(len(old)) for x in same(old[i], new[i], f"{place}[{i}]")]
    return [] if old == new else [f"{place}: {str(old)[:60]} is {str(new)[:60]} now"]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("out")
    p.add_argument("--check", action="store_true")
    a = p.parse_args()
    wrong = 0
    for name, made in (("resampling.json", resampling()), ("features.json", features(a.out))):
        path = os.path.join(a.out, name)
        if a.check:
            with open(path) as file:
                differences = same(json.load(file), json.loads(json.dumps(made)), name)
            print("\n".join(differences[:20]) or f"{name}: the same")
            wrong += len(differences)
        else:
            with open(path, "w") as file:
                json.dump(made, file, separators=(",", ":"))
                file.write("\n")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
