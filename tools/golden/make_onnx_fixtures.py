#!/usr/bin/env python3
"""Fixtures of ONNX exports: tiny models as torch.onnx.export and onnxruntime.quantization write them.

    python make_onnx_fixtures.py OUT_DIR

Oracle: onnxruntime 1.30.0 on exports of transformers 5.18 by torch 2.13.0 (CPU, float32), the legacy exporter and the
one of torch.export (which needs onnxscript 0.7). Each case is `NAME.onnx` and an entry of `cases.json`: the inputs, the
first output of ONNX Runtime [B, T, ...] flat, and the keys of config.json that the file must give. Of an export with
weights of one byte the output is that of the export it was made of with the same weights as floats, (q - zero) * scale:
the quantized one also rounds what flows between the layers, which is no part of the weights.
"""
from __future__ import annotations

import argparse
import os
import warnings

import numpy
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from transformers import (BertConfig, BertForMaskedLM, BertForQuestionAnswering, BertForSequenceClassification,
                          BertModel, DistilBertConfig, DistilBertForSequenceClassification, DistilBertModel,
                          RobertaConfig,
                          RobertaForSequenceClassification, RobertaForTokenClassification, RobertaModel)

from fixture_json import dump_json

SIZES = dict(vocab_size=47, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
             max_position_embeddings=20, initializer_range=0.3)
DISTIL = dict(vocab_size=47, dim=24, n_layers=2, n_heads=3, hidden_dim=40, max_position_embeddings=20,
              initializer_range=0.3)
BERT_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
TWO_INPUTS = BERT_INPUTS[:2]


def positional(cls, names):
    """The class with a forward of positional inputs, which the exporters trace; its modules keep their names."""
    def forward(self, *values):
        return cls.forward(self, **dict(zip(names, values)), return_dict=False)[0]
    return type(cls.__name__, (cls,), {"forward": forward})


def inputs(names):
    generator = torch.Generator().manual_seed(5)
    ids = torch.randint(3, 47, (2, 7), generator=generator)
    ids[1, 5:] = 1
    mask = torch.ones_like(ids)
    mask[1, 5:] = 0
    segments = torch.zeros_like(ids)
    segments[:, 4:] = 1
    return {name: value for name, value in zip(BERT_INPUTS, (ids, mask, segments)) if name in names}


def export(path, cls, config, opset, names=BERT_INPUTS, fold=True, attention="eager", spread=True, dynamo=False,
           fixed=False, prefix=None):
    torch.manual_seed(3)
    config._attn_implementation = attention
    model = positional(cls, names)(config).eval()
    if spread:
        for parameter in model.parameters():  # norms and biases that start alike would hide a mistake
            parameter.data += 0.1 * torch.randn_like(parameter)
    if prefix:
        outer = torch.nn.Module()
        setattr(outer, prefix, model)
        outer.forward = lambda *values, inner=model: inner(*values)
        model = outer
    values = inputs(names)
    common = dict(input_names=list(names), output_names=["output"], opset_version=opset, dynamo=dynamo)
    if dynamo:
        batch, length = torch.export.Dim("batch"), torch.export.Dim("length")
        common |= dict(dynamic_shapes=(tuple({0: batch, 1: length} for _ in names),), external_data=dynamo == "beside",
                       dynamo=True, verbose=False)
    else:
        common |= dict(do_constant_folding=fold, dynamic_axes=None if fixed else {n: {0: "b", 1: "t"} for n in names})
    torch.onnx.export(model, tuple(values.values()), path, **common)
    if dynamo:
        strip(path)


def strip(path):
    """Leaves out the traces that the newer exporter notes of the program that ran it: names of files, half of the size."""
    model = onnx.load(path, load_external_data=False)
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output,
                 *model.graph.initializer):
        kept = [(note.key, note.value) for note in part.metadata_props if note.key != "pkg.torch.onnx.stack_trace"]
        del part.metadata_props[:]
        for key, value in kept:
            part.metadata_props.add(key=key, value=value)
        part.ClearField("doc_string")
    with open(path, "wb") as out:
        out.write(model.SerializeToString())


def bert(**keys):
    return BertConfig(**(SIZES | keys))


