package org.jformers.pipeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Entities of tokens.
 *
 * <p>Reference: {@code aggregate} and what it calls, transformers 5.18, {@code pipelines/token_classification.py}.
 */
final class Entities {
    private static final String BEGIN = "B-";

    private final List<String> labels;
    private final Function<List<String>, String> join;

    /**
     * @param labels names of the labels
     * @param join what tokens say together
     */
    Entities(List<String> labels, Function<List<String>, String> join) {
        this.labels = labels;
        this.join = join;
    }

    /** The entities of the tokens of a text, or of a window of it, in order. */
    List<Entity> of(List<TokenScores> tokens, Aggregation aggregation) {
        List<Entity> entities = aggregation.words()
                ? words(tokens).stream().map(word -> word(word, aggregation)).toList()
                : tokens.stream().map(this::token).toList();
        return aggregation == Aggregation.NONE ? entities : stretches(entities);
    }

    private Entity token(TokenScores token) {
        int best = token.best();
        return new Entity(labels.get(best), token.scores()[best], OptionalInt.of(token.index()), token.word(),
                token.start(), token.end());
    }

    private static List<List<TokenScores>> words(List<TokenScores> tokens) {
        List<List<TokenScores>> words = new ArrayList<>();
        for (TokenScores token : tokens) {
            if (words.isEmpty() || !token.continues()) {
                words.add(new ArrayList<>());
            }
            words.get(words.size() - 1).add(token);
        }
        return words;
    }

    private Entity word(List<TokenScores> tokens, Aggregation aggregation) {
        float[] scores = aggregation == Aggregation.AVERAGE
                ? average(tokens)
                : (aggregation == Aggregation.FIRST ? tokens.get(0) : surest(tokens)).scores();
        int best = TokenScores.best(scores);
        return stretch(labels.get(best), scores[best], tokens.get(0).start(), tokens.get(tokens.size() - 1).end(),
                tokens.stream().map(TokenScores::word).toList());
    }

    private static float[] average(List<TokenScores> tokens) {
        float[] average = new float[tokens.get(0).scores().length];
        for (int i = 0; i < average.length; i++) {
            for (TokenScores token : tokens) {
                average[i] += token.scores()[i];
            }
            average[i] /= tokens.size();
        }
        return average;
    }

    private static TokenScores surest(List<TokenScores> tokens) {
        TokenScores surest = tokens.get(0);
        for (TokenScores token : tokens) {
            surest = token.scores()[token.best()] > surest.scores()[surest.best()] ? token : surest;
        }
        return surest;
    }

    private List<Entity> stretches(List<Entity> parts) {
        List<Entity> stretches = new ArrayList<>();
        List<Entity> open = new ArrayList<>();
        for (Entity part : parts) {
            boolean goesOn = !open.isEmpty() && !part.label().startsWith(BEGIN)
                    && kind(part.label()).equals(kind(open.get(open.size() - 1).label()));
            if (!goesOn && !open.isEmpty()) {
                stretches.add(stretch(open));
                open.clear();
            }
            open.add(part);
        }
        if (!open.isEmpty()) {
            stretches.add(stretch(open));
        }
        return stretches;
    }

    /** A label without what says whether it begins or goes on. */
    private static String kind(String label) {
        return label.startsWith(BEGIN) || label.startsWith("I-") ? label.substring(2) : label;
    }

    private Entity stretch(List<Entity> parts) {
        // Another rule than the one above, as in the reference: what stands behind the first hyphen.
        String label = parts.get(0).label();
        double score = parts.stream().mapToDouble(Entity::score).average().orElseThrow();
        return stretch(label.substring(label.indexOf('-') + 1), (float) score, parts.get(0).start(),
                parts.get(parts.size() - 1).end(), parts.stream().map(Entity::word).toList());
    }

    private Entity stretch(String label, float score, OptionalInt start, OptionalInt end, List<String> words) {
        return new Entity(label, score, OptionalInt.empty(), join.apply(words), start, end);
    }

    /** Of entities of overlapping windows that share characters, the longest, of several the surest. */
    static List<Entity> withoutOverlaps(List<Entity> entities) {
        List<Entity> sorted = new ArrayList<>(entities);
        sorted.sort(Comparator.comparingInt(Entities::start));
        List<Entity> kept = new ArrayList<>();
        for (Entity entity : sorted) {
            Entity last = kept.isEmpty() ? entity : kept.get(kept.size() - 1);
            if (kept.isEmpty() || start(entity) >= end(last)) {
                kept.add(entity);
            } else if (length(entity) > length(last)
                    || length(entity) == length(last) && entity.score() > last.score()) {
                kept.set(kept.size() - 1, entity);
            }
        }
        return kept;
    }

    private static int length(Entity entity) {
        return end(entity) - start(entity);
    }

    private static int start(Entity entity) {
        return entity.start().orElseThrow();
    }

    private static int end(Entity entity) {
        return entity.end().orElseThrow();
    }
}
