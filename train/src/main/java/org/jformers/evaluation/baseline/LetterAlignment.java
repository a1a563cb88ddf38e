package org.jformers.evaluation.baseline;

import java.util.Arrays;

/**
 * Which letters of a word stand for which phonemes: each letter for none, one or two, in order. How likely a letter
 * stands for what is learnt from words and their phonemes alone by expectation maximisation (Jiampojamarn et al. 2007,
 * "Applying Many-to-Many Alignments"), starting from all alike.
 *
 * <p>What a letter stands for is a number: 0 for nothing, 1 + p for phoneme p, and from 1 + phonemes on for the pairs.
 */
final class LetterAlignment {
    private static final int ROUNDS = 8;
    private static final int LONGEST = 2;

    private final int phonemes;
    private final double[][] probability;

    private LetterAlignment(int letters, int phonemes) {
        this.phonemes = phonemes;
        int sounds = 1 + phonemes + phonemes * phonemes;
        probability = new double[letters][sounds];
        for (double[] row : probability) {
            Arrays.fill(row, 1.0 / sounds);
        }
    }

    /** Learns from words and their phonemes, both as numbers, of which each pair {@link #fits}. */
    static LetterAlignment learn(int letters, int phonemes, int[][] words, int[][] sounds) {
        LetterAlignment alignment = new LetterAlignment(letters, phonemes);
        for (int round = 0; round < ROUNDS; round++) {
            double[][] expected = new double[letters][alignment.probability[0].length];
            for (int i = 0; i < words.length; i++) {
                alignment.expect(words[i], sounds[i], expected);
            }
            alignment.maximise(expected);
        }
        return alignment;
    }

    static boolean fits(int letters, int phonemes) {
        return phonemes <= LONGEST * letters;
    }

    /** What each letter of the word stands for, in the likeliest way to share out the phonemes. */
    int[] align(int[] word, int[] sounds) {
        double[][] best = table(word, sounds);
        int[][] taken = new int[word.length + 1][sounds.length + 1];
        best[0][0] = 1;
        for (int i = 0; i < word.length; i++) {
            double most = 0;
            for (int j = 0; j <= sounds.length; j++) {
                for (int k = 0; k <= LONGEST && k <= j; k++) {
                    double candidate = best[i][j - k] * probability[word[i]][sound(sounds, j - k, k)];
                    if (candidate > best[i + 1][j]) {
                        best[i + 1][j] = candidate;
                        taken[i + 1][j] = k;
                    }
                }
                most = Math.max(most, best[i + 1][j]);
            }
            scale(best[i + 1], most);
        }
        int[] aligned = new int[word.length];
        for (int i = word.length, j = sounds.length; i > 0; i--) {
            int k = taken[i][j];
            j -= k;
            aligned[i - 1] = sound(sounds, j, k);
        }
        return aligned;
    }

    /** The phonemes of a number. */
    int[] sounds(int number) {
        if (number == 0) {
            return new int[0];
        }
        int pair = number - 1 - phonemes;
        return pair < 0 ? new int[] {number - 1} : new int[] {pair / phonemes, pair % phonemes};
    }

    private int sound(int[] sounds, int from, int count) {
        if (count == 0) {
            return 0;
        }
        return count == 1 ? 1 + sounds[from] : 1 + phonemes + sounds[from] * phonemes + sounds[from + 1];
    }

    /** Adds what each letter stands for in this word, weighed by how likely that is. */
    private void expect(int[] word, int[] sounds, double[][] expected) {
        double[][] forward = table(word, sounds);
        forward[0][0] = 1;
        for (int i = 0; i < word.length; i++) {
            double sum = 0;
            for (int j = 0; j <= sounds.length; j++) {
                for (int k = 0; k <= LONGEST && k <= j; k++) {
                    forward[i + 1][j] += forward[i][j - k] * probability[word[i]][sound(sounds, j - k, k)];
                }
                sum += forward[i + 1][j];
            }
            scale(forward[i + 1], sum);
        }
        double[] after = new double[sounds.length + 1];
        after[sounds.length] = 1;
        for (int i = word.length - 1; i >= 0; i--) {
            double[] before = new double[sounds.length + 1];
            double total = 0;
            for (int j = 0; j <= sounds.length; j++) {
                for (int k = 0; k <= LONGEST && j + k <= sounds.length; k++) {
                    double way = probability[word[i]][sound(sounds, j, k)] * after[j + k];
                    before[j] += way;
                    total += forward[i][j] * way;
                }
            }
            for (int j = 0; j <= sounds.length; j++) {
                for (int k = 0; k <= LONGEST && j + k <= sounds.length; k++) {
                    int sound = sound(sounds, j, k);
                    expected[word[i]][sound] += forward[i][j] * probability[word[i]][sound] * after[j + k] / total;
                }
            }
            scale(before, Arrays.stream(before).sum());
            after = before;
        }
    }

    private void maximise(double[][] expected) {
        for (int letter = 0; letter < expected.length; letter++) {
            double sum = Arrays.stream(expected[letter]).sum();
            for (int sound = 0; sound < expected[letter].length; sound++) {
                // Keeps a way open for pairs that the likeliest alignments have starved out.
                probability[letter][sound] = Math.max(1e-9, sum == 0 ? 0 : expected[letter][sound] / sum);
            }
        }
    }

    private static double[][] table(int[] word, int[] sounds) {
        return new double[word.length + 1][sounds.length + 1];
    }

    /** Rows are only compared within themselves: scaled, even a long word does not underflow. */
    private static void scale(double[] row, double by) {
        for (int j = 0; j < row.length; j++) {
            row[j] /= by;
        }
    }
}
