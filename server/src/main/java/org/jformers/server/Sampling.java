package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jformers.generation.GenerationConfig;
import org.jformers.pipeline.answer.AnswerRequest;
import org.jformers.pipeline.answer.Draws;

/** The fields of a request that say how to write. */
final class Sampling {
    private static final int MOST_STOPS = 16;
    private static final int LONGEST_STOP = 1_000;
    private static final int MOST_BIASES = 1_024;
    /** Usual of the completions of old. */
    static final int FEW_TOKENS = 16;

    private final Fields fields;
    private final ServedText model;
    private final Limits limits;

    Sampling(Fields fields, ServedText model, Limits limits) {
        this.fields = fields;
        this.model = model;
        this.limits = limits;
    }

    /**
     * Reads them.
     *
     * @param prompts the tokens of each prompt
     * @param lengths names of the field that says how many tokens to write, the first one counts
     * @param otherwise how many where none says so; empty for as many as there is room for
     * @param best how many likeliest tokens are told with each; empty where nothing is to be told
     */
    TextRequest read(List<int[]> prompts, List<String> lengths, OptionalInt otherwise, OptionalInt best) {
        int length = Integer.MAX_VALUE;
        for (int[] prompt : prompts) {
            length = Math.min(length, length(prompt, lengths, otherwise));
        }
        GenerationConfig config = settings().maxNewTokens(length).build();
        int choices = fields.count("n", 1, limits.choices()).orElse(1);
        AnswerRequest.Penalties penalties = new AnswerRequest.Penalties(
                fields.number("presence_penalty", -2, 2).orElse(0),
                fields.number("frequency_penalty", -2, 2).orElse(0));
        return new TextRequest(prompts, choices, config, penalties, fields.whole("seed"), best, stops());
    }

    private int length(int[] prompt, List<String> lengths, OptionalInt otherwise) {
        int room = model.room(prompt);
        OptionalInt length = OptionalInt.empty();
        for (String name : lengths) {
            OptionalInt wanted = fields.count(name, 1, limits.newTokens());
            if (wanted.isPresent() && wanted.getAsInt() > room) {
                throw new ApiException(ApiException.Kind.TOO_LONG, name, name + ": got " + wanted.getAsInt()
                        + " behind a prompt of " + prompt.length + " tokens, allowed up to " + room
                        + ", for the model has " + model.positions().getAsInt() + " positions");
            }
            length = length.isPresent() ? length : wanted;
        }
        return length.orElseGet(() -> Math.min(otherwise.orElse(limits.newTokens()), room));
    }

    private GenerationConfig.Builder settings() {
        GenerationConfig folder = model.config();
        Draws draws = new Draws(fields.number("temperature", 0, 2), fields.number("top_p", 0, 1),
                fields.count("top_k", 0, Integer.MAX_VALUE), fields.number("min_p", 0, 1));
        GenerationConfig.Builder settings = draws.on(folder).repetitionPenalty(
                fields.number("repetition_penalty", 0.01, 100).orElse(folder.repetitionPenalty()));
        Map<List<Integer>, Double> biases = biases();
        return biases.isEmpty() ? settings : settings.sequenceBias(biases);
    }

    private Map<List<Integer>, Double> biases() {
        Fields given = fields.within("logit_bias");
        Map<List<Integer>, Double> biases = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> bias : given.rest().properties()) {
            boolean number = bias.getKey().matches("[0-9]{1,9}");
            if (!number || Integer.parseInt(bias.getKey()) >= model.vocabulary() || biases.size() == MOST_BIASES) {
                throw fields.wrong("logit_bias", "a name that is no token, or too many", "up to " + MOST_BIASES
                        + " tokens from 0 to " + (model.vocabulary() - 1));
            }
            biases.put(List.of(Integer.valueOf(bias.getKey())),
                    given.number(bias.getKey(), bias.getValue(), -100, 100));
        }
        return biases;
    }

    private List<String> stops() {
        List<String> stops = new ArrayList<>(fields.texts("stop", MOST_STOPS));
        for (String stop : stops) {
            if (stop.isEmpty() || stop.length() > LONGEST_STOP) {
                throw fields.wrong("stop", stop.length() + " characters", "1 to " + LONGEST_STOP);
            }
        }
        stops.addAll(model.config().stopStrings());
        return stops;
    }
}
