package org.jformers.cli.sample.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Breaks a rule: what it makes is on the host, wherever its model is. */
final class MakesTensors {
    static Tensor zeros() {
        return torch.zeros(2);
    }

    static TensorOptions onTheHost() {
        return new TensorOptions();
    }

    static Tensor down(Tensor tensor) {
        return tensor.cpu();
    }

    static Tensor beside(Tensor tensor) {
        return torch.zeros_like(tensor);
    }
}
