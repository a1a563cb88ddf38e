package org.jformers.generation;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;

/**
 * How to generate: {@code generation_config.json} with its names and defaults. Values that a file does not name are
 * those of the defaults; keys that are not here stay in {@code other} and are saved back.
 *
 * @param maxNewTokens most tokens to add; wins over {@code maxLength}
 * @param maxLength most tokens with the prompt (of a decoder) or the start token (of an encoder-decoder); with neither,
 *     20 are added
 * @param minLength fewest tokens, counted as {@code maxLength}, before an end token may come
 * @param minNewTokens fewest tokens to add before an end token may come
 * @param doSample whether tokens are drawn at random; otherwise the best is taken
 * @param temperature divides the scores before drawing, above 0
 * @param topK how many of the best tokens are drawn from, 0 for all
 * @param topP share of probability of the best tokens that are drawn from, in [0, 1], 1 for all
 * @param numBeams beams of the search, 1 for none
 * @param numReturnSequences continuations per prompt
 * @param lengthPenalty power of the length by which a finished beam's score is divided
 * @param earlyStopping when the search ends
 * @param repetitionPenalty factor against tokens that were there, above 0, 1 for none
 * @param noRepeatNgramSize length of token sequences that may come but once, 0 for none
 * @param badWordsIds token sequences that must not come
 * @param eosTokenId tokens that end a text
 * @param padTokenId fills the ends of shorter rows
 * @param bosTokenId begins a text
 * @param decoderStartTokenId first token of an encoder-decoder's target; {@code bosTokenId} if empty
 * @param forcedBosTokenId token that must come second, behind the start token
 * @param forcedEosTokenId tokens of which one must come last at the length limit
 * @param suppressTokens tokens that must not come
 * @param beginSuppressTokens tokens that must not come first
 * @param stopStrings texts that end the generation when they appear
 * @param other keys that are not here
 */
