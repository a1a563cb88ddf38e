package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;
import org.jformers.model.Config;

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
        Double encoderLayerdrop,
        Double decoderLayerdrop,
        String activationFunction,
        Double dropout,
        Double attentionDropout,
        Double activationDropout,
        Double classifierDropout,
        Double initStd,
        Boolean scaleEmbedding,
        Integer decoderStartTokenId,
        Integer decoderVocabSize,
        Boolean shareEncoderDecoderEmbeddings,
        @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
        implements Config {

    /** The token tables are tied to each other as well, and cannot be told apart from the output layer's. */
    @Override
    public Map<String, Boolean> untied() {
        return Map.of();
    }

    /** Whether encoder and decoder read one token table. */
    boolean shared() {
        return common().tieWordEmbeddings() && or(shareEncoderDecoderEmbeddings, true);
    }

    /** Tokens of the decoder. */
    int targetVocabulary() {
        return or(shareEncoderDecoderEmbeddings, true) ? vocabSize : or(decoderVocabSize, vocabSize);
    }
}
