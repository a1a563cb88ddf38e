package org.jformers.text.training;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Learns byte-pair merges from word counts: again and again the most frequent pair of neighbours becomes a token; among
 * equals, the pair with the smaller ids. Source: Sennrich et al., arXiv:1508.07909. Counts are kept up to date, so that
 * a merge costs what it changes.
 *
 * <p>The result equals that of the tokenizers library. That one numbers characters with marks as it meets them in a
 * hash table of words, whose order changes from run to run; this one takes the words in the order of UTF-16. Where two
 * pairs spell the same token, a pair may wait in the queue more than once, each time with the words in which it was
 * seen; that is part of the order of its merges.
 */
final class BpeLearner {
    private final int vocabularySize;
    private final long minFrequency;
    private final String prefix;
    private final String suffix;
    private final int maxTokenLength;
    private final TrainingProgress progress;
    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final Map<Long, Integer> ranks = new HashMap<>();
    private final Map<Long, Long> pairCounts = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>();
    private BpeWord[] words = {};
    private int[] lengths = {};
    private int nextRank;

    /**
     * @param prefix what marks a token that continues a word, empty for no mark
     * @param suffix what marks a token that ends a word, empty for no mark
     * @param maxTokenLength a token beyond two characters has fewer than this, as in the reference
     */
    BpeLearner(
            int vocabularySize,
            long minFrequency,
            String prefix,
            String suffix,
            int maxTokenLength,
            TrainingProgress progress) {
        this.vocabularySize = vocabularySize;
        this.minFrequency = minFrequency;
        this.prefix = prefix;
        this.suffix = suffix;
        this.maxTokenLength = maxTokenLength;
        this.progress = progress;
    }

    /** A pair with the count that was known when it was queued, and the words in which to merge it. */
    private static final class Candidate implements Comparable<Candidate> {
        private final long pair;
        private final IntList places;
        private long count;

        Candidate(long pair, long count, IntList places) {
            this.pair = pair;
            this.count = count;
            this.places = places;
        }

        @Override
        public int compareTo(Candidate other) {
            return count == other.count ? Long.compare(pair, other.pair) : Long.compare(other.count, count);
        }
    }

    /** Adds a token that exists before any merge: a special token or a character. */
    void add(String token) {
        id(token);
    }

    /** The id of a token, which is added unless it is there. */
    private int id(String token) {
        return ids.computeIfAbsent(token, added -> {
            tokens.add(added);
            return tokens.size() - 1;
        });
    }

    /** How often a pair stands in the words; 0 of a pair that was never seen. */
    private long count(long pair) {
        return pairCounts.getOrDefault(pair, 0L);
    }

    /** Learns merges from the words, whose characters are tokens already; other characters are left out. */
    void learn(Map<String, Long> wordCounts) {
        words = wordCounts.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> new BpeWord(symbols(entry.getKey()), entry.getValue()))
                .toArray(BpeWord[]::new);
        lengths = new int[tokens.size() + Math.max(vocabularySize, 0)];
        Arrays.fill(lengths, 1);
        queuePairs();
        while (tokens.size() < vocabularySize && !queue.isEmpty()) {
            Candidate top = queue.remove();
            long current = count(top.pair);
            if (top.count != current) {
                top.count = current;
                queue.add(top);
                continue;
            }
            if (top.count < Math.max(minFrequency, 1)) {
                break;
            }
            merge(top);
            progress.update(TrainingProgress.Stage.LEARNING, tokens.size(), vocabularySize);
        }
    }

    /** All tokens by id. */
    List<String> tokens() {
        return tokens;
    }

    /** The merges in the order in which they apply. */
    List<String[]> merges() {
        return ranks.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(entry -> new String[] {tokens.get(left(entry.getKey())), tokens.get(right(entry.getKey()))})
                .toList();
    }

    /** The characters of a word with their marks; unknown characters are left out. */
    private int[] symbols(String word) {
        int[] symbols = new int[word.length()];
        int length = 0;
        int[] characters = word.codePoints().toArray();
        for (int i = 0; i < characters.length; i++) {
            String character = Character.toString(characters[i]);
            if (ids.containsKey(character)) {
                String symbol = (i == 0 ? "" : prefix) + character + (i == characters.length - 1 ? suffix : "");
                symbols[length++] = id(symbol);
            }
        }
        return Arrays.copyOf(symbols, length);
    }

    private void queuePairs() {
        Map<Long, IntList> places = new HashMap<>();
        for (int w = 0; w < words.length; w++) {
            BpeWord word = words[w];
            for (int i = 0; i + 1 < word.length(); i++) {
                long pair = pair(word.symbol(i), word.symbol(i + 1));
                pairCounts.merge(pair, word.count(), Long::sum);
                places.computeIfAbsent(pair, key -> new IntList()).addOnce(w);
            }
        }
        queue(places);
    }

    private void queue(Map<Long, IntList> places) {
        places.forEach((pair, list) -> {
            long count = count(pair);
            if (count > 0) {
                queue.add(new Candidate(pair, count, list));
            }
        });
    }

    private void merge(Candidate candidate) {
        int left = left(candidate.pair);
        int right = right(candidate.pair);
        String ending = tokens.get(right);
        String token = tokens.get(left) + (ending.startsWith(prefix) ? ending.substring(prefix.length()) : ending);
        int merged = id(token);
        lengths[merged] = lengths[left] + lengths[right];
        ranks.put(candidate.pair, nextRank++);
        Map<Long, IntList> places = new HashMap<>();
        for (int p = 0; p < candidate.places.size(); p++) {
            int w = candidate.places.get(p);
            long count = words[w].count();
            words[w].merge(left, right, merged, (first, second, change) -> {
                if (change > 0 && lengths[first] + lengths[second] >= maxTokenLength) {
                    return;
                }
                long pair = pair(first, second);
                pairCounts.merge(pair, change * count, Long::sum);
                if (change > 0) {
                    places.computeIfAbsent(pair, key -> new IntList()).addOnce(w);
                }
            });
        }
        queue(places);
    }

    private static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    private static int left(long pair) {
        return (int) (pair >>> 32);
    }

    private static int right(long pair) {
        return (int) pair;
    }
}
