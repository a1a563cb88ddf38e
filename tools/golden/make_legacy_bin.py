"""Writes the reference file of core's checkpoint tests again as PyTorch before 1.6 did: make_legacy_bin.py REPOSITORY"""

import os
import sys

import torch

folder = os.path.join(sys.argv[1], "core/src/test/resources/org/jformers/checkpoint")
tensors = torch.load(os.path.join(folder, "pytorch_model.bin"), weights_only=True)
torch.save(tensors, os.path.join(folder, "pytorch_legacy.bin"), _use_new_zipfile_serialization=False)
