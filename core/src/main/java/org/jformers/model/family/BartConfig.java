package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jformers.model.Config;
import org.jformers.model.Task;
import org.jspecify.annotations.Nullable;

/**
 * The keys of {@code config.json} that change the computation of BART and the families after it. Those of the decoder's
 * own vocabulary are Marian's.
 */
@JsonNaming(SnakeCaseStrategy.class)
public record BartConfig(
        int vocabSize,
        int maxPositionEmbeddings,
        int dModel,
        int encoderLayers,
        int encoderFfnDim,
        int encoderAttentionHeads,
        int decoderLayers,
        int decoderFfnDim,
        int decoderAttentionHeads,
        @Nullable Double encoderLayerdrop,
        @Nullable Double decoderLayerdrop,
        @Nullable String activationFunction,
        @Nullable Double dropout,
        @Nullable Double attentionDropout,
        @Nullable Double activationDropout,
        @Nullable Double classifierDropout,
        @Nullable Double initStd,
        @Nullable Boolean scaleEmbedding,
        @Nullable Integer decoderStartTokenId,
        @Nullable Integer decoderVocabSize,
        @Nullable Boolean shareEncoderDecoderEmbeddings,
        @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
        implements Config {
    static final String HEAD = "lm_head.weight";

    /** The token table and who reads it; where the stacks have tables of their own, nobody. */
    SharedTable table() {
        Map<SharedTable.Reader, String> names = new LinkedHashMap<>();
        if (sharesTokens()) {
            names.put(SharedTable.Reader.OUTPUT, HEAD);
        }
        names.put(SharedTable.Reader.DECODER, "model.decoder.embed_tokens.weight");
        names.put(SharedTable.Reader.ENCODER, "model.encoder.embed_tokens.weight");
        boolean shared = common().tieWordEmbeddings() && sharesTokens();
        return new SharedTable(common(), shared, "model.shared.weight", names);
    }

    /** Whether the output layer reads a stack's table. */
    boolean tiesOutput(Task task) {
        boolean pair = task == Task.CAUSAL_LM || !sharesTokens();
        return pair ? common().ties(HEAD) : table().tiesOutput();
    }

    /** Whether encoder and decoder have one vocabulary. */
    boolean sharesTokens() {
        return or(shareEncoderDecoderEmbeddings, true);
    }

    /** Tokens of the decoder. */
    int targetVocabulary() {
        return sharesTokens() ? vocabSize : or(decoderVocabSize, vocabSize);
    }
}
