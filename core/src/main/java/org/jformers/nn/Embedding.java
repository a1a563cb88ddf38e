package org.jformers.nn;

import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Tensors;

/** Table of vectors, looked up by id. */
public final class Embedding extends Module {
    private final Tensor weight_VC;
    private final Spec spec;

    /**
     * @param entries number of vectors
     * @param width size of a vector
     * @param paddingId id whose vector is never trained, -1 for none
     */
    public record Spec(int entries, int width, int paddingId) {
        public Spec {
            if (entries < 1 || width < 1) {
                throw new IllegalArgumentException(
                        "embedding: got " + entries + " entries of width " + width + ", allowed >= 1 each");
            }
        }

        public Embedding build() {
            return new Embedding(this);
        }
    }

    private Embedding(Spec spec) {
        this.spec = spec;
        weight_VC = parameter("weight", Role.EMBEDDING, spec.entries(), spec.width());
    }

    /** int64 [...] to [..., C]. Ids are checked at the model's edge. */
    public Tensor forward(Tensor ids) {
        return Tensors.rows(weight_VC, ids, spec.paddingId());
    }

    /** The table [V, C]; shared by output layers that are tied to it. */
    public Tensor table() {
        return weight_VC;
    }

    public Spec spec() {
        return spec;
    }
}
