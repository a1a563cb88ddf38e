package org.jformers.training.report;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.training.report.ReportData.ConfusionMatrix;

/** A confusion matrix as a table; of many classes, those pairs that are confused most. */
final class ConfusionTable {
    /** Classes that a table has at most. */
    private static final int MOST_CLASSES = 20;
    /** Pairs that are listed at most. */
    private static final int MOST_PAIRS = 25;

    private final ConfusionMatrix matrix;

    private ConfusionTable(ConfusionMatrix matrix) {
        this.matrix = matrix;
    }

    static String html(ConfusionMatrix matrix) {
        ConfusionTable table = new ConfusionTable(matrix);
        return matrix.labels().size() <= MOST_CLASSES ? table.whole() : table.pairs();
    }

    /** A cell is tinted by its share of the row: how many examples of a class get which. */
    private String whole() {
        StringBuilder out = new StringBuilder(
                "<div class='scroll'><table class='confusion'>\n<thead><tr><th>Expected</th>");
        matrix.labels().forEach(label -> out.append("<th>").append(Markup.escape(label)).append("</th>"));
        out.append("<th class='total'>examples</th></tr></thead>\n<tbody>\n");
        int classes = matrix.labels().size();
        for (int row = 0; row < classes; row++) {
            out.append("<tr><th>").append(Markup.escape(matrix.labels().get(row))).append("</th>");
            for (int column = 0; column < classes; column++) {
                out.append("<td class='").append(row == column ? "right" : "wrong").append("' style='--share:")
                        .append(Numbers.fixed(share(row, column), 3)).append("'><b>")
                        .append(Numbers.whole(count(row, column))).append("</b><small>")
                        .append(percent(row, column)).append("</small></td>");
            }
            out.append("<td class='total'>").append(Numbers.whole(total(row))).append("</td></tr>\n");
        }
        return out.append("</tbody></table></div>\n").toString();
    }

    private record Pair(int row, int column) {}

    private String pairs() {
        int classes = matrix.labels().size();
        List<Pair> confused = IntStream.range(0, classes * classes)
                .mapToObj(cell -> new Pair(cell / classes, cell % classes))
                .filter(pair -> pair.row != pair.column && count(pair.row, pair.column) > 0)
                .sorted(Comparator.comparingLong((Pair pair) -> -count(pair.row, pair.column)))
                .limit(MOST_PAIRS)
                .toList();
        if (confused.isEmpty()) {
            return "<p>No class is taken for another.</p>\n";
        }
        StringBuilder out = new StringBuilder("<div class='scroll'><table class='confusion'>\n<thead><tr>"
                + "<th>Expected</th><th>Predicted</th><th>examples</th></tr></thead>\n<tbody>\n");
        for (Pair pair : confused) {
            out.append("<tr><th>").append(Markup.escape(matrix.labels().get(pair.row))).append("</th><th>")
                    .append(Markup.escape(matrix.labels().get(pair.column)))
                    .append("</th><td class='wrong' style='--share:")
                    .append(Numbers.fixed(share(pair.row, pair.column), 3)).append("'><b>")
                    .append(Numbers.whole(count(pair.row, pair.column))).append("</b><small>")
                    .append(percent(pair.row, pair.column)).append(" of ").append(Numbers.whole(total(pair.row)))
                    .append("</small></td></tr>\n");
        }
        return out.append("</tbody></table></div>\n").toString();
    }

    private long count(int row, int column) {
        return matrix.counts().get(row).get(column);
    }

    private long total(int row) {
        return matrix.counts().get(row).stream().mapToLong(Long::longValue).sum();
    }

    private double share(int row, int column) {
        return total(row) == 0 ? 0 : (double) count(row, column) / total(row);
    }

    private String percent(int row, int column) {
        return total(row) == 0 ? "–" : Numbers.fixed(100 * share(row, column), 1) + " %";
    }
}
