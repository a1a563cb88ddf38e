package org.jformers.nn.attention;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * Rows that begin with a copy of what another row, living or ended, has of the same beginning of a text. Ended rows
 * stay as long as there is room for them; the least recently used goes first.
 */
final class RememberingRows implements CacheKind.Rows {
    /** Fewer tokens are as soon read as copied. */
    private static final int LEAST = 4;
    /** Ended rows, however short they are: each is looked through when a text begins. */
    private static final int MOST_ROWS = 64;

    private final CacheKind.Rows source;
    private final int layers;
    private final long most;
    private final Set<Row> living = new LinkedHashSet<>();
    private final Deque<Row> ended = new ArrayDeque<>();
    private boolean closed;

    /** @param most tokens of ended rows together */
    RememberingRows(CacheKind.Rows source, int layers, long most) {
        this.source = source;
        this.layers = layers;
        this.most = most;
    }

    @Override
    public CachedRow empty() {
        return new Row(source.empty(), new int[0]);
    }

    /** A row, and what it has read as far as somebody has said it. */
    private final class Row extends CachedRow {
        private CachedRow row;
        private int[] tokens;
        private int[] next = {};

        Row(CachedRow row, int[] tokens) {
            this.row = row;
            this.tokens = tokens;
            living.add(this);
        }

        /** How many tokens a text begins with that are here, and can be told apart from those behind them. */
        private int shared(int[] text) {
            int other = Arrays.mismatch(tokens, text);
            int shared = other < 0 ? tokens.length : other;
            boolean whole = IntStream.range(0, layers).allMatch(layer -> row.first(layer) == 0);
            return whole || row.length() - shared <= PlainKeys.SLACK ? shared : 0;
        }

        @Override
        public int recall(int[] text) {
            Optional<Row> best = Stream.concat(living.stream(), ended.stream()).filter(other -> other != this)
                    .max((a, b) -> Integer.compare(a.shared(text), b.shared(text)));
            int shared = best.map(other -> other.shared(text)).orElse(0);
            if (shared < LEAST) {
                return 0;
            }
            Row other = best.orElseThrow();
            row.free();
            row = other.row.copy();
            row.truncate(shared);
            tokens = Arrays.copyOf(text, shared);
            if (ended.remove(other)) {
                ended.add(other); // used
            }
            return shared;
        }

        @Override
        public void reads(int[] more) {
            next = more.clone();
        }

        @Override
        public long length() {
            return row.length();
        }

        @Override
        public long first(int layer) {
            return row.first(layer);
        }

        @Override
        public Tensor keys(int layer) {
            return row.keys(layer);
        }

        @Override
        public Tensor values(int layer) {
            return row.values(layer);
        }

        @Override
        public void prepare(long count) {
            row.prepare(count);
        }

        @Override
        void append(int layer, Tensor key_1GTD, Tensor value_1GTD) {
            row.append(layer, key_1GTD, value_1GTD);
        }

        @Override
        public void finish() {
            row.finish();
            if (tokens.length + next.length == row.length()) {
                tokens = Arrays.copyOf(tokens, tokens.length + next.length);
                System.arraycopy(next, 0, tokens, tokens.length - next.length, next.length);
            }
            next = new int[0];
        }

        @Override
        void truncate(long length) {
            row.truncate(length);
            tokens = Arrays.copyOf(tokens, Math.toIntExact(Math.min(tokens.length, row.length())));
        }

        @Override
        CachedRow copy() {
            return new Row(row.copy(), tokens);
        }

        @Override
        void free() {
            living.remove(this);
            if (closed || tokens.length < LEAST || tokens.length > most || tokens.length != row.length()
                    || ended.stream().anyMatch(other -> other.hasAllOf(this))) {
                row.free();
                return;
            }
            List<Row> beginnings = ended.stream().filter(this::hasAllOf).toList();
            beginnings.forEach(RememberingRows.this::forget);
            ended.add(this);
            while (ended.size() > MOST_ROWS || ended.stream().mapToLong(other -> other.tokens.length).sum() > most) {
                forget(ended.element());
            }
        }

        private boolean hasAllOf(Row other) {
            return shared(other.tokens) == other.tokens.length;
        }
    }

    private void forget(Row row) {
        ended.remove(row);
        row.row.free();
    }

    @Override
    public void close() {
        closed = true;
        List.copyOf(ended).forEach(this::forget);
        source.close();
    }
}
