package org.jformers.task;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How well a model predicts texts, by units that do not depend on its tokens: words, which are what stands between
 * blanks, and bytes in UTF-8. What the model gives to all of a text and to its end is spread over them.
 *
 * @param nats total of -ln of the probabilities
 */
record Perplexity(double nats, long words, long bytes) {
    static Perplexity of(List<String> texts, double nats) {
        return new Perplexity(nats,
                texts.stream().filter(text -> !text.isBlank())
                        .mapToLong(text -> text.strip().split("\\s+").length).sum(),
                texts.stream().mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length).sum());
    }

    double bitsPerByte() {
        return nats / Math.log(2) / bytes;
    }

    double ofBytes() {
        return Math.exp(nats / bytes);
    }

    double ofWords() {
        return Math.exp(nats / words);
    }

    /** In the order of {@link CausalLanguageModelEvaluation#MEASURES}. */
    List<Double> values() {
        return List.of(bitsPerByte(), ofBytes(), ofWords());
    }
}
