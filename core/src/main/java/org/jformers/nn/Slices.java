package org.jformers.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * Long sequences some tokens at a time, where each is mapped by itself: what is wider than they are is then there for
 * those alone. Where gradients are recorded it would be kept anyway.
 */
public final class Slices {
    /** Tokens of a slice, of all rows together; as many again stay together. */
    private static final long TOKENS = 4096;

    private final int dimension;
    private final long length;
    private final List<Tensor> parts = new ArrayList<>();
    private @Nullable Tensor whole;
    private long filled;

    /**
     * Room for what comes slice by slice.
     *
     * @param dimension along which slices stand one behind the other
     * @param length of all together
     */
    public Slices(int dimension, long length) {
        this.dimension = dimension;
        this.length = length;
    }

    /** Takes the next slice over, out of the scope that it was made in. */
    public void add(Tensor part) {
        if (GradMode.is_enabled()) {
            parts.add(part);
            return;
        }
        // Filled in place: slices that stay until the last is there would leave no large room free between them.
        if (whole == null) {
            long[] shape = part.shape();
            shape[dimension] = length;
            whole = Tensors.empty(Device.of(part), Tensors.type(part), shape);
        }
        Tensor into = whole;
        long size = part.size(dimension);
        Scopes.run(() -> into.narrow(dimension, filled, size).copy_(part));
        filled += size;
        part.close();
    }

    /** All slices. */
    public Tensor all() {
        return whole == null ? Tensors.cat(dimension, parts.toArray(Tensor[]::new)) : whole;
    }

    /** How many tokens of each row to map together. */
    public static long length(Tensor x_BTC) {
        long rows = x_BTC.size(0);
        boolean together = GradMode.is_enabled() || rows * x_BTC.size(1) <= 2 * TOKENS;
        return together ? x_BTC.size(1) : Math.max(1, TOKENS / rows);
    }

    /**
     * What a map makes of all tokens.
     *
     * @param x_BTC the tokens
     * @param most how many of each row at a time
     * @param map of each token by itself
     */
    public static Tensor mapped(Tensor x_BTC, long most, UnaryOperator<Tensor> map) {
        long tokens = x_BTC.size(1);
        if (most >= tokens) {
            return map.apply(x_BTC);
        }
        Slices slices = new Slices(1, tokens);
        for (long start = 0; start < tokens; start += most) {
            long from = start;
            slices.add(Scopes.scoped(() -> map.apply(x_BTC.narrow(1, from, Math.min(most, tokens - from)))));
        }
        return slices.all();
    }
}
