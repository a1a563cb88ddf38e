package org.jformers.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.attention.RowState;
import org.jformers.tensor.Lifetime;

/** Texts in the making as long as their model is there. What they keep themselves is freed whenever it is closed. */
final class LivingDecoding implements Decoding {
    private final Lifetime model;
    private final Decoding decoding;

    LivingDecoding(Lifetime model, Decoding decoding) {
        this.model = model;
        this.decoding = decoding;
    }

    @Override
    public int[] begin(ModelInputs prompt, int rows) {
        return model.use(() -> decoding.begin(prompt, rows));
    }

    @Override
    public int recall(int row, int[] tokens) {
        return decoding.recall(row, tokens);
    }

    @Override
    public RowState state(int row) {
        return decoding.state(row);
    }

    @Override
    public void restore(int row, RowState state, int[] tokens) {
        decoding.restore(row, state, tokens);
    }

    @Override
    public int fork(int row) {
        return decoding.fork(row);
    }

    @Override
    public void end(int row) {
        decoding.end(row);
    }

    @Override
    public void truncate(int row, long length) {
        decoding.truncate(row, length);
    }

    @Override
    public Tensor read(List<Reading> readings) {
        return model.use(() -> decoding.read(readings));
    }

    @Override
    public boolean inParts() {
        return decoding.inParts();
    }

    @Override
    public void close() {
        decoding.close();
    }
}
