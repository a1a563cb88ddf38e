package org.jformers.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageProcessorTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    /** Values that the Python library computes: ViT and CLIP, smaller and larger, with a border. */
    @Test
    void reproducesTheReference() throws IOException {
        try (InputStream file = ImageProcessorTest.class.getResourceAsStream("image-processor.json")) {
            JsonNode cases = JSON.readTree(file).get("cases");
            assertThat(cases).hasSize(7);
            for (JsonNode one : cases) {
                String name = one.get("name").asText();
                ImageProcessor processor = ImageProcessor.parse(one.get("settings"), name);
                Scopes.run(() -> {
                    Tensor pixels = processor.pixels(List.of(image(one)));
                    assertThat(pixels.shape()).as(name).containsExactly(
                            1, 3, one.get("shape").get(1).asLong(), one.get("shape").get(2).asLong());
                    float[] got = Tensors.toFloats(pixels);
                    for (int i = 0; i < got.length; i++) {
                        assertThat((double) got[i]).as(name + " " + i)
                                .isCloseTo(one.get("values").get(i).asDouble(), within(1e-5));
                    }
                });
            }
        }
    }

    private static BufferedImage image(JsonNode one) {
        int width = one.get("width").asInt();
        BufferedImage image = new BufferedImage(width, one.get("height").asInt(), BufferedImage.TYPE_INT_RGB);
        JsonNode pixels = one.get("pixels");
        for (int i = 0; i < pixels.size(); i += 3) {
            int colour = pixels.get(i).asInt() << 16 | pixels.get(i + 1).asInt() << 8 | pixels.get(i + 2).asInt();
            image.setRGB(i / 3 % width, i / 3 / width, colour);
        }
        return image;
    }

    @Test
    void takesGreyValuesAsTheyAre() {
        BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSample(0, 0, 0, 100);
        image.getRaster().setSample(1, 0, 0, 200);
        ImageProcessor plain = new ImageProcessor(
                Optional.empty(), Optional.empty(), 1, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));

        Scopes.run(() -> assertThat(Tensors.toFloats(plain.pixels(List.of(image))))
                .containsExactly(100, 200, 100, 200, 100, 200));
    }

    @Test
    void readsOldAndNewSettings() throws IOException {
        Files.writeString(folder.resolve("preprocessor_config.json"),
                "{\"feature_extractor_type\": \"ViTFeatureExtractor\", \"size\": 8}");
        ImageProcessor old = ImageProcessor.load(folder);
        assertThat(old.resize()).contains(
                new ImageProcessor.Resize(Optional.of(Extent.square(8)), Optional.empty(), 2));
        assertThat(old.crop()).isEmpty();

        Files.delete(folder.resolve("preprocessor_config.json"));
        Files.writeString(folder.resolve("processor_config.json"),
                "{\"image_processor\": {\"image_processor_type\": \"CLIPImageProcessor\", \"crop_size\": 6}}");
        ImageProcessor clip = ImageProcessor.load(folder);
        assertThat(clip.crop()).contains(Extent.square(6));
        assertThat(clip.resize()).contains(new ImageProcessor.Resize(Optional.empty(), Optional.of(224), 3));
    }

    @Test
    void namesWhatItDoesNotDo() throws IOException {
        assertThatThrownBy(() -> ImageProcessor.load(folder))
                .isInstanceOf(ConfigException.class).hasMessageContaining("preprocessor_config.json");
        assertThatThrownBy(() -> ImageProcessor.parse(
                        JSON.readTree("{\"image_processor_type\": \"DetrImageProcessor\"}"), "the/file"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("DetrImageProcessor").hasMessageContaining("the/file");
        assertThatThrownBy(() -> ImageProcessor.parse(
                        JSON.readTree("{\"image_processor_type\": \"ViTImageProcessor\", \"resample\": 9}"),
                        "the/file"))
                .isInstanceOf(ConfigException.class).hasMessageContaining("got 9").hasMessageContaining("the/file");
    }

    @Test
    void refusesImagesThatDoNotBecomeEqual() throws IOException {
        ImageProcessor processor = ImageProcessor.parse(
                JSON.readTree("{\"image_processor_type\": \"ViTImageProcessor\", \"do_resize\": false}"), "test");
        BufferedImage small = new BufferedImage(2, 3, BufferedImage.TYPE_INT_RGB);
        BufferedImage large = new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB);
        assertThatThrownBy(() -> processor.pixels(List.of(small, large)))
                .isInstanceOf(ShapeException.class).hasMessageContaining("width=4");
        assertThatThrownBy(() -> processor.pixels(List.of())).isInstanceOf(ShapeException.class);
    }
}
