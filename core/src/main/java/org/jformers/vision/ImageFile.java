package org.jformers.vision;

import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jformers.JformersException;
import org.jformers.model.Extent;

/**
 * Reads image files as the reference does ({@code load_image} of transformers 5.18, with Pillow): PNG, JPEG, GIF, BMP,
 * TIFF and WebP, of several images the first, turned as EXIF says. Pixels are those of Pillow, but for lossy WebP,
 * which differs by two levels on average.
 *
 * <p>Files have at most {@link #MOST_BYTES} bytes and {@link ImageProcessor#MOST_PIXELS} pixels; the header says how
 * many before anything is decoded.
 */
public final class ImageFile {
    /** Most bytes of a file. */
    public static final long MOST_BYTES = 256L << 20;

    private static final List<String> KINDS = List.of("PNG", "JPEG", "GIF", "BMP", "TIFF", "WebP");

    private ImageFile() {}

    /**
     * Reads a file.
     *
     * @throws JformersException if it is no image that can be read, or too large
     */
    public static BufferedImage read(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new JformersException("image: got " + Files.size(file) + " bytes, allowed at most " + MOST_BYTES
                        + ", in " + file);
            }
            byte[] bytes = Files.readAllBytes(file);
            BufferedImage image = decoded(JpegHeader.withoutProfile(bytes), file);
            return ImageOrientation.upright(image, ImageOrientation.of(bytes));
        } catch (JformersException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Decoders end in exceptions of any kind for files that are damaged.
            throw new JformersException("image: cannot be read, " + e.getMessage() + ", " + file, e);
        }
    }

    /**
     * Height and width of a file's image as its header says, before it is turned; nothing else is read.
     *
     * @throws JformersException if it is no image that can be read, or too large
     */
    public static Extent size(Path file) {
        try (ImageInputStream stream = new FileImageInputStream(file.toFile())) {
            ImageReader reader = reader(stream, Files.size(file), file);
            try {
                reader.setInput(stream, false, true);
                requireFewPixels(reader, file);
                return new Extent(reader.getHeight(0), reader.getWidth(0));
            } finally {
                reader.dispose();
            }
        } catch (JformersException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new JformersException("image: cannot be read, " + e.getMessage() + ", " + file, e);
        }
    }

    private static void requireFewPixels(ImageReader reader, Path file) throws IOException {
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > ImageProcessor.MOST_PIXELS) {
            throw new JformersException("image: got " + reader.getWidth(0) + " x " + reader.getHeight(0)
                    + " pixels, allowed at most " + ImageProcessor.MOST_PIXELS + " together, in " + file);
        }
    }

    private static BufferedImage decoded(byte[] bytes, Path file) throws IOException {
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            ImageReader reader = reader(stream, bytes.length, file);
            try {
                reader.setInput(stream, false, false);
                reader.addIIOReadWarningListener((source, warning) -> {
                    // The JDK fills what is missing of a JPEG with grey.
                    if (warning.contains("Premature end") || warning.contains("runcated")) {
                        throw cutOff(file);
                    }
                });
                requireFewPixels(reader, file);
                requireWholeScreen(bytes, reader, file);
                JpegHeader header = JpegHeader.of(bytes);
                return header.components() == 4
                        ? ImagePixels.ofInks(reader.readRaster(0, null), header.fromAdobe(), header.luminance())
                        : reader.read(0);
            } finally {
                reader.dispose();
            }
        }
    }

    private static JformersException cutOff(Path file) {
        return new JformersException("image: cannot be read, it is cut off, " + file);
    }

    private static ImageReader reader(ImageInputStream stream, long length, Path file) throws IOException {
        ImageReaderSpi webp = new WebPImageReaderSpi();
        if (webp.canDecodeInput(stream)) {
            stream.mark();
            stream.setByteOrder(ByteOrder.LITTLE_ENDIAN);
            stream.skipBytes(4);
            if (stream.readUnsignedInt() + 8 > length) {
                throw cutOff(file);
            }
            stream.reset();
            stream.setByteOrder(ByteOrder.BIG_ENDIAN);
            return webp.createReaderInstance();
        }
        Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
        if (!readers.hasNext()) {
            throw new JformersException("image: got a file of no known kind, allowed " + KINDS + ", in " + file);
        }
        return readers.next();
    }

    /** A GIF may have a first image that covers only a part of its screen; what is around it is undefined. */
    private static void requireWholeScreen(byte[] bytes, ImageReader reader, Path file) throws IOException {
        if (bytes.length > 10 && bytes[0] == 'G' && bytes[1] == 'I' && bytes[2] == 'F') {
            int width = bytes[6] & 0xFF | (bytes[7] & 0xFF) << 8;
            int height = bytes[8] & 0xFF | (bytes[9] & 0xFF) << 8;
            if (reader.getWidth(0) != width || reader.getHeight(0) != height) {
                throw new JformersException("image: got a GIF whose first image of " + reader.getWidth(0) + " x "
                        + reader.getHeight(0) + " does not fill its screen of " + width + " x " + height
                        + " pixels, allowed one that does, in " + file);
            }
        }
    }
}
