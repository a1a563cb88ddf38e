package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.StreamSupport;

/** What the files of a tokenizer say about the rows of a batch, as transformers 5 reads them. */
final class RowDefaults {
    /** Classes that fill rows on the left. */
    private static final Set<String> LEFT = Set.of("CodeLlama", "Cohere", "Gemma", "Llama", "Siglip2", "XLNet");

    /** Classes, by their bare names, whose models get the types of tokens. */
    private static final Set<String> TYPED = Set.of(
            "Bert", "Canine", "ConvBert", "DPRContextEncoder", "DPRQuestionEncoder", "Deberta", "DebertaV2", "Electra",
            "FNet", "LayoutLM", "LayoutLMv2", "Lxmert", "MarkupLM", "MobileBert", "SqueezeBert", "Tapas");

    private RowDefaults() {}

    /**
     * How rows are filled; empty without a padding token.
     *
     * @param config the tokenizer_config.json
     * @param definition the tokenizer.json, or an empty object
     */
    static Optional<Padding> padding(ObjectNode config, JsonNode definition, Tokenizer tokenizer) {
        OptionalInt id = tokenizer.specialTokens().pad();
        if (id.isEmpty()) {
            return Optional.empty();
        }
        String name = config.path("tokenizer_class").asText("").replaceFirst("(Tokenizer)?(Fast)?$", "");
        Side usual = LEFT.contains(name) ? Side.LEFT : Side.RIGHT;
        int type = definition.path("padding").path("pad_type_id").asInt(0);
        return Optional.of(Padding.longest(id.getAsInt(), tokenizer.token(id.getAsInt()))
                .on(side(config, "padding_side", definition.path("padding"), usual))
                .ofType(type));
    }

    /** Which end of a text is cut. */
    static Side truncationSide(ObjectNode config, JsonNode definition) {
        return side(config, "truncation_side", definition.path("truncation"), Side.RIGHT);
    }

    private static Side side(ObjectNode config, String key, JsonNode definition, Side usual) {
        JsonNode named = config.hasNonNull(key) ? config.get(key) : definition.path("direction");
        return switch (named.asText("").toLowerCase(Locale.ROOT)) {
            case "" -> usual;
            case "left" -> Side.LEFT;
            case "right" -> Side.RIGHT;
            default -> throw new TokenizerException(key + ": got " + named + ", allowed left or right");
        };
    }

    /** Tokens of a row at most; empty where the files name no limit. */
    static OptionalInt maxLength(ObjectNode config) {
        String key = config.hasNonNull("model_max_length") ? "model_max_length" : "max_len";
        JsonNode length = config.path(key);
        // Without a limit files have 10^30.
        boolean limit = length.isNumber() && length.asDouble() >= 1 && length.asDouble() < Integer.MAX_VALUE;
        return limit ? OptionalInt.of((int) length.asDouble()) : OptionalInt.empty();
    }

    /** Whether a model is given the types of tokens: as the configuration lists its inputs, or as the class does. */
    static boolean givesTypes(ObjectNode config) {
        JsonNode inputs = config.path("model_input_names");
        return inputs.isArray()
                ? StreamSupport.stream(inputs.spliterator(), false)
                        .anyMatch(input -> input.asText().equals("token_type_ids"))
                : TYPED.contains(TokenizerClasses.of(config, config.objectNode()));
    }
}
