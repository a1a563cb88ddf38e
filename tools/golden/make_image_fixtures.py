#!/usr/bin/env python3
"""Golden folders of image families, small enough for the repository.

    python make_image_fixtures.py OUT_DIR

Sizes are odd on purpose: images that fill no whole patch, windows that fill no whole map, positions that stretch.
"""
from __future__ import annotations

import torch
import transformers as tf

from fixture_toolkit import FULL, Case, main
from make_model_fixtures import Variant, clip, pixels, vit_mae


def vit_base():
    v = Variant(seed=21)
    r = v.rng("v")
    config = tf.ViTConfig(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=10, image_size=17,
                          patch_size=4, num_channels=2, qkv_bias=False, pooler_output_size=10, pooler_act="relu")
    return [v.spec("vit-base", "vit", "ViTModel", config,
                   [Case("default", {"pixel_values": pixels(r, 2, 2, 17)}, kwargs=dict(FULL)),
                    Case("interpolate", {"pixel_values": pixels(r, 1, 2, 17, 26)},
                         kwargs=dict(FULL, interpolate_pos_encoding=True))])]


def vit_masked_image_modeling():
    v = Variant(seed=22)
    r = v.rng("v")
    config = tf.ViTConfig(hidden_size=12, num_hidden_layers=1, num_attention_heads=3, intermediate_size=10, image_size=12,
                          patch_size=4, num_channels=2, encoder_stride=4)
    return [v.spec("vit-masked-image-modeling", "vit", "ViTForMaskedImageModeling", config,
                   [Case("default", {"pixel_values": pixels(r, 2, 2, 12), "bool_masked_pos": r.uniform(2, 9) > 0.5})],
                   grad="default")]


def vit_mae_pretraining():
    return vit_mae(Variant(seed=23, cfg=dict(hidden_size=12, num_hidden_layers=1, num_attention_heads=3,
                                             intermediate_size=10, decoder_hidden_size=8,
                                             decoder_num_attention_heads=2, decoder_intermediate_size=12)))


def swin_image_classification():
    v = Variant(seed=24)
    r = v.rng("s")
    config = tf.SwinConfig(image_size=15, patch_size=2, num_channels=2, embed_dim=6, depths=[2, 1], num_heads=[3, 2],
                           window_size=3, mlp_ratio=1.5, num_labels=3)
    return [v.spec("swin-image-classification", "swin", "SwinForImageClassification", config,
                   [Case("default", {"pixel_values": pixels(r, 2, 2, 15), "labels": torch.tensor([2, 0])},
                         kwargs=dict(FULL))], grad="default")]


def clip_both():
    text = dict(vocab_size=31, bos_token_id=28, eos_token_id=29, hidden_size=12, intermediate_size=10,
                num_attention_heads=3, num_hidden_layers=1, max_position_embeddings=9)
    vision = dict(hidden_size=10, intermediate_size=12, num_attention_heads=2, num_hidden_layers=1, image_size=8)
    return clip(Variant(seed=25, extra=dict(text=text, vision=vision, projection_dim=6)))


if __name__ == "__main__":
    main(lambda: [vit_base, vit_masked_image_modeling, vit_mae_pretraining, swin_image_classification, clip_both],
         __doc__.splitlines()[0])
