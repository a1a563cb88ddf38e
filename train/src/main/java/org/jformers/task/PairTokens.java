package org.jformers.task;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jformers.data.PairBatching;
import org.jformers.data.SequencePairs;
import org.jformers.data.TokenSequences;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.text.tokenizer.Tokenizer;

/** An encoder-decoder to be trained, and how its two sides become tokens. */
sealed interface PairTokens permits NewPairs, FolderPairs {

    /** Of the source, with what stands around a text. */
    Tokenizer source();

    /** Of the target; decodes what the model writes. */
    Tokenizer target();

    /** What stands before each source text; empty for nothing. */
    String prefix();

    /** Fills rows up. */
    int pad();

    /** The decoder's first token. */
    int start();

    /** Ends a target. */
    int end();

    /** Tokens that a source may have; empty for any number. */
    OptionalInt sourceRoom();

    /** Tokens that a target may have. */
    OptionalInt targetRoom();

    /** The model, made or loaded; the caller closes it. */
    Model model();

    /** How targets are written. */
    GenerationConfig generation();

    /** The files beside the weights. */
    void complete(Path modelFolder);

    /** A source as the model reads it. */
    default int[] sourceIds(String text) {
        return source().encode(prefix() + text).ids();
    }

    /**
     * A target as the decoder is to write it: it ends with the end token, or the code of its language behind that, and
     * does not begin with the token that the decoder starts with.
     */
    default int[] targetIds(String text) {
        int[] ids = target().encode(text).ids();
        int from = ids.length > 0 && ids[0] == start() ? 1 : 0;
        boolean ended = Arrays.stream(ids).anyMatch(id -> id == end());
        int[] target = Arrays.copyOfRange(ids, from, ids.length + (ended ? 0 : 1));
        if (!ended) {
            target[target.length - 1] = end();
        }
        return target;
    }

    /** Pairs of texts as examples. */
    default SequencePairs pairs(List<String> sources, List<String> targets, PairBatching batching) {
        return new SequencePairs(
                TokenSequences.of(sources, this::sourceIds), TokenSequences.of(targets, this::targetIds),
                pad(), start(), batching);
    }
}
