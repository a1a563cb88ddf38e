package org.jformers.nn.attention;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Tensors;

/**
 * The maps to queries, keys and values that read the same tokens, as one matrix product. Where keys have no bias, the
 * others' are {@code queryBias} and {@code valueBias}; otherwise all of them are {@code bias}.
 */
final class Projection extends Module {
    private final Linear map;
    private final Optional<Tensor> queryBias;
    private final Optional<Tensor> valueBias;
    private final long keyRows;

    /** Rows of q, k and v; {@code queryRows} is 0 where the queries come from elsewhere. */
    private Projection(int width, int queryRows, int keyRows, InputBias kind) {
        this.keyRows = keyRows;
        int rows = queryRows + 2 * keyRows;
        Role role = queryRows > 0 ? Role.QUERY_STACKED_WEIGHT : Role.STACKED_WEIGHT;
        map = child("", new Linear.Spec(width, rows, kind == InputBias.ALL, role).build());
        boolean partial = kind == InputBias.QUERY_AND_VALUE;
        queryBias = partial && queryRows > 0
                ? Optional.of(parameter("queryBias", Role.BIAS, queryRows)) : Optional.empty();
        valueBias = partial ? Optional.of(parameter("valueBias", Role.BIAS, keyRows)) : Optional.empty();
    }

    static Projection ofQueryKeyValue(int width, int queryRows, int keyRows, InputBias bias) {
        return new Projection(width, queryRows, keyRows, bias);
    }

    static Projection ofKeyValue(int width, int keyRows, InputBias bias) {
        return new Projection(width, 0, keyRows, bias);
    }

    /** The map behind the heads. */
    static Linear output(int inner, int width, boolean bias) {
        return new Linear.Spec(inner, width, bias, Role.RESIDUAL_WEIGHT).build();
    }

    /** [..., C] to [..., rows of q, k and v]. */
    Tensor forward(Tensor x) {
        if (valueBias.isPresent()) {
            Tensor none = torch.zeros_like(valueBias.get()).narrow(0, 0, keyRows);
            Tensor all = queryBias.isPresent()
                    ? Tensors.cat(0, queryBias.get(), none, valueBias.get())
                    : Tensors.cat(0, none, valueBias.get());
            return map.forward(x, Optional.of(all));
        }
        return map.forward(x);
    }
}
