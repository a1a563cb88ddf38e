package org.jformers.nn.attention;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * Pages of keys and values of all layers: a page holds some tokens of one row, or of several rows that begin alike.
 * Source: arXiv:2309.06180, 4. The memory of a layer is taken with its first token.
 *
 * <p>Dimensions: P pages, G key/value heads, K tokens of a page, D head width.
 */
final class PagePool implements CacheKind.Rows {
    private final PageAllocator allocator;
    private final Optional<PagePrefixes> prefixes;
    private final List<Long> windows;
    private final int pageTokens;
    private final List<Layer> layers = new ArrayList<>();

    /** The pages of one layer; null before its first token. */
    private static final class Layer {
        private @Nullable Tensor key_PGKD;
        private @Nullable Tensor value_PGKD;

        Tensor keys() {
            return Objects.requireNonNull(key_PGKD);
        }

        Tensor values() {
            return Objects.requireNonNull(value_PGKD);
        }
    }

    /** @param sharing whether rows begin with what others have read */
    PagePool(List<Long> windows, int pageTokens, int pages, boolean sharing) {
        this.windows = windows;
        this.pageTokens = pageTokens;
        allocator = new PageAllocator(pages);
        prefixes = sharing ? Optional.of(new PagePrefixes(allocator, pageTokens)) : Optional.empty();
        windows.forEach(window -> layers.add(new Layer()));
    }

    @Override
    public CachedRow empty() {
        return new Row(new PageTable(allocator, pageTokens), new int[0]);
    }

    /** A row of pages. */
    private final class Row extends CachedRow {
        private final PageTable table;
        /** Tokens that the pass at work adds; layers that have read them know of them, the table does not yet. */
        private long added;
        private int read = -1;
        /** What is in the pages, where rows share them and somebody says it. */
        private int[] tokens;
        private int[] next = {};

        Row(PageTable table, int[] tokens) {
            this.table = table;
            this.tokens = tokens;
        }

        @Override
        public int recall(int[] text) {
            if (prefixes.isEmpty()) {
                return 0;
            }
            table.begin(prefixes.get().find(text));
            tokens = Arrays.copyOf(text, Math.toIntExact(table.length()));
            return tokens.length;
        }

        @Override
        public void reads(int[] more) {
            next = more.clone();
        }

        @Override
        public long length() {
            return table.length();
        }

        @Override
        public long first(int layer) {
            long window = windows.get(layer);
            long oldest = window > table.length() ? 0 : table.length() + 1 - window;
            return oldest / pageTokens * pageTokens;
        }

        @Override
        public void prepare(long tokens) {
            prefixes.ifPresent(kept -> kept.free(table.needed(tokens)));
            table.reserve(tokens, PagePool.this::copy);
            added = 0;
            read = -1;
        }

        @Override
        void append(int layer, Tensor key_1GTD, Tensor value_1GTD) {
            Layer pages = layers.get(layer);
            if (pages.key_PGKD == null) {
                pages.key_PGKD = room(key_1GTD);
                pages.value_PGKD = room(value_1GTD);
            }
            long tokens = key_1GTD.size(2);
            long from = table.length();
            long done = 0;
            while (done < tokens) {
                long place = from + done;
                long offset = place % pageTokens;
                long some = Math.min(tokens - done, pageTokens - offset);
                long start = done;
                int page = table.page(place);
                Scopes.run(() -> {
                    put(pages.keys(), page, offset, key_1GTD.narrow(2, start, some));
                    put(pages.values(), page, offset, value_1GTD.narrow(2, start, some));
                });
                done += some;
            }
            added = tokens;
            read = layer;
        }

        @Override
        public Tensor keys(int layer) {
            return gathered(layer, layers.get(layer).keys());
        }

        @Override
        public Tensor values(int layer) {
            return gathered(layer, layers.get(layer).values());
        }

        @Override
        public void finish() {
            long before = table.length();
            table.advance(added);
            if (prefixes.isPresent() && tokens.length == before && next.length == added) {
                tokens = Arrays.copyOf(tokens, tokens.length + next.length);
                System.arraycopy(next, 0, tokens, tokens.length - next.length, next.length);
                if (table.length() / pageTokens > before / pageTokens) {
                    prefixes.get().remember(tokens, table.pages());
                }
            }
            added = 0;
            read = -1;
        }

        /** The pages of the tokens side by side. */
        private Tensor gathered(int layer, Tensor all_PGKD) {
            long length = table.length() + (layer <= read ? added : 0);
            long first = first(layer);
            return Scopes.scoped(() -> {
                int begin = Math.toIntExact(first / pageTokens);
                int end = Math.toIntExact((length + pageTokens - 1) / pageTokens);
                long[] pages = new long[end - begin];
                for (int i = begin; i < end; i++) {
                    pages[i - begin] = table.page((long) i * pageTokens);
                }
                return Tensors.pick(all_PGKD, 0, Tensors.ofLongs(pages, pages.length))
                        .transpose(0, 1).flatten(1, 2).unsqueeze(0).narrow(2, 0, length - first);
            });
        }

        @Override
        void truncate(long length) {
            table.truncate(length);
            tokens = Arrays.copyOf(tokens, Math.toIntExact(Math.min(tokens.length, table.length())));
        }

        @Override
        CachedRow copy() {
            return new Row(table.fork(), tokens);
        }

        @Override
        void free() {
            table.truncate(0);
        }
    }

    private Tensor room(Tensor like_1GTD) {
        return CacheRoom.of(like_1GTD, allocator.pages(), like_1GTD.size(1), pageTokens, like_1GTD.size(3));
    }

    private static void put(Tensor all_PGKD, int page, long offset, Tensor some_1GTD) {
        all_PGKD.select(0, page).narrow(1, offset, some_1GTD.size(2)).copy_(some_1GTD.select(0, 0));
    }

    private void copy(int from, int to) {
        Scopes.run(() -> {
            for (Layer layer : layers) {
                if (layer.key_PGKD != null) {
                    layer.keys().select(0, to).copy_(layer.keys().select(0, from));
                    layer.values().select(0, to).copy_(layer.values().select(0, from));
                }
            }
        });
    }

    @Override
    public void close() {
        for (Layer layer : layers) {
            if (layer.key_PGKD != null) {
                layer.keys().close();
                layer.values().close();
                layer.key_PGKD = null;
                layer.value_PGKD = null;
            }
        }
    }
}
