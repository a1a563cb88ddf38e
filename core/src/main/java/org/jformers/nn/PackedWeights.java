package org.jformers.nn;

import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Device;
import org.jformers.tensor.Operator;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
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
    /**
     * In float32, outputs come in blocks of so many: of the last block, if it is not whole, the engine's products are
     * wrong on some processors with AVX-512.
     */
    private static final long BLOCK = 64;
    private static final Operator ARRANGE = Operator.named("mkldnn::_reorder_linear_weight");
    private static final Operator PRODUCT = Operator.named("mkldnn::_linear_pointwise");

    private final Tensor packed;
    private final ScalarType type;
    private final long out;
    /** Outputs without a weight behind the last one. */
    private final long spare;

    private PackedWeights(Tensor weight) {
        type = Tensors.type(weight);
        out = weight.size(0);
        spare = type == ScalarType.Float ? -out & (BLOCK - 1) : 0;
        packed = constant(Scopes.scoped(() -> ARRANGE.apply(
                spare == 0 ? weight.detach() : torch.constant_pad_nd(weight.detach(), 0, 0, 0, spare), ROWS)));
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
        if (!fits(x)) {
            return Linear.apply(x, weight, bias);
        }
        return spare == 0 ? product(x, bias, "none", null) : Scopes.scoped(() -> {
            Tensor y = product(x, Optional.empty(), "none", null).narrow(-1, 0, out).contiguous();
            bias.ifPresent(y::add_);
            return y;
        });
    }

    @Override
    public Tensor apply(Tensor x, Tensor weight, Optional<Tensor> bias, Activation behind) {
        if (fits(x) && spare == 0) {
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
