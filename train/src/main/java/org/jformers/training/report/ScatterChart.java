package org.jformers.training.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jformers.training.report.Canvas.Anchor;
import org.jformers.training.report.Canvas.Ink;
import org.jformers.training.report.Canvas.Text;
import org.jformers.training.report.ReportData.Scatter;

/**
 * Predicted numbers over expected ones as an SVG element: on the diagonal they are equal. Both axes have one scale. Of
 * many numbers, every so-and-so-manyth is drawn; those that are not finite are left out and counted.
 */
final class ScatterChart {
    /** Points that are drawn at most. */
    static final int MOST_POINTS = 1000;

    private static final int TOP = 34;
    private static final int BOTTOM = 38;
    private static final int LEFT = 52;
    private static final int SIZE = 440;
    private static final int TICKS = 6;

    private final List<double[]> points;
    private final long missing;
    private final long all;

    ScatterChart(Scatter numbers) {
        List<double[]> finite = IntStream.range(0, numbers.expected().size())
                .mapToObj(i -> new double[] {numbers.expected().get(i), numbers.predicted().get(i)})
                .filter(point -> Double.isFinite(point[0]) && Double.isFinite(point[1]))
                .toList();
        all = finite.size();
        missing = numbers.expected().size() - all;
        int drawn = Math.min(MOST_POINTS, finite.size());
        points = IntStream.range(0, drawn)
                .mapToObj(i -> finite.get((int) ((long) i * finite.size() / drawn)))
                .toList();
    }

    String svg() {
        SvgCanvas canvas = new SvgCanvas();
        canvas.text(Text.of("Predicted over expected", 0, 16, 13, Ink.STRONG).inBold());
        StringBuilder marks = new StringBuilder();
        if (points.isEmpty()) {
            canvas.text(Text.of("nothing to draw", SIZE / 2.0, SIZE / 2.0, 12, Ink.QUIET).anchored(Anchor.MIDDLE));
        } else {
            plot(canvas, marks);
        }
        note(canvas);
        return "<svg class='chart scatter' xmlns='http://www.w3.org/2000/svg' viewBox='0 0 " + SIZE + " " + SIZE
                + "' font-family='" + SvgCanvas.FONT + "' font-size='12' role='img' aria-label='predicted numbers over"
                + " expected ones'>\n" + marks + canvas.content() + "</svg>\n";
    }

    private void plot(SvgCanvas canvas, StringBuilder marks) {
        double least = points.stream().mapToDouble(point -> Math.min(point[0], point[1])).min().orElseThrow();
        double most = points.stream().mapToDouble(point -> Math.max(point[0], point[1])).max().orElseThrow();
        Axis axis = Axis.over(least, most, false).padded(0.04);
        double side = SIZE - TOP - BOTTOM;
        double floor = TOP + side;
        for (double tick : axis.ticks(TICKS)) {
            double along = side * axis.position(tick);
            marks.append(line("grid", "#e3e7ec", LEFT, floor - along, LEFT + side, floor - along));
            marks.append(line("grid", "#e3e7ec", LEFT + along, TOP, LEFT + along, floor));
            String number = Numbers.brief(tick, 3);
            canvas.text(Text.of(number, LEFT - 8, floor - along + 4, 12, Ink.QUIET).anchored(Anchor.END));
            canvas.text(Text.of(number, LEFT + along, floor + 18, 12, Ink.QUIET).anchored(Anchor.MIDDLE));
        }
        marks.append(line("axis", "#9aa4b0", LEFT, floor, LEFT + side, TOP));
        marks.append("<g class='s0' stroke='none' fill='#0072b2' fill-opacity='0.45'>\n");
        for (double[] point : points) {
            marks.append(String.format(Locale.ROOT, "<circle cx='%.1f' cy='%.1f' r='3'/>",
                    LEFT + side * axis.position(point[0]), floor - side * axis.position(point[1])));
        }
        marks.append("</g>\n");
    }

    private static String line(String style, String color, double x1, double y1, double x2, double y2) {
        return String.format(Locale.ROOT, "<path class='%s' stroke='%s' d='M%.1f %.1fL%.1f %.1f'/>\n", style, color, x1,
                y1, x2, y2);
    }

    private void note(SvgCanvas canvas) {
        String note = points.size() < all
                ? Numbers.whole(points.size()) + " of " + Numbers.whole(all) + " numbers"
                : "";
        if (missing > 0) {
            note += (note.isEmpty() ? "" : "; ") + Numbers.whole(missing) + " left out: not finite";
        }
        if (!note.isEmpty()) {
            canvas.text(Text.of(note, SIZE, SIZE - 4, 11, Ink.QUIET).anchored(Anchor.END));
        }
    }
}
