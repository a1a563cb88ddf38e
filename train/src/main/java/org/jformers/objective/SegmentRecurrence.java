package org.jformers.objective;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.data.PackedBlocks;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.kind.SegmentModel;

/**
 * Rows that go on from batch to batch, each read with a memory of those before it: segment-level recurrence,
 * arXiv:1901.02860, 3.2, and arXiv:1906.08237, 2.4. The memory has no gradient; a batch that is the first of its
 * streams, {@link PackedBlocks#SEGMENT} 0, begins without one. What is predicted the labels of the batch say.
 *
 * @param model reads segment by segment; the caller's, as the memory is
 * @param memory what the last batch left; batches come in order and from one thread
 */
public record SegmentRecurrence(Model model, StreamMemory memory) implements Objective {
    /** @throws org.jformers.model.ConfigException if the model has no memory */
    public SegmentRecurrence {
        StreamMemory.segments(model);
    }

    @Override
    public Loss loss(Batch batch) {
        if (batch.longs(PackedBlocks.SEGMENT).values()[0] == 0) {
            memory.close();
        }
        Map<String, Batch.Field> fields = new LinkedHashMap<>(batch.fields());
        fields.remove(PackedBlocks.SEGMENT);
        ModelInputs inputs = BatchTensors.of(fields);
        for (Map.Entry<String, Tensor> states : memory.inputs(batch.examples()).entrySet()) {
            inputs = inputs.with(states.getKey(), states.getValue());
        }
        SegmentModel.Read read = StreamMemory.segments(model).read(inputs, memory.kept());
        memory.put(read.memory());
        return read.loss();
    }
}
