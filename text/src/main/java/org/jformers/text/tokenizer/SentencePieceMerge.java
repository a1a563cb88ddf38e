package org.jformers.text.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** A way to put a piece together from two others, with the score of the piece. */
record SentencePieceMerge(String left, String right, double score) {

    /**
     * All ways for all pieces, in the order in which BPE applies them: the better piece first; among equals the one
     * whose left part, then whose right part, is longer, then the one that comes first.
     *
     * @param scores pieces in the order of the vocabulary
     * @param ids the pieces that may be parts
     */
    static List<SentencePieceMerge> all(Map<String, Double> scores, Map<String, Integer> ids) {
        Work.payForCuts(scores.keySet());
        List<SentencePieceMerge> merges = new ArrayList<>();
        scores.forEach((piece, score) -> {
            List<SentencePieceMerge> cuts = new ArrayList<>();
            for (int cut = 1; cut < piece.length(); cut++) {
                SentencePieceMerge merge = new SentencePieceMerge(piece.substring(0, cut), piece.substring(cut), score);
                if (ids.containsKey(merge.left) && ids.containsKey(merge.right)) {
                    cuts.add(merge);
                }
            }
            cuts.sort(Comparator.<SentencePieceMerge>comparingInt(merge -> ids.get(merge.left))
                    .thenComparingInt(merge -> ids.get(merge.right)));
            merges.addAll(cuts);
        });
        merges.sort(Comparator.comparingDouble(SentencePieceMerge::score)
                .thenComparingInt(merge -> length(merge.left))
                .thenComparingInt(merge -> length(merge.right))
                .reversed());
        return merges;
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
