package org.jformers.nn.attention;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;

/**
 * Keys and values of the tokens that a decoder has already seen, so that each new token costs one row of work. Its rows
 * have lengths of their own; they come and go, and one may go on in several ways. How they are kept is the {@link
 * CacheKind}. Owns its tensors until closed.
 */
public final class KeyValueCache implements AutoCloseable {
    private final int layers;
    private final CacheKind.Rows source;
    private List<CachedRow> rows = new ArrayList<>();

    /** An empty cache that grows and keeps everything. */
    public KeyValueCache(int layers) {
        this(Collections.nCopies(layers, Long.MAX_VALUE), CacheKind.GROWING);
    }

    /**
     * An empty cache.
     *
     * @param windows how many tokens a query of each layer sees, itself among them; {@link Long#MAX_VALUE} where all
     */
    public KeyValueCache(List<Long> windows, CacheKind kind) {
        layers = windows.size();
        source = kind.rows(windows);
    }

    /** Number of layers. */
    public int layers() {
        return layers;
    }

    /** The rows, in the order in which they came. */
    public List<CachedRow> rows() {
        return Collections.unmodifiableList(rows);
    }

    /** A new row without tokens. */
    public CachedRow add() {
        CachedRow row = source.empty();
        rows.add(row);
        return row;
    }

    /** A new row that has read what another one has. */
    public CachedRow fork(CachedRow row) {
        CachedRow other = row.fork();
        rows.add(other);
        return other;
    }

    /** Lets a row go. */
    public void remove(CachedRow row) {
        if (!rows.removeIf(one -> one == row)) {
            throw new IllegalArgumentException("cache: got a row that is not there, allowed its own");
        }
        row.close();
    }

    /**
     * Forgets the tokens of a row from a place on.
     *
     * @throws IllegalArgumentException under a window, for more than 64 tokens
     */
    public void truncate(CachedRow row, long length) {
        row.truncate(length);
    }

    /** What is kept of all tokens of a row, in the caller's scope; good until its next token. */
    public RowState state(CachedRow row) {
        return RowState.of(row, layers);
    }

    /** Lets a row have read the first tokens of what another one has. */
    public void restore(CachedRow row, RowState state, long tokens) {
        if (state.keys().size() != layers || row.length() > 0) {
            throw new IllegalArgumentException("cache: got " + state.keys().size() + " layers for a row of "
                    + row.length() + " tokens, allowed " + layers + " for an empty one");
        }
        state.into(row, tokens);
    }

    /** Number of tokens of the first row; 0 if there is none. */
    public long length() {
        return rows.isEmpty() ? 0 : rows.get(0).length();
    }

    /** Row {@code i} becomes what row {@code order[i]} was; those that are not named go. */
    public void reorder(long[] order) {
        List<CachedRow> before = rows;
        List<CachedRow> after = new ArrayList<>();
        boolean[] used = new boolean[before.size()];
        for (long from : order) {
            CachedRow row = before.get(Math.toIntExact(from));
            after.add(used[(int) from] ? row.fork() : row);
            used[(int) from] = true;
        }
        for (int i = 0; i < used.length; i++) {
            if (!used[i]) {
                before.get(i).close();
            }
        }
        rows = after;
    }

    /** Keys of a layer, [rows, G, S, D], where all rows have one length, in the caller's scope. */
    public Tensor keys(int layer) {
        return together(row -> row.keys(layer));
    }

    /** Values of a layer, likewise. */
    public Tensor values(int layer) {
        return together(row -> row.values(layer));
    }

    /** Whether the rows remember an encoder's output. */
    public boolean hasMemory() {
        return rows.stream().anyMatch(row -> row.memory().isPresent());
    }

    /** Keys of the encoder's output in a layer, [rows, N, M, D], where the rows remember one. */
    public Tensor memoryKeys(int layer) {
        return together(row -> row.memory().orElseThrow().keys(layer));
    }

    /** Values of the encoder's output, likewise. */
    public Tensor memoryValues(int layer) {
        return together(row -> row.memory().orElseThrow().values(layer));
    }

    private Tensor together(Function<CachedRow, Tensor> part) {
        return Tensors.cat(0, rows.stream().map(part).toArray(Tensor[]::new));
    }

    @Override
    public void close() {
        rows.forEach(CachedRow::close);
        rows.clear();
        source.close();
    }
}
