package org.jformers.nn.stack;

import org.jformers.nn.Embedding;
import org.jformers.nn.Module;

/**
 * An encoder and a decoder that reads its output, over one shared token table. Source: arXiv:1706.03762, 3.1 and 3.4.
 */
public final class EncoderDecoder extends Module {
    private final Spec spec;
    private final Embedding embedding;
    private final Stack encoder;
    private final Stack decoder;

    /**
     * @param encoder the stack that reads the source
     * @param decoder the stack that writes the target; its blocks have cross-attention
     */
    public record Spec(Stack.Spec encoder, Stack.Spec decoder) {
        public Spec {
            if (!encoder.input().tokens().equals(decoder.input().tokens())) {
                throw new IllegalArgumentException("encoder-decoder: token tables differ, encoder "
                        + encoder.input().tokens() + ", decoder " + decoder.input().tokens());
            }
            if (decoder.blocks().stream().anyMatch(block -> block.crossAttention().isEmpty())) {
                throw new IllegalArgumentException("encoder-decoder: a block of the decoder has no cross-attention");
            }
        }

        public EncoderDecoder build() {
            return new EncoderDecoder(this);
        }
    }

    private EncoderDecoder(Spec spec) {
        this.spec = spec;
        embedding = child("embedding", spec.encoder().input().tokens().build());
        encoder = child("encoder", spec.encoder().build(embedding));
        decoder = child("decoder", spec.decoder().build(embedding));
    }

    /** The shared token table. */
    public Embedding embedding() {
        return embedding;
    }

    public Stack encoder() {
        return encoder;
    }

    public Stack decoder() {
        return decoder;
    }

    public Spec spec() {
        return spec;
    }
}
