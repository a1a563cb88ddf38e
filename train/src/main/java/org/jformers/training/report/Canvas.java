package org.jformers.training.report;

/** What a plot is drawn on; lengths in pixels, y grows downwards. One layout, drawn as SVG or as a bitmap. */
interface Canvas {

    /** The few colors of a plot apart from its data. */
    enum Ink {
        PAPER(0xffffff),
        STRONG(0x1c2430),
        QUIET(0x5b6673),
        FRAME(0xc9d0d9),
        INVALID(0xd0803c);

        final int color;

        Ink(int color) {
            this.color = color;
        }
    }

    /** Where a text stands relative to its point. */
    enum Anchor { START, MIDDLE, END }

    /** A text in one line. Vertical text reads upwards from its point. */
    record Text(String text, double x, double y, double size, Ink ink, Anchor anchor, boolean bold, boolean vertical) {
        static Text of(String text, double x, double y, double size, Ink ink) {
            return new Text(text, x, y, size, ink, Anchor.START, false, false);
        }

        Text anchored(Anchor newAnchor) {
            return new Text(text, x, y, size, ink, newAnchor, bold, vertical);
        }

        Text inBold() {
            return new Text(text, x, y, size, ink, anchor, true, vertical);
        }

        Text upwards() {
            return new Text(text, x, y, size, ink, anchor, bold, true);
        }
    }

    void text(Text text);

    /** A matrix of square cells on a ground of level 0, framed. */
    void cells(double x, double y, double cell, int[][] levels);
}
