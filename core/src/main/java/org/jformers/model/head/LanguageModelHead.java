package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.norm.Norm;

/** Scores over the vocabulary for each position, by the shared token table or a table of its own. */
public final class LanguageModelHead extends Head {
    private final Spec spec;
    private final Optional<Linear> dense;
    private final Optional<Norm> norm;
    private final Tensor table_VC;
    private final Tensor bias_V;

    /** Which token a position predicts. */
    public enum Target {
        /** The one behind it. */
        NEXT,
        /** The one that is hidden there. */
        SAME
    }

    /**
     * A map before the output layer, as BERT has it.
     *
     * @param activation behind the dense map
     * @param norm behind the activation
     */
    public record Transform(Activation activation, Norm.Spec norm) {}

    /**
     * @param vocabulary V
     * @param width C
     * @param transform before the output layer, if there is one
     * @param bias whether the output layer adds a constant
     * @param tied whether the output layer shares the token table
     * @param target which token a position predicts
     */
    public record Spec(
            int vocabulary, int width, Optional<Transform> transform, boolean bias, boolean tied, Target target)
            implements Head.Spec {
        @Override
        public LanguageModelHead build(Embedding tokens) {
            return new LanguageModelHead(this, tokens);
        }
    }

    private LanguageModelHead(Spec spec, Embedding tokens) {
        this.spec = spec;
        dense = spec.transform().map(t -> child("dense", new Linear.Spec(spec.width(), spec.width()).build()));
        norm = spec.transform().map(t -> child("norm", t.norm().build()));
        table_VC = spec.tied()
                ? tokens.table()
                : parameter("weight", Role.WEIGHT, spec.vocabulary(), spec.width());
        bias_V = spec.bias() ? parameter("bias", Role.BIAS, spec.vocabulary()) : null;
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BTV = logits(hidden_BTC);
        output.put("logits", logits_BTV);
        inputs.find("labels").ifPresent(labels -> output.put("loss", loss(logits_BTV, labels)));
    }

    /** [B, T, C] to [B, T, V]. */
    public Tensor logits(Tensor hidden_BTC) {
        Tensor x_BTC = hidden_BTC;
        if (spec.transform().isPresent()) {
            x_BTC = norm.get().forward(
                    spec.transform().get().activation().apply(dense.get().forward(x_BTC)));
        }
        return bias_V == null ? torch.linear(x_BTC, table_VC) : torch.linear(x_BTC, table_VC, bias_V);
    }

    Tensor loss(Tensor logits_BTV, Tensor labels_BT) {
        return spec.target() == Target.NEXT
                ? Losses.nextToken(logits_BTV, labels_BT)
                : Losses.crossEntropy(logits_BTV, labels_BT);
    }
}
