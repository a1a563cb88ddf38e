package org.jformers.training.report;

import java.awt.AWTError;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.training.report.Canvas.Anchor;
import org.jformers.training.report.Canvas.Ink;
import org.jformers.training.report.Canvas.Text;

/**
 * Attention weights as one heat map per head, up to four in a row, tokens on the axes. All heads share one scale, from
 * 0 to the largest weight. Weights that are not finite are drawn in a color of their own.
 *
 * @param title heading of the plot
 * @param rowAxis what a row is, such as "phonemes written"
 * @param columnAxis what a column is, such as "letters read"
 * @param rows token of each row (the query)
 * @param columns token of each column (the key)
 * @param weights attention weights [heads, rows, columns]
 */
public record AttentionPlot(
        String title, String rowAxis, String columnAxis, List<String> rows, List<String> columns, float[][][] weights) {

    private static final int MARGIN = 20;
    private static final int HEADER = 62;
    private static final int HEAD_TITLE = 20;
    private static final int GAP = 22;
    /** Width of the report's column, which a plot fits into if its cells stay legible. */
    private static final int PAGE = 1080;
    private static final long MOST_PIXELS = 50_000_000;
    private static final int SMALLEST_SHRUNK_CELL = 14;

    public AttentionPlot {
        rows = List.copyOf(rows);
        columns = List.copyOf(columns);
        if (weights.length == 0 || rows.isEmpty() || columns.isEmpty()) {
            throw new ReportException("attention plot: needs at least one head, row and column, got "
                    + weights.length + " heads, " + rows.size() + " rows, " + columns.size() + " columns");
        }
        for (int head = 0; head < weights.length; head++) {
            if (weights[head].length != rows.size()) {
                throw new ReportException("attention plot: " + rows.size() + " row labels need as many rows, got "
                        + weights[head].length + ", in head " + (head + 1));
            }
            for (float[] row : weights[head]) {
                if (row.length != columns.size()) {
                    throw new ReportException("attention plot: " + columns.size()
                            + " column labels need as many columns, got " + row.length + ", in head " + (head + 1));
                }
            }
        }
    }

    /** Writes SVG or PNG, as the file's name ends; the old file stays until the new one is whole. */
    public void write(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".svg")) {
            AtomicFile.write(file, svg().getBytes(StandardCharsets.UTF_8));
        } else if (name.endsWith(".png")) {
            AtomicFile.write(file, png());
        } else {
            throw new ReportException("attention plot: file name must end in .svg or .png, got " + file);
        }
    }

    /** A complete SVG document: no script, no link, system fonts. */
    public String svg() {
        Layout layout = Layout.headed(this);
        SvgCanvas canvas = new SvgCanvas();
        draw(canvas, layout);
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" \
                font-family="%3$s" role="img" aria-labelledby="title desc">
                <title id="title">%4$s</title>
                <desc id="desc">%5$s</desc>
                <rect width="%1$d" height="%2$d" fill="#ffffff"/>
                %6$s</svg>
                """.formatted(layout.width, layout.height, SvgCanvas.FONT, Markup.escape(title),
                Markup.escape(description()), canvas.content());
    }

    /** An svg element for a page that brings its own heading, colors and hover text. */
    String fragment() {
        Layout layout = Layout.within(PAGE, this);
        SvgCanvas canvas = new SvgCanvas();
        for (int head = 0; head < weights.length; head++) {
            canvas.open("g class='head' data-cell='" + layout.cell + "' data-x='" + layout.mapLeft(head)
                    + "' data-y='" + (layout.mapTop(head) - HEADER)
                    + "' data-weights='" + hex(weights[head]) + "'");
            drawHead(canvas, layout, head, -HEADER);
            canvas.close("g");
        }
        return """
                <svg class="attention" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img" \
                aria-label="%3$s" data-rows="%4$s" data-columns="%5$s">
                %6$s</svg>
                """.formatted(layout.width, layout.height - HEADER, Markup.escape(title + ". " + description()),
                Markup.escape(String.join(" ", Labels.of(rows))),
                Markup.escape(String.join(" ", Labels.of(columns))), canvas.content());
    }

    /** Two hex digits a cell, 0 to 255 for 0 to 1. */
    private static String hex(float[][] matrix) {
        StringBuilder out = new StringBuilder();
        for (float[] row : matrix) {
            for (float weight : row) {
                out.append("%02x".formatted(Math.max(0, Math.min(255, Math.round(weight * 255)))));
            }
        }
        return out.toString();
    }

    /** The same picture as a bitmap, two pixels for one of the SVG; one where it would get too large. */
    public byte[] png() {
        Layout layout = Layout.headed(this);
        long pixels = (long) layout.width * layout.height;
        if (pixels > MOST_PIXELS) {
            throw new ReportException("attention plot: a PNG may have " + MOST_PIXELS + " pixels, got " + layout.width
                    + " x " + layout.height + " for " + rows.size() + " by " + columns.size()
                    + " tokens, write .svg instead");
        }
        BufferedImage image;
        int scale = 4 * pixels > MOST_PIXELS ? 1 : 2;
        try (BitmapCanvas canvas = new BitmapCanvas(layout.width, layout.height, scale)) {
            draw(canvas, layout);
            image = canvas.image();
        } catch (AWTError | LinkageError | InternalError | RuntimeException e) {
            // What a JDK throws where it finds no font, no font library or no display differs with its version.
            throw new ReportException("attention plot: cannot draw a PNG here, write .svg instead, or see that "
                    + "there are fonts and -Djava.awt.headless=true is set: " + e, e);
        }
        return encoded(image);
    }

    private static byte[] encoded(BufferedImage image) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new ReportException("attention plot: cannot encode PNG: " + e.getMessage(), e);
        }
        return bytes.toByteArray();
    }

    private String description() {
        return "%d heat map%s of attention weights, %d rows (%s: %s) by %d columns (%s: %s), colored from 0 to %s."
                .formatted(weights.length, weights.length == 1 ? "" : "s",
                        rows.size(), rowAxis, String.join(" ", Labels.of(rows)),
                        columns.size(), columnAxis, String.join(" ", Labels.of(columns)), most(largest()));
    }

    private float largest() {
        float largest = 0;
        for (float[][] head : weights) {
            for (float[] row : head) {
                for (float weight : row) {
                    largest = Float.isFinite(weight) ? Math.max(largest, weight) : largest;
                }
            }
        }
        return largest;
    }

    private static String most(float weight) {
        return String.format(Locale.ROOT, "%.2f", weight);
    }

    private void draw(Canvas canvas, Layout layout) {
        canvas.text(Text.of(title, MARGIN, 28, 16, Ink.STRONG).inBold());
        canvas.text(Text.of("rows: " + rowAxis + " · columns: " + columnAxis, MARGIN, 48, 12, Ink.QUIET));
        drawScale(canvas, layout);
        for (int head = 0; head < weights.length; head++) {
            drawHead(canvas, layout, head, 0);
        }
    }

    private void drawScale(Canvas canvas, Layout layout) {
        int[] ramp = IntStream.range(0, HeatScale.LEVELS).toArray();
        double cell = 4;
        double right = layout.width - MARGIN - 28;
        double left = right - HeatScale.LEVELS * cell;
        canvas.text(Text.of("0", left - 6, 48, 11, Ink.QUIET).anchored(Anchor.END));
        canvas.text(Text.of(most(largest()), right + 6, 48, 11, Ink.QUIET));
        canvas.cells(left, 40, cell, new int[][] {ramp, ramp});
    }

    private void drawHead(Canvas canvas, Layout layout, int head, double shift) {
        double left = layout.mapLeft(head);
        double top = layout.mapTop(head) + shift;
        double middle = layout.cell / 2.0 + layout.font * 0.36;
        canvas.text(Text.of("head " + (head + 1), left, top - layout.columnLabels - 8, 12, Ink.STRONG).inBold());
        for (int column = 0; column < columns.size(); column++) {
            double x = left + column * layout.cell;
            String label = Labels.of(columns.get(column));
            canvas.text(Labels.width(label, layout.font) > layout.cell
                    ? Text.of(label, x + middle, top - 5, layout.font, Ink.QUIET).upwards()
                    : Text.of(label, x + layout.cell / 2.0, top - 5, layout.font, Ink.QUIET).anchored(Anchor.MIDDLE));
        }
        for (int row = 0; row < rows.size(); row++) {
            double y = top + row * layout.cell + middle;
            canvas.text(Text.of(Labels.of(rows.get(row)), left - 6, y, layout.font, Ink.QUIET).anchored(Anchor.END));
        }
        canvas.cells(left, top, layout.cell, levels(weights[head], largest()));
    }

    private static int[][] levels(float[][] weights, float most) {
        int[][] levels = new int[weights.length][];
        for (int row = 0; row < weights.length; row++) {
            levels[row] = new int[weights[row].length];
            for (int column = 0; column < levels[row].length; column++) {
                float weight = weights[row][column];
                levels[row][column] = Float.isFinite(weight) ? HeatScale.level(weight, most) : -1;
            }
        }
        return levels;
    }

    /** Where everything stands: a grid of equal panels, each a title, column labels, row labels and the map. */
    private record Layout(int cell, double font, int rowLabels, int columnLabels, int panelsInRow, int panelWidth,
            int panelHeight, int width, int height) {

        /** A document of its own, as wide as its heading and the grid below it need. */
        static Layout headed(AttentionPlot plot) {
            Layout grid = grid(plot, cell(plot), 4);
            double axes = Labels.width("rows: · columns: " + plot.rowAxis + plot.columnAxis, 12) + 220;
            double heading = Math.max(Labels.width(plot.title, 16), axes);
            int width = Math.max(grid.width, 2 * MARGIN + (int) Math.ceil(heading));
            return new Layout(grid.cell, grid.font, grid.rowLabels, grid.columnLabels, grid.panelsInRow,
                    grid.panelWidth, grid.panelHeight, width, grid.height);
        }

        /** No wider than that, if smaller cells or fewer panels in a row can make it so. */
        static Layout within(int room, AttentionPlot plot) {
            int cell = cell(plot);
            Layout layout = grid(plot, cell, 4);
            int smallest = Math.min(cell, SMALLEST_SHRUNK_CELL);
            for (int inRow = 4; inRow > 0 && layout.width > room; inRow /= 2) {
                for (int size = cell; size >= smallest && layout.width > room; size--) {
                    layout = grid(plot, size, inRow);
                }
            }
            return layout;
        }

        private static Layout grid(AttentionPlot plot, int cell, int mostInRow) {
            double font = Math.min(12, cell - 1.5);
            double widestColumn = widest(plot.columns, font);
            int rowLabels = (int) Math.ceil(widest(plot.rows, font)) + 8;
            int columnLabels = (int) Math.ceil(widestColumn > cell ? widestColumn + 6 : font + 6);
            int panelWidth = rowLabels + plot.columns.size() * cell;
            int panelHeight = HEAD_TITLE + columnLabels + plot.rows.size() * cell;
            int heads = plot.weights.length;
            int panelsInRow = Math.min(Math.min(heads, mostInRow), panelWidth <= 480 ? 4 : 2);
            int lines = (heads + panelsInRow - 1) / panelsInRow;
            int grid = panelsInRow * (panelWidth + GAP) - GAP;
            return new Layout(cell, font, rowLabels, columnLabels, panelsInRow, panelWidth, panelHeight,
                    2 * MARGIN + grid, HEADER + lines * (panelHeight + GAP) - GAP + MARGIN);
        }

        private static int cell(AttentionPlot plot) {
            int tokens = Math.max(plot.rows.size(), plot.columns.size());
            return tokens <= 14 ? 20 : tokens <= 22 ? 16 : tokens <= 34 ? 13 : 11;
        }

        private static double widest(List<String> tokens, double font) {
            return tokens.stream().mapToDouble(token -> Labels.width(Labels.of(token), font)).max().orElse(0);
        }

        int mapLeft(int head) {
            return MARGIN + head % panelsInRow * (panelWidth + GAP) + rowLabels;
        }

        int mapTop(int head) {
            return HEADER + head / panelsInRow * (panelHeight + GAP) + HEAD_TITLE + columnLabels;
        }
    }
}
