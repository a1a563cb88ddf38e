package org.jformers.training.report;

import java.util.Locale;

/**
 * Draws SVG. Colors are attributes, so that every viewer shows them, with a class beside them, by which a page's style
 * can replace them.
 */
final class SvgCanvas implements Canvas {
    static final String FONT = "system-ui,-apple-system,Segoe UI,Roboto,Helvetica Neue,Arial,Noto Sans,sans-serif";

    private final StringBuilder out = new StringBuilder();

    @Override
    public void text(Text text) {
        out.append("<text class='").append(name(text.ink())).append("' fill='")
                .append(HeatScale.hex(text.ink().color)).append("' font-size='").append(number(text.size()))
                .append("'");
        if (text.bold()) {
            out.append(" font-weight='600'");
        }
        if (text.anchor() != Anchor.START) {
            out.append(" text-anchor='").append(name(text.anchor())).append('\'');
        }
        if (text.vertical()) {
            out.append(" transform='translate(").append(number(text.x())).append(' ').append(number(text.y()))
                    .append(")rotate(-90)'");
        } else {
            out.append(" x='").append(number(text.x())).append("' y='").append(number(text.y())).append('\'');
        }
        out.append('>').append(Markup.escape(text.text())).append("</text>\n");
    }

    /** One path for each level: a map of many equal cells stays small. */
    @Override
    public void cells(double x, double y, double cell, int[][] levels) {
        int columns = levels[0].length;
        out.append("<g transform='translate(").append(number(x)).append(' ').append(number(y)).append(")scale(")
                .append(number(cell)).append(")' shape-rendering='crispEdges'>");
        String size = "width='" + columns + "' height='" + levels.length + "'";
        out.append("<rect class='h0' ").append(size).append(" fill='").append(HeatScale.hex(HeatScale.light(0)))
                .append("'/>");
        for (int level = -1; level < HeatScale.LEVELS; level++) {
            String path = level == 0 ? "" : path(levels, level);
            if (!path.isEmpty()) {
                out.append("<path class='").append(level < 0 ? name(Ink.INVALID) : "h" + level).append("' fill='")
                        .append(HeatScale.hex(level < 0 ? Ink.INVALID.color : HeatScale.light(level)))
                        .append("' d='").append(path).append("'/>");
            }
        }
        out.append("</g>\n<rect class='frame' x='").append(number(x - 0.5)).append("' y='").append(number(y - 0.5))
                .append("' width='").append(number(columns * cell + 1)).append("' height='")
                .append(number(levels.length * cell + 1)).append("' fill='none' stroke='")
                .append(HeatScale.hex(Ink.FRAME.color)).append("'/>\n");
    }

    /** The runs of that level, row by row. */
    private static String path(int[][] levels, int level) {
        StringBuilder path = new StringBuilder();
        for (int row = 0; row < levels.length; row++) {
            int column = 0;
            while (column < levels[row].length) {
                int start = column;
                while (column < levels[row].length && levels[row][column] == level) {
                    column++;
                }
                if (column > start) {
                    path.append('M').append(start).append(' ').append(row).append('h').append(column - start)
                            .append("v1H").append(start).append('z');
                } else {
                    column++;
                }
            }
        }
        return path.toString();
    }

    /** Opens an element around what follows, for scripts to find. */
    void open(String element) {
        out.append('<').append(element).append(">\n");
    }

    void close(String name) {
        out.append("</").append(name).append(">\n");
    }

    /** What was drawn, without the svg element around it. */
    String content() {
        return out.toString();
    }

    static String number(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value);
        return text.replaceAll("\\.?0+$", "");
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
