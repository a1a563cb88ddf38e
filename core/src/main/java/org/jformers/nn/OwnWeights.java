package org.jformers.nn;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Tensors;

/**
 * A linear map by a matrix, or a constant, that takes the place of the map's own. What is added to the map's own is
 * added to it.
 */
public final class OwnWeights extends Module implements Linear.Kernel {
    private final Optional<Tensor> weight;
    private final Optional<Tensor> bias;
    private final Linear.Kernel product;

    /**
     * @param weight [out, in], taken over; empty for the map's own
     * @param bias [out], taken over; empty for the map's own
     * @param added what else computes the product, which this one owns from now on; empty for the plain one
     */
    public OwnWeights(Optional<Tensor> weight, Optional<Tensor> bias, Optional<LowRank> added) {
        this.weight = weight.map(values -> own("weight", values));
        this.bias = bias.map(values -> own("bias", values));
        product = added.isPresent() ? child("added", added.get()) : Linear::apply;
    }

    /** A parameter of the same number format and layout as the values. */
    private Tensor own(String name, Tensor values) {
        Tensor parameter = parameter(name, Role.ADAPTER, values.shape());
        parameter.set_data(values);
        return parameter;
    }

    @Override
    public Tensor apply(Tensor x, Tensor mapsWeight, Optional<Tensor> mapsBias) {
        // A map that computes in float32 hands its own weights over as such.
        ScalarType type = Tensors.type(mapsWeight);
        return product.apply(x, weight.map(values -> values.to(type)).orElse(mapsWeight),
                bias.map(values -> values.to(type)).or(() -> mapsBias));
    }
}
