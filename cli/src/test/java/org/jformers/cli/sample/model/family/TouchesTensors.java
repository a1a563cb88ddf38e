package org.jformers.cli.sample.model.family;

import org.bytedeco.pytorch.Tensor;
import org.jformers.cli.sample.model.head.UsesFamilies;

/** Breaks a rule: a family is a translation and knows no tensors. It may use a head. */
public final class TouchesTensors {
    Tensor weight;
    UsesFamilies head;
}
