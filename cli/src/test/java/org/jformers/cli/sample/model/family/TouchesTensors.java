package org.jformers.cli.sample.model.family;

import org.bytedeco.pytorch.Tensor;

/** Breaks a rule: a family is a translation and knows no tensors. */
final class TouchesTensors {
    Tensor weight;
}
