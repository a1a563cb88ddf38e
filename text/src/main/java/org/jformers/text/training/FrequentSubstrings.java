package org.jformers.text.training;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The substrings with which learning a unigram model begins: every character, and every string that occurs more than
 * once and is followed by different characters, the end of a word being one. Each different word counts once.
 */
final class FrequentSubstrings {
    private static final int WORD_END = 0;

    private final int[] text;
    private final int longest;

    private FrequentSubstrings(int[] text, int longest) {
        this.text = text;
        this.longest = longest;
    }

    /** A substring and its weight. */
    record Seed(String text, double weight) {}

    /**
     * Finds the substrings: the characters by frequency, then the others by their occurrences times their length.
     *
     * @param words the different words; U+0000 in one is like its end
     * @param counts how often each occurs
     * @param longest characters of a substring at most
     * @param most how many are found at most
     */
    static List<Seed> of(List<String> words, long[] counts, int longest, int most) {
        Map<Integer, Long> characters = new HashMap<>();
        int length = words.stream().mapToInt(word -> word.codePointCount(0, word.length()) + 1).sum();
        int[] text = new int[length];
        int at = 0;
        for (int w = 0; w < counts.length; w++) {
            for (int c : words.get(w).codePoints().toArray()) {
                if (c != WORD_END) {
                    characters.merge(c, counts[w], Long::sum);
                }
                text[at++] = c;
            }
            text[at++] = WORD_END;
        }
        List<Seed> seeds = new ArrayList<>();
        characters.entrySet().stream()
                .sorted(Map.Entry.<Integer, Long>comparingByValue()
                        .thenComparing(Map.Entry.comparingByKey())
                        .reversed())
                .forEach(entry -> seeds.add(new Seed(Character.toString(entry.getKey()), entry.getValue())));
        List<Found> found = new FrequentSubstrings(text, longest).find();
        found.stream()
                .limit(Math.max(most - seeds.size(), 0))
                .forEach(node -> seeds.add(new Seed(new String(text, node.start, node.length), node.score())));
        return seeds;
    }

    /** A string by one of its places. */
    private record Found(int start, int length, long times) {
        long score() {
            return times * length;
        }
    }

    private List<Found> find() {
        int[] places = new int[text.length];
        int count = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] != WORD_END) {
                places[count++] = i;
            }
        }
        sort(places, 0, count, 0);
        List<Found> found = new ArrayList<>();
        // Strings that are shared from a place in the sorted list on, the shorter ones below.
        int[] lengths = new int[longest + 2];
        int[] starts = new int[longest + 2];
        int depth = 0;
        for (int i = 1; i <= count; i++) {
            int shared = i == count ? 0 : shared(places[i - 1], places[i]);
            int start = i - 1;
            while (depth > 0 && lengths[depth - 1] > shared) {
                depth--;
                start = starts[depth];
                add(places[start], lengths[depth], i - start, found);
            }
            if (shared > 0 && (depth == 0 || lengths[depth - 1] < shared)) {
                lengths[depth] = shared;
                starts[depth++] = start;
            }
        }
        found.sort(Comparator.comparingLong(Found::score).thenComparing(this::compare).reversed());
        return found;
    }

    private void add(int place, int length, long times, List<Found> found) {
        if (length < 2 || length > longest) {
            return;
        }
        for (int i = place; i < place + length; i++) {
            if (text[i] == WORD_END) {
                return;
            }
        }
        found.add(new Found(place, length, times));
    }

    /** Characters that two places have in common, at most one more than the longest substring. */
    private int shared(int first, int second) {
        int length = 0;
        while (length <= longest
                && Math.max(first, second) + length < text.length
                && text[first + length] == text[second + length]) {
            length++;
        }
        return length;
    }

    private int compare(Found first, Found second) {
        for (int i = 0; i < Math.min(first.length, second.length); i++) {
            if (text[first.start + i] != text[second.start + i]) {
                return Integer.compare(text[first.start + i], text[second.start + i]);
            }
        }
        return Integer.compare(first.length, second.length);
    }

    /** Sorts places by the characters that follow, by quicksort with three ways on one character after the other. */
    private void sort(int[] places, int from, int to, int depth) {
        int low = from;
        int high = to;
        int at = depth;
        while (high - low > 1 && at <= longest) {
            int pivot = character(places[low + high >>> 1], at);
            int less = low;
            int more = high;
            for (int i = low; i < more; ) {
                int c = character(places[i], at);
                if (c < pivot) {
                    swap(places, less++, i++);
                } else if (c > pivot) {
                    swap(places, --more, i);
                } else {
                    i++;
                }
            }
            // The largest part is sorted by this loop, so that the recursion stays flat.
            int equal = more - less;
            if (equal >= less - low && equal >= high - more) {
                sort(places, low, less, at);
                sort(places, more, high, at);
                low = less;
                high = more;
                at++;
            } else if (less - low >= high - more) {
                sort(places, less, more, at + 1);
                sort(places, more, high, at);
                high = less;
            } else {
                sort(places, less, more, at + 1);
                sort(places, low, less, at);
                low = more;
            }
        }
    }

    private int character(int place, int offset) {
        return place + offset < text.length ? text[place + offset] : -1;
    }

    private static void swap(int[] places, int first, int second) {
        int place = places[first];
        places[first] = places[second];
        places[second] = place;
    }
}
