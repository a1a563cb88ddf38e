package org.jformers.evaluation.baseline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jformers.evaluation.EvaluationException;

/**
 * Pronunciation by table: for each letter the phonemes it most often stood for between the same neighbours on either
 * side; where these were not seen, fewer count, the leftmost being dropped first, then the rightmost, and so on.
 * Letters and phonemes of the training words are aligned by {@link LetterAlignment}. The same words give the same
 * tables, in whatever order they come.
 */
public final class LetterContextBaseline {
    /**
     * A word and how it is said.
     *
     * @param word letters as they are to be looked up (case counts)
     * @param phonemes in order
     */
    public record Entry(String word, List<String> phonemes) {
        public Entry {
            phonemes = List.copyOf(phonemes);
        }
    }

    private final int width;
    private final Map<String, List<String>> table;

    private LetterContextBaseline(int width, Map<String, List<String>> table) {
        this.width = width;
        this.table = table;
    }

    /** Learns from a lexicon, with two letters of context on either side. */
    public static LetterContextBaseline train(List<Entry> lexicon) {
        return train(lexicon, 2);
    }

    /**
     * Learns from a lexicon; words with more than two phonemes per letter (abbreviations) are left out.
     *
     * @param lexicon at least one word that is not left out; a word may come several times
     * @param width most letters of context on either side
     */
    public static LetterContextBaseline train(List<Entry> lexicon, int width) {
        if (width < 0) {
            throw new EvaluationException("letter contexts: width " + width + ", allowed: 0 or more");
        }
        List<Entry> entries = lexicon.stream()
                .filter(entry -> LetterAlignment.fits(
                        entry.word.codePointCount(0, entry.word.length()), entry.phonemes.size()))
                .toList();
        if (entries.isEmpty()) {
            throw new EvaluationException("letter contexts: none of " + lexicon.size()
                    + " words can be aligned, allowed: one or more with at most two phonemes per letter");
        }
        TreeSet<Integer> alphabet = new TreeSet<>();
        TreeSet<String> inventory = new TreeSet<>();
        for (Entry entry : entries) {
            entry.word.codePoints().forEach(alphabet::add);
            inventory.addAll(entry.phonemes);
        }
        List<Integer> characters = List.copyOf(alphabet);
        List<String> phonemes = List.copyOf(inventory);
        Map<Integer, Integer> letterNumbers = numbers(characters);
        Map<String, Integer> phonemeNumbers = numbers(phonemes);
        int[][] words = new int[entries.size()][];
        int[][] sounds = new int[entries.size()][];
        for (int i = 0; i < words.length; i++) {
            words[i] = entries.get(i).word.codePoints().map(letterNumbers::get).toArray();
            sounds[i] = entries.get(i).phonemes.stream().mapToInt(phonemeNumbers::get).toArray();
        }
        LetterAlignment alignment = LetterAlignment.learn(characters.size(), phonemes.size(), words, sounds);
        Map<String, Map<Integer, Integer>> counts = new HashMap<>();
        for (int i = 0; i < words.length; i++) {
            int[] padded = padded(entries.get(i).word, width);
            int[] aligned = alignment.align(words[i], sounds[i]);
            for (int position = 0; position < aligned.length; position++) {
                for (int letters = 2 * width + 1; letters > 0; letters--) {
                    counts.computeIfAbsent(context(padded, position + width, letters), context -> new HashMap<>())
                            .merge(aligned[position], 1, Integer::sum);
                }
            }
        }
        Map<String, List<String>> table = new HashMap<>();
        counts.forEach((context, sound) -> table.put(context, names(alignment.sounds(mostFrequent(sound)), phonemes)));
        return new LetterContextBaseline(width, table);
    }

    /** Phonemes of the word; letters never seen in training are silent. */
    public List<String> predict(String word) {
        List<String> phonemes = new ArrayList<>();
        int[] padded = padded(word, width);
        for (int position = width; position < padded.length - width; position++) {
            for (int letters = 2 * width + 1; letters > 0; letters--) {
                List<String> sound = table.get(context(padded, position, letters));
                if (sound != null) {
                    phonemes.addAll(sound);
                    break;
                }
            }
        }
        return phonemes;
    }

    /** The letters, with the code point 0 beyond either edge. */
    private static int[] padded(String word, int width) {
        int[] letters = word.codePoints().toArray();
        int[] padded = new int[letters.length + 2 * width];
        System.arraycopy(letters, 0, padded, width, letters.length);
        return padded;
    }

    /** So many letters about a position, of an even number one more to the right. */
    private static String context(int[] padded, int position, int letters) {
        return new String(padded, position - (letters - 1) / 2, letters);
    }

    private static int mostFrequent(Map<Integer, Integer> counts) {
        Comparator<Map.Entry<Integer, Integer>> order = Map.Entry.comparingByValue();
        return counts.entrySet().stream()
                .max(order.thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                .orElseThrow()
                .getKey();
    }

    private static List<String> names(int[] sounds, List<String> phonemes) {
        return Arrays.stream(sounds).mapToObj(phonemes::get).toList();
    }

    private static <T> Map<T, Integer> numbers(List<T> values) {
        Map<T, Integer> numbers = new HashMap<>();
        values.forEach(value -> numbers.put(value, numbers.size()));
        return numbers;
    }
}
