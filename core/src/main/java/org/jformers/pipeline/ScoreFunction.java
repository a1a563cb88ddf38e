package org.jformers.pipeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jformers.model.CommonConfig;
import org.jformers.model.ProblemType;

/** What is made of a model's scores. Computed in float32, as the reference does, so that ties are its ties. */
public enum ScoreFunction {
    /** Probability of each label for itself. */
    SIGMOID {
        @Override
        float[] apply(float[] logits) {
            float[] scores = new float[logits.length];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = 1 / (1 + (float) Math.exp(-logits[i]));
            }
            return scores;
        }
    },
    /** Probability of one label among all. */
    SOFTMAX {
        @Override
        float[] apply(float[] logits) {
            float largest = Float.NEGATIVE_INFINITY;
            for (float logit : logits) {
                largest = Math.max(largest, logit);
            }
            float[] scores = new float[logits.length];
            float sum = 0;
            for (int i = 0; i < scores.length; i++) {
                scores[i] = (float) Math.exp(logits[i] - largest);
                sum += scores[i];
            }
            for (int i = 0; i < scores.length; i++) {
                scores[i] /= sum;
            }
            return scores;
        }
    },
    /** The scores themselves. */
    NONE {
        @Override
        float[] apply(float[] logits) {
            return logits;
        }
    };

    abstract float[] apply(float[] logits);

    /** What fits a configuration: nothing for numbers, each label for itself where several may hold or one is alone. */
    static ScoreFunction of(CommonConfig config) {
        if (config.problemType().filter(ProblemType.REGRESSION::equals).isPresent()) {
            return NONE;
        }
        boolean apart = config.labels().size() == 1
                || config.problemType().filter(ProblemType.MULTI_LABEL_CLASSIFICATION::equals).isPresent();
        return apart ? SIGMOID : SOFTMAX;
    }

    /** All labels with their scores, the best first. */
    List<Label> ranked(List<String> labels, float[] logits) {
        float[] scores = apply(logits);
        List<Label> ranked = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            ranked.add(new Label(labels.get(i), scores[i]));
        }
        ranked.sort(Comparator.comparingDouble(Label::score).reversed());
        return ranked;
    }
}
