package org.jformers.model.head;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;

/** BERT's summary of a sequence: tanh of a linear map of the first token. [B, T, C] to [B, C]. */
final class Pooler extends Module {
    private final Linear dense;

    Pooler(int width) {
        dense = child("dense", new Linear.Spec(width, width).build());
    }

    Tensor forward(Tensor hidden_BTC) {
        return torch.tanh(dense.forward(hidden_BTC.select(1, 0)));
    }
}
