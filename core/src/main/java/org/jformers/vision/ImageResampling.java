package org.jformers.vision;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.jformers.model.ConfigException;

/**
 * Changes the size of images as the Pillow library does, to the last bit: a filter as wide as the shrinking asks for,
 * first along rows, then along columns, eight bits between, weights as integers.
 */
enum ImageResampling {
    /** The pixel at the place, whatever is around it. */
    NEAREST(0, 0, x -> 0),
    /** Windowed sinc over 3 pixels. */
    LANCZOS(1, 3, x -> x == 0 ? 1 : sinc(x) * sinc(x / 3)),
    /** A triangle over 1 pixel. */
    BILINEAR(2, 1, x -> 1 - Math.abs(x)),
    /** A cubic over 2 pixels, a = -0.5. */
    BICUBIC(3, 2, x -> cubic(Math.abs(x))),
    /** All pixels alike; of two at the same distance the first. */
    BOX(4, 0.5, x -> x > -0.5 ? 1 : 0),
    /** Windowed sinc over 1 pixel. */
    HAMMING(5, 1, x -> x == 0 ? 1 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x)));

    /** Bits behind the point of integer weights: 32 without sign, sums and eight of a pixel. */
    private static final int PRECISION = 22;

    private final int code;
    private final double support;
    private final DoubleUnaryOperator filter;

    /**
     * @param code the number in configs
     * @param support how far the filter reaches
     * @param filter its value at a distance in [-support, support]
     */
    ImageResampling(int code, double support, DoubleUnaryOperator filter) {
        this.code = code;
        this.support = support;
        this.filter = filter;
    }

    /**
     * The kind that configs call {@code code}.
     *
     * @throws ConfigException if there is none
     */
    static ImageResampling of(int code) {
        return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst().orElseThrow(() ->
                new ConfigException("resample: got " + code + ", allowed " + codes()));
    }

    /** The numbers of all kinds, for messages. */
    static String codes() {
        return Arrays.stream(values()).map(kind -> kind.code + " (" + kind + ")").toList().toString();
    }

    /**
     * Changes the size.
     *
     * @param pixels {@code height} rows of {@code width} pixels of 3 channels, each in [0, 255]
     */
    byte[] resize(byte[] pixels, int height, int width, int toHeight, int toWidth) {
        if (this == NEAREST) {
            return nearest(pixels, height, width, toHeight, toWidth);
        }
        byte[] rows = width == toWidth ? pixels : along(pixels, height, width, toWidth);
        if (height == toHeight) {
            return rows;
        }
        byte[] turned = turned(rows, height, toWidth);
        return turned(along(turned, toWidth, height, toHeight), toWidth, toHeight);
    }

    private static byte[] nearest(byte[] pixels, int height, int width, int toHeight, int toWidth) {
        byte[] made = new byte[toHeight * toWidth * 3];
        for (int row = 0; row < toHeight; row++) {
            int from = (int) ((row + 0.5) * ((double) height / toHeight));
            for (int column = 0; column < toWidth; column++) {
                int at = (int) ((column + 0.5) * ((double) width / toWidth));
                System.arraycopy(pixels, (from * width + at) * 3, made, (row * toWidth + column) * 3, 3);
            }
        }
        return made;
    }

    /** Changes the length of each row. */
    private byte[] along(byte[] pixels, int rows, int length, int toLength) {
        byte[] made = new byte[rows * toLength * 3];
        double step = (double) length / toLength;
        double wide = Math.max(step, 1);
        for (int to = 0; to < toLength; to++) {
            double center = (to + 0.5) * step;
            int from = Math.max(0, (int) (center - support * wide + 0.5));
            int end = Math.min(length, (int) (center + support * wide + 0.5));
            long[] weights = weights(from, end, center, wide);
            for (int row = 0; row < rows; row++) {
                for (int channel = 0; channel < 3; channel++) {
                    long sum = 1L << (PRECISION - 1);
                    for (int at = from; at < end; at++) {
                        sum += weights[at - from] * (pixels[(row * length + at) * 3 + channel] & 0xFF);
                    }
                    made[(row * toLength + to) * 3 + channel] =
                            (byte) Math.min(255, Math.max(0, sum >> PRECISION));
                }
            }
        }
        return made;
    }

    private long[] weights(int from, int end, double center, double wide) {
        double[] exact = new double[end - from];
        double sum = 0;
        for (int i = 0; i < exact.length; i++) {
            double distance = (i + from - center + 0.5) / wide;
            exact[i] = Math.abs(distance) <= support ? filter.applyAsDouble(distance) : 0;
            sum += exact[i];
        }
        long[] weights = new long[exact.length];
        for (int i = 0; i < exact.length; i++) {
            double scaled = exact[i] / sum * (1 << PRECISION);
            weights[i] = (long) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        }
        return weights;
    }

    /** Rows as columns. */
    private static byte[] turned(byte[] pixels, int rows, int length) {
        byte[] made = new byte[pixels.length];
        for (int row = 0; row < rows; row++) {
            for (int at = 0; at < length; at++) {
                System.arraycopy(pixels, (row * length + at) * 3, made, (at * rows + row) * 3, 3);
            }
        }
        return made;
    }

    private static double cubic(double x) {
        return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
    }

    private static double sinc(double x) {
        return Math.sin(x * Math.PI) / (x * Math.PI);
    }
}
