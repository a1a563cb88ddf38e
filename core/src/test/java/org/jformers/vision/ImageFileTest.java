package org.jformers.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jformers.JformersException;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Files of every kind, and the pixels that Pillow reads from them. */
final class ImageFileTest {
    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> readsWhatPillowReads() throws IOException, URISyntaxException {
        Path images = Path.of(Objects.requireNonNull(
                ImageFileTest.class.getResource("/fixtures/images/pixels.json")).toURI());
        JsonNode pixels = new ObjectMapper().readTree(images.toFile());
        assertThat(pixels).hasSizeGreaterThan(40);
        return pixels.propertyStream().map(entry -> DynamicTest.dynamicTest(entry.getKey(),
                () -> check(images.resolveSibling(entry.getKey()), entry)));
    }

    private static void check(Path file, Map.Entry<String, JsonNode> expected) {
        BufferedImage image = ImageFile.read(file);
        assertThat(image.getWidth()).isEqualTo(expected.getValue().get("width").intValue());
        assertThat(image.getHeight()).isEqualTo(expected.getValue().get("height").intValue());
        byte[] got = ImagePixels.rgb(image);
        byte[] rgb = Base64.getDecoder().decode(expected.getValue().get("rgb").textValue());
        int most = 0;
        long sum = 0;
        for (int i = 0; i < rgb.length; i++) {
            int difference = Math.abs((got[i] & 0xFF) - (rgb[i] & 0xFF));
            most = Math.max(most, difference);
            sum += difference;
        }
        // The library's decoder of lossy WebP is not exact, and does not interpolate chrominances: two levels on
        // average in a photograph, more at the edges of this small drawing.
        boolean lossy = expected.getKey().startsWith("lossy");
        assertThat(most).isLessThanOrEqualTo(lossy ? 45 : 0);
        assertThat((double) sum / rgb.length).isLessThan(lossy ? 4.5 : 1e-9);
    }

    /** Twelve gigabytes if it were decoded. */
    @Test
    void readsTheNumberOfPixelsBeforeDecoding() throws IOException {
        Path file = folder.resolve("huge.png");
        ByteBuffer png = ByteBuffer.allocate(8 + 25 + 20 + 12)
                .put(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
        chunk(png, "IHDR", ByteBuffer.allocate(13).putInt(20_000).putInt(20_000).put((byte) 8).put((byte) 2).array());
        chunk(png, "IDAT", new byte[] {0x78, (byte) 0x9C, 3, 0, 0, 0, 0, 1});
        chunk(png, "IEND", new byte[0]);
        Files.write(file, png.array());
        assertThatThrownBy(() -> ImageFile.read(file)).isInstanceOf(JformersException.class)
                .hasMessage("image: got 20000 x 20000 pixels, allowed at most 64000000 together, in " + file);
    }

    private static void chunk(ByteBuffer png, String kind, byte[] data) {
        CRC32 sum = new CRC32();
        byte[] name = kind.getBytes(StandardCharsets.ISO_8859_1);
        sum.update(name);
        sum.update(data);
        png.putInt(data.length).put(name).put(data).putInt((int) sum.getValue());
    }

    @Test
    void refusesWhatIsNoImage() throws IOException, URISyntaxException {
        Path file = folder.resolve("file.png");
        Files.writeString(file, "no image");
        assertThatThrownBy(() -> ImageFile.read(file)).isInstanceOf(JformersException.class)
                .hasMessageStartingWith("image: got a file of no known kind, allowed [PNG, JPEG,");
        Path images = Path.of(Objects.requireNonNull(
                ImageFileTest.class.getResource("/fixtures/images/pixels.json")).toURI());
        for (String name : new String[] {"plain.png", "cmyk.jpg", "lossless.webp", "lossy.webp", "plain.gif"}) {
            byte[] whole = Files.readAllBytes(images.resolveSibling(name));
            for (int length : new int[] {13, 20, 30, 60}) {
                Files.write(file, Arrays.copyOf(whole, length));
                assertThatThrownBy(() -> ImageFile.read(file)).as(name + " " + length)
                        .isInstanceOf(JformersException.class).hasMessageStartingWith("image: ");
            }
        }
    }

    @Test
    void refusesAGifThatDoesNotFillItsScreen() throws IOException, URISyntaxException {
        Path plain = Path.of(Objects.requireNonNull(
                ImageFileTest.class.getResource("/fixtures/images/plain.gif")).toURI());
        byte[] bytes = Files.readAllBytes(plain);
        bytes[6] = 100;
        Path file = Files.write(folder.resolve("part.gif"), bytes);
        assertThatThrownBy(() -> ImageFile.read(file)).isInstanceOf(JformersException.class)
                .hasMessageContaining("24 x 16 does not fill its screen of 100 x 16 pixels");
    }
}
