package org.jformers.training.report;

import org.jformers.training.report.ReportData.WorstExample;
import org.jformers.training.report.ReportData.WorstExamples;

/** The examples that a model is most wrong about, as a table. */
final class WorstTable {
    /** Characters of a text that are shown at most: one example may be a whole document. */
    private static final int LONGEST = 600;

    private WorstTable() {}

    static String html(WorstExamples worst) {
        StringBuilder out = new StringBuilder("<div class='scroll'><table class='samples worst'>\n<thead><tr>"
                + "<th>Input</th><th>Expected</th><th>Predicted</th><th>").append(Markup.escape(worst.measure()))
                .append("</th></tr></thead>\n<tbody>\n");
        for (WorstExample example : worst.examples()) {
            boolean right = example.expected().equals(example.predicted());
            out.append("<tr><td class='input'>").append(Markup.escape(shortened(example.input())))
                    .append("</td><td>").append(Markup.escape(shortened(example.expected())))
                    .append("</td><td class='").append(right ? "right" : "wrong").append("'>")
                    .append(Markup.escape(shortened(example.predicted()))).append("</td><td class='verdict'>")
                    .append(Numbers.brief(example.value(), 3)).append("</td></tr>\n");
        }
        return out.append("</tbody></table></div>\n").toString();
    }

    private static String shortened(String text) {
        return text.codePointCount(0, text.length()) <= LONGEST
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST)) + "…";
    }
}
