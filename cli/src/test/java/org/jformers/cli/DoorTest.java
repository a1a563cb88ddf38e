package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import org.jformers.pipeline.ImageFeatureExtraction;
import org.jformers.pipeline.Jformers;
import org.jformers.pipeline.Label;
import org.jformers.pipeline.ZeroShotImageClassification;
import org.junit.jupiter.api.Test;

/** Tasks of images through the door, with numbers of the golden calls. */
final class DoorTest {
    private static final Path MODELS = Path.of("src/test/resources/pipelines");
    private static final Path IMAGE = MODELS.resolve("clip-labels/photo.jpg");

    @Test
    void givesImagesLabelsThatNoTrainingNamed() {
        try (ZeroShotImageClassification model = Jformers.zeroShotImages(MODELS.resolve("clip-labels").toString())) {
            List<Label> labels = model.classify(IMAGE, List.of("a cat", "the old town", "K\u00f6ln"));
            assertThat(labels).extracting(Label::label).containsExactly("K\u00f6ln", "the old town", "a cat");
            assertThat(labels.get(0).score()).isCloseTo(0.592649, within(1e-4));
            assertThat(model.report().exact()).isTrue();
        }
    }

    @Test
    void givesPatchesVectors() {
        try (ImageFeatureExtraction model = Jformers.imageFeatures(MODELS.resolve("vit-features").toString())) {
            float[][] vectors = model.extract(IMAGE);
            assertThat(vectors).hasDimensions(10, 16); // nine patches behind the token of the whole
            assertThat(vectors[0][0]).isCloseTo(1.578852f, within(1e-4f));
        }
    }
}
