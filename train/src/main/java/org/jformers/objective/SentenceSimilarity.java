package org.jformers.objective;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.head.SentencePooling;
import org.jformers.tensor.Precision;

/**
 * Texts that mean the same get vectors near each other. All texts of a batch go through the model together. Reference:
 * arXiv:1908.10084.
 *
 * @param pooling how the vectors of tokens become one
 * @param measure what near means
 */
public record SentenceSimilarity(Model model, SentencePooling pooling, SentenceLoss measure) implements Objective {

    @Override
    public Loss loss(Batch batch) {
        Map<String, Batch.Field> inputs = new LinkedHashMap<>(batch.fields());
        inputs.remove("labels");
        Tensor vectors = pooling.vectors(model, BatchTensors.of(inputs));
        long rows = batch.examples();
        Tensor sum = Precision.withoutAutocast(() -> measure.sum(
                vectors.narrow(0, 0, rows), vectors.narrow(0, rows, vectors.size(0) - rows), batch));
        return Loss.of(sum, Optional.empty());
    }

    @Override
    public double count(Batch batch, String term) {
        return measure.count(batch);
    }
}
