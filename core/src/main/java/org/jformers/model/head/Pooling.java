package org.jformers.model.head;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.ModelInputs;
import org.jformers.nn.Activation;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.norm.Norm;
import org.jformers.tensor.Tensors;

/** One vector for the whole input, [B, T, C] to [B, C]. Its kinds are those of {@link Spec}. */
public abstract class Pooling extends Module {

    abstract Tensor forward(Tensor hidden_BTC, ModelInputs inputs);

    /** A kind of pooling as data. */
    public sealed interface Spec {
        Pooling build();
    }

    /** The first vector. */
    public record First() implements Spec {
        @Override
        public Pooling build() {
            return new Pooling() {
                @Override
                Tensor forward(Tensor hidden_BTC, ModelInputs inputs) {
                    return hidden_BTC.select(1, 0);
                }
            };
        }
    }

    /** A norm of the first vector. */
    public record FirstNorm(Norm.Spec kind) implements Spec {
        @Override
        public Pooling build() {
            return new Pooling() {
                private final Norm norm = child("norm", kind.build());

                @Override
                Tensor forward(Tensor hidden_BTC, ModelInputs inputs) {
                    return norm.forward(hidden_BTC.select(1, 0));
                }
            };
        }
    }

    /** A linear map of the first vector, and a function behind it. */
    public record FirstDense(int width, int out, Activation activation) implements Spec {
        @Override
        public Pooling build() {
            return new Pooling() {
                private final Linear dense = child("dense", new Linear.Spec(width, out).build());

                @Override
                Tensor forward(Tensor hidden_BTC, ModelInputs inputs) {
                    return activation.apply(dense.forward(hidden_BTC.select(1, 0)));
                }
            };
        }
    }

    /** The mean of all vectors from one on: 0 for all, 1 to leave the class token out. */
    public record Mean(int from) implements Spec {
        @Override
        public Pooling build() {
            return new Pooling() {
                @Override
                Tensor forward(Tensor hidden_BTC, ModelInputs inputs) {
                    return hidden_BTC.narrow(1, from, hidden_BTC.size(1) - from).mean(1);
                }
            };
        }
    }

    /** The vector of the first token with this id; of the first token if there is none. */
    public record AtToken(int id) implements Spec {
        @Override
        public Pooling build() {
            return new Pooling() {
                private final Scalar wanted = Tensors.constant((long) id);

                @Override
                Tensor forward(Tensor hidden_BTC, ModelInputs inputs) {
                    Tensor found_BT = inputs.require("input_ids").eq(wanted).to(ScalarType.Long);
                    return Rows.at(hidden_BTC, found_BT.argmax(new LongOptional(1), false));
                }
            };
        }
    }

    /** The vector of the token with the largest id. */
    public record AtLargestToken() implements Spec {
        @Override
        public Pooling build() {
            return new Pooling() {
                @Override
                Tensor forward(Tensor hidden_BTC, ModelInputs inputs) {
                    return Rows.at(hidden_BTC, inputs.require("input_ids").argmax(new LongOptional(1), false));
                }
            };
        }
    }
}
