package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/** What is done to decoded text as a whole, behind the decoder: what tokenizer_config.json asks for; CLIP's ends. */
final class DecodedText {
    private static final Pattern TIME = Pattern.compile(WhisperPrompt.TIME, Pattern.UNICODE_CHARACTER_CLASS);

    private DecodedText() {}

    /**
     * The steps for a tokenizer; an empty list if text stays as it is.
     *
     * @param model the type of its model: spaces before punctuation are BPE's own and stay, unless forced away
     */
    static List<UnaryOperator<String>> steps(ObjectNode config, String model) {
        return steps(config, model, DecodeOptions.Spaces.AS_FILES_SAY);
    }

    /** The same, with something else for the spaces than the files say. */
    static List<UnaryOperator<String>> steps(ObjectNode config, String model, DecodeOptions.Spaces spaces) {
        String name = config.path("tokenizer_class").asText();
        List<UnaryOperator<String>> steps = new ArrayList<>();
        if (name.startsWith("CLIPTokenizer")) {
            steps.add(text -> SentencePiecePieces.trimmed(text.replace("</w>", " ")));
        }
        boolean forced = config.path("clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output")
                .asBoolean(false);
        boolean said = config.path("clean_up_tokenization_spaces").asBoolean(false)
                && (forced || !model.equals("BPE"));
        if (spaces == DecodeOptions.Spaces.TAKEN_OUT || spaces == DecodeOptions.Spaces.AS_FILES_SAY && said) {
            steps.add(DecodedText::withoutSpaces);
        }
        if (name.startsWith("WhisperTokenizer")) {
            steps.add(text -> TIME.matcher(text).replaceAll(""));
        }
        return steps;
    }

    static String apply(List<UnaryOperator<String>> steps, String text) {
        String result = text;
        for (UnaryOperator<String> step : steps) {
            result = step.apply(result);
        }
        return result;
    }

    /** Takes out the spaces before punctuation and English contractions. */
    static String withoutSpaces(String text) {
        return text.replace(" .", ".").replace(" ?", "?").replace(" !", "!").replace(" ,", ",").replace(" ' ", "'")
                .replace(" n't", "n't").replace(" 'm", "'m").replace(" 's", "'s").replace(" 've", "'ve")
                .replace(" 're", "'re");
    }
}
