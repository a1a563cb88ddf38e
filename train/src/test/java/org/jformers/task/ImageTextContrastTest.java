package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.jformers.JformersException;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentRun;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.pipeline.ZeroShotImageClassification;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts say where in an image a square is. */
final class ImageTextContrastTest {
    private static final int PLACES = 16;
    private static final int EACH = 8;

    @TempDir
    private Path folder;
    private Path run;
    private FineTuning tuning;
    private final List<String> rows = new ArrayList<>(List.of("file,caption"));

    @BeforeEach
    void makeTheStart() throws IOException {
        run = folder.resolve("run");
        Path clip = folder.resolve("clip");
        try (Model model = AutoModel.create(AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "clip", "projection_dim": 16, "vision_config": {"hidden_size": 32,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "image_size": 16,
                 "patch_size": 4}, "text_config": {"vocab_size": 25, "hidden_size": 32, "num_hidden_layers": 1,
                 "num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 12,
                 "bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}}"""), "test"), Task.CONTRASTIVE, 3)) {
            model.save(clip);
        }
        AutoTokenizer.load(TinyStart.bert(folder)).save(clip);
        Files.writeString(clip.resolve("preprocessor_config.json"), """
                {"image_processor_type": "CLIPImageProcessor", "do_resize": true, "size": {"height": 16, "width": 16},
                 "do_center_crop": false, "do_rescale": true, "do_normalize": true, "image_mean": [0.5, 0.5, 0.5],
                 "image_std": [0.5, 0.5, 0.5], "do_convert_rgb": true}""");
        Random random = new Random(1);
        for (int i = 0; i < PLACES * EACH; i++) {
            draw(folder.resolve(i + ".png"), i % PLACES, random);
            rows.add(i + ".png," + text(i % PLACES));
        }
        tuning = TinyWriter.quick(FineTuning.of(clip.toString()).task(new ImageTextContrast.Type())
                .set("task.data.image", "file").set("task.data.text", "caption")).batch(16)
                .epochs(40).learningRate(1e-3);
    }

    private FineTuning written() {
        return tuning.set("task.data.train", TinyStart.write(folder.resolve("rows.csv"), rows).toString());
    }

    private static void draw(Path file, int place, Random random) throws IOException {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(150 + random.nextInt(100), 150 + random.nextInt(100), 150 + random.nextInt(100)));
        graphics.fillRect(place % 4 * 4, place / 4 * 4, 4, 4);
        graphics.dispose();
        ImageIO.write(image, "png", file.toFile());
    }

    private static String text(int place) {
        return "the " + (place % 2 == 0 ? "old" : "lazy") + " " + (place / 2 % 2 == 0 ? "fox" : "dog") + " "
                + (place / 4 % 2 == 0 ? "runs" : "sleeps") + " " + (place / 8 == 0 ? "over" : "under") + " a tree";
    }

    private static List<Map<String, Double>> logged(Path run, String split) {
        return MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(split)).map(MetricRow::values).toList();
    }

    @Test
    void textsAndImagesFindEachOther() {
        List<String> said = new ArrayList<>();
        assertThat(written().run(run, Consoles.saying(said)).headline()).matches(
                "of 13 validation images [0-9.]+ % found by a text, of \\d+ texts [0-9.]+ % by an image");
        List<Map<String, Double>> measured = logged(run, MetricRow.EVAL);
        Map<String, Double> last = measured.get(measured.size() - 1);
        assertThat(last).containsKeys("loss", "images_found", "texts_found", "scale");
        assertThat(last.get("loss")).isLessThan(0.5 * measured.get(0).get("loss"));
        assertThat(last.get("images_found")).isGreaterThan(0.5);
        assertThat(last.get("texts_found")).isGreaterThan(0.5);
        assertThat(last.get("scale")).isNotEqualTo(measured.get(0).get("scale"));
        assertThat(said).anyMatch(line -> line.matches("115 images with 16 texts to train on, 13 with .*"));
        assertThat(TinyWriter.read(run.resolve("report.html"))).contains("before training", "chance");
        try (var model = ZeroShotImageClassification.load(run.resolve("model"))) {
            assertThat(model.classify(List.of(org.jformers.vision.ImageFile.read(folder.resolve("5.png"))),
                    ZeroShotImageClassification.Options.of(List.of(text(5), text(6), text(9))).withTemplate("{}"))
                    .get(0).get(0).label()).isEqualTo(text(5));
        }
    }

    @Test
    void goesOnBitForBit() throws IOException {
        FineTuning same = written().epochs(1).set("records.checkpoint_every", "2").set("records.log_every", "1")
                .set("training.accumulation", "2").set("task.augmentation.crop", "0.8")
                .set("task.augmentation.flip", "true");
        Path stopped = folder.resolve("stopped");
        same.run(run);
        assertThatThrownBy(() -> same.run(stopped, Consoles.stoppingAt(3))).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(run.resolve("model/model.safetensors")));
        assertThat(logged(stopped, MetricRow.TRAIN).stream().map(row -> row.get("loss")).toList())
                .isEqualTo(logged(run, MetricRow.TRAIN).stream().map(row -> row.get("loss")).toList());
    }

    @Test
    void countsImagesWithoutTextsAndRefusesTextsWithoutImages() throws IOException {
        List<String> said = new ArrayList<>();
        rows.add("3.png,");
        assertThatThrownBy(() -> {
            rows.add("lost.png,the fox");
            written().run(run, Consoles.saying(said));
        }).isInstanceOf(JformersException.class).hasMessageContaining("rows.csv: row 130")
                .hasMessageContaining("lost.png").message().doesNotContain("\n");
        assertThat(said).contains("left out of the training rows: 1 without caption");
        Files.writeString(folder.resolve("lost.png"), "no image");
        assertThatThrownBy(() -> written().run(run)).hasMessageContaining("rows.csv: row 130: image: got a file of no"
                + " known kind");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.batch=1              | task.batch: got 1, allowed >= 2
            task.augmentation.crop=0  | task.augmentation.crop: got 0.0, allowed in (0, 1]
            task.max_length=13        | task.max_length: got 13, allowed up to 12, which the model can read
            task.data.text=words      | words
            model.from=null           | model.from: got null, allowed a model to start from, for image-text-contrast
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = written().set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }
}
