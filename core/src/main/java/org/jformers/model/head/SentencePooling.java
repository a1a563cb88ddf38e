package org.jformers.model.head;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * How the vectors of a text's tokens become one vector for the text, in float32; padding has no part in it. Reference:
 * sentence-transformers 6.0, {@code modules/pooling.py} and {@code modules/normalize.py}.
 *
 * @param kind which tokens the vector is made of
 * @param normalized whether it is brought to length 1
 */
public record SentencePooling(Kind kind, boolean normalized) {
    private static final Scalar SHORTEST = Tensors.constant(1e-12);
    private static final ScalarOptional TWO = Scopes.keep(new ScalarOptional(new Scalar(2)));

    /** Which tokens the vector is made of. */
    public enum Kind {
        /** The mean of all tokens. */
        MEAN {
            @Override
            Tensor pooled(Tensor hidden_BTC, Tensor real_BT) {
                Tensor real_BT1 = real_BT.to(ScalarType.Float).unsqueeze(2);
                return hidden_BTC.mul(real_BT1).sum(new long[] {1})
                        .div(real_BT1.sum(new long[] {1}).clamp_min(new Scalar(1e-9)));
            }
        },
        /** The first token. */
        CLS {
            @Override
            Tensor pooled(Tensor hidden_BTC, Tensor real_BT) {
                return Rows.at(hidden_BTC, real_BT.to(ScalarType.Long).argmax(new LongOptional(1), false));
            }
        },
        /** The largest value of any token, for each component. */
        MAX {
            @Override
            Tensor pooled(Tensor hidden_BTC, Tensor real_BT) {
                return hidden_BTC
                        .masked_fill(real_BT.logical_not().unsqueeze(2), new Scalar(Double.NEGATIVE_INFINITY))
                        .amax(new long[] {1}, false);
            }
        },
        /** The last token. */
        LAST_TOKEN {
            @Override
            Tensor pooled(Tensor hidden_BTC, Tensor real_BT) {
                Tensor places_BT = real_BT.to(ScalarType.Long).mul(Tensors.range(0, real_BT.size(1), real_BT));
                return Rows.at(hidden_BTC, places_BT.argmax(new LongOptional(1), false));
            }
        };

        abstract Tensor pooled(Tensor hidden_BTC, Tensor real_BT);
    }

    /** Vectors of texts [B, C] as a model reads them; {@code inputs} are what it takes, labels left out. */
    public Tensor vectors(Model model, ModelInputs inputs) {
        Tensor hidden_BTC = model.tokenStates(inputs);
        Tensor real_BT = Tensors.beside(
                inputs.mask("attention_mask")
                        .orElseGet(() -> torch.ones_like(inputs.require("input_ids")).to(ScalarType.Bool)),
                hidden_BTC);
        return Precision.withoutAutocast(() -> {
            Tensor pooled_BC = kind.pooled(hidden_BTC.to(ScalarType.Float), real_BT);
            return normalized ? unit(pooled_BC) : pooled_BC;
        });
    }

    /** The same vectors [B, C] with length 1. */
    public static Tensor unit(Tensor x_BC) {
        Tensor length_B1 = x_BC.norm(TWO, new long[] {1}, true);
        return x_BC.div(length_B1.clamp_min(SHORTEST));
    }
}
