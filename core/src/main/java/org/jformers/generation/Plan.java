package org.jformers.generation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.tensor.ShapeException;

/**
 * Settings worked out for one prompt and one model: what happens to scores, in which order, and where it ends.
 *
 * @param maxLength length with the prompt at which every sequence ends
 * @param promptLength length of the prompt
 * @param keepsRows whether rows that have ended stay in the batch
 * @param guidance what scores are led away from
 * @param processors changes to the scores, in the order of the reference
 * @param states behind them, changes by what is remembered of each sequence
 * @param sampling behind these, what concerns drawing
 * @param rules which sequences are complete
 * @param cache what need not be read of the prompt
 */
record Plan(
        int maxLength, int promptLength, boolean keepsRows, Optional<Guidance> guidance,
        List<LogitsProcessor> processors, List<SequenceStates<?>> states, List<LogitsProcessor> sampling,
        List<StoppingRule> rules, Optional<PromptCache> cache) {
    /** What is no number is 0, what is infinite the largest or smallest number. */
    static final LogitsProcessor NUMBERS = (ids_BS, scores_BV) -> scores_BV.nan_to_num();

    /** Log-probabilities. */
    static final LogitsProcessor NORMALIZED = (ids_BS, scores_BV) -> scores_BV.log_softmax(-1);

    private static final int DEFAULT_NEW_TOKENS = 20;

    static Plan of(Model model, Prompt prompt, GenerationConfig config, Controls controls) {
        controls.cache().ifPresent(cache -> cache.requireFor(model, prompt));
        Optional<Guidance> guidance = guidance(model, config, controls);
        int longest = Math.max(prompt.longest(), guidance.map(Guidance::length).orElse(0));
        int maxLength = maxLength(model, prompt, longest, config);
        List<StoppingRule> rules = new ArrayList<>(controls.rules());
        if (!config.stopStrings().isEmpty() && rules.stream().noneMatch(StopStrings.class::isInstance)) {
            throw new ConfigException("generation: got stop_strings " + config.stopStrings()
                    + " but no tokenizer, allowed with a StopStrings rule among the controls");
        }
        if (!config.eosTokenId().isEmpty()) {
            rules.add(new EndTokens(config.eosTokenId()));
        }
        config.maxTime().ifPresent(seconds -> rules.add(TimeLimit.fromNow(seconds)));
        List<SequenceStates<?>> states = new ArrayList<>();
        controls.remembering().forEach(processor -> states.add(new SequenceStates<>(processor, prompt)));
        return new Plan(maxLength, prompt.length(), keepsRows(config), guidance,
                processors(prompt, maxLength, config, controls), List.copyOf(states), sampling(config),
                List.copyOf(rules), controls.cache());
    }

    private static Optional<Guidance> guidance(Model model, GenerationConfig config, Controls controls) {
        if (config.guidanceScale() == 1) {
            controls.negativePrompt().ifPresent(tokens -> {
                throw new ConfigException("generation: got a negative prompt with guidance_scale 1, allowed with"
                        + " another, which leads away from it");
            });
            return Optional.empty();
        }
        if (model instanceof Seq2SeqModel) {
            throw new ConfigException("generation: got guidance_scale " + config.guidanceScale() + " for "
                    + model.identity().architecture() + ", allowed 1; others for decoders");
        }
        return Optional.of(new Guidance(config.guidanceScale(), controls.negativePrompt()));
    }

    /**
     * Drawing for fewer rows would draw other tokens for the rest than the reference does, and what looks at the source
     * finds it by the number of the row.
     */
    private static boolean keepsRows(GenerationConfig c) {
        return c.doSample() || c.encoderRepetitionPenalty() != 1 || c.encoderNoRepeatNgramSize() > 0;
    }

    /** The sequences that begin with a prompt. */
    List<Strand> strands(Prompt prompt) {
        List<Strand> strands = prompt.strands();
        guidance.ifPresent(one -> strands.forEach(one::lead));
        return strands;
    }

    /** The same for one sequence. */
    Tensor process(long[] ids, Tensor scores_1V) {
        return process(new long[][] {ids}, scores_1V, new boolean[] {true});
    }

    /**
     * Changes scores.
     *
     * @param open which rows go on; the others are there because of their place alone
     */
    Tensor process(long[][] ids_BS, Tensor scores_BV, boolean[] open) {
        Tensor processed_BV = scores_BV;
        for (LogitsProcessor processor : processors) {
            processed_BV = processor.process(ids_BS, processed_BV);
        }
        for (SequenceStates<?> remembered : states) {
            processed_BV = remembered.process(ids_BS, processed_BV, open);
        }
        for (LogitsProcessor processor : sampling) {
            processed_BV = processor.process(ids_BS, processed_BV);
        }
        return processed_BV;
    }

    /** Most tokens of a sequence, and of the one that it is compared with. */
    long tokens() {
        return maxLength + guidance.map(one -> (long) one.length() + maxLength - promptLength).orElse(0L);
    }

    /** Whether everything is to end, whatever the sequences are. */
    boolean over() {
        return rules.stream().anyMatch(StoppingRule::over);
    }

    /** Whether a sequence is complete, the length limit aside. */
    boolean complete(long[] ids) {
        return rules.stream().anyMatch(rule -> rule.stops(ids, promptLength));
    }

    /** Whether nothing may follow a sequence. */
    boolean ends(long[] ids) {
        return ids.length >= maxLength || complete(ids);
    }

    private static List<LogitsProcessor> processors(
            Prompt prompt, int maxLength, GenerationConfig c, Controls controls) {
        List<LogitsProcessor> list = new ArrayList<>();
        addRepetition(list, prompt, c);
        addEnds(list, prompt.length(), maxLength, c, controls);
        if (!c.suppressTokens().isEmpty()) {
            list.add(ForbiddenTokens.always(c.suppressTokens()));
        }
        if (!c.beginSuppressTokens().isEmpty()) {
            boolean behindForced = prompt.length() == 1 && c.forcedBosTokenId().isPresent();
            int begin = prompt.length() + (behindForced ? 1 : 0);
            list.add(new ForbiddenTokens(c.beginSuppressTokens(), begin, begin + 1));
        }
        list.addAll(controls.processors());
        return List.copyOf(list);
    }

    private static List<LogitsProcessor> sampling(GenerationConfig c) {
        List<LogitsProcessor> list = new ArrayList<>();
        if (c.doSample()) {
            addSampling(list, c);
        }
        if (c.renormalizeLogits()) {
            list.add(NORMALIZED);
        }
        return List.copyOf(list);
    }

    /** What there is and may come again, or not. */
    private static void addRepetition(List<LogitsProcessor> list, Prompt prompt, GenerationConfig c) {
        if (!c.sequenceBias().isEmpty()) {
            list.add(new SequenceBias(c.sequenceBias()));
        }
        if (c.encoderRepetitionPenalty() != 1) {
            list.add(new EncoderRepetitionPenalty(
                    c.encoderRepetitionPenalty(), prompt.source("encoder_repetition_penalty")));
        }
        if (c.repetitionPenalty() != 1) {
            list.add(new RepetitionPenalty(c.repetitionPenalty()));
        }
        if (c.noRepeatNgramSize() > 0) {
            list.add(new NoRepeatNgrams(c.noRepeatNgramSize()));
        }
        if (c.encoderNoRepeatNgramSize() > 0) {
            list.add(new EncoderNoRepeatNgrams(
                    c.encoderNoRepeatNgramSize(), prompt.source("encoder_no_repeat_ngram_size")));
        }
        // An end token among the bad words would keep sequences from ending at all.
        List<List<Integer>> words = c.badWordsIds().stream()
                .filter(word -> word.size() > 1 || !c.eosTokenId().contains(word.get(0)))
                .toList();
        if (!words.isEmpty()) {
            list.add(new BadWords(words));
        }
    }

    /** How a text begins and ends. */
    private static void addEnds(
            List<LogitsProcessor> list, int promptLength, int maxLength, GenerationConfig c, Controls controls) {
        int minLength =
                c.minNewTokens().isPresent() ? sum(promptLength, c.minNewTokens().getAsInt()) : c.minLength();
        if (minLength > promptLength && !c.eosTokenId().isEmpty()) {
            list.add(new ForbiddenTokens(c.eosTokenId(), 0, minLength));
        }
        controls.allowed().ifPresent(allowed -> list.add(new PrefixConstraint(allowed, c.numBeams())));
        c.forcedBosTokenId().ifPresent(bos -> list.add(new ForcedTokens(List.of(bos), 1)));
        if (!c.forcedEosTokenId().isEmpty()) {
            list.add(new ForcedTokens(c.forcedEosTokenId(), maxLength - 1));
        }
        if (c.removeInvalidValues()) {
            list.add(NUMBERS);
        }
        c.exponentialDecayLengthPenalty().ifPresent(decay -> list.add(
                new GrowingEndScores(sum(promptLength, decay.after()), decay.factor(), c.eosTokenId())));
    }

    private static void addSampling(List<LogitsProcessor> list, GenerationConfig c) {
        // Beams need a token that goes on beside those that end.
        int atLeast = c.numBeams() == 1 ? 1 : Math.max(2, c.eosTokenId().size() + 1);
        if (c.temperature() != 1) {
            list.add(new Temperature(c.temperature()));
        }
        if (c.topH() > 0) {
            list.add(new TopH(c.topH()));
        }
        if (c.topK() > 0) {
            list.add(new TopK(Math.max(c.topK(), atLeast)));
        }
        if (c.topP() < 1) {
            list.add(new TopP(c.topP(), atLeast));
        }
        if (c.minP() > 0) {
            list.add(new MinP(c.minP(), atLeast));
        }
        if (c.typicalP() < 1) {
            list.add(new TypicalP(c.typicalP(), atLeast));
        }
        if (isCutoff(c.epsilonCutoff())) {
            list.add(new EpsilonCutoff(c.epsilonCutoff(), atLeast));
        }
        if (isCutoff(c.etaCutoff())) {
            list.add(new EtaCutoff(c.etaCutoff(), atLeast));
        }
    }

    private static boolean isCutoff(double value) {
        return value > 0 && value < 1;
    }

    /** A length and a number that somebody may have chosen for "no limit". */
    private static int sum(int length, int more) {
        return (int) Math.min(Integer.MAX_VALUE, (long) length + more);
    }

    private static int maxLength(Model model, Prompt prompt, int longest, GenerationConfig config) {
        OptionalInt positions = model.identity().spec().room();
        int length = prompt.length();
        int maxLength;
        if (config.maxNewTokens().isPresent()) {
            maxLength = sum(length, config.maxNewTokens().getAsInt());
        } else {
            int most = positions.orElse(Integer.MAX_VALUE);
            maxLength = config.maxLength().orElseGet(() -> Math.min(length + DEFAULT_NEW_TOKENS, most));
            if (prompt.isSpeech() && config.maxLength().isPresent()) {
                maxLength = Math.min(maxLength + length, most); // start tokens do not count
            }
        }
        if (length >= maxLength) {
            throw new ShapeException("prompt: got " + length + " tokens, allowed fewer than max_length " + maxLength
                    + "; max_new_tokens does not count the prompt");
        }
        // The last token is chosen, but not read.
        int read = longest + maxLength - length - 1;
        if (read > positions.orElse(Integer.MAX_VALUE)) {
            throw new ShapeException("sequence length: got prompt " + longest + " + new tokens "
                    + (maxLength - length) + ", allowed together at most " + (positions.getAsInt() + 1)
                    + " (the model has " + positions.getAsInt() + " positions)");
        }
        return maxLength;
    }
}
