package org.jformers.pipeline.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jformers.generation.GenerationConfig;
import org.jformers.pipeline.AutomaticSpeechRecognition.Options;
import org.jformers.pipeline.AutomaticSpeechRecognition.Times;
import org.jformers.pipeline.SoundWindows;

/** The options of speech recognition in a call. */
final class SpeechOptions {
    static final String WINDOW = "chunk_length_s";
    static final String STRIDE = "stride_length_s";
    static final String TIMES = "return_timestamps";
    static final String LANGUAGES = "return_language";
    static final String LANGUAGE = "language";
    static final String TASK = "task";
    private static final String EARLIER = "condition_on_prev_tokens";
    private static final String GENERATION = "generate_kwargs";

    private SpeechOptions() {}

    /** @param config how the model writes where the call does not say it */
    static Options read(CallFields fields, GenerationConfig config) {
        Optional<GenerationConfig> outer = generation(fields, config);
        CallFields within = fields.within(GENERATION);
        Optional<GenerationConfig> inner = generation(within, outer.orElse(config)).or(() -> outer);
        within.requireNothingElse();
        return new Options(windows(fields), times(fields), fields.flag(LANGUAGES, false), inner);
    }

    /** No windows where they have no length. */
    private static Optional<SoundWindows> windows(CallFields fields) {
        OptionalDouble window = fields.number(WINDOW);
        JsonNode stride = fields.find(STRIDE).orElse(null);
        if (window.isEmpty() || window.getAsDouble() == 0) {
            return Optional.empty();
        }
        double seconds = window.getAsDouble();
        if (stride == null) {
            return Optional.of(SoundWindows.of(seconds));
        }
        if (stride.isNumber()) {
            return Optional.of(new SoundWindows(seconds, stride.doubleValue(), stride.doubleValue()));
        }
        boolean numbers = stride.isArray() && !stride.isEmpty() && stride.size() <= 2
                && stride.valueStream().allMatch(JsonNode::isNumber);
        if (!numbers) {
            throw fields.wrong(STRIDE, stride, "a number of seconds, or two, left and right");
        }
        return Optional.of(new SoundWindows(
                seconds, stride.get(0).doubleValue(), stride.get(stride.size() - 1).doubleValue()));
    }

    private static Times times(CallFields fields) {
        JsonNode value = fields.find(TIMES).orElse(null);
        if (value == null || value.isBoolean()) {
            return value != null && value.booleanValue() ? Times.SEGMENTS : Times.NONE;
        }
        return switch (value.asText()) {
            case "char" -> Times.CHARACTERS;
            case "word" -> Times.WORDS;
            default -> throw fields.wrong(TIMES, value, "true, false, char, word");
        };
    }

    private static Optional<GenerationConfig> generation(CallFields fields, GenerationConfig config) {
        for (String name : List.of("temperature", "num_return_sequences")) {
            JsonNode value = fields.find(name).orElse(null);
            if (value != null && !value.equals(IntNode.valueOf(1))) {
                throw fields.wrong(name, value, "1: a text is written once, and no token is drawn");
            }
        }
        GenerationConfig settings = fields.settings(config);
        Map<String, Object> other = new LinkedHashMap<>(settings.other());
        fields.find(LANGUAGE).ifPresent(value -> other.put(LANGUAGE, fields.text(LANGUAGE, value)));
        fields.find(TASK).ifPresent(value -> other.put(TASK, fields.text(TASK, value)));
        fields.find(EARLIER).ifPresent(value -> other.put(EARLIER, fields.flag(EARLIER, false)));
        GenerationConfig made = settings.with().other(other).build();
        return made.equals(config) ? Optional.empty() : Optional.of(made);
    }
}
