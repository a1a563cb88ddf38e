#!/usr/bin/env python3
"""Reads files that jformers wrote with the gguf package: check_gguf.py F32.gguf OTHER.gguf...

Of each other file every tensor must be, byte for byte, what the package makes of the first file's numbers in that type, and
the values must be the same but for the type of the file and its name. Prints what is in them.
"""
import sys

import gguf
import numpy as np


def read(path):
    reader = gguf.GGUFReader(path)
    values = {name: field.contents() for name, field in reader.fields.items() if not name.startswith("GGUF.")}
    return values, {tensor.name: tensor for tensor in reader.tensors}


def main(first, *others):
    values, numbers = read(first)
    assert all(tensor.tensor_type == gguf.GGMLQuantizationType.F32 for tensor in numbers.values())
    print(first, len(numbers), "tensors", {k: v for k, v in values.items() if not isinstance(v, list)})
    for path in others:
        other_values, tensors = read(path)
        apart = {"general.file_type", "general.name", "general.quantization_version"}
        assert {k: v for k, v in values.items() if k not in apart} == \
            {k: v for k, v in other_values.items() if k not in apart}
        assert tensors.keys() == numbers.keys()
        kinds = {}
        for name, tensor in tensors.items():
            expected = gguf.quantize(np.array(numbers[name].data), tensor.tensor_type)
            assert np.array_equal(np.ascontiguousarray(expected).view(np.uint8).ravel(),
                                  np.ascontiguousarray(tensor.data).view(np.uint8).ravel()), name
            kinds[tensor.tensor_type.name] = kinds.get(tensor.tensor_type.name, 0) + 1
        print(path, kinds)


if __name__ == "__main__":
    main(*sys.argv[1:])
