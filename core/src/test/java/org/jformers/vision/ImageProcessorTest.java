package org.jformers.vision;

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
import org.jformers.model.ConfigException;
import org.jformers.model.Extent;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImageProcessorTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    /** Values that the Python library computes: every processor, filter and form of a size. */
    @Test
    void reproducesTheReference() throws IOException {
        try (InputStream file = ImageProcessorTest.class.getResourceAsStream("image-processor.json")) {
            JsonNode cases = JSON.readTree(file).get("cases");
            assertThat(cases).hasSize(33);
            for (JsonNode one : cases) {
                String name = one.get("name").asText();
                ImageProcessor processor = ImageProcessorJson.parse(
                        one.get("settings"), one.get("model_type").asText(), name);
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
                ImageProcessor.Resize.to(Extent.square(8), 2));
        assertThat(old.crop()).isEmpty();

        Files.delete(folder.resolve("preprocessor_config.json"));
        Files.writeString(folder.resolve("processor_config.json"),
                "{\"image_processor\": {\"image_processor_type\": \"CLIPImageProcessor\", \"crop_size\": 6}}");
        ImageProcessor clip = ImageProcessor.load(folder);
        assertThat(clip.crop()).contains(Extent.square(6));
        assertThat(clip.resize()).contains(ImageProcessor.Resize.shortest(224, 3));
    }

    @Test
    void namesWhatItDoesNotDo() throws IOException {
        assertThatThrownBy(() -> ImageProcessor.load(folder))
                .isInstanceOf(ConfigException.class).hasMessageContaining("preprocessor_config.json");
        assertThatThrownBy(() -> ImageProcessorJson.parse(
                        JSON.readTree("{\"image_processor_type\": \"DetrImageProcessor\"}"), "vit", "the/file"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("DetrImageProcessor").hasMessageContaining("the/file");
        assertThatThrownBy(() -> ImageProcessorJson.parse(
                        JSON.readTree("{\"image_processor_type\": \"ViTImageProcessor\", \"resample\": 9}"),
                        "", "the/file"))
                .isInstanceOf(ConfigException.class).hasMessageContaining("got 9").hasMessageContaining("the/file");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"image_mean\": null} | image_mean null, allowed three numbers",
        "{\"image_std\": [0.5]} | image_std [0.5], allowed three numbers",
        "{\"image_std\": [0, 1, 1]} | image_mean [0.5, 0.5, 0.5] and image_std [0.0, 1.0, 1.0], allowed",
        "{\"image_mean\": [NaN, 0, 0]} | image_mean [\"NaN\",0,0], allowed three numbers",
        "{\"size\": null} | size null, allowed a number, or height",
        "{\"size\": {\"longest_edge\": 30}} | size {\"longest_edge\":30}, allowed a number, or height",
        "{\"size\": {\"height\": 20}} | size {\"height\":20}, allowed a number, or height",
        "{\"size\": {\"height\": 0, \"width\": 9}} | size {\"height\":0,\"width\":9}, allowed sides of 1 to 4096",
        "{\"size\": 26000} | size 26000, allowed sides of 1 to 4096",
        "{\"size\": {\"shortest_edge\": 26000}} | size {\"shortest_edge\":26000}, allowed sides of 1 to 4096",
        "{\"do_center_crop\": true} | crop_size , allowed a number, or height",
        "{\"do_center_crop\": true, \"crop_size\": 26000} | crop_size 26000, allowed sides of 1 to 4096",
        "{\"resample\": \"bilinear\"} | resample \"bilinear\", allowed [0 (NEAREST), 1 (LANCZOS)",
        "{\"resample\": null} | resample null, allowed [0 (NEAREST), 1 (LANCZOS)",
        "{\"rescale_factor\": null} | rescale_factor null, allowed a number",
        "{\"do_resize\": \"no\"} | do_resize \"no\", allowed true or false",
        "{\"do_pad\": true, \"pad_size\": {\"height\": 9, \"width\": 9}} | pad_size {\"height\":9,\"width\":9},",
        "{\"input_data_format\": \"channels_first\"} | input_data_format \"channels_first\", allowed none"
    })
    void refusesWhatCannotBe(String settings, String message) throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"vit\"}");
        Files.writeString(folder.resolve("preprocessor_config.json"), settings);
        assertThatThrownBy(() -> ImageProcessor.load(folder))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("image processor: got " + message)
                .hasMessageEndingWith("preprocessor_config.json");
    }

    @Test
    void saysWhichModelTypeDecidesNothing() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"bert\"}");
        Files.writeString(folder.resolve("preprocessor_config.json"), "{\"size\": 8}");
        assertThatThrownBy(() -> ImageProcessor.load(folder))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("image_processor_type: got none, and model_type \"bert\" decides none;");
    }

    /** A line of sixty thousand pixels would become as wide as 224 times its length. */
    @Test
    void boundsWhatAnImageBecomes() throws IOException {
        ImageProcessor processor = ImageProcessorJson.parse(JSON.readTree("{}"), "clip", "test");
        BufferedImage line = new BufferedImage(1, 60_000, BufferedImage.TYPE_BYTE_GRAY);
        assertThatThrownBy(() -> processor.pixels(List.of(line)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("image: got Extent[height=13440000, width=224] from 1 x 60000 pixels, allowed 1 to 64000000"
                        + " pixels");
    }

    @Test
    void refusesImagesThatDoNotBecomeEqual() throws IOException {
        ImageProcessor processor = ImageProcessorJson.parse(
                JSON.readTree("{\"image_processor_type\": \"ViTImageProcessor\", \"do_resize\": false}"), "",
                "test");
        BufferedImage small = new BufferedImage(2, 3, BufferedImage.TYPE_INT_RGB);
        BufferedImage large = new BufferedImage(4, 3, BufferedImage.TYPE_INT_RGB);
        assertThatThrownBy(() -> processor.pixels(List.of(small, large)))
                .isInstanceOf(ShapeException.class).hasMessageContaining("width=4");
        assertThatThrownBy(() -> processor.pixels(List.of())).isInstanceOf(ShapeException.class);
    }
}
