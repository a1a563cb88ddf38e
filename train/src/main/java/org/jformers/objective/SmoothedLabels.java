package org.jformers.objective;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.data.Batch;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.head.Losses;

/**
 * An objective with smoothed labels while training, plain ones when the model evaluates, so that validation losses
 * compare. What mixtures of experts add to the loss is left out.
 *
 * @param plain the objective without smoothing, in which every label counts the same
 * @param model its model, which scores classes or tokens
 */
public record SmoothedLabels(Objective plain, Model model, LabelSmoothing smoothing) implements Objective {
    private static final Set<Task> SCORED = Set.of(
            Task.CAUSAL_LM, Task.MASKED_LM, Task.SEQ2SEQ_LM, Task.SEQUENCE_CLASSIFICATION, Task.TOKEN_CLASSIFICATION,
            Task.MULTIPLE_CHOICE, Task.IMAGE_CLASSIFICATION);

    /** @throws JformersException if there are no labels to be smoothed, or they weigh differently */
    public SmoothedLabels {
        if (!SCORED.contains(model.identity().task())) {
            throw new JformersException("label smoothing: got " + model.identity().architecture()
                    + ", allowed models that score tokens or classes");
        }
        if (plain instanceof WeightedClassification) {
            throw new JformersException("label smoothing: got weights of classes beside it, allowed one of them");
        }
    }

    @Override
    public Loss loss(Batch batch) {
        if (!model.network().training()) {
            return plain.loss(batch);
        }
        Map<String, Batch.Field> inputs = new LinkedHashMap<>(batch.fields());
        Batch.Field labels = inputs.remove("labels");
        if (!(labels instanceof Batch.Longs)) {
            throw new JformersException("label smoothing: got labels that are no classes, allowed one class each");
        }
        Tensor logits = model.forward(BatchTensors.of(inputs)).get("logits");
        Tensor sum = Losses.crossEntropySum(
                logits, BatchTensors.of(labels), smoothing.overAll(logits.size(-1)));
        return Loss.of(sum, Optional.empty());
    }

    @Override
    public double count(Batch batch, String term) {
        return plain.count(batch, term);
    }
}
