package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;

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

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BT = score.forward(spec.activation().apply(dense.forward(hidden_BTC))).squeeze(-1);
        output.put("logits", logits_BT);
        inputs.find("labels").ifPresent(labels -> output.put("loss", Losses.binary(
                logits_BT, labels, inputs.find("attention_mask").map(mask -> mask.ne(new Scalar(0L))))));
    }
}
