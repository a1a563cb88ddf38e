package org.jformers.task;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What a model's config.json says about its vocabulary, under the names that its family reads. */
final class VocabularyKeys {
    /** The one family whose config is our own, with shorter names. */
    private static final String VASWANI = "vaswani";

    private VocabularyKeys() {}

    /** The config of an encoder-decoder over a vocabulary; a target's first token is also the decoder's. */
    static ObjectNode sequenceToSequence(ObjectNode model, int size, int pad, int begin, int end) {
        ObjectNode config = model.deepCopy().put("vocab_size", size);
        if (VASWANI.equals(model.path("model_type").textValue())) {
            return config.put("pad_id", pad).put("bos_id", begin).put("eos_id", end);
        }
        return config.put("pad_token_id", pad)
                .put("bos_token_id", begin)
                .put("eos_token_id", end)
                .put("decoder_start_token_id", begin)
                .put("forced_eos_token_id", end);
    }

    /** The config of a language model whose texts are parted by one token. */
    static ObjectNode languageModel(ObjectNode model, int size, int endOfText) {
        return model.deepCopy()
                .put("vocab_size", size)
                .put("bos_token_id", endOfText)
                .put("eos_token_id", endOfText);
    }
}
