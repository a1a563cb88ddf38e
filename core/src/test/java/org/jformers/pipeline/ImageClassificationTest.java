package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.jformers.JformersException;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.vision.ImageProcessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageClassificationTest {
    private static final String CONFIG = """
            {"model_type": "vit", "architectures": ["ViTForImageClassification"], "hidden_size": 12,
             "num_hidden_layers": 1, "num_attention_heads": 3, "intermediate_size": 8, "image_size": 8, "patch_size": 4,
             "id2label": {"0": "cat", "1": "dog", "2": "bird"}, "initializer_range": 0.5}
            """;

    @TempDir
    private Path folder;

    private void write(String problem, Task task) throws IOException {
        ObjectNode config = (ObjectNode) new ObjectMapper().readTree(CONFIG);
        config.put("problem_type", problem);
        try (Model model = AutoModel.create(AutoConfig.parse(config, "test"), task, 4)) {
            model.save(folder);
        }
        Files.writeString(folder.resolve("preprocessor_config.json"),
                "{\"image_processor_type\": \"ViTImageProcessor\", \"size\": {\"height\": 8, \"width\": 8}}");
    }

    private static BufferedImage image(int colour) {
        BufferedImage image = new BufferedImage(11, 9, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 11 * 9; i++) {
            image.setRGB(i % 11, i / 11, colour * i);
        }
        return image;
    }

    private float[] logits(BufferedImage image) {
        return Scopes.get(() -> {
            try (Model model = AutoModel.load(folder); NoGrad noGrad = new NoGrad()) {
                return Tensors.toFloats(model.forward(ImageProcessor.load(folder).inputs(List.of(image))).logits());
            }
        });
    }

    @Test
    void ordersLabelsByProbability() throws IOException {
        write("single_label_classification", Task.IMAGE_CLASSIFICATION);
        List<BufferedImage> images = List.of(image(77), image(123457));
        try (ImageClassification classification = ImageClassification.load(folder)) {
            List<List<Label>> found = classification.classify(images);

            assertThat(found).hasSize(2);
            for (int i = 0; i < 2; i++) {
                List<Label> labels = found.get(i);
                float[] logits = logits(images.get(i));
                double sum = Math.exp(logits[0]) + Math.exp(logits[1]) + Math.exp(logits[2]);
                assertThat(labels).isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()));
                assertThat(labels).extracting(Label::label)
                        .containsExactlyInAnyOrder("cat", "dog", "bird");
                Label dog =
                        labels.stream().filter(label -> label.label().equals("dog")).findFirst().orElseThrow();
                assertThat(dog.score()).isCloseTo(Math.exp(logits[1]) / sum, within(1e-6));
            }
        }
    }

    @Test
    void judgesEachLabelForItselfWhereSeveralMayHold() throws IOException {
        write("multi_label_classification", Task.IMAGE_CLASSIFICATION);
        Path file = folder.resolve("image.png");
        ImageIO.write(image(4321), "png", file.toFile());
        try (ImageClassification classification = ImageClassification.load(folder)) {
            double largest = 0;
            for (float logit : logits(image(4321))) {
                largest = Math.max(largest, 1 / (1 + Math.exp(-logit)));
            }
            assertThat(classification.classify(file).get(0).score()).isCloseTo(largest, within(1e-6));
        }
    }

    @Test
    void refusesOtherModelsAndFilesThatAreNoImages() throws IOException {
        write("single_label_classification", Task.IMAGE_CLASSIFICATION);
        Path text = Files.writeString(folder.resolve("text.png"), "no image");
        try (ImageClassification classification = ImageClassification.load(folder)) {
            assertThatThrownBy(() -> classification.classify(text))
                    .isInstanceOf(JformersException.class).hasMessageContaining("text.png");
            assertThatThrownBy(() -> classification.classify(folder.resolve("none.png")))
                    .isInstanceOf(JformersException.class).hasMessageContaining("none.png");
        }
        write("single_label_classification", Task.BASE);
        assertThatThrownBy(() -> ImageClassification.load(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("2 missing ('classifier.weight', 'classifier.bias')");
    }
}
