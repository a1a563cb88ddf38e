package org.jformers.nn.attention;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A row whose layers keep their keys and values by themselves. */
final class LayeredRow extends CachedRow {
    private final List<LayerKeys> layers;

    LayeredRow(List<LayerKeys> layers) {
        this.layers = layers;
    }

    @Override
    public long length() {
        return layers.get(0).length();
    }

    @Override
    public long first(int layer) {
        return layers.get(layer).first();
    }

    @Override
    public Tensor keys(int layer) {
        return layers.get(layer).keys();
    }

    @Override
    public Tensor values(int layer) {
        return layers.get(layer).values();
    }

    @Override
    public void prepare(long tokens) {
        layers.forEach(layer -> layer.prepare(tokens));
    }

    @Override
    public void finish() {}

    @Override
    void append(int layer, Tensor key_1GTD, Tensor value_1GTD) {
        layers.get(layer).append(key_1GTD, value_1GTD);
    }

    @Override
    void truncate(long length) {
        layers.forEach(layer -> layer.truncate(length));
    }

    @Override
    CachedRow copy() {
        return new LayeredRow(layers.stream().map(LayerKeys::fork).toList());
    }

    @Override
    void free() {
        layers.forEach(LayerKeys::close);
    }
}
