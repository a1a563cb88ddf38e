package org.jformers.training.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jformers.training.report.Downsampling.Point;

/**
 * A line chart as an SVG element: few lines, each named at its end, horizontal grid, round ticks. Curves are thinned to
 * at most about {@value #MOST_POINTS} points; values that cannot be drawn (not finite, or not positive on a logarithmic
 * scale) leave a gap and are counted below the chart.
 *
 * @param title what is measured, with its unit
 * @param xAxis what x counts
 * @param series the lines; those that are faint are drawn first
 * @param scale of the y axis
 */
public record LineChart(String title, String xAxis, List<Series> series, Scale scale) {
    /** Points kept of one line. */
    static final int MOST_POINTS = 600;

    private static final int TOP = 34;
    private static final int BOTTOM = 38;
    private static final int LEFT = 52;
    // Okabe and Ito's palette for all kinds of color vision, as far as it reads on white.
    private static final int[] COLORS = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7};

    /** How the y axis runs. */
    public enum Scale { LINEAR, FROM_ZERO, LOGARITHMIC }

    /** How a line looks: a faint one is background (raw values behind a smoothed line) and has no name at its end. */
    public enum Emphasis { NORMAL, FAINT }

    /**
     * One line.
     *
     * @param name shown at the line's end
     * @param color index into the chart's colors; a faint line takes the color of the line it belongs to
     * @param x ascending
     * @param y as many as x
     */
    public record Series(String name, int color, Emphasis emphasis, double[] x, double[] y) {
        public Series {
            if (x.length != y.length) {
                throw new ReportException("chart: series " + name + " needs as many x as y, got " + x.length + " and "
                        + y.length);
            }
        }
    }

    /** A series reduced to what is drawn. */
    private record Line(Series series, List<List<Point>> runs) {
        List<Point> points() {
            return runs.stream().flatMap(List::stream).toList();
        }

        Point last() {
            List<Point> run = runs.get(runs.size() - 1);
            return run.get(run.size() - 1);
        }
    }

    public LineChart {
        series = List.copyOf(series);
    }

    /** The svg element, of that size in pixels. */
    public String svg(int width, int height) {
        List<Line> lines = series.stream()
                .map(s -> new Line(s, Downsampling.runs(s.x, s.y, this::drawable, MOST_POINTS)))
                .filter(line -> !line.runs.isEmpty())
                .sorted(Comparator.comparing((Line line) -> line.series.emphasis).reversed())
                .toList();
        StringBuilder out = new StringBuilder();
        out.append("<svg class='chart' xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ").append(width).append(' ')
                .append(height).append("' font-family='").append(SvgCanvas.FONT).append("' font-size='12' role='img' "
                + "aria-label='").append(Markup.escape(description(lines))).append("'>\n");
        text(out, 0, 16, "strong", "font-weight='600' font-size='13'", title);
        if (lines.isEmpty()) {
            text(out, width / 2.0, height / 2.0, "quiet", "text-anchor='middle'", "nothing measured yet");
        } else {
            plot(out, lines, new Frame(LEFT, TOP, width - LEFT - right(lines), height - TOP - BOTTOM));
        }
        note(out, width, height);
        return out.append("</svg>\n").toString();
    }

    private boolean drawable(double y) {
        return Double.isFinite(y) && (scale != Scale.LOGARITHMIC || y > 0);
    }

    private static double right(List<Line> lines) {
        double boldFont = 12 * 1.1;
        return 14 + lines.stream().mapToDouble(line -> Labels.width(endLabel(line), boldFont)).max().orElse(0);
    }

    private static String endLabel(Line line) {
        return line.series.emphasis == Emphasis.FAINT ? ""
                : (line.series.name + " " + Numbers.brief(line.last().y(), 3)).strip();
    }

    private String description(List<Line> lines) {
        return title + " by " + xAxis + ". " + lines.stream().filter(line -> line.series.emphasis == Emphasis.NORMAL)
                .map(line -> line.series.name + " from " + Numbers.brief(line.runs.get(0).get(0).y(), 3) + " to "
                        + Numbers.brief(line.last().y(), 3))
                .collect(Collectors.joining("; "));
    }

    /** The plotting area. */
    private record Frame(double left, double top, double width, double height) {}

    private void plot(StringBuilder out, List<Line> lines, Frame frame) {
        List<Point> all = lines.stream().flatMap(line -> line.points().stream()).toList();
        Axis x = Axis.over(all.stream().mapToDouble(Point::x).min().orElseThrow(),
                all.stream().mapToDouble(Point::x).max().orElseThrow(), false);
        Axis y = yAxis(all);
        grid(out, x, y, frame);
        for (Line line : lines) {
            draw(out, line, x, y, frame);
        }
        endLabels(out, lines, x, y, frame);
        out.append(String.format(Locale.ROOT, "<rect class='hover' x='%.1f' y='%.1f' width='%.1f' height='%.1f' "
                + "fill='none' pointer-events='all' data-x='%s %s' data-y='%s %s' data-log='%b' data-name='%s'/>\n",
                frame.left, frame.top, frame.width, frame.height, x.low(), x.high(), y.low(), y.high(), y.logarithmic(),
                Markup.escape(xAxis)));
    }

    private Axis yAxis(List<Point> all) {
        double least = all.stream().mapToDouble(Point::y).min().orElseThrow();
        double most = all.stream().mapToDouble(Point::y).max().orElseThrow();
        if (scale == Scale.FROM_ZERO && least >= 0) {
            return new Axis(0, most > 0 ? most * 1.06 : 1, false);
        }
        return Axis.over(least, most, scale == Scale.LOGARITHMIC).padded(0.05);
    }

    private void grid(StringBuilder out, Axis x, Axis y, Frame frame) {
        for (double tick : y.ticks(Math.max(3, (int) (frame.height / 45)))) {
            double at = frame.top + frame.height * (1 - y.position(tick));
            out.append(String.format(Locale.ROOT, "<path class='grid' stroke='#e3e7ec' d='M%.1f %.1fh%.1f'/>",
                    frame.left, at, frame.width));
            text(out, frame.left - 8, at + 4, "quiet", "text-anchor='end'", Numbers.brief(tick, 3));
        }
        double floor = frame.top + frame.height;
        out.append(String.format(Locale.ROOT, "<path class='axis' stroke='#9aa4b0' d='M%.1f %.1fh%.1f'/>\n",
                frame.left, floor, frame.width));
        for (double tick : x.ticks(Math.max(2, (int) (frame.width / 90)))) {
            if (tick != Math.rint(tick)) {
                continue; // x counts
            }
            double at = frame.left + frame.width * x.position(tick);
            out.append(String.format(Locale.ROOT, "<path class='axis' stroke='#9aa4b0' d='M%.1f %.1fv4'/>", at, floor));
            text(out, at, floor + 18, "quiet", "text-anchor='middle'", Numbers.brief(tick, 3));
        }
        text(out, frame.left - 8, floor + 18, "quiet", "text-anchor='end'", xAxis);
    }

    private static void draw(StringBuilder out, Line line, Axis x, Axis y, Frame frame) {
        boolean faint = line.series.emphasis == Emphasis.FAINT;
        String color = HeatScale.hex(COLORS[line.series.color % COLORS.length]);
        StringBuilder path = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        boolean few = line.points().size() <= 30 && !faint;
        for (List<Point> run : line.runs) {
            char command = 'M';
            for (Point point : run) {
                String at = "%.1f %.1f";
                double px = frame.left + frame.width * x.position(point.x());
                double py = frame.top + frame.height * (1 - y.position(point.y()));
                path.append(command).append(String.format(Locale.ROOT, at, px, py));
                command = 'L';
                if (few || run.size() == 1) {
                    dots.append(String.format(Locale.ROOT, "<circle cx='%.1f' cy='%.1f' r='%s'/>", px, py,
                            faint ? "1.2" : "3"));
                }
            }
        }
        String points = line.points().stream().map(p -> Numbers.exact(p.x(), 12) + " " + Numbers.exact(p.y(), 6))
                .collect(Collectors.joining(","));
        out.append("<g class='line s").append(line.series.color % COLORS.length).append(faint ? " faint'" : "'");
        if (!faint) {
            out.append(" data-name='").append(Markup.escape(line.series.name)).append("' data-points='").append(points)
                    .append('\'');
        }
        out.append(" stroke='").append(color).append("' fill='").append(color).append("' stroke-width='")
                .append(faint ? "1' opacity='0.28" : "2").append("' stroke-linejoin='round'><path fill='none' d='")
                .append(path).append("'/><g stroke='none'>").append(dots).append("</g></g>\n");
    }

    /** Names stand beside the ends of their lines, moved apart where the ends meet. */
    private static void endLabels(StringBuilder out, List<Line> lines, Axis x, Axis y, Frame frame) {
        List<Line> named = lines.stream().filter(line -> line.series.emphasis == Emphasis.NORMAL)
                .sorted(Comparator.comparingDouble((Line line) -> line.last().y()).reversed()).toList();
        List<Double> heights = new ArrayList<>();
        double above = frame.top - 8;
        for (Line line : named) {
            double end = frame.top + frame.height * (1 - y.position(line.last().y()));
            above = Math.max(end, above + 15);
            heights.add(above);
        }
        double below = frame.top + frame.height + 8;
        for (int i = named.size() - 1; i >= 0; i--) {
            below = Math.min(heights.get(i), below - 15);
            int color = named.get(i).series.color % COLORS.length;
            text(out, frame.left + frame.width + 8, below + 4, "name s" + color, "font-weight='600' fill='"
                    + HeatScale.hex(COLORS[color]) + "'", endLabel(named.get(i)));
        }
    }

    private void note(StringBuilder out, int width, int height) {
        long missing = 0;
        for (Series s : series) {
            if (s.emphasis == Emphasis.NORMAL) {
                missing += Arrays.stream(s.y).filter(y -> !drawable(y)).count();
            }
        }
        if (missing > 0) {
            text(out, width, height - 4, "quiet", "text-anchor='end' font-size='11'", missing
                    + (missing == 1 ? " value" : " values") + " left out: not "
                    + (scale == Scale.LOGARITHMIC ? "finite and positive" : "finite"));
        }
    }

    private static void text(StringBuilder out, double x, double y, String style, String attributes, String text) {
        String ink = style.equals("strong") ? "fill='#1c2430' " : style.equals("quiet") ? "fill='#5b6673' " : "";
        out.append(String.format(Locale.ROOT, "<text class='%s' %sx='%.1f' y='%.1f' %s>%s</text>\n", style, ink, x, y,
                attributes, Markup.escape(text)));
    }
}
