package org.jformers.generation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one generation gets from its caller beside settings that can be stored.
 *
 * @param seed where random draws start; empty draws differently each time
 * @param processors further changes to the scores, behind those of the settings and before temperature, top-k and top-p
 * @param rules further rules for completeness
 * @param listener hears the tokens; for a single sequence without beams
 * @param drafts what guesses tokens ahead; likewise
 */
public record Controls(
        OptionalLong seed, List<LogitsProcessor> processors, List<StoppingRule> rules,
        Optional<TokenListener> listener, Optional<Drafts> drafts) {

    /** None of it. */
    public static final Controls NONE = new Controls(OptionalLong.empty(), List.of(), List.of(), Optional.empty(),
            Optional.empty());

    public Controls {
        processors = List.copyOf(processors);
        rules = List.copyOf(rules);
    }

    /** The same, drawing from a seed. */
    public Controls withSeed(long value) {
        return new Controls(OptionalLong.of(value), processors, rules, listener, drafts);
    }

    /** The same with one more change to the scores. */
    public Controls withProcessor(LogitsProcessor processor) {
        return new Controls(seed, plus(processors, processor), rules, listener, drafts);
    }

    /** The same with one more rule for completeness. */
    public Controls withRule(StoppingRule rule) {
        return new Controls(seed, processors, plus(rules, rule), listener, drafts);
    }

    /** The same with a listener. */
    public Controls withListener(TokenListener value) {
        return new Controls(seed, processors, rules, Optional.of(value), drafts);
    }

    /** The same with something that guesses tokens ahead. */
    public Controls withDrafts(Drafts value) {
        return new Controls(seed, processors, rules, listener, Optional.of(value));
    }

    private static <T> List<T> plus(List<T> list, T one) {
        List<T> more = new ArrayList<>(list);
        more.add(one);
        return more;
    }
}
