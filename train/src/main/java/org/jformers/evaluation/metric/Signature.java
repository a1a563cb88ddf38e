package org.jformers.evaluation.metric;

import java.util.List;
import org.jformers.evaluation.EvaluationException;

/**
 * The line that says how a figure was computed, with the keys, values and order of sacreBLEU (Post 2018, "A Call for
 * Clarity in Reporting BLEU Scores"). Two figures compare when their signatures agree up to the version, which names
 * this library: {@code version:jformers-0.1.0}.
 */
final class Signature {
    /** Agrees with the version of the build; a test holds the two together. */
    static final String VERSION = "jformers-0.1.0";

    private Signature() {}

    /** References first, then the metric's own fields, then the version. */
    static String of(List<Segment> segments, String fields) {
        return "nrefs:" + references(segments) + "|" + fields + "|version:" + VERSION;
    }

    /** Throws when there is nothing to score. */
    static void requireSegments(String metric, List<Segment> segments) {
        if (segments.isEmpty()) {
            throw new EvaluationException(metric + ": no segments, allowed: one or more");
        }
    }

    private static String references(List<Segment> segments) {
        int first = segments.get(0).references().size();
        boolean same = segments.stream().allMatch(segment -> segment.references().size() == first);
        return same ? Integer.toString(first) : "var";
    }
}
