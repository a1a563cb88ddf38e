package org.jformers.objective;

import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.tensor.Tensors;

/** The fields of a batch as tensors of the caller's scope. */
final class BatchTensors {
    private BatchTensors() {}

    static Tensor of(Batch batch, String field) {
        Batch.Field values = batch.field(field);
        return Tensors.ofLongs(values.values(), values.shape());
    }
}
