package org.jformers.model;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jformers.nn.Described;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.stack.PatchGrid;

/** A model as data: it prints, compares and stores; a {@link Model} is built from it. */
public interface ModelSpec extends Described {

    /** How parameters start that no checkpoint fills. */
    Initialization initialization();

    /** Most tokens of a sequence that the model writes or continues; empty if any number. */
    default OptionalInt room() {
        return OptionalInt.empty();
    }

    /** Most tokens of a sequence that the model reads; another number in some encoder-decoders. */
    default OptionalInt sourceRoom() {
        return room();
    }

    /** The table of the tokens that the model writes or continues, if it has one. */
    default Optional<Embedding.Spec> tokenTable() {
        return Optional.empty();
    }

    /** The table of the tokens that the model reads; another one in some encoder-decoders. */
    default Optional<Embedding.Spec> sourceTable() {
        return tokenTable();
    }

    /** How the model cuts images into patches, if it does. */
    default Optional<PatchGrid> patches() {
        return Optional.empty();
    }

    /**
     * The same without some attention heads.
     *
     * @param heads by layer, both numbered from 0
     * @throws IllegalArgumentException if there are no such heads, or the model cannot do without some
     */
    default ModelSpec withoutHeads(Map<Integer, Set<Integer>> heads) {
        throw new IllegalArgumentException(
                "pruned heads: got " + heads + ", allowed in models of one stack, this is a "
                        + getClass().getSimpleName());
    }

    /** The same without its pooler, if it is a body that has one with parameters and computes all else without it. */
    default Optional<ModelSpec> withoutPooler() {
        return Optional.empty();
    }

    /** The model itself, its parameters not yet filled. */
    Model build(Model.Identity identity);
}
