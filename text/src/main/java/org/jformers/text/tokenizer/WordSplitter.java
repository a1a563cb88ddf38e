package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.Consumer;

/** The first half of a tokenizer, from text to words, as its training needs it; may be shared by threads. */
public final class WordSplitter {
    private final Normalizer normalizer;
    private final PreTokenizers.Stages stages;

    private WordSplitter(Normalizer normalizer, PreTokenizers.Stages stages) {
        this.normalizer = normalizer;
        this.stages = stages;
    }

    /** Takes normalizer and pre-tokenizer of a tokenizer definition. */
    public static WordSplitter of(JsonNode definition) {
        Nesting.check(definition);
        return new WordSplitter(
                Normalizers.of(definition.get("normalizer")), PreTokenizers.stages(definition.get("pre_tokenizer")));
    }

    /** Hands on the words of a text as the model sees them. */
    public void split(String text, Consumer<String> words) {
        stages.splitter()
                .split(
                        normalizer.normalize(Text.of(text)),
                        word -> words.accept(stages.mapping().normalize(word).toString()));
    }
}
