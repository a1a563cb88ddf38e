package org.jformers.nn;

import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Device;
import org.jformers.tensor.Operator;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * A linear map whose matrix lies in memory as the processor multiplies it, arranged once: the same products in less
 * time, one row in half of it, and the functions behind them within them. For models that are only asked, whose weights
 * never change; the matrix is there a second time.
 */
public final class PackedWeights extends Module implements Linear.Kernel {
    /** For how many tokens the arrangement is chosen; others are multiplied with it as well. */
    private static final long ROWS = 1024;
    private static final Operator ARRANGE = Operator.named("mkldnn::_reorder_linear_weight");
    private static final Operator PRODUCT = Operator.named("mkldnn::_linear_pointwise");

    private final Tensor packed;
    private final ScalarType type;

    private PackedWeights(Tensor weight) {
        packed = constant(ARRANGE.apply(weight.detach(), ROWS));
        type = Tensors.type(weight);
    }

    /**
     * Packs the maps of a network that are in float32, or in bfloat16 on a processor that multiplies it; elsewhere
     * nothing is gained.
     */
    public static void pack(Module network) {
        if (!network.device().equals(Device.CPU) || !Precision.packedProducts()) {
            return;
        }
        boolean bfloat16 = Precision.nativeBfloat16();
        network.linears().values().stream()
                .filter(map -> map.isDense() && packs(Tensors.type(map.weight()), bfloat16))
                .forEach(map -> map.replaceKernel("packed", new PackedWeights(map.weight())));
    }

    private static boolean packs(ScalarType type, boolean bfloat16) {
        return type == ScalarType.Float || type == ScalarType.BFloat16 && bfloat16;
    }

    @Override
    public Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias) {
        return fits(x) ? product(x, bias, "none", null) : Linear.apply(x, weight, bias);
    }

    @Override
    public Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias, Activation behind) {
        if (fits(x)) {
            switch (behind) {
                case RELU:
                    return product(x, bias, "relu", null);
                case GELU:
                    return product(x, bias, "gelu", "none");
                case GELU_TANH:
                    return product(x, bias, "gelu", "tanh");
                case SILU:
                    return product(x, bias, "swish", null);
                default:
            }
        }
        return behind.apply(apply(x, weight, bias));
    }

    @Override
    public boolean isDense() {
        return true;
    }

    private boolean fits(Tensor x) {
        return Tensors.type(x) == type && Precision.productType(type) == type && !GradMode.is_enabled();
    }

    private Tensor product(Tensor x, Optional<Tensor> bias, String function, @Nullable String kind) {
        return PRODUCT.apply(x, packed, bias.orElse(null), function, Operator.NO_NUMBERS, kind);
    }
}
