package org.jformers.evaluation.metric;

import java.util.ArrayList;
import java.util.List;
import org.jformers.evaluation.EvaluationException;

/**
 * One text a system wrote and the texts it is measured against: a translated sentence, a summary.
 *
 * @param hypothesis what the system wrote
 * @param references what it should have written, at least one
 */
public record Segment(String hypothesis, List<String> references) {
    public Segment {
        references = List.copyOf(references);
        if (references.isEmpty()) {
            throw new EvaluationException("segment: no reference, allowed: one or more, hypothesis: " + hypothesis);
        }
    }

    public static Segment of(String hypothesis, String... references) {
        return new Segment(hypothesis, List.of(references));
    }

    /** The segments of a corpus in whose files line i is segment i; one list per reference translation. */
    @SafeVarargs
    public static List<Segment> zip(List<String> hypotheses, List<String>... references) {
        for (List<String> reference : references) {
            if (reference.size() != hypotheses.size()) {
                throw new EvaluationException("segments: " + reference.size() + " references for " + hypotheses.size()
                        + " hypotheses, allowed: as many of each");
            }
        }
        List<Segment> segments = new ArrayList<>(hypotheses.size());
        for (int i = 0; i < hypotheses.size(); i++) {
            List<String> accepted = new ArrayList<>(references.length);
            for (List<String> reference : references) {
                accepted.add(reference.get(i));
            }
            segments.add(new Segment(hypotheses.get(i), accepted));
        }
        return List.copyOf(segments);
    }
}
