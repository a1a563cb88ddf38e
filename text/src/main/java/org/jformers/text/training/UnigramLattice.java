package org.jformers.text.training;

import java.util.Arrays;
import java.util.List;
import org.jformers.text.tokenizer.PieceTrie;
import org.jspecify.annotations.Nullable;

/** All ways to cut a word into the pieces of a unigram model. Reused for one word after the other by one thread. */
final class UnigramLattice {
    /** The piece of a character that no piece covers. */
    static final int UNKNOWN = -1;

    private static final double UNKNOWN_PENALTY = 10;
    /** Beyond this difference of logarithms the smaller one does not count. */
    private static final double NEGLIGIBLE = 50;

    private final Model model;
    private int length;
    private int size;
    /** The arcs, in the order of where they begin and then of where they end. */
    private int[] starts = new int[64];
    private int[] ends = new int[64];
    private int[] ids = new int[64];
    private double[] scores = new double[64];
    private double[] forward = new double[16];
    private double[] backward = new double[16];

    /** Pieces with their scores and a trie of them. */
    static final class Model {
        private final PieceTrie trie;
        private final double[] scores;
        private final double unknownScore;

        Model(List<UnigramLearner.Piece> pieces) {
            trie = new PieceTrie(pieces.stream().mapToInt(piece -> piece.text().length()).sum());
            scores = new double[pieces.size()];
            double least = 0;
            for (int id = 0; id < scores.length; id++) {
                trie.add(pieces.get(id).text(), id);
                scores[id] = pieces.get(id).score();
                least = Math.min(least, scores[id]);
            }
            unknownScore = least - UNKNOWN_PENALTY;
        }
    }

    UnigramLattice(Model model) {
        this.model = model;
    }

    /** Takes another word; the arcs are ordered by where they begin. */
    void set(String word) {
        int[] chars = word.codePoints().toArray();
        length = chars.length;
        size = 0;
        for (int start = 0; start < length; start++) {
            boolean single = false;
            int node = 0;
            for (int end = start; end < length; ) {
                node = model.trie.child(node, chars[end++]);
                if (node < 0) {
                    break;
                }
                int id = model.trie.id(node);
                if (id >= 0) {
                    add(start, end, id, model.scores[id]);
                    single |= end == start + 1;
                }
            }
            if (!single) {
                add(start, start + 1, UNKNOWN, model.unknownScore);
            }
        }
        if (forward.length <= length) {
            forward = new double[2 * length];
            backward = new double[2 * length];
        }
    }

    private void add(int start, int end, int id, double score) {
        if (size == ids.length) {
            starts = Arrays.copyOf(starts, 2 * size);
            ends = Arrays.copyOf(ends, 2 * size);
            ids = Arrays.copyOf(ids, 2 * size);
            scores = Arrays.copyOf(scores, 2 * size);
        }
        starts[size] = start;
        ends[size] = end;
        ids[size] = id;
        scores[size++] = score;
    }

    /** Adds how often each piece is expected in so many occurrences of the word. */
    void addExpected(double count, double[] expected) {
        Arrays.fill(forward, 0, length + 1, Double.NEGATIVE_INFINITY);
        Arrays.fill(backward, 0, length + 1, Double.NEGATIVE_INFINITY);
        forward[0] = 0;
        backward[length] = 0;
        for (int i = 0; i < size; i++) {
            forward[ends[i]] = logAdd(forward[ends[i]], forward[starts[i]] + scores[i]);
        }
        for (int i = size - 1; i >= 0; i--) {
            backward[starts[i]] = logAdd(backward[starts[i]], backward[ends[i]] + scores[i]);
        }
        double total = forward[length];
        for (int i = 0; i < size; i++) {
            if (ids[i] >= 0) {
                expected[ids[i]] += count * Math.exp(forward[starts[i]] + scores[i] + backward[ends[i]] - total);
            }
        }
    }

    private static double logAdd(double x, double y) {
        if (x == Double.NEGATIVE_INFINITY) {
            return y;
        }
        double low = Math.min(x, y);
        double high = Math.max(x, y);
        return high > low + NEGLIGIBLE ? high : high + Math.log(Math.exp(low - high) + 1);
    }

    /** The pieces of the best path. */
    int[] best() {
        return paths()[0];
    }

    /** The pieces of the second best path, null if there is one path only. */
    int @Nullable [] secondBest() {
        return paths()[1];
    }

    /** The two best paths: at every place the two best ways to it, by their last arc and which way led to that. */
    private int[][] paths() {
        double[] value = new double[2 * length + 2];
        int[] arc = new int[2 * length + 2];
        int[] way = new int[2 * length + 2];
        Arrays.fill(value, Double.NEGATIVE_INFINITY);
        value[0] = 0;
        for (int i = 0; i < size; i++) {
            for (int w = 0; w < 2; w++) {
                double reached = value[2 * starts[i] + w] + scores[i];
                int place = 2 * ends[i];
                if (reached > value[place]) {
                    value[place + 1] = value[place];
                    arc[place + 1] = arc[place];
                    way[place + 1] = way[place];
                    value[place] = reached;
                    arc[place] = i;
                    way[place] = w;
                } else if (reached > value[place + 1]) {
                    value[place + 1] = reached;
                    arc[place + 1] = i;
                    way[place + 1] = w;
                }
            }
        }
        int[][] paths = new int[2][];
        for (int w = 0; w < 2; w++) {
            if (value[2 * length + w] == Double.NEGATIVE_INFINITY) {
                continue;
            }
            int[] path = new int[length];
            int at = length;
            int current = w;
            int count = 0;
            while (at > 0) {
                int last = arc[2 * at + current];
                path[count++] = ids[last];
                current = way[2 * at + current];
                at = starts[last];
            }
            int[] ordered = new int[count];
            for (int i = 0; i < count; i++) {
                ordered[i] = path[count - 1 - i];
            }
            paths[w] = ordered;
        }
        return paths;
    }
}
