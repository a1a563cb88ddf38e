package org.jformers.objective;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Tensors;

/** The fields of a batch as tensors of the caller's scope, for objectives. */
public final class BatchTensors {
    private BatchTensors() {}

    /** All fields, by the names that models read them by. */
    public static ModelInputs of(Batch batch) {
        return of(batch.fields());
    }

    /** Some fields. */
    public static ModelInputs of(Map<String, Batch.Field> fields) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        fields.forEach((name, field) -> tensors.put(name, of(field)));
        return ModelInputs.of(tensors);
    }

    /** One field. */
    public static Tensor of(Batch.Field field) {
        if (field instanceof Batch.Longs longs) {
            return Tensors.ofLongs(longs.values(), longs.shape());
        }
        Batch.Floats floats = (Batch.Floats) field;
        return Tensors.ofFloats(floats.values(), floats.shape());
    }
}
