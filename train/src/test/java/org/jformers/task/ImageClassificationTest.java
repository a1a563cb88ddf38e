package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentRun;
import org.jformers.experiment.ExperimentRun.Result;
import org.jformers.pipeline.Label;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImageClassificationTest {
    private static final String VIT = """
            {"model_type": "vit", "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
             "intermediate_size": 64, "image_size": 16, "patch_size": 4, "hidden_dropout_prob": 0.0}""";

    @TempDir
    private Path folder;
    private Path shapes;
    private Path run;
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void drawShapes() {
        shapes = DrawnShapes.draw(folder.resolve("shapes"), 40, 1);
        run = folder.resolve("run");
    }

    /** From random weights, of a configuration. */
    private FineTuning fromScratch(String config) {
        return FineTuning.of("none").classifyImages(shapes).batch(16).epochs(12).learningRate(3e-3)
                .set("training.precision", "float32").set("model.config", config)
                .set("model.weights", "random").set("model.from", "null");
    }

    private static double percent(Result result) {
        return Double.parseDouble(result.headline().split(" ")[1]);
    }

    @Test
    void learnsFromRandomWeights() throws IOException {
        Result result = fromScratch(VIT).epochs(30).run(run, Consoles.saying(said));
        assertThat(result.headline()).matches("accuracy \\d+\\.\\d\\d % on 12 validation images");
        assertThat(percent(result)).isGreaterThan(75);
        assertThat(said).anyMatch(line -> line.matches("labels: bar \\(\\d+\\), disc \\(\\d+\\), ring \\(\\d+\\)"));
        JsonNode config = new JsonMapper().readTree(run.resolve("model/config.json").toFile());
        assertThat(config.get("id2label").toString()).isEqualTo("{\"0\":\"bar\",\"1\":\"disc\",\"2\":\"ring\"}");
        assertThat(config.get("architectures").toString()).isEqualTo("[\"ViTForImageClassification\"]");
        assertThat(Files.readString(run.resolve("report.html"))).contains("most frequent class", "Confus", ".png");
        assertThat(Files.readString(run.resolve("model/README.md"))).contains("pipeline_tag: image-classification");
        Path disc = shapes.resolve("disc/disc-0.png");
        try (var model = org.jformers.pipeline.ImageClassification.load(run.resolve("model"))) {
            assertThat(model.classify(disc)).extracting(Label::label).hasSize(3).startsWith("disc");
        }
        assertThat(result.commands().get(0).line())
                .startsWith("./jformers run image-classification --model " + run.resolve("model") + " ");
    }

    /** A classifier of other classes gets a new head; one of these is trained further. */
    @Test
    void trainsAModelFurther() throws IOException {
        fromScratch(VIT).epochs(1).run(run);
        List<String> rows = new ArrayList<>(List.of("file,kind"));
        for (String shape : DrawnShapes.SHAPES) {
            for (int i = 0; i < 40; i++) {
                rows.add("shapes/" + shape + "/" + shape + "-" + i + ".png,"
                        + (shape.equals("bar") ? "long" : "round"));
            }
        }
        Path table = TinyStart.write(folder.resolve("rows.csv"), rows);
        FineTuning two = FineTuning.of(run.resolve("model").toString()).classifyImages(table).epochs(1).batch(16)
                .set("task.data.image", "file").set("task.data.label", "kind").set("task.class_weights", "balanced")
                .set("task.measure", "f1").validation(table);
        assertThat(two.run(folder.resolve("two")).headline()).endsWith("on 120 validation images");
        JsonNode config = new JsonMapper().readTree(folder.resolve("two/model/config.json").toFile());
        assertThat(config.get("label2id").toString()).isEqualTo("{\"long\":0,\"round\":1}");
        assertThat(Files.readString(folder.resolve("two/model/preprocessor_config.json")))
                .isEqualTo(Files.readString(run.resolve("model/preprocessor_config.json")));
        FineTuning same = FineTuning.of(run.resolve("model").toString()).classifyImages(shapes).epochs(1)
                .learningRate(1e-12).lora(2);
        assertThat(same.run(folder.resolve("same")).headline()).endsWith("on 12 validation images");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"model_type": "swin", "embed_dim": 12, "depths": [1, 1], "num_heads": [2, 2], "window_size": 2,\
             "image_size": 16, "patch_size": 4, "drop_path_rate": 0.0}
            {"model_type": "clip", "projection_dim": 8, "vision_config": {"hidden_size": 16, "num_hidden_layers": 1,\
             "num_attention_heads": 2, "intermediate_size": 32, "image_size": 16, "patch_size": 8},\
             "text_config": {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,\
             "intermediate_size": 32}}
            """)
    void trainsOtherFamilies(String config) {
        fromScratch(config).epochs(4).set("records.log_every", "1").run(run);
        List<Double> losses = losses(run);
        assertThat(losses.get(losses.size() - 1)).isLessThan(losses.get(0));
    }

    private static List<Double> losses(Path run) {
        return MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.TRAIN))
                .map(row -> row.values().get(MetricRow.LOSS)).toList();
    }

    /** What is cut out and mirrored follows from the place of an image in the run. */
    @Test
    void goesOnBitForBit() throws IOException {
        FineTuning tuning = fromScratch(VIT).epochs(2).set("task.augmentation.crop", "0.5")
                .set("task.augmentation.flip", "true").set("records.checkpoint_every", "3")
                .set("records.log_every", "1");
        Path straight = folder.resolve("straight");
        Path stopped = folder.resolve("stopped");
        tuning.run(straight);
        assertThatThrownBy(() -> tuning.run(stopped, Consoles.stoppingAt(8))).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(straight.resolve("model/model.safetensors")));
        assertThat(losses(stopped)).isEqualTo(losses(straight));
        tuning.set("task.augmentation.flip", "false").run(folder.resolve("turned"));
        assertThat(losses(folder.resolve("turned"))).isNotEqualTo(losses(straight));
    }

    @Test
    void countsWhatIsNoImageOfAClass() throws IOException {
        Files.writeString(shapes.resolve("LICENSE"), "ours");
        Files.writeString(shapes.resolve("disc/.DS_Store"), "x");
        fromScratch(VIT).epochs(1).run(run, Consoles.saying(said));
        assertThat(said).contains(
                "left out of " + shapes + ": 1 hidden files, 1 outside of the folders of classes");
    }

    @Test
    void refusesAFileThatIsNoImage() throws IOException {
        Files.writeString(shapes.resolve("disc/notes.txt"), "no image");
        assertThatThrownBy(() -> fromScratch(VIT).run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining("image: got a file of no known kind, allowed [PNG, JPEG")
                .hasMessageContaining("notes.txt").message().doesNotContain("\n");
        Files.delete(shapes.resolve("disc/notes.txt"));
        // A header that promises more than there is shows while the image is read.
        Path disc = shapes.resolve("disc/disc-3.png");
        byte[] bytes = Files.readAllBytes(disc);
        Files.write(disc, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        assertThatThrownBy(() -> fromScratch(VIT).run(folder.resolve("cut"))).isInstanceOf(JformersException.class)
                .hasMessageContaining("image: cannot be read").hasMessageContaining("disc-3.png")
                .message().doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.augmentation.crop=0      | task.augmentation.crop: got 0.0, allowed in (0, 1]
            task.batch=0                  | task.batch: got 0, allowed >= 1
            task.data.train=null          | task.data.train: got null, a name is needed
            task.data.train=none.csv      | none.csv: no such file
            task.class_weights=cat=2      | task.class_weights: label "cat" is unknown, allowed: bar, disc, ring
            model.config.hidden_size=33    | hidden_size| patch
            model.config.image_size=null  | model.config.image_size: got null, allowed a number, or height and width
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = fromScratch(VIT)
                .set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    @Test
    void refusesFoldersWithoutClasses() throws IOException {
        Path flat = Files.createDirectory(folder.resolve("flat"));
        try (Stream<Path> discs = Files.list(shapes.resolve("disc"))) {
            for (Path disc : discs.toList()) {
                Files.copy(disc, flat.resolve(disc.getFileName()));
            }
        }
        assertThatThrownBy(() -> fromScratch(VIT).set("task.data.train", flat.toString()).run(run)).hasMessage(
                "image folder: got no folder with files in it, allowed one for each class, in " + flat);
        Path one = Files.createDirectory(folder.resolve("one"));
        Files.move(flat, one.resolve("disc"));
        assertThatThrownBy(() -> fromScratch(VIT).set("task.data.train", one.toString()).run(run))
                .hasMessageContaining("has one class only, \"disc\"");
    }
}
