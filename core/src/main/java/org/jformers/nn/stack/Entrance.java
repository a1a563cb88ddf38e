package org.jformers.nn.stack;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Described;
import org.jformers.nn.Embedding;
import org.jformers.nn.Module;

/**
 * The entrance of a stack: turns what a model is given into vectors. Kinds: {@link InputEmbedding}, {@link
 * AdaptiveInput} and {@link LanguageInput} for tokens, {@link PatchEmbedding} and {@link PatchRestoration} for images,
 * {@link WaveformEntrance} and {@link SpectrogramEntrance} for sound, {@link SpokenText} and {@link GivenVectors} for
 * speech, {@link ClearedInput} around another one.
 *
 * <p>Dimensions: B batch, T vectors, C width.
 */
public abstract class Entrance extends Module {

    /**
     * Makes the vectors.
     *
     * @param input what enters
     * @param seen number of tokens read before, with a cache
     * @return [B, T, C]
     */
    public abstract Tensor forward(StackInput input, long seen);

    /** Names of the inputs that it reads; a model refuses what nothing in it reads. */
    public abstract Set<String> takes();

    /** Which of the vectors are real: bool [B, S]; an entrance that shortens its input shortens this with it. */
    public Optional<Tensor> real(StackInput input) {
        return input.real();
    }

    /**
     * The positions of the tokens as callers would set them, int64 [T] or [B, T], where each token is made into a
     * vector by itself, so that tokens may enter in another arrangement; empty where they may not, as here.
     */
    public Optional<Tensor> positions(StackInput input) {
        return Optional.empty();
    }

    /** What callers who set positions call that of the first token. */
    public long firstPosition() {
        return 0;
    }

    /** The token table, if tokens enter here. */
    public Optional<Embedding> tokens() {
        return Optional.empty();
    }

    /** An entrance as data. */
    public interface Spec extends Described {
        /** C, width of the vectors that enter the first layer. */
        int width();

        /** Most tokens that may enter one sequence; empty if any number. */
        default OptionalInt room() {
            return OptionalInt.empty();
        }

        /** How images are cut into patches, if images enter here. */
        default Optional<PatchGrid> patches() {
            return Optional.empty();
        }

        /** Builds with parameters of its own. */
        Entrance build();

        /** Builds on a token table that another module owns. */
        Entrance build(Embedding shared);

        /** The token table, if tokens enter here. */
        default Optional<Embedding.Spec> tokenTable() {
            return Optional.empty();
        }
    }
}