def make(out):
    def case(name, cls, config, opset, **keys):
        export(os.path.join(out, name + ".onnx"), cls, config, opset, **keys)
        distil = config.model_type == "distilbert"
        expected[name] = {
            "model_type": config.model_type,
            "architectures": [cls.__name__],
            "num_attention_heads": config.num_attention_heads,
            "num_hidden_layers": config.num_hidden_layers,
            "vocab_size": config.vocab_size,
            "max_position_embeddings": config.max_position_embeddings,
        } | ({"activation": config.activation} if distil else {
            "hidden_act": config.hidden_act, "layer_norm_eps": config.layer_norm_eps,
            "type_vocab_size": config.type_vocab_size, "pad_token_id": config.pad_token_id})

    expected = {}
    bases = {}
    roberta = RobertaConfig(**(SIZES | dict(max_position_embeddings=22)))
    case("bert-11", BertModel, bert(), 11)
    case("bert-11-alike", BertModel, bert(hidden_act="relu", layer_norm_eps=1e-5), 11, spread=False)
    case("bert-14-unfolded", BertModel, bert(hidden_act="gelu_new"), 14, fold=False)
    case("bert-17-fixed", BertModel, bert(), 17, attention="sdpa", fixed=True)
    case("bert-18-inside", BertModel, bert(), 18, prefix="encoder_model")
    case("bert-classifier-18", BertForSequenceClassification, bert(hidden_act="silu", num_labels=3), 18)
    case("bert-words-14", BertForMaskedLM, bert(), 14)
    case("bert-answers-14", BertForQuestionAnswering, bert(), 14)
    case("roberta-14", RobertaModel, roberta, 14, names=TWO_INPUTS)
    case("roberta-tags-17", RobertaForTokenClassification, roberta, 17, names=TWO_INPUTS)
    case("roberta-classifier-14", RobertaForSequenceClassification, roberta, 14, names=TWO_INPUTS)
    case("distilbert-14", DistilBertModel, DistilBertConfig(**DISTIL), 14, names=TWO_INPUTS)
    case("distilbert-classifier-17", DistilBertForSequenceClassification, DistilBertConfig(**DISTIL, activation="relu"),
         17, names=TWO_INPUTS)
    case("bert-export-18", BertModel, bert(num_hidden_layers=1), 18, dynamo=True)
    case("distilbert-export-18", DistilBertModel, DistilBertConfig(**(DISTIL | dict(n_layers=1))), 18, names=TWO_INPUTS,
         dynamo=True)
    case("bert-beside-18", BertModel, bert(num_hidden_layers=1), 18, dynamo="beside")
    for base, name, keys in (("bert-11", "bert-11-int8", {}),
                             ("roberta-14", "roberta-14-int8-columns", dict(per_channel=True)),
                             ("bert-classifier-18", "bert-classifier-18-uint8", dict(weight_type=QuantType.QUInt8)),
                             ("distilbert-14", "distilbert-14-int8", dict(per_channel=True))):
        quantize_dynamic(os.path.join(out, base + ".onnx"), os.path.join(out, name + ".onnx"), **keys)
        expected[name] = expected[base]
        bases[name] = base
    quantize_static(os.path.join(out, "bert-17-fixed.onnx"), os.path.join(out, "bert-17-pairs.onnx"), Once(),
                    quant_format=QuantFormat.QDQ, per_channel=True, op_types_to_quantize=["MatMul", "Gemm", "Gather"])
    expected["bert-17-pairs"] = expected["bert-17-fixed"]
    bases["bert-17-pairs"] = "bert-17-fixed"
    cases = {}
    for name, config in expected.items():
        model = os.path.join(out, name + ".onnx")
        if name in bases:
            model = floats(os.path.join(out, bases[name] + ".onnx"), model)
        session = onnxruntime.InferenceSession(model)
        wanted = [one.name for one in session.get_inputs()]
        feed = {key: value.numpy() for key, value in inputs(wanted).items()}
        output = session.run(None, feed)[0]
        cases[name] = {"config": config, "inputs": {key: value.tolist() for key, value in feed.items()},
                       "shape": list(output.shape), "output": [float(numpy.float32(v)) for v in output.flatten()]}
        print(name, os.path.getsize(os.path.join(out, name + ".onnx")), output.shape)
    dump_json(os.path.join(out, "cases.json"), cases)


def floats(base, quantized):
    """The model `base` with the weights that the bytes of `quantized` stand for."""
    model = onnx.load(base)
    bytes_model = onnx.load(quantized)
    stored = {one.name: onnx.numpy_helper.to_array(one) for one in bytes_model.graph.initializer}
    turned = set()
    if not any(node.op_type == "Gemm" for node in bytes_model.graph.node):  # MatMul has its factor the other way round
        turned = {node.input[1] for node in model.graph.node if node.op_type == "Gemm"}
    for one in model.graph.initializer:
        if one.name + "_quantized" in stored:
            values, zero = (stored[one.name + end].astype(numpy.int32) for end in ("_quantized", "_zero_point"))
            values = ((values - zero) * stored[one.name + "_scale"]).astype(numpy.float32)
            one.CopyFrom(onnx.numpy_helper.from_array(
                numpy.ascontiguousarray(values.T) if one.name in turned else values, one.name))
    return model.SerializeToString()


class Once(CalibrationDataReader):
    """The inputs of the cases, once, for the ranges of the activations."""

    def __init__(self):
        self.rest = iter([{key: value.numpy() for key, value in inputs(BERT_INPUTS).items()}])

    def get_next(self):
        return next(self.rest, None)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    folder = parser.parse_args().out
    os.makedirs(folder, exist_ok=True)
    make(folder)
