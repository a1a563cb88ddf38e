package org.jformers.generation;

import static org.jformers.generation.GenerationChecks.require;
import static org.jformers.generation.GenerationChecks.requireDrawable;
import static org.jformers.generation.GenerationChecks.requireFactor;
import static org.jformers.generation.GenerationChecks.requireForceable;
import static org.jformers.generation.GenerationChecks.requireIds;
import static org.jformers.generation.GenerationChecks.requireSequence;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
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
 * @param minLength fewest tokens, counted as {@code maxLength}, before an end token may come, 0 and below for none
 * @param minNewTokens fewest tokens to add before an end token may come
 * @param doSample whether tokens are drawn at random; otherwise the best is taken
 * @param temperature divides the scores before drawing; where tokens are drawn, at least {@link #LEAST_TEMPERATURE}
 * @param topK how many of the best tokens are drawn from, 0 for all
 * @param topP share of probability of the best tokens that are drawn from, in [0, 1], 1 for all
 * @param minP share of the best token's probability that a drawn token must have, in [0, 1], 0 for none
 * @param topH share of the entropy that the best tokens, which are drawn from, may have, in [0, 1], 0 for all
 * @param typicalP share of probability of the tokens of usual surprise that are drawn from, above 0, 1 for all
 * @param epsilonCutoff least probability of a drawn token, 0 (or 1 and more) for none
 * @param etaCutoff the same, lower where many tokens are likely
 * @param numBeams beams of the search, 1 for none, at most {@link #MOST_SEQUENCES}
 * @param numReturnSequences continuations per prompt, at most {@link #MOST_SEQUENCES}
 * @param lengthPenalty power of the length by which a finished beam's score is divided
 * @param earlyStopping when the search ends
 * @param repetitionPenalty factor against tokens that were there, above 0, 1 for none
 * @param encoderRepetitionPenalty factor in favour of tokens of the source (or the prompt), above 0, 1 for none
 * @param noRepeatNgramSize length of token sequences that may come but once, 0 and below for none
 * @param encoderNoRepeatNgramSize length of token sequences of the source (or the prompt) that must not come again, 0
 *     for none
 * @param badWordsIds token sequences that must not come
 * @param guidanceScale how far scores go away from those without the prompt, 1 for none; see {@link
 *     Controls#withNegativePrompt}
 * @param sequenceBias what is added to the score of the last token of a sequence where those before it have just
 *     come
 * @param exponentialDecayLengthPenalty how end tokens become likelier with the length
 * @param eosTokenId tokens that end a text
 * @param padTokenId fills the ends of shorter rows; negative for none
 * @param bosTokenId begins a text
 * @param decoderStartTokenId first token of an encoder-decoder's target; {@code bosTokenId} if empty
 * @param forcedBosTokenId token that must come second, behind the start token
 * @param forcedEosTokenId tokens of which one must come last at the length limit
 * @param suppressTokens tokens that must not come; numbers that are no tokens, such as -1, rule nothing out
 * @param beginSuppressTokens tokens that must not come first; the same holds for them
 * @param stopStrings texts that end the generation when they appear
 * @param removeInvalidValues whether scores that are no numbers count as 0
 * @param renormalizeLogits whether scores are made log-probabilities again after all changes
 * @param maxTime seconds after which the generation ends with the token at work
 * @param other keys that are not here and change no text
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
        double minP,
        double topH,
        double typicalP,
        double epsilonCutoff,
        double etaCutoff,
        int numBeams,
        int numReturnSequences,
        double lengthPenalty,
        EarlyStopping earlyStopping,
        double repetitionPenalty,
        double encoderRepetitionPenalty,
        int noRepeatNgramSize,
        int encoderNoRepeatNgramSize,
        List<List<Integer>> badWordsIds,
        double guidanceScale,
        Map<List<Integer>, Double> sequenceBias,
        Optional<LengthDecay> exponentialDecayLengthPenalty,
        List<Integer> eosTokenId,
        OptionalInt padTokenId,
        OptionalInt bosTokenId,
        OptionalInt decoderStartTokenId,
        OptionalInt forcedBosTokenId,
        List<Integer> forcedEosTokenId,
        List<Integer> suppressTokens,
        List<Integer> beginSuppressTokens,
        List<String> stopStrings,
        boolean removeInvalidValues,
        boolean renormalizeLogits,
        OptionalDouble maxTime,
        Map<String, Object> other) {

    /** Greedy, up to 20 new tokens, no special tokens. */
    public static final GenerationConfig DEFAULT = new GenerationConfig(
            OptionalInt.empty(), OptionalInt.empty(), 0, OptionalInt.empty(), false, 1, 50, 1, 0, 0, 1, 0, 0, 1, 1, 1,
            EarlyStopping.HEURISTIC, 1, 1, 0, 0, List.of(), 1, Map.of(), Optional.empty(), List.of(),
            OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty(), List.of(), List.of(),
            List.of(), List.of(), false, false, OptionalDouble.empty(), Map.of());

    /** Most beams and most continuations per prompt: each takes a row of the model's memory. */
    public static final int MOST_SEQUENCES = 1024;

    /** Least temperature: below it scores of usual models exceed what a float32 holds. */
    public static final double LEAST_TEMPERATURE = 1e-30;

    public GenerationConfig {
        badWordsIds = badWordsIds.stream().map(List::copyOf).toList();
        sequenceBias = Collections.unmodifiableMap(new LinkedHashMap<>(sequenceBias));
        eosTokenId = List.copyOf(eosTokenId);
        forcedEosTokenId = List.copyOf(forcedEosTokenId);
        suppressTokens = List.copyOf(suppressTokens);
        beginSuppressTokens = List.copyOf(beginSuppressTokens);
        stopStrings = List.copyOf(stopStrings);
        other = Collections.unmodifiableMap(new LinkedHashMap<>(other));
        require(maxNewTokens.orElse(1) > 0, "max_new_tokens", maxNewTokens, "at least 1");
        require(maxNewTokens.isPresent() || maxLength.orElse(1) > 0, "max_length", maxLength, "at least 1");
        require(numBeams >= 1 && numBeams <= MOST_SEQUENCES, "num_beams", numBeams,
                "at least 1, at most " + MOST_SEQUENCES);
        require(numReturnSequences >= 1 && numReturnSequences <= MOST_SEQUENCES, "num_return_sequences",
                numReturnSequences, "at least 1, at most " + MOST_SEQUENCES);
        require(numReturnSequences <= numBeams || doSample && numBeams == 1, "num_return_sequences",
                numReturnSequences, "at most num_beams (" + numBeams + "), or any number with do_sample and one beam");
        require(numBeams == 1 || Double.isFinite(lengthPenalty), "length_penalty", lengthPenalty, "a finite number");
        requireFactor("repetition_penalty", repetitionPenalty);
        requireFactor("encoder_repetition_penalty", encoderRepetitionPenalty);
        require(Double.isFinite(guidanceScale), "guidance_scale", guidanceScale, "a finite number");
        if (doSample) {
            requireDrawable(temperature, topK, topP, minP, topH, typicalP);
        }
        require(!(maxTime.orElse(0) < 0) && !Double.isNaN(maxTime.orElse(0)), "max_time", maxTime, "at least 0");
        badWordsIds.forEach(word -> requireSequence("bad_words_ids", word));
        sequenceBias.keySet().forEach(sequence -> requireSequence("sequence_bias", sequence));
        sequenceBias.values().forEach(bias -> require(!Double.isNaN(bias), "sequence_bias", bias, "numbers"));
        require(exponentialDecayLengthPenalty.isEmpty() || !eosTokenId.isEmpty(), "exponential_decay_length_penalty",
                exponentialDecayLengthPenalty, "where there is an eos_token_id");
        requireIds("forced_eos_token_id", forcedEosTokenId);
        requireForceable("forced_eos_token_id", forcedEosTokenId, suppressTokens);
        requireForceable("forced_bos_token_id", forcedBosTokenId.stream().boxed().toList(), suppressTokens);
        stopStrings.forEach(text -> require(!text.isEmpty(), "stop_strings", "\"\"", "texts that are not empty"));
    }

    /**
     * Reads the settings of a model folder: {@code generation_config.json}, or where there is none the same keys in
     * {@code config.json}.
     *
     * @throws ConfigException if a file cannot be read or a value is out of its range
     */
    public static GenerationConfig load(Path folder) {
        return load(folder, DEFAULT);
    }

    /**
     * The same, with numbers of one's own where the folder says none: beams, lengths, penalties and what is like them,
     * but no tokens.
     */
    public static GenerationConfig load(Path folder, GenerationConfig otherwise) {
        return GenerationConfigJson.load(folder, otherwise);
    }

    /** The settings that a model's configuration holds. */
    public static GenerationConfig of(Config config) {
        return GenerationConfigJson.of(config, DEFAULT);
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
        private double minP;
        private double topH;
        private double typicalP;
        private double epsilonCutoff;
        private double etaCutoff;
        private int numBeams;
        private int numReturnSequences;
        private double lengthPenalty;
        private EarlyStopping earlyStopping;
        private double repetitionPenalty;
        private double encoderRepetitionPenalty;
        private int noRepeatNgramSize;
        private int encoderNoRepeatNgramSize;
        private List<List<Integer>> badWordsIds;
        private double guidanceScale;
        private Map<List<Integer>, Double> sequenceBias;
        private Optional<LengthDecay> exponentialDecayLengthPenalty;
        private List<Integer> eosTokenId;
        private OptionalInt padTokenId;
        private OptionalInt bosTokenId;
        private OptionalInt decoderStartTokenId;
        private OptionalInt forcedBosTokenId;
        private List<Integer> forcedEosTokenId;
        private List<Integer> suppressTokens;
        private List<Integer> beginSuppressTokens;
        private List<String> stopStrings;
        private boolean removeInvalidValues;
        private boolean renormalizeLogits;
        private OptionalDouble maxTime;
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
            minP = from.minP;
            topH = from.topH;
            typicalP = from.typicalP;
            epsilonCutoff = from.epsilonCutoff;
            etaCutoff = from.etaCutoff;
            numBeams = from.numBeams;
            numReturnSequences = from.numReturnSequences;
            lengthPenalty = from.lengthPenalty;
            earlyStopping = from.earlyStopping;
            repetitionPenalty = from.repetitionPenalty;
            encoderRepetitionPenalty = from.encoderRepetitionPenalty;
            noRepeatNgramSize = from.noRepeatNgramSize;
            encoderNoRepeatNgramSize = from.encoderNoRepeatNgramSize;
            badWordsIds = from.badWordsIds;
            guidanceScale = from.guidanceScale;
            sequenceBias = from.sequenceBias;
            exponentialDecayLengthPenalty = from.exponentialDecayLengthPenalty;
            eosTokenId = from.eosTokenId;
            padTokenId = from.padTokenId;
            bosTokenId = from.bosTokenId;
            decoderStartTokenId = from.decoderStartTokenId;
            forcedBosTokenId = from.forcedBosTokenId;
            forcedEosTokenId = from.forcedEosTokenId;
            suppressTokens = from.suppressTokens;
            beginSuppressTokens = from.beginSuppressTokens;
            stopStrings = from.stopStrings;
            removeInvalidValues = from.removeInvalidValues;
            renormalizeLogits = from.renormalizeLogits;
            maxTime = from.maxTime;
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

        public Builder minP(double value) {
            minP = value;
            return this;
        }

        public Builder topH(double value) {
            topH = value;
            return this;
        }

        public Builder typicalP(double value) {
            typicalP = value;
            return this;
        }

        public Builder epsilonCutoff(double value) {
            epsilonCutoff = value;
            return this;
        }

        public Builder etaCutoff(double value) {
            etaCutoff = value;
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

        public Builder encoderRepetitionPenalty(double value) {
            encoderRepetitionPenalty = value;
            return this;
        }

        public Builder noRepeatNgramSize(int value) {
            noRepeatNgramSize = value;
            return this;
        }

        public Builder encoderNoRepeatNgramSize(int value) {
            encoderNoRepeatNgramSize = value;
            return this;
        }

        public Builder badWordsIds(List<List<Integer>> value) {
            badWordsIds = value;
            return this;
        }

        public Builder guidanceScale(double value) {
            guidanceScale = value;
            return this;
        }

        public Builder sequenceBias(Map<List<Integer>, Double> value) {
            sequenceBias = value;
            return this;
        }

        public Builder exponentialDecayLengthPenalty(LengthDecay value) {
            exponentialDecayLengthPenalty = Optional.of(value);
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

        public Builder removeInvalidValues(boolean value) {
            removeInvalidValues = value;
            return this;
        }

        public Builder renormalizeLogits(boolean value) {
            renormalizeLogits = value;
            return this;
        }

        public Builder maxTime(double value) {
            maxTime = OptionalDouble.of(value);
            return this;
        }

        public Builder other(Map<String, Object> value) {
            other = value;
            return this;
        }

        /** The settings; throws {@link ConfigException} for a value out of its range. */
        public GenerationConfig build() {
            return new GenerationConfig(
                    maxNewTokens, maxLength, minLength, minNewTokens, doSample, temperature, topK, topP, minP, topH,
                    typicalP, epsilonCutoff, etaCutoff, numBeams, numReturnSequences, lengthPenalty, earlyStopping,
                    repetitionPenalty, encoderRepetitionPenalty, noRepeatNgramSize, encoderNoRepeatNgramSize,
                    badWordsIds, guidanceScale, sequenceBias, exponentialDecayLengthPenalty, eosTokenId, padTokenId,
                    bosTokenId, decoderStartTokenId, forcedBosTokenId, forcedEosTokenId, suppressTokens,
                    beginSuppressTokens, stopStrings, removeInvalidValues, renormalizeLogits, maxTime, other);
        }
    }
}
