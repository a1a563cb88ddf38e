package org.jformers.nn.attention;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What a model has read of one row: keys and values of its tokens in each layer, and those of an encoder's output if
 * it reads one. A row of a {@link KeyValueCache}, which frees it.
 *
 * <p>Dimensions: G key/value heads, T new tokens, S tokens that are kept, D head width.
 */
public abstract class CachedRow {
    private Optional<CrossKeys> memory = Optional.empty();

    /** How many tokens were read. */
    public abstract long length();

    /** The place of the first token that a layer still has. */
    public abstract long first(int layer);

    /** Keys of a layer, [1, G, S, D], in the caller's scope; good until the next token. */
    public abstract Tensor keys(int layer);

    /** Values of a layer, likewise. */
    public abstract Tensor values(int layer);

    /**
     * Begins with what the cache still has of a text, where it keeps such.
     *
     * @param tokens what the row is to read; it has read nothing yet
     * @return how many of them it has now
     */
    public int recall(int[] tokens) {
        return 0;
    }

    /** Says which tokens the next pass adds, for rows that begin alike. */
    public void reads(int[] tokens) {}

    /** Makes room for the tokens of a pass; what a layer still has does not change within it. */
    public abstract void prepare(long tokens);

    /** Adds the tokens of a pass to a layer. */
    abstract void append(int layer, Tensor key_1GTD, Tensor value_1GTD);

    /** Ends a pass that has added to all layers. */
    public abstract void finish();

    abstract void truncate(long length);

    /** The same tokens in a row of their own, without the memory. */
    abstract CachedRow copy();

    abstract void free();

    /** Keys and values of what an encoder gave, if the row reads it. */
    final Optional<CrossKeys> memory() {
        return memory;
    }

    /** Whether it reads what an encoder gave. */
    public final boolean hasMemory() {
        return memory.isPresent();
    }

    /** Keeps the keys and values of the next layer, [1, N, M, D]. */
    final void remember(Tensor key_1NMD, Tensor value_1NMD) {
        if (memory.isEmpty()) {
            memory = Optional.of(new CrossKeys());
        }
        memory.get().add(key_1NMD, value_1NMD);
    }

    final CachedRow fork() {
        CachedRow other = copy();
        other.memory = memory.map(CrossKeys::shared);
        return other;
    }

    final void close() {
        free();
        memory.ifPresent(CrossKeys::release);
        memory = Optional.empty();
    }

    /** Whether two rows read the same memory. */
    final boolean sharesMemory(CachedRow other) {
        return memory.isPresent() && other.memory.isPresent() && memory.get() == other.memory.get();
    }
}
