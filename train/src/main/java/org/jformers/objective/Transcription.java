package org.jformers.objective;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.data.Batch;
import org.jformers.model.ConfigException;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelSpec;
import org.jformers.model.head.CtcHead;
import org.jformers.model.head.CtcHead.Reduction;
import org.jformers.model.kind.SingleStackModel;

/**
 * Connectionist temporal classification: the text of a recording, wherever in time its tokens are (Graves et al. 2006).
 * As {@code ctc_loss_reduction} of the configuration says it is a mean over recordings of what each token costs, or a
 * mean over batches of the sum of all.
 */
public record Transcription(Model model) implements Objective {
    /** @throws ConfigException if the model has no head for it */
    public Transcription {
        head(model.identity().spec(), model.identity().architecture());
    }

    /**
     * The head of such a model.
     *
     * @param name what the model is called in the error
     * @throws ConfigException if it has none
     */
    public static CtcHead.Spec head(ModelSpec spec, String name) {
        if (spec instanceof SingleStackModel.Spec stack && stack.head() instanceof CtcHead.Spec head) {
            return head;
        }
        throw new ConfigException("transcription: got " + name
                + ", allowed models with a score for each token at each frame, without an adapter before it");
    }

    private boolean isMean() {
        return head(model.identity().spec(), model.identity().architecture()).reduction() == Reduction.MEAN;
    }

    @Override
    public Loss loss(Batch batch) {
        Tensor loss = model.forward(BatchTensors.of(batch)).get("loss");
        return Loss.of(isMean() ? loss.mul(new Scalar((double) batch.examples())) : loss, Optional.empty());
    }

    @Override
    public double count(Batch batch, String term) {
        return isMean() ? batch.examples() : 1;
    }
}
