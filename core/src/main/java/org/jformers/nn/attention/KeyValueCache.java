package org.jformers.nn.attention;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Keys and values of the tokens that a decoder has already seen, per layer, so that each new token costs one row. Owns
 * its tensors until closed.
 *
 * <p>Dimensions: B batch, N heads, S tokens so far, D head width.
 */
public final class KeyValueCache implements AutoCloseable {
    private final List<Layer> layers;

    /** An empty cache. */
    public KeyValueCache(int layers) {
        this.layers = IntStream.range(0, layers).mapToObj(i -> new Layer()).toList();
    }

    /** Number of layers. */
    public int layers() {
        return layers.size();
    }

    /** The cache of one layer. */
    public Layer layer(int index) {
        return layers.get(index);
    }

    /** Number of tokens seen so far. */
    public long length() {
        return layers.get(0).self.length;
    }

    /** Row {@code i} of the batch becomes what row {@code rows_B[i]} was: for beams, and to repeat or drop rows. */
    public void reorder(Tensor rows_B) {
        for (Layer layer : layers) {
            layer.self.reorder(rows_B);
            layer.memory.reorder(rows_B);
        }
    }

    @Override
    public void close() {
        for (Layer layer : layers) {
            layer.self.close();
            layer.memory.close();
        }
    }

    /** Keys and values of one layer: its own tokens, and those of the encoder that it reads. */
    public static final class Layer {
        private final Entry self = new Entry();
        private final Entry memory = new Entry();

        /** Keys and values of the layer's own tokens. */
        public Entry self() {
            return self;
        }

        /** Keys and values of the encoder's output; filled once. */
        public Entry memory() {
            return memory;
        }
    }

    /** One pair of growing buffers. */
    public static final class Entry {
        private Tensor key_BNSD;
        private Tensor value_BNSD;
        private long length;

        /** Adds tokens behind those that are there; room doubles as needed. */
        public void append(Tensor newKey_BNTD, Tensor newValue_BNTD) {
            long added = newKey_BNTD.size(2);
            if (key_BNSD == null || length + added > key_BNSD.size(2)) {
                long room = Math.max(length + added, 2 * (length + added - 1));
                key_BNSD = grown(key_BNSD, newKey_BNTD, room);
                value_BNSD = grown(value_BNSD, newValue_BNTD, room);
            }
            Scopes.run(() -> {
                key_BNSD.narrow(2, length, added).copy_(newKey_BNTD);
                value_BNSD.narrow(2, length, added).copy_(newValue_BNTD);
            });
            length += added;
        }

        /** True before the first tokens. */
        public boolean isEmpty() {
            return length == 0;
        }

        /** Keys so far, a view [B, N, S, D]. */
        public Tensor keys() {
            return key_BNSD.narrow(2, 0, length);
        }

        /** Values so far, a view [B, N, S, D]. */
        public Tensor values() {
            return value_BNSD.narrow(2, 0, length);
        }

        private Tensor grown(Tensor old, Tensor like, long room) {
            Tensor buffer = Scopes.keep(Tensors.empty(
                    Device.of(like), Tensors.type(like), like.size(0), like.size(1), room, like.size(3)));
            if (old != null) {
                Scopes.run(() -> buffer.narrow(2, 0, length).copy_(old.narrow(2, 0, length)));
                old.close();
            }
            return buffer;
        }

        private void reorder(Tensor rows_B) {
            if (length > 0) {
                key_BNSD = replaced(key_BNSD, rows_B);
                value_BNSD = replaced(value_BNSD, rows_B);
            }
        }

        private static Tensor replaced(Tensor buffer, Tensor rows_B) {
            Tensor chosen = Scopes.keep(Tensors.pick(buffer, 0, rows_B));
            buffer.close();
            return chosen;
        }

        private void close() {
            if (key_BNSD != null) {
                key_BNSD.close();
                value_BNSD.close();
                key_BNSD = null;
                value_BNSD = null;
                length = 0;
            }
        }
    }
}
