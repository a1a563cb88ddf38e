package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ProblemType;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.norm.Norm;

/** One label, several labels or one number for an image. */
public final class ImageClassificationHead extends Head {
    private final Spec spec;
    private final Pooling pooling;
    private final Linear classifier;

    /**
     * @param width C
     * @param pooling which vector stands for the image
     * @param classes number of labels
     * @param problemType what the labels mean, if the config says it
     * @param unusedNorm a norm that checkpoints hold beside the head, though nothing goes through it
     */
    public record Spec(
            int width,
            Pooling.Spec pooling,
            int classes,
            Optional<ProblemType> problemType,
            Optional<Norm.Spec> unusedNorm)
            implements Head.Spec {
        /** Without a norm that is not used. */
        public static Spec of(int width, Pooling.Spec pooling, int classes, Optional<ProblemType> problemType) {
            return new Spec(width, pooling, classes, problemType, Optional.empty());
        }

        public Spec withUnusedNorm(Norm.Spec norm) {
            return new Spec(width, pooling, classes, problemType, Optional.of(norm));
        }

        @Override
        public ImageClassificationHead build(Optional<Embedding> tokens) {
            return new ImageClassificationHead(this);
        }
    }

    private ImageClassificationHead(Spec spec) {
        this.spec = spec;
        pooling = child("pooling", spec.pooling().build());
        classifier = child("classifier", new Linear.Spec(spec.width(), spec.classes()).build());
        spec.unusedNorm().ifPresent(norm -> child("unusedNorm", norm.build()));
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BL = classifier.forward(pooling.forward(hidden_BTC, inputs));
        output.put("logits", logits_BL);
        inputs.find("labels").ifPresent(labels ->
                output.put("loss", Losses.sequence(logits_BL, labels, spec.problemType(), spec.classes())));
    }
}