public record GenerationConfig(
        OptionalInt maxNewTokens,
        OptionalInt maxLength,
        int minLength,
        OptionalInt minNewTokens,
        boolean doSample,
        double temperature,
        int topK,
        double topP,
        int numBeams,
        int numReturnSequences,
        double lengthPenalty,
        EarlyStopping earlyStopping,
        double repetitionPenalty,
        int noRepeatNgramSize,
        List<List<Integer>> badWordsIds,
        List<Integer> eosTokenId,
        OptionalInt padTokenId,
        OptionalInt bosTokenId,
        OptionalInt decoderStartTokenId,
        OptionalInt forcedBosTokenId,
        List<Integer> forcedEosTokenId,
        List<Integer> suppressTokens,
        List<Integer> beginSuppressTokens,
        List<String> stopStrings,
        Map<String, Object> other) {

    /** Greedy, up to 20 new tokens, no special tokens. */
    public static final GenerationConfig DEFAULT = new GenerationConfig(
            OptionalInt.empty(), OptionalInt.empty(), 0, OptionalInt.empty(), false, 1, 50, 1, 1, 1, 1,
            EarlyStopping.HEURISTIC, 1, 0, List.of(), List.of(), OptionalInt.empty(), OptionalInt.empty(),
            OptionalInt.empty(), OptionalInt.empty(), List.of(), List.of(), List.of(), List.of(), Map.of());

    public GenerationConfig {
        badWordsIds = badWordsIds.stream().map(List::copyOf).toList();
        eosTokenId = List.copyOf(eosTokenId);
        forcedEosTokenId = List.copyOf(forcedEosTokenId);
        suppressTokens = List.copyOf(suppressTokens);
        beginSuppressTokens = List.copyOf(beginSuppressTokens);
        stopStrings = List.copyOf(stopStrings);
        other = Collections.unmodifiableMap(new LinkedHashMap<>(other));
        require(maxNewTokens.orElse(1) > 0, "max_new_tokens", maxNewTokens, "at least 1");
        require(maxLength.orElse(1) > 0, "max_length", maxLength, "at least 1");
        require(minLength >= 0, "min_length", minLength, "at least 0");
        require(minNewTokens.orElse(0) >= 0, "min_new_tokens", minNewTokens, "at least 0");
        require(temperature > 0 && temperature < Double.POSITIVE_INFINITY, "temperature", temperature,
                "above 0 (do_sample false takes the best token)");
        require(topK >= 0, "top_k", topK, "at least 0 (0 for all tokens)");
        require(topP >= 0 && topP <= 1, "top_p", topP, "0 to 1");
        require(numBeams >= 1, "num_beams", numBeams, "at least 1");
        require(numReturnSequences >= 1, "num_return_sequences", numReturnSequences, "at least 1");
        require(numReturnSequences <= numBeams || doSample && numBeams == 1, "num_return_sequences",
                numReturnSequences, "at most num_beams (" + numBeams + "), or any number with do_sample and one beam");
        require(Double.isFinite(lengthPenalty), "length_penalty", lengthPenalty, "a finite number");
        require(repetitionPenalty > 0 && Double.isFinite(repetitionPenalty), "repetition_penalty", repetitionPenalty,
                "above 0");
        require(noRepeatNgramSize >= 0, "no_repeat_ngram_size", noRepeatNgramSize, "at least 0 (0 for none)");
        badWordsIds.forEach(word -> require(!word.isEmpty(), "bad_words_ids", word, "at least one token each"));
        badWordsIds.forEach(word -> requireIds("bad_words_ids", word));
        requireIds("forced_eos_token_id", forcedEosTokenId);
        requireIds("suppress_tokens", suppressTokens);
        requireIds("begin_suppress_tokens", beginSuppressTokens);
        stopStrings.forEach(text -> require(!text.isEmpty(), "stop_strings", "\"\"", "texts that are not empty"));
    }

    /**
     * Reads the settings of a model folder: {@code generation_config.json}, or where there is none the same keys in
     * {@code config.json}.
     *
     * @throws ConfigException if a file cannot be read or a value is out of its range
     */
    public static GenerationConfig load(Path folder) {
        return GenerationConfigJson.load(folder);
    }

    /** The settings that a model's configuration holds. */
    public static GenerationConfig of(Config config) {
        return GenerationConfigJson.of(config);
    }

    /** Writes {@code generation_config.json} into a folder: what differs from the defaults, and the other keys. */
    public void save(Path folder) {
        GenerationConfigJson.save(this, folder);
    }

    /** The defaults, to be changed. */
    public static Builder builder() {
        return new Builder(DEFAULT);
    }

    /** These settings, to be changed. */
    public Builder with() {
        return new Builder(this);
    }

    private static void require(boolean holds, String key, Object got, String allowed) {
        if (!holds) {
            Object value = got instanceof OptionalInt number ? number.getAsInt() : got;
            throw new ConfigException("generation: got " + key + " " + value + ", allowed " + allowed);
        }
    }

    private static void requireIds(String key, List<Integer> ids) {
        ids.forEach(id -> require(id >= 0, key, id, "token ids, which are at least 0"));
    }

    /** Settings in the making; checked when built. Lists are given whole, optional numbers plain. */
    public static final class Builder {
        private OptionalInt maxNewTokens;
        private OptionalInt maxLength;
        private int minLength;
        private OptionalInt minNewTokens;
        private boolean doSample;
        private double temperature;
        private int topK;
        private double topP;
        private int numBeams;
        private int numReturnSequences;
        private double lengthPenalty;
        private EarlyStopping earlyStopping;
        private double repetitionPenalty;
        private int noRepeatNgramSize;
        private List<List<Integer>> badWordsIds;
        private List<Integer> eosTokenId;
        private OptionalInt padTokenId;
        private OptionalInt bosTokenId;
        private OptionalInt decoderStartTokenId;
        private OptionalInt forcedBosTokenId;
        private List<Integer> forcedEosTokenId;
        private List<Integer> suppressTokens;
        private List<Integer> beginSuppressTokens;
        private List<String> stopStrings;
        private Map<String, Object> other;

        private Builder(GenerationConfig from) {
            maxNewTokens = from.maxNewTokens;
            maxLength = from.maxLength;
            minLength = from.minLength;
            minNewTokens = from.minNewTokens;
            doSample = from.doSample;
            temperature = from.temperature;
            topK = from.topK;
            topP = from.topP;
            numBeams = from.numBeams;
            numReturnSequences = from.numReturnSequences;
            lengthPenalty = from.lengthPenalty;
            earlyStopping = from.earlyStopping;
            repetitionPenalty = from.repetitionPenalty;
            noRepeatNgramSize = from.noRepeatNgramSize;
            badWordsIds = from.badWordsIds;
            eosTokenId = from.eosTokenId;
            padTokenId = from.padTokenId;
            bosTokenId = from.bosTokenId;
            decoderStartTokenId = from.decoderStartTokenId;
            forcedBosTokenId = from.forcedBosTokenId;
            forcedEosTokenId = from.forcedEosTokenId;
            suppressTokens = from.suppressTokens;
            beginSuppressTokens = from.beginSuppressTokens;
            stopStrings = from.stopStrings;
            other = from.other;
        }

        public Builder maxNewTokens(int value) {
            maxNewTokens = OptionalInt.of(value);
            return this;
        }

        public Builder maxLength(int value) {
            maxLength = OptionalInt.of(value);
            return this;
        }

        public Builder minLength(int value) {
            minLength = value;
            return this;
        }

        public Builder minNewTokens(int value) {
            minNewTokens = OptionalInt.of(value);
            return this;
        }

        public Builder doSample(boolean value) {
            doSample = value;
            return this;
        }

        public Builder temperature(double value) {
            temperature = value;
            return this;
        }

        public Builder topK(int value) {
            topK = value;
            return this;
        }

        public Builder topP(double value) {
            topP = value;
            return this;
        }

        public Builder numBeams(int value) {
            numBeams = value;
            return this;
        }

        public Builder numReturnSequences(int value) {
            numReturnSequences = value;
            return this;
        }

        public Builder lengthPenalty(double value) {
            lengthPenalty = value;
            return this;
        }

        public Builder earlyStopping(EarlyStopping value) {
            earlyStopping = value;
            return this;
        }

        public Builder repetitionPenalty(double value) {
            repetitionPenalty = value;
            return this;
        }

        public Builder noRepeatNgramSize(int value) {
            noRepeatNgramSize = value;
            return this;
        }

        public Builder badWordsIds(List<List<Integer>> value) {
            badWordsIds = value;
            return this;
        }

        public Builder eosTokenId(Integer... values) {
            eosTokenId = List.of(values);
            return this;
        }

        public Builder padTokenId(int value) {
            padTokenId = OptionalInt.of(value);
            return this;
        }

        public Builder bosTokenId(int value) {
            bosTokenId = OptionalInt.of(value);
            return this;
        }

        public Builder decoderStartTokenId(int value) {
            decoderStartTokenId = OptionalInt.of(value);
            return this;
        }

        public Builder forcedBosTokenId(int value) {
            forcedBosTokenId = OptionalInt.of(value);
            return this;
        }

        public Builder forcedEosTokenId(Integer... values) {
            forcedEosTokenId = List.of(values);
            return this;
        }

        public Builder suppressTokens(Integer... values) {
            suppressTokens = List.of(values);
            return this;
        }

        public Builder beginSuppressTokens(Integer... values) {
            beginSuppressTokens = List.of(values);
            return this;
        }

        public Builder stopStrings(String... values) {
            stopStrings = List.of(values);
            return this;
        }

        public Builder other(Map<String, Object> value) {
            other = value;
            return this;
        }

        /** The settings; throws {@link ConfigException} for a value out of its range. */
        public GenerationConfig build() {
            return new GenerationConfig(
                    maxNewTokens, maxLength, minLength, minNewTokens, doSample, temperature, topK, topP,
                    numBeams, numReturnSequences, lengthPenalty, earlyStopping, repetitionPenalty,
                    noRepeatNgramSize, badWordsIds, eosTokenId, padTokenId, bosTokenId, decoderStartTokenId,
                    forcedBosTokenId, forcedEosTokenId, suppressTokens, beginSuppressTokens, stopStrings,
                    other);
        }
    }
}
