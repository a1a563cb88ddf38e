package org.jformers.objective;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.head.Losses;
import org.jformers.tensor.Tensors;

/**
 * One class for a sequence or for each token, where classes weigh differently, so that a rare one is not forgotten: the
 * cross-entropy of a label times the weight of its class, over the sum of the weights (as PyTorch's
 * {@code CrossEntropyLoss} with {@code weight}).
 *
 * @param weights weight of each class
 */
public record WeightedClassification(Model model, List<Double> weights) implements Objective {
    public WeightedClassification {
        weights = List.copyOf(weights);
    }

    @Override
    public Loss loss(Batch batch) {
        Map<String, Batch.Field> inputs = new LinkedHashMap<>(batch.fields());
        Tensor labels = BatchTensors.of((Batch.Longs) inputs.remove("labels"));
        Tensor logits = model.forward(BatchTensors.of(inputs)).get("logits");
        float[] values = new float[weights.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = weights.get(i).floatValue();
        }
        Tensor sum = Losses.weightedCrossEntropySum(logits, labels, Tensors.ofFloats(values, values.length));
        return Loss.of(sum, Optional.empty());
    }

    @Override
    public double count(Batch batch, String term) {
        return Arrays.stream(batch.longs("labels").values())
                .filter(label -> label != Batch.IGNORED_LABEL)
                .mapToDouble(label -> weights.get((int) label))
                .sum();
    }
}
