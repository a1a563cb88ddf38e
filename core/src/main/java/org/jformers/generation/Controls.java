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
 * @param rules further rules for completeness
 * @param listener hears the tokens; for a single sequence without beams
 * @param drafts what guesses tokens ahead; likewise
 * @param best how many likeliest tokens are told with each, see {@link TokenScore}; none are without it
 */
public record Controls(
        OptionalLong seed, List<LogitsProcessor> processors, List<StoppingRule> rules,
        Optional<TokenListener> listener, Optional<Drafts> drafts, OptionalInt best) {

    /** None of it. */
    public static final Controls NONE = new Controls(OptionalLong.empty(), List.of(), List.of(), Optional.empty(),
            Optional.empty(), OptionalInt.empty());

    public Controls {
        processors = List.copyOf(processors);
        rules = List.copyOf(rules);
    }

    /** The same, drawing from a seed. */
    public Controls withSeed(long value) {
        return new Controls(OptionalLong.of(value), processors, rules, listener, drafts, best);
    }

    /** The same with one more change to the scores. */
    public Controls withProcessor(LogitsProcessor processor) {
        return new Controls(seed, plus(processors, processor), rules, listener, drafts, best);
    }

    /** The same with one more rule for completeness. */
    public Controls withRule(StoppingRule rule) {
        return new Controls(seed, processors, plus(rules, rule), listener, drafts, best);
    }

    /** The same with a listener. */
    public Controls withListener(TokenListener value) {
        return new Controls(seed, processors, rules, Optional.of(value), drafts, best);
    }

    /** The same with something that guesses tokens ahead. */
    public Controls withDrafts(Drafts value) {
        return new Controls(seed, processors, rules, listener, Optional.of(value), best);
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
        return new Controls(seed, processors, rules, listener, drafts, OptionalInt.of(count));
    }

    private static <T> List<T> plus(List<T> list, T one) {
        List<T> more = new ArrayList<>(list);
        more.add(one);
        return more;
    }
}
