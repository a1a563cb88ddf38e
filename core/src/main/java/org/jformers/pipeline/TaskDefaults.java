package org.jformers.pipeline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jformers.JformersException;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.NamedSettings;
import org.jformers.model.Config;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * What a task that writes settles before any call. Reference: transformers 4.57.6, {@code pipelines/base.py}: the
 * folder's settings, but with those of the pipeline, which win; then {@code task_specific_params} of the configuration.
 *
 * @param prefix what is put before each text; empty for nothing
 * @param settings of the generation
 */
record TaskDefaults(String prefix, GenerationConfig settings) {
    private static final int NEW_TOKENS = 256;
    /** A length that the reference takes for none at all. */
    private static final int UNSAID_LENGTH = 20;

    /**
     * Works them out.
     *
     * @param task the name of the task, as configurations have it
     * @param own settings of the pipeline by name, besides the most new tokens
     */
    static TaskDefaults of(
            String task, Config config, GenerationConfig folder, Tokenizer tokenizer, Map<String, ?> own) {
        Map<String, Object> named = new LinkedHashMap<>(own);
        boolean said = folder.maxLength().orElse(UNSAID_LENGTH) != UNSAID_LENGTH;
        named.put("max_new_tokens", said ? null : (Object) NEW_TOKENS);
        GenerationConfig settings = NamedSettings.change(folder, named);
        Map<String, Object> params = params(task, config);
        Object prefix = params.containsKey("prefix") ? params.get("prefix") : config.common().values().get("prefix");
        named.clear();
        params.forEach((name, value) -> {
            if (NamedSettings.names().contains(name)) {
                named.put(name, value);
            }
        });
        settings = NamedSettings.change(settings, named);
        if (settings.padTokenId().isEmpty() && tokenizer.specialTokens().pad().isPresent()) {
            settings = settings.with().padTokenId(tokenizer.specialTokens().pad().getAsInt()).build();
        }
        return new TaskDefaults(prefix instanceof String text ? text : "", settings);
    }

    /**
     * Settings with no more new tokens than a model has room for.
     *
     * @param length tokens before the first new one
     * @param positions that the model tells apart; empty for any number
     * @throws JformersException if there is no room for one
     */
    static GenerationConfig fitted(GenerationConfig settings, int length, OptionalInt positions) {
        if (positions.isEmpty()) {
            return settings;
        }
        int room = positions.getAsInt() - length + 1; // the last token is chosen, but not read
        if (room < 1) {
            throw new JformersException("prompt: got " + length + " tokens, allowed up to " + positions.getAsInt()
                    + ", as many as the model has positions");
        }
        int wanted = settings.maxNewTokens().orElse(settings.maxLength().orElse(UNSAID_LENGTH + length) - length);
        return wanted > room ? settings.with().maxNewTokens(room).build() : settings;
    }

    /** The tasks of which the configuration says something. */
    static List<String> named(Config config) {
        return config.common().values().get("task_specific_params") instanceof Map<?, ?> tasks
                ? tasks.keySet().stream().map(Object::toString).toList()
                : List.of();
    }

    private static Map<String, Object> params(String task, Config config) {
        Map<String, Object> named = new LinkedHashMap<>();
        if (config.common().values().get("task_specific_params") instanceof Map<?, ?> tasks
                && tasks.get(task) instanceof Map<?, ?> params) {
            params.forEach((name, value) -> named.put(name.toString(), value));
        }
        return named;
    }
}
