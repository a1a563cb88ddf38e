package org.jformers.data;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What is done to a text, so that a model learns to undo it: what it reads, and what it is to write. The tokens are
 * those of the text alone; beginnings and ends are {@link NoisedTexts}'.
 */
public sealed interface Noise {

    /**
     * A text with noise.
     *
     * @param tokens the text, one token at least
     * @param dice where random choices come from
     */
    SequencePair apply(int[] tokens, Dice dice);

    /** Noise after which the text itself is written, all of it: BART's (arXiv:1910.13461, 2.2). */
    sealed interface OfSource extends Noise {
        /** What is read. */
        int[] source(int[] tokens, Dice dice);

        @Override
        default SequencePair apply(int[] tokens, Dice dice) {
            return new SequencePair(source(tokens, dice), tokens);
        }
    }

    /**
     * Spans are left out, each under a sentinel of its own; they are written, each behind its sentinel, and one more
     * sentinel behind the last (T5, arXiv:1910.10683, 3.1.4 and figure 2). A share of the tokens is left out, in spans
     * of a mean length; where they begin and how long they are is cut at random, each way of cutting as likely. A text
     * begins with tokens that stay and ends with a span.
     *
     * @param share of the tokens, in (0, 1); 0.15 in the paper
     * @param meanSpan mean length of the spans, at least 1; 3 in the paper
     * @param sentinels the first sentinel, the second and so on
     */
    record Spans(double share, double meanSpan, List<Integer> sentinels) implements Noise {
        public Spans {
            sentinels = List.copyOf(sentinels);
            if (!(share > 0 && share < 1 && meanSpan >= 1) || sentinels.size() < 2) {
                throw new DataException("span corruption: got a share of " + share + ", a mean span of " + meanSpan
                        + ", " + sentinels.size() + " sentinels, allowed a share in (0, 1), spans >= 1, two sentinels"
                        + " or more");
            }
        }

        @Override
        public SequencePair apply(int[] tokens, Dice dice) {
            return apply(tokens, left(tokens.length, dice));
        }

        /** Which tokens are left out. */
        private boolean[] left(int length, Dice dice) {
            boolean[] left = new boolean[length];
            if (length < 2) {
                return left;
            }
            int noise = (int) Math.min(Math.max(1, Math.round(length * share)), length - 1);
            int spans = (int) Math.max(1, Math.round(noise / meanSpan));
            spans = Math.min(Math.min(spans, noise), Math.min(length - noise, sentinels.size() - 1));
            int[] out = cut(noise, spans, dice);
            int[] stay = cut(length - noise, spans, dice);
            int at = 0;
            for (int span = 0; span < spans; span++) {
                at += stay[span];
                Arrays.fill(left, at, at + out[span], true);
                at += out[span];
            }
            return left;
        }

        /** So many pieces of a whole, none empty, each way of cutting as likely. */
        private static int[] cut(int whole, int pieces, Dice dice) {
            boolean[] border = dice.some(pieces - 1, whole - 1);
            int[] lengths = new int[pieces];
            int piece = 0;
            for (int i = 0; i < whole; i++) {
                lengths[piece]++;
                piece += i < whole - 1 && border[i] ? 1 : 0;
            }
            return lengths;
        }

        /** The pair for tokens of which some are left out; neighbours share a sentinel. */
        SequencePair apply(int[] tokens, boolean[] left) {
            int[] source = new int[tokens.length];
            int[] target = new int[2 * tokens.length + 1];
            int read = 0;
            int written = 0;
            int spans = 0;
            for (int t = 0; t < tokens.length; t++) {
                if (!left[t]) {
                    source[read++] = tokens[t];
                    continue;
                }
                if (t == 0 || !left[t - 1]) {
                    source[read++] = sentinels.get(spans);
                    target[written++] = sentinels.get(spans++);
                }
                target[written++] = tokens[t];
            }
            target[written++] = sentinels.get(spans);
            return new SequencePair(Arrays.copyOf(source, read), Arrays.copyOf(target, written));
        }
    }

    /** The beginning is read and the rest is written, parted anywhere (T5, 3.3.1, prefix language modelling). */
    record Prefix() implements Noise {
        @Override
        public SequencePair apply(int[] tokens, Dice dice) {
            int at = tokens.length < 2 ? 0 : 1 + dice.below(tokens.length - 1);
            return new SequencePair(
                    Arrays.copyOf(tokens, at), Arrays.copyOfRange(tokens, at, tokens.length));
        }
    }

