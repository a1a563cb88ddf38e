package org.jformers.pipeline;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.JformersException;

/**
 * The best answer to a question among the stretches of all windows of its context, by the sum of the scores of
 * beginning and end.
 *
 * <p>Reference: transformers, {@code examples/pytorch/question-answering/utils_qa.py}.
 *
 * @param best how many beginnings and ends of each window are combined, and how many answers share the probability
 * @param maxTokens tokens of an answer at most
 */
public record SpanSearch(int best, int maxTokens) {

    public SpanSearch {
        if (best < 1 || maxTokens < 1) {
            throw new JformersException("search of answers: got the best " + best + ", up to " + maxTokens
                    + " tokens long, allowed >= 1");
        }
    }

    /**
     * What was found.
     *
     * @param answer the stretch of the context; empty if no token of it may be one
     * @param probability what the softmax of the best answers' scores, that of none among them if it may be right,
     *     gives to it
     * @param noneAbove by how much the score of no answer is above its score
     */
    public record Found(String answer, double probability, double noneAbove) {}

    private record Candidate(int start, int end, float score) {}

    /**
     * Searches the windows of a context.
     *
     * @param starts for each window the scores of the beginnings, one for each token or more
     * @param ends those of the ends
     * @param mayBeNone whether there may be no answer, which then shares the probability
     */
    public Found search(
            String context, List<AnswerWindow> windows, List<float[]> starts, List<float[]> ends, boolean mayBeNone) {
        List<Candidate> candidates = new ArrayList<>();
        float none = Float.POSITIVE_INFINITY;
        for (int i = 0; i < windows.size(); i++) {
            AnswerWindow window = windows.get(i);
            none = Math.min(none, starts.get(i)[window.none()] + ends.get(i)[window.none()]);
            collect(window, starts.get(i), ends.get(i), candidates);
        }
        candidates.sort(Comparator.comparingDouble(candidate -> -candidate.score()));
        List<Candidate> kept = candidates.subList(0, Math.min(best, candidates.size()));
        // A stretch without a character is no answer.
        Candidate answer = kept.stream().filter(each -> each.start() < each.end()).findFirst().orElse(null);
        if (answer == null) {
            return new Found("", 1, Double.MAX_VALUE);
        }
        double sum = sum(kept, answer, mayBeNone, none);
        int from = context.offsetByCodePoints(0, answer.start());
        int to = context.offsetByCodePoints(from, answer.end() - answer.start());
        return new Found(context.substring(from, to), 1 / sum, none - answer.score());
    }

    /** Of no answer and the others, as many share the probability as are best; no answer always does. */
    private double sum(List<Candidate> kept, Candidate answer, boolean mayBeNone, float none) {
        boolean takesAPlace = mayBeNone && kept.size() == best && kept.get(best - 1).score() < none;
        double sum = mayBeNone ? Math.exp(none - answer.score()) : 0;
        for (Candidate each : kept.subList(0, takesAPlace ? best - 1 : kept.size())) {
            sum += Math.exp(each.score() - answer.score());
        }
        return sum;
    }

    private void collect(AnswerWindow window, float[] starts, float[] ends, List<Candidate> candidates) {
        int length = window.row().length();
        List<Integer> bestEnds = best(ends, length);
        for (int first : best(starts, length)) {
            for (int last : bestEnds) {
                boolean inContext = first >= window.from() && last < window.to();
                if (inContext && first <= last && last - first < maxTokens) {
                    candidates.add(new Candidate(
                            window.row().starts()[first], window.row().ends()[last], starts[first] + ends[last]));
                }
            }
        }
    }

    /** The tokens with the highest scores, the best first, of equal ones the last first. */
    private List<Integer> best(float[] scores, int length) {
        return IntStream.range(0, length).boxed()
                .sorted(Comparator.<Integer>comparingDouble(i -> -scores[i]).thenComparing(Comparator.reverseOrder()))
                .limit(best)
                .toList();
    }
}
