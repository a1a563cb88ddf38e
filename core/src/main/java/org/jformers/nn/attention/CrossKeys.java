package org.jformers.nn.attention;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Scopes;

/**
 * Keys and values of what an encoder gave, layer by layer: made once, and shared by all rows that read it. The last one
 * that lets it go frees it.
 */
final class CrossKeys {
    private final List<Tensor> keys = new ArrayList<>();
    private final List<Tensor> values = new ArrayList<>();
    private int users = 1;

    /** Adds those of the next layer, [1, N, M, D]. */
    void add(Tensor key_1NMD, Tensor value_1NMD) {
        keys.add(Scopes.keep(key_1NMD.clone()));
        values.add(Scopes.keep(value_1NMD.clone()));
    }

    int layers() {
        return keys.size();
    }

    Tensor keys(int layer) {
        return keys.get(layer);
    }

    Tensor values(int layer) {
        return values.get(layer);
    }

    CrossKeys shared() {
        users++;
        return this;
    }

    void release() {
        if (--users == 0) {
            keys.forEach(Tensor::close);
            values.forEach(Tensor::close);
            keys.clear();
            values.clear();
        }
    }
}
