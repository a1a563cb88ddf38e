package org.jformers.evaluation.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jformers.evaluation.EvaluationException;

/**
 * Named entities found: an entity counts when type and both ends are right (CoNLL shared tasks, Tjong Kim Sang and De
 * Meulder 2003).
 *
 * @param all over the entities of all types
 * @param types by type, in alphabetical order
 * @param tokenAccuracy share of tokens with the right tag
 */
public record EntityF1(PrecisionRecall all, Map<String, PrecisionRecall> types, double tokenAccuracy) {

    /** Which tags start an entity. */
    public enum Scheme {
        /** conlleval's: also an I- tag starts one, where none of its type goes before. */
        CONLLEVAL,
        /** IOB2: only a B- tag starts one; an I- tag that carries on none of its type is no entity. */
        STRICT_IOB2;

        /** The entities that tags such as B-PER, I-PER, O make up, in order. */
        public List<Entity> entities(List<String> tags) {
            List<Entity> entities = new ArrayList<>();
            String type = null;
            int start = 0;
            for (int i = 0; i < tags.size(); i++) {
                String tag = tags.get(i);
                String tagged = tag.substring(Math.min(tag.length(), 2));
                boolean inside = tag.startsWith("I-");
                if (inside && tagged.equals(type)) {
                    continue;
                }
                if (type != null) {
                    entities.add(new Entity(type, start, i - 1));
                }
                boolean starts = tag.startsWith("B-") || (inside && this == CONLLEVAL);
                type = starts ? tagged : null;
                start = i;
            }
            if (type != null) {
                entities.add(new Entity(type, start, tags.size() - 1));
            }
            return entities;
        }
    }

    /**
     * A run of tokens that names something.
     *
     * @param type PER, LOC ...
     * @param first index of the first token
     * @param last index of the last token
     */
    public record Entity(String type, int first, int last) {}

    public EntityF1 {
        types = Collections.unmodifiableSortedMap(new TreeMap<>(types));
    }

    /** Tags of sentence i against tags of sentence i, as many in both. */
    public static EntityF1 of(List<List<String>> truth, List<List<String>> predicted, Scheme scheme) {
        requireAlike("sentences", truth.size(), predicted.size());
        Map<String, long[]> counts = new TreeMap<>();
        long tokens = 0;
        long rightTokens = 0;
        for (int sentence = 0; sentence < truth.size(); sentence++) {
            List<String> trueTags = truth.get(sentence);
            List<String> predictedTags = predicted.get(sentence);
            requireAlike("tags of sentence " + sentence, trueTags.size(), predictedTags.size());
            for (int i = 0; i < trueTags.size(); i++) {
                tokens++;
                rightTokens += trueTags.get(i).equals(predictedTags.get(i)) ? 1 : 0;
            }
            Set<Entity> there = new HashSet<>(scheme.entities(trueTags));
            there.forEach(entity -> count(counts, entity)[2]++);
            for (Entity entity : scheme.entities(predictedTags)) {
                long[] count = count(counts, entity);
                count[0] += there.contains(entity) ? 1 : 0;
                count[1]++;
            }
        }
        long[] sum = new long[3];
        counts.values().forEach(count -> Arrays.setAll(sum, i -> sum[i] + count[i]));
        Map<String, PrecisionRecall> types = counts.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, type -> score(type.getValue())));
        return new EntityF1(score(sum), types, (double) rightTokens / tokens);
    }

    /** Mean F1 of the types. */
    public double macroF1() {
        return types.values().stream().mapToDouble(PrecisionRecall::f1).average().orElse(0);
    }

    private static long[] count(Map<String, long[]> counts, Entity entity) {
        return counts.computeIfAbsent(entity.type(), type -> new long[3]);
    }

    private static PrecisionRecall score(long[] rightFoundThere) {
        return PrecisionRecall.of(rightFoundThere[0], rightFoundThere[1], rightFoundThere[2]);
    }

    private static void requireAlike(String what, int truth, int predicted) {
        if (truth != predicted) {
            throw new EvaluationException("entities: " + predicted + " predicted " + what + " for " + truth
                    + " true ones, allowed: as many of each");
        }
    }

    /** conlleval's line: {@code accuracy:  75.86%; precision:  41.67%; recall:  45.45%; FB1:  43.48}. */
    @Override
    public String toString() {
        return "accuracy: " + percent(tokenAccuracy) + "%; precision: " + percent(all.precision()) + "%; recall: "
                + percent(all.recall()) + "%; FB1: " + percent(all.f1());
    }

    private static String percent(double share) {
        String figure = Texts.fixed(100 * share, 2);
        return " ".repeat(Math.max(0, 6 - figure.length())) + figure;
    }
}
