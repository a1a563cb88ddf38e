package org.jformers.generation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jformers.model.ConfigException;

/**
 * What one generation gets from its caller beside settings that can be stored.
 *
 * @param seed where random draws start; empty draws differently each time
 * @param processors further changes to the scores, behind those of the settings and before temperature, top-k and top-p
 * @param remembering likewise, behind these: those that remember something of each sequence
 * @param allowed which tokens may follow a text
 * @param rules further rules for completeness
 * @param listener hears the tokens; for a single sequence without beams
 * @param drafts what guesses tokens ahead; likewise
 * @param best how many likeliest tokens are told with each, see {@link TokenScore}; none are without it
 * @param negativePrompt tokens that take the prompt's place in what {@code guidance_scale} leads away from
 * @param cache what was read of the prompt before
 */
public record Controls(
        OptionalLong seed, List<LogitsProcessor> processors, List<SequenceProcessor<?>> remembering,
        Optional<AllowedTokens> allowed, List<StoppingRule> rules, Optional<TokenListener> listener,
        Optional<Drafts> drafts, OptionalInt best, Optional<List<Integer>> negativePrompt,
        Optional<PromptCache> cache) {

    /** None of it. */
    public static final Controls NONE = new Controls(
            OptionalLong.empty(), List.of(), List.of(), Optional.empty(), List.of(), Optional.empty(),
            Optional.empty(), OptionalInt.empty(), Optional.empty(), Optional.empty());

    public Controls {
        processors = List.copyOf(processors);
        remembering = List.copyOf(remembering);
        rules = List.copyOf(rules);
        negativePrompt = negativePrompt.map(List::copyOf);
        if (negativePrompt.map(List::isEmpty).orElse(false)) {
            throw new ConfigException("generation: got a negative prompt without tokens, allowed at least one");
        }
    }

    /** The same, drawing from a seed. */
    public Controls withSeed(long value) {
        return new Controls(OptionalLong.of(value), processors, remembering, allowed, rules, listener, drafts, best,
                negativePrompt, cache);
    }

    /** The same with one more change to the scores. */
    public Controls withProcessor(LogitsProcessor processor) {
        return new Controls(seed, plus(processors, processor), remembering, allowed, rules, listener, drafts, best,
                negativePrompt, cache);
    }

    /** The same with one more change to the scores that remembers something of each sequence. */
    public Controls withProcessor(SequenceProcessor<?> processor) {
        return new Controls(seed, processors, plus(remembering, processor), allowed, rules, listener, drafts, best,
                negativePrompt, cache);
    }

    /** The same, where only some tokens may follow a text. */
    public Controls withAllowedTokens(AllowedTokens value) {
        return new Controls(seed, processors, remembering, Optional.of(value), rules, listener, drafts, best,
                negativePrompt, cache);
    }

    /** The same with one more rule for completeness. */
    public Controls withRule(StoppingRule rule) {
        return new Controls(seed, processors, remembering, allowed, plus(rules, rule), listener, drafts, best,
                negativePrompt, cache);
    }

    /** The same with a listener. */
    public Controls withListener(TokenListener value) {
        return new Controls(seed, processors, remembering, allowed, rules, Optional.of(value), drafts, best,
                negativePrompt, cache);
    }

    /** The same with something that guesses tokens ahead. */
    public Controls withDrafts(Drafts value) {
        return new Controls(seed, processors, remembering, allowed, rules, listener, Optional.of(value), best,
                negativePrompt, cache);
    }

    /**
     * The same, telling how likely each token was.
     *
     * @param count how many others are told with it, the likeliest ones; may be 0
     */
    public Controls withScores(int count) {
        if (count < 0) {
            throw new ConfigException("generation: got " + count + " likeliest tokens, allowed 0 or more");
        }
        return new Controls(seed, processors, remembering, allowed, rules, listener, drafts, OptionalInt.of(count),
                negativePrompt, cache);
    }

    /**
     * The same, led by {@code guidance_scale} away from what the model would write behind other tokens: those of an
     * opposite, or of a prompt without the wish. Without them it is the last token of the prompt.
     */
    public Controls withNegativePrompt(List<Integer> tokens) {
        return new Controls(seed, processors, remembering, allowed, rules, listener, drafts, best,
                Optional.of(tokens), cache);
    }

    /**
     * The same, not reading again what was read of the prompt.
     *
     * @param value open until the request has ended, of a text with which the prompt begins; where the prompt is
     *     another from some token on, it counts up to there
     */
    public Controls withPromptCache(PromptCache value) {
        return new Controls(seed, processors, remembering, allowed, rules, listener, drafts, best, negativePrompt,
                Optional.of(value));
    }

    private static <T> List<T> plus(List<T> list, T one) {
        List<T> more = new ArrayList<>(list);
        more.add(one);
        return more;
    }
}
