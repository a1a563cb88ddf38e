package org.jformers.vision;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a camera was held: tag 274 of EXIF, or {@code tiff:Orientation} of XMP where EXIF does not say it, in JPEG, PNG,
 * WebP and TIFF. Source: Exif 2.32, 4.6.4.A; the turns are those of Pillow's {@code exif_transpose}.
 */
final class ImageOrientation {
    private static final int TAG = 274;
    private static final Pattern XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");
    private static final byte[] EXIF_MARK = "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] XMP_MARK = "http://ns.adobe.com/xap/1.0/\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] XMP_KEYWORD = "XML:com.adobe.xmp\0".getBytes(StandardCharsets.ISO_8859_1);

    private OptionalInt exif = OptionalInt.empty();
    private OptionalInt xmp = OptionalInt.empty();

    private ImageOrientation() {}

    /** The number in a file, 1 to 8; 1 where there is none. */
    static int of(byte[] file) {
        ImageOrientation found = new ImageOrientation();
        ByteBuffer data = ByteBuffer.wrap(file);
        if (starts(data, 0, 0xFF, 0xD8)) {
            found.jpeg(data);
        } else if (starts(data, 0, 0x89, 'P', 'N', 'G')) {
            found.png(data);
        } else if (starts(data, 0, 'R', 'I', 'F', 'F') && starts(data, 8, 'W', 'E', 'B', 'P')) {
            found.webp(data);
        } else {
            found.tiff(data);
        }
        int number = found.exif.orElse(found.xmp.orElse(1));
        return number >= 1 && number <= 8 ? number : 1;
    }

    /** Turns an image so that it stands upright. */
    static BufferedImage upright(BufferedImage image, int number) {
        if (number == 1) {
            return image;
        }
        Raster from = image.getRaster();
        boolean lies = number >= 5;
        int width = lies ? from.getHeight() : from.getWidth();
        int height = lies ? from.getWidth() : from.getHeight();
        WritableRaster to = from.createCompatibleWritableRaster(width, height);
        int[] pixel = new int[from.getNumBands()];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int along = lies ? y : x;
                int across = lies ? x : y;
                boolean mirrorsColumns = number == 2 || number == 3 || number == 7 || number == 8;
                boolean mirrorsRows = number == 3 || number == 4 || number == 6 || number == 7;
                from.getPixel(from.getMinX() + (mirrorsColumns ? from.getWidth() - 1 - along : along),
                        from.getMinY() + (mirrorsRows ? from.getHeight() - 1 - across : across), pixel);
                to.setPixel(x, y, pixel);
            }
        }
        return new BufferedImage(image.getColorModel(), to, image.isAlphaPremultiplied(), null);
    }

    private void jpeg(ByteBuffer data) {
        int at = 2;
        while (at + 4 <= data.limit() && (data.get(at) & 0xFF) == 0xFF) {
            int marker = data.get(at + 1) & 0xFF;
            int length = data.getShort(at + 2) & 0xFFFF;
            if (marker == 0xDA || length < 2 || at + 2 + length > data.limit()) {
                return;
            }
            if (marker == 0xE1) {
                segment(data.slice(at + 4, length - 2));
            }
            at += 2 + length;
        }
    }

    private void segment(ByteBuffer data) {
        if (starts(data, EXIF_MARK)) {
            tiff(data.slice(EXIF_MARK.length, data.limit() - EXIF_MARK.length));
        } else if (starts(data, XMP_MARK)) {
            xmp(data);
        }
    }

    private void png(ByteBuffer data) {
        int at = 8;
        while (at + 12 <= data.limit()) {
            int length = data.getInt(at);
            if (length < 0 || length > data.limit() - at - 12) {
                return;
            }
            ByteBuffer chunk = data.slice(at + 8, length);
            if (starts(data, at + 4, 'e', 'X', 'I', 'f')) {
                tiff(chunk);
            } else if (starts(data, at + 4, 'i', 'T', 'X', 't') && starts(chunk, XMP_KEYWORD)) {
                xmp(chunk);
            }
            at += 12 + length;
        }
    }

    private void webp(ByteBuffer data) {
        data.order(ByteOrder.LITTLE_ENDIAN);
        int at = 12;
        while (at + 8 <= data.limit()) {
            int length = data.getInt(at + 4);
            if (length < 0 || length > data.limit() - at - 8) {
                return;
            }
            ByteBuffer chunk = data.slice(at + 8, length);
            if (starts(data, at, 'E', 'X', 'I', 'F')) {
                boolean marked = starts(chunk, EXIF_MARK);
                tiff(marked ? chunk.slice(EXIF_MARK.length, length - EXIF_MARK.length) : chunk);
            } else if (starts(data, at, 'X', 'M', 'P', ' ')) {
                xmp(chunk);
            }
            at += 8 + length + (length & 1);
        }
    }

    /** The first directory of a TIFF header; broken ones say nothing. */
    private void tiff(ByteBuffer data) {
        if (data.limit() < 8 || !starts(data, 0, 'I', 'I') && !starts(data, 0, 'M', 'M')) {
            return;
        }
        ByteBuffer ordered = data.duplicate()
                .order(data.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        int directory = ordered.getInt(4);
        if (ordered.getShort(2) != 42 || directory < 0 || directory > ordered.limit() - 2) {
            return;
        }
        int entries = ordered.getShort(directory) & 0xFFFF;
        for (int entry = 0; entry < entries; entry++) {
            int at = directory + 2 + entry * 12;
            if (at > ordered.limit() - 12) {
                return;
            }
            if ((ordered.getShort(at) & 0xFFFF) == TAG) {
                boolean wide = ordered.getShort(at + 2) == 4;
                exif = OptionalInt.of(wide ? ordered.getInt(at + 8) : ordered.getShort(at + 8) & 0xFFFF);
                return;
            }
        }
    }

    private void xmp(ByteBuffer data) {
        byte[] bytes = new byte[data.limit()];
        data.get(0, bytes);
        Matcher matcher = XMP.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        if (matcher.find()) {
            xmp = OptionalInt.of(Integer.parseInt(matcher.group(1)));
        }
    }

    private static boolean starts(ByteBuffer data, byte[] mark) {
        if (data.limit() < mark.length) {
            return false;
        }
        byte[] begin = new byte[mark.length];
        data.get(0, begin);
        return Arrays.equals(begin, mark);
    }

    private static boolean starts(ByteBuffer data, int at, int... bytes) {
        if (at + bytes.length > data.limit()) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if ((data.get(at + i) & 0xFF) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
