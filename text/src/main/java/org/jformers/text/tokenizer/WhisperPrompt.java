package org.jformers.text.tokenizer;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** What stands before Whisper's texts (arXiv:2212.04356): start, language, task, and that there are no times. */
final class WhisperPrompt {
    /** A time in a text, which decoding leaves out. */
    static final String TIME = "<\\|\\d+\\.\\d+\\|>";

    private static final List<String> TASKS = List.of("translate", "transcribe");

    private WhisperPrompt() {}

    /** The beginning of the template, which ends with a space. */
    static String template(TokenizerBuild build) {
        StringBuilder template = new StringBuilder();
        append(template, build, "<|startoftranscript|>");
        String language = build.settings().config().path("language").asText("");
        if (build.settings().config().hasNonNull("language")) {
            append(template, build, "<|" + code(language) + "|>");
        }
        if (build.settings().config().hasNonNull("task")) {
            String task = build.settings().config().get("task").asText();
            if (!TASKS.contains(task)) {
                throw new TokenizerException("task must be one of " + TASKS + ", got \"" + task
                        + "\", in tokenizer_config.json");
            }
            append(template, build, "<|" + task + "|>");
        }
        if (!build.settings().flag("predict_timestamps", false)) {
            append(template, build, "<|notimestamps|>");
        }
        return template.toString();
    }

    /** Ids from the start of the transcript on where they begin with an earlier text; nothing without a start. */
    static int[] without(int[] ids, Tokenizer tokenizer) {
        OptionalInt earlier = tokenizer.id("<|startofprev|>");
        if (ids.length == 0 || earlier.isEmpty() || ids[0] != earlier.getAsInt()) {
            return ids;
        }
        int start = tokenizer.id("<|startoftranscript|>").orElse(Vocabulary.NONE);
        int from = 0;
        while (from < ids.length && ids[from] != start) {
            from++;
        }
        return Arrays.copyOfRange(ids, from, ids.length);
    }

    /** A token that the vocabulary lacks is the unknown one. */
    private static void append(StringBuilder template, TokenizerBuild build, String token) {
        template.append(build.has(token) ? token : "unk_token").append(":0 ");
    }

    private static String code(String language) {
        return SpokenLanguages.code(language).orElseThrow(() -> new TokenizerException(
                "language must be a name or code of a language that Whisper knows, got \"" + language
                        + "\", in tokenizer_config.json"));
    }
}
