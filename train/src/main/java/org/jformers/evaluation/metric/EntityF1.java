package org.jformers.evaluation.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
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

    /** Which tags make up an entity. B- begins one, I- carries it on, E- or L- ends it, S- or U- is one by itself. */
    public enum Scheme {
        /**
         * conlleval's rules, with those of seqeval for tags that end: whatever tag has none of its type before it, or
         * one that ended there, begins an entity; all tags are allowed.
         */
        CONLLEVAL("BIESLU"),
        /** IOB2: only a B- tag begins one; an I- tag that carries on none of its type is no entity. */
        STRICT_IOB2("BI"),
        /** Only what begins with B- and ends with E-, or is S-; nothing else is an entity. */
        STRICT_IOBES("BIES"),
        /** Only what begins with B- and ends with L-, or is U-; nothing else is an entity. */
        STRICT_BILOU("BILU");

        private final String prefixes;

        Scheme(String prefixes) {
            this.prefixes = prefixes;
        }

        /**
         * The entities that tags such as B-PER, I-PER, O make up, in order.
         *
         * @throws EvaluationException if the scheme has no such tag
         */
        public List<Entity> entities(List<String> tags) {
            List<Entity> entities = new ArrayList<>();
            int start = -1;
            Tag previous = Tag.OUTSIDE;
            for (int i = 0; i <= tags.size(); i++) {
                Tag tag = i == tags.size() ? Tag.OUTSIDE : tag(tags.get(i));
                if (!tag.carriesOn(previous)) {
                    if (start >= 0 && isWhole(tags.get(start).charAt(0), tags.get(i - 1).charAt(0))) {
                        entities.add(new Entity(previous.type(), start, i - 1));
                    }
                    start = tag.equals(Tag.OUTSIDE) ? -1 : i;
                }
                previous = tag;
            }
            return entities;
        }

        /** Whether all tags are of this scheme; those of parts of speech, for example, are not. */
        public boolean has(Collection<String> tags) {
            return tags.stream().allMatch(tag -> tag.equals("O") || isTag(tag));
        }

        private boolean isTag(String tag) {
            return tag.length() >= 2 && tag.charAt(1) == '-' && prefixes.indexOf(tag.charAt(0)) >= 0;
        }

        private boolean isWhole(char first, char last) {
            boolean single = first == 'S' || first == 'U';
            return switch (this) {
                case CONLLEVAL -> true;
                case STRICT_IOB2 -> first == 'B';
                case STRICT_IOBES -> single || first == 'B' && last == 'E';
                case STRICT_BILOU -> single || first == 'B' && last == 'L';
            };
        }

        private Tag tag(String tag) {
            if (tag.equals("O")) {
                return Tag.OUTSIDE;
            }
            if (!isTag(tag)) {
                throw new EvaluationException("entities: got tag " + tag + ", allowed O and "
                        + String.join("-, ", prefixes.split("")) + "- before a type for " + this);
            }
            return new Tag(tag.charAt(0), tag.substring(2));
        }
    }

    /** A tag, taken apart. */
    private record Tag(char prefix, String type) {
        static final Tag OUTSIDE = new Tag('O', "");

        boolean carriesOn(Tag previous) {
            boolean begins = prefix == 'B' || prefix == 'S' || prefix == 'U';
            boolean ended = "ELSU".indexOf(previous.prefix) >= 0;
            return prefix != 'O' && previous.prefix != 'O' && !begins && !ended && type.equals(previous.type);
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
