package org.jformers.vision;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * Red, green and blue of images, as the Pillow library converts to RGB: colours of a palette, grey as it is, four inks
 * without a profile; the high eight of sixteen bits, but grey alone cut at 255, as Pillow does; transparency and
 * colour profiles have no effect.
 */
final class ImagePixels {
    private static final int WHITE = 255;

    private ImagePixels() {}

    /** Three bytes of each pixel, row by row. */
    static byte[] rgb(BufferedImage image) {
        if (image.getColorModel() instanceof IndexColorModel) {
            return ofPalette(image);
        }
        Raster raster = image.getRaster();
        return rgb(raster, raster.getNumBands() <= 2 ? new int[] {0, 0, 0} : new int[] {0, 1, 2});
    }

    private static byte[] ofPalette(BufferedImage image) {
        byte[] values = new byte[Math.multiplyExact(3, image.getWidth() * image.getHeight())];
        int at = 0;
        for (int row = 0; row < image.getHeight(); row++) {
            for (int column = 0; column < image.getWidth(); column++) {
                int colour = image.getRGB(column, row);
                values[at++] = (byte) (colour >> 16);
                values[at++] = (byte) (colour >> 8);
                values[at++] = (byte) colour;
            }
        }
        return values;
    }

    private static byte[] rgb(Raster raster, int[] bands) {
        int width = raster.getWidth();
        byte[] values = new byte[Math.multiplyExact(3, width * raster.getHeight())];
        int[] line = new int[width * raster.getNumBands()];
        int[] bits = raster.getSampleModel().getSampleSize();
        int at = 0;
        for (int row = 0; row < raster.getHeight(); row++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + row, width, 1, line);
            for (int column = 0; column < width; column++) {
                for (int band : bands) {
                    int sample = line[column * bits.length + band];
                    values[at++] = (byte) eightBits(sample, bits[band], bits.length == 1);
                }
            }
        }
        return values;
    }

    private static int eightBits(int sample, int bits, boolean grey) {
        if (bits > 8) {
            return grey ? Math.min(WHITE, sample) : sample >>> (bits - 8);
        }
        return bits == 8 ? sample : sample * WHITE / ((1 << bits) - 1);
    }

    /**
     * Colours of the four inks of a JPEG, without a profile.
     *
     * @param inks four bands, cyan, magenta, yellow and black, or luminance, two chrominances and black
     * @param inverted whether 255 stands for no ink, as Adobe writes it
     * @param luminance whether the first three are a luminance and two chrominances
     */
    static BufferedImage ofInks(Raster inks, boolean inverted, boolean luminance) {
        int width = inks.getWidth();
        BufferedImage image = new BufferedImage(width, inks.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
        int[] line = new int[width * 4];
        int[] made = new int[width * 3];
        for (int row = 0; row < inks.getHeight(); row++) {
            inks.getPixels(inks.getMinX(), inks.getMinY() + row, width, 1, line);
            for (int column = 0; column < width; column++) {
                int[] four = {line[column * 4], line[column * 4 + 1], line[column * 4 + 2], line[column * 4 + 3]};
                if (luminance) {
                    toInks(four);
                }
                int blank = inverted ? four[3] : WHITE - four[3];
                for (int channel = 0; channel < 3; channel++) {
                    int ink = inverted ? WHITE - four[channel] : four[channel];
                    made[column * 3 + channel] = Math.max(0, Math.min(WHITE, blank - product(ink, blank)));
                }
            }
            image.getRaster().setPixels(0, row, width, 1, made);
        }
        return image;
    }

    /** a b / 255, rounded, in integers. */
    private static int product(int a, int b) {
        int sum = a * b + 128;
        return (sum + (sum >> 8)) >> 8;
    }

    /** The JPEG standard's way to red, green and blue, of which the inks are the rest to white. */
    private static void toInks(int[] four) {
        double red = four[0] + 1.402 * (four[2] - 128);
        double green = four[0] - 0.344136 * (four[1] - 128) - 0.714136 * (four[2] - 128);
        double blue = four[0] + 1.772 * (four[1] - 128);
        four[0] = WHITE - clamp(red);
        four[1] = WHITE - clamp(green);
        four[2] = WHITE - clamp(blue);
    }

    private static int clamp(double value) {
        return (int) Math.max(0, Math.min(WHITE, Math.rint(value)));
    }
}
