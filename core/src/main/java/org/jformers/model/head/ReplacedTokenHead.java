package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.model.Loss;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.tensor.Tensors;

/**
 * Which tokens a generator replaced: one score [B, T] for each, positive where it looks replaced. Labels are 1 for
 * replaced tokens and 0 for others; padding carries no loss. Source: arXiv:2003.10555, 2.
 */
public final class ReplacedTokenHead extends Head {
    private final Spec spec;
    private final Linear dense;
    private final Linear score;

    /**
     * @param width C
     * @param activation behind the first of the two maps
     */
    public record Spec(int width, Activation activation) implements Head.Spec {
        @Override
        public ReplacedTokenHead build(Optional<Embedding> tokens) {
            return new ReplacedTokenHead(this);
        }
    }

    private ReplacedTokenHead(Spec spec) {
        this.spec = spec;
        dense = child("dense", new Linear.Spec(spec.width(), spec.width()).build());
        score = child("score", new Linear.Spec(spec.width(), 1).build());
    }

    /** Padding carries no loss. */
    @Override
    public boolean readsPadding(ModelInputs inputs) {
        return false;
    }

    private Tensor logits(Tensor hidden_BTC) {
        return score.forward(spec.activation().apply(dense.forward(hidden_BTC))).squeeze(-1);
    }

    /** Which tokens [B, T] are no padding, bool, beside the scores. */
    private static Tensor real(ModelInputs inputs, Tensor logits_BT) {
        return inputs.find("attention_mask")
                .map(mask -> Tensors.beside(mask, logits_BT).ne(new Scalar(0L)))
                .orElseGet(() -> torch.ones_like(logits_BT).ne(new Scalar(0L)));
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BT = logits(hidden_BTC);
        output.put("logits", logits_BT);
        inputs.find("labels").ifPresent(labels -> {
            Tensor real_BT = real(inputs, logits_BT);
            output.put("loss", Losses.binarySum(logits_BT, labels, real_BT).div(real_BT.sum()));
        });
    }

    /** A sum over the tokens that are no padding. */
    @Override
    public Loss loss(Tensor hidden_BTC, ModelInputs inputs) {
        Tensor logits_BT = logits(hidden_BTC);
        Tensor label_BT = Tensors.beside(inputs.require("labels"), logits_BT).ne(new Scalar(0L));
        Tensor real_BT = real(inputs, logits_BT);
        return Loss.of(Losses.binarySum(logits_BT, label_BT, real_BT), GradMode.is_enabled()
                ? Optional.empty()
                : Optional.of(logits_BT.gt(new Scalar(0)).eq(label_BT).logical_and(real_BT).sum()));
    }
}
