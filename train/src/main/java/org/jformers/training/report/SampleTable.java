package org.jformers.training.report;

import java.util.List;
import org.jformers.training.report.ReportData.Sample;

/** Samples as a table; where there is a right answer, the words that differ from it are marked in both. */
final class SampleTable {
    private SampleTable() {}

    static String html(List<Sample> samples) {
        boolean answers = samples.stream().anyMatch(sample -> !sample.expected().isEmpty());
        StringBuilder out = new StringBuilder("<div class='scroll'><table class='samples'>\n<thead><tr><th>Input</th>");
        out.append(answers ? "<th>Expected</th><th>Predicted</th><th></th>" : "<th>Generated</th>");
        out.append("</tr></thead>\n<tbody>\n");
        for (Sample sample : samples) {
            out.append("<tr><td class='input'>").append(Markup.escape(sample.input())).append("</td>");
            if (answers) {
                answer(out, sample);
            } else {
                out.append("<td class='free'>").append(Markup.escape(sample.predicted())).append("</td>");
            }
            out.append("</tr>\n");
        }
        return out.append("</tbody></table></div>\n").toString();
    }

    private static void answer(StringBuilder out, Sample sample) {
        String[] expected = sample.expected().split(" ");
        String[] predicted = sample.predicted().split(" ");
        boolean[][] common = common(expected, predicted);
        out.append("<td>").append(marked(expected, common[0], "missed")).append("</td><td>")
                .append(marked(predicted, common[1], "wrong")).append("</td>");
        boolean right = sample.expected().equals(sample.predicted());
        out.append(right ? "<td class='verdict right'>✓ right</td>" : "<td class='verdict wrong'>✗ differs</td>");
    }

    private static String marked(String[] words, boolean[] common, String style) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < words.length; i++) {
            String word = Markup.escape(words[i]);
            out.append(i > 0 ? " " : "").append(common[i] || word.isEmpty() ? word
                    : "<mark class='" + style + "'>" + word + "</mark>");
        }
        return out.toString();
    }

    /** Which words of each belong to their longest common subsequence. */
    private static boolean[][] common(String[] a, String[] b) {
        int[][] length = new int[a.length + 1][b.length + 1];
        for (int i = a.length - 1; i >= 0; i--) {
            for (int j = b.length - 1; j >= 0; j--) {
                length[i][j] = a[i].equals(b[j]) ? length[i + 1][j + 1] + 1
                        : Math.max(length[i + 1][j], length[i][j + 1]);
            }
        }
        boolean[] inA = new boolean[a.length];
        boolean[] inB = new boolean[b.length];
        int i = 0;
        int j = 0;
        while (i < a.length && j < b.length) {
            if (a[i].equals(b[j])) {
                inA[i++] = true;
                inB[j++] = true;
            } else if (length[i + 1][j] >= length[i][j + 1]) {
                i++;
            } else {
                j++;
            }
        }
        return new boolean[][] {inA, inB};
    }
}
