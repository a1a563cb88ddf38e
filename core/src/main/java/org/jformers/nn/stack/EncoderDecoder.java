package org.jformers.nn.stack;

import java.util.Optional;
import org.jformers.nn.Described;
import org.jformers.nn.Embedding;
import org.jformers.nn.Module;

/**
 * An encoder and a decoder that reads its output, over one token table or two. Source: arXiv:1706.03762, 3.1 and 3.4.
 */
public final class EncoderDecoder extends Module {
    private final Spec spec;
    private final Optional<Embedding> embedding;
    private final Stack encoder;
    private final Stack decoder;

    /** Whose token table it is. */
    public enum Tokens {
        /** Encoder and decoder read the same one; its parameter is {@code embedding.weight}. */
        SHARED,
        /** Each stack has its own, or none; a tied output layer reads the decoder's. */
        SEPARATE,
        /** Each stack has its own; a tied output layer reads the encoder's. */
        SEPARATE_OUTPUT_OF_ENCODER
    }

    /**
     * @param encoder the stack that reads the source
     * @param decoder the stack that writes the target; its blocks have cross-attention
     * @param tokens whether the two share their token table
     */
    public record Spec(Stack.Spec encoder, Stack.Spec decoder, Tokens tokens) implements Described {
        public Spec {
            Optional<Embedding.Spec> source = encoder.input().tokenTable();
            Optional<Embedding.Spec> target = decoder.input().tokenTable();
            if (tokens == Tokens.SHARED && (source.isEmpty() || !source.equals(target))) {
                throw new IllegalArgumentException("encoder-decoder: shared token tables differ, encoder "
                        + source + ", decoder " + target);
            }
            if (decoder.blocks().stream().anyMatch(block -> block.crossAttention().isEmpty())) {
                throw new IllegalArgumentException("encoder-decoder: a block of the decoder has no cross-attention");
            }
        }

        @Override
        public String toString() {
            return describe();
        }

        public EncoderDecoder build() {
            return new EncoderDecoder(this);
        }
    }

    private EncoderDecoder(Spec spec) {
        this.spec = spec;
        embedding = spec.tokens() == Tokens.SHARED
                ? spec.encoder().input().tokenTable().map(table -> child("embedding", table.build()))
                : Optional.empty();
        encoder = child("encoder", build(spec.encoder()));
        decoder = child("decoder", build(spec.decoder()));
    }

    private Stack build(Stack.Spec stack) {
        return embedding.isPresent() ? stack.build(embedding.get()) : stack.build();
    }

    public Stack encoder() {
        return encoder;
    }

    public Stack decoder() {
        return decoder;
    }

    /** The table that an output layer reads where it is tied to one. */
    public Optional<Embedding> outputTable() {
        Stack reader = spec.tokens() == Tokens.SEPARATE_OUTPUT_OF_ENCODER ? encoder : decoder;
        return reader.input().tokens();
    }

    public Spec spec() {
        return spec;
    }
}
