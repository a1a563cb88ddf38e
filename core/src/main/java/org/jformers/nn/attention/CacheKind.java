package org.jformers.nn.attention;

import java.util.List;
import java.util.function.LongFunction;

/**
 * How a cache keeps keys and values. Kinds: {@link #GROWING}, {@link #INT8}, {@link #fixed}, {@link
 * #remembering}, {@link #paged}, {@link #sharing}. In all of them, layers whose mask is a window keep a window.
 */
public interface CacheKind {
    /** Buffers that double as needed. */
    CacheKind GROWING = windows -> () -> layered(windows, window -> new PlainKeys(window, 0));

    /** The same in eight bits: a quarter of the memory of float32, and other numbers from the third digit on. */
    CacheKind INT8 = windows -> () -> layered(windows, Int8Keys::new);

    /** What makes the rows of one cache, and owns what they share. */
    @FunctionalInterface
    interface Rows extends AutoCloseable {
        /** A row without tokens. */
        CachedRow empty();

        @Override
        default void close() {}
    }

    /**
     * What makes the rows of a cache.
     *
     * @param windows how many tokens a query of each layer sees, itself among them; {@link Long#MAX_VALUE} where all
     */
    Rows rows(List<Long> windows);

    /** Whether a row begins with what others have read. */
    default boolean remembers() {
        return false;
    }

    /** Buffers with room for so many tokens a row from the beginning, which longer rows grow beyond. */
    static CacheKind fixed(long tokens) {
        return windows -> () -> layered(windows, window -> new PlainKeys(window, tokens));
    }

    /**
     * Pages of a pool, which rows share as long as they have the same tokens.
     *
     * @param pageTokens tokens of a page
     * @param pages pages of the pool; a row that finds none free is refused
     */
    static CacheKind paged(int pageTokens, int pages) {
        return windows -> new PagePool(windows, pageTokens, pages, false);
    }

    /**
     * The same, where a row begins with the full pages of any other, living or ended, that has read the same tokens: it
     * does not read them again. Pages of ended rows go when others need them, the ends of the least recently used texts
     * first. For weights and adapters that stay as they are, and decoders whose tokens mean the same in every row.
     */
    static CacheKind sharing(int pageTokens, int pages) {
        return new CacheKind() {
            @Override
            public Rows rows(List<Long> windows) {
                return new PagePool(windows, pageTokens, pages, true);
            }

            @Override
            public boolean remembers() {
                return true;
            }
        };
    }

    /**
     * Another kind, but pages, where a row begins with a copy of what any other, living or ended, has read of the same
     * beginning of a text: it does not read that again. Ended rows stay until others need the room, the least recently
     * used first. For weights and adapters that stay as they are, and decoders whose tokens mean the same in every row.
     *
     * @param tokens of ended rows together, of which there are at most 64
     */
    static CacheKind remembering(CacheKind of, long tokens) {
        return new CacheKind() {
            @Override
            public Rows rows(List<Long> windows) {
                Rows source = of.rows(windows);
                if (source instanceof PagePool) {
                    throw new IllegalArgumentException("cache: got pages that are to be remembered, allowed sharing"
                            + " ones, or buffers");
                }
                return new RememberingRows(source, windows.size(), tokens);
            }

            @Override
            public boolean remembers() {
                return true;
            }
        };
    }

    private static CachedRow layered(List<Long> windows, LongFunction<LayerKeys> layer) {
        return new LayeredRow(windows.stream().map(layer::apply).toList());
    }
}
