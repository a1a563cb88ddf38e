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