    /**
     * Tokens are hidden, each by itself.
     *
     * @param share of the tokens, in (0, 1]
     * @param mask what stands in their places
     */
    record Masking(double share, int mask) implements OfSource {
        public Masking {
            requireShare("token masking", share);
        }

        @Override
        public int[] source(int[] tokens, Dice dice) {
            return Arrays.stream(tokens).map(token -> dice.uniform() < share ? mask : token).toArray();
        }
    }

    /**
     * Tokens are left out without a trace.
     *
     * @param share of the tokens, in (0, 1)
     */
    record Deletion(double share) implements OfSource {
        public Deletion {
            requireShare("token deletion", share);
        }

        @Override
        public int[] source(int[] tokens, Dice dice) {
            return Arrays.stream(tokens).filter(token -> dice.uniform() >= share).toArray();
        }
    }

    /**
     * Spans are hidden, each behind one mask, whose lengths follow a Poisson distribution; one of length 0 is a mask
     * between two tokens.
     *
     * @param share of the tokens that are hidden, in (0, 1); 0.3 in the paper
     * @param meanSpan lambda, positive; 3 in the paper
     * @param mask what stands for a span
     */
    record Infilling(double share, double meanSpan, int mask) implements OfSource {
        public Infilling {
            requireShare("text infilling", share);
            if (!(meanSpan > 0)) {
                throw new DataException("text infilling: got a mean span of " + meanSpan + ", allowed > 0");
            }
        }

        @Override
        public int[] source(int[] tokens, Dice dice) {
            int left = (int) Math.round(share * tokens.length);
            // Spans are thrown until they hide as much as they should; their places are drawn together.
            int[] spans = new int[tokens.length + 1];
            int count = 0;
            while (left > 0 && count < tokens.length) {
                int length = Math.min(left, dice.poisson(meanSpan));
                spans[count++] = length;
                left -= length;
            }
            int hidden = Arrays.stream(spans, 0, count).sum();
            // A text of whole spans and single tokens, in any order.
            int[] order = dice.order(tokens.length - hidden + count);
            int[] source = new int[order.length];
            int at = 0;
            for (int i = 0; i < order.length; i++) {
                boolean span = order[i] < count;
                source[i] = span ? mask : tokens[at];
                at += span ? spans[order[i]] : 1;
            }
            return source;
        }
    }

    /**
     * Sentences stand in any order.
     *
     * @param ends tokens that end a sentence
     */
    record Permutation(Set<Integer> ends) implements OfSource {
        public Permutation {
            ends = Set.copyOf(ends);
            if (ends.isEmpty()) {
                throw new DataException("sentence permutation: got no tokens that end a sentence, allowed one or more");
            }
        }

        @Override
        public int[] source(int[] tokens, Dice dice) {
            int[] borders = IntStream.rangeClosed(0, tokens.length)
                    .filter(i -> i == 0 || i == tokens.length || ends.contains(tokens[i - 1]))
                    .toArray();
            return Arrays.stream(dice.order(borders.length - 1))
                    .flatMap(sentence -> Arrays.stream(tokens, borders[sentence], borders[sentence + 1]))
                    .toArray();
        }
    }

    /** The text begins at any of its tokens; what stood before comes last. */
    record Rotation() implements OfSource {
        @Override
        public int[] source(int[] tokens, Dice dice) {
            int first = dice.below(tokens.length);
            return IntStream.range(0, tokens.length).map(i -> tokens[(first + i) % tokens.length]).toArray();
        }
    }

    /**
     * One noise after the other, as BART's own training permutes sentences and then fills text in.
     *
     * @param noises in the order in which they are applied
     */
    record All(List<OfSource> noises) implements OfSource {
        public All {
            noises = List.copyOf(noises);
        }

        @Override
        public int[] source(int[] tokens, Dice dice) {
            int[] changed = tokens;
            for (OfSource noise : noises) {
                changed = changed.length == 0 ? changed : noise.source(changed, dice);
            }
            return changed;
        }
    }

    private static void requireShare(String noise, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new DataException(noise + ": got a share of " + share + ", allowed above 0, up to 1");
        }
    }
}
