package org.jformers.training.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;

/** Draws into a bitmap, {@code scale} pixels for one of the layout; needs no display. */
final class BitmapCanvas implements Canvas, AutoCloseable {
    private final BufferedImage image;
    private final Graphics2D graphics;
    private final int scale;

    BitmapCanvas(int width, int height, int scale) {
        this.scale = scale;
        image = new BufferedImage(width * scale, height * scale, BufferedImage.TYPE_INT_RGB);
        graphics = image.createGraphics();
        graphics.scale(scale, scale);
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
        graphics.setColor(new Color(Ink.PAPER.color));
        graphics.fillRect(0, 0, width, height);
    }

    @Override
    public void text(Text text) {
        Font font = new Font(Font.SANS_SERIF, text.bold() ? Font.BOLD : Font.PLAIN, 1).deriveFont((float) text.size());
        graphics.setFont(font);
        graphics.setColor(new Color(text.ink().color));
        double width = font.getStringBounds(text.text(), graphics.getFontRenderContext()).getWidth();
        double shift = text.anchor() == Anchor.START ? 0 : text.anchor() == Anchor.MIDDLE ? -width / 2 : -width;
        AffineTransform before = graphics.getTransform();
        graphics.translate(text.x(), text.y());
        if (text.vertical()) {
            graphics.rotate(-Math.PI / 2);
        }
        graphics.drawString(text.text(), (float) shift, 0);
        graphics.setTransform(before);
    }

    @Override
    public void cells(double x, double y, double cell, int[][] levels) {
        // Whole device pixels: cells that share an edge leave no seam.
        int left = (int) Math.round(x * scale);
        int top = (int) Math.round(y * scale);
        int size = (int) Math.round(cell * scale);
        AffineTransform before = graphics.getTransform();
        graphics.setTransform(new AffineTransform());
        for (int row = 0; row < levels.length; row++) {
            for (int column = 0; column < levels[row].length; column++) {
                int level = levels[row][column];
                graphics.setColor(new Color(level < 0 ? Ink.INVALID.color : HeatScale.light(level)));
                graphics.fillRect(left + column * size, top + row * size, size, size);
            }
        }
        graphics.setColor(new Color(Ink.FRAME.color));
        graphics.drawRect(left - 1, top - 1, levels[0].length * size + 1, levels.length * size + 1);
        graphics.setTransform(before);
    }

    BufferedImage image() {
        return image;
    }

    @Override
    public void close() {
        graphics.dispose();
    }
}
