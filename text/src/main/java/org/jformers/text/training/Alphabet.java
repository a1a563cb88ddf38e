package org.jformers.text.training;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The characters with which a training begins. */
final class Alphabet {

    private Alphabet() {}

    /**
     * The most frequent characters of the words, in the order of Unicode.
     *
     * @param always characters that are kept in any case
     * @param limit how many are kept
     */
    static List<String> of(Map<String, Long> wordCounts, String always, int limit) {
        Map<Integer, Long> characters = new HashMap<>();
        wordCounts.forEach((word, count) -> word.codePoints().forEach(c -> characters.merge(c, count, Long::sum)));
        always.codePoints().forEach(c -> characters.put(c, Long.MAX_VALUE));
        return characters.entrySet().stream()
                .sorted(Map.Entry.<Integer, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(Math.max(limit, always.codePoints().distinct().count()))
                .map(Map.Entry::getKey)
                .sorted()
                .map(Character::toString)
                .toList();
    }
}
