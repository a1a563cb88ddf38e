package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentRun;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Encoders of images learn from hidden patches. */
final class MaskedPatchesTest {
    private static final String MAE = """
            {"model_type": "vit_mae", "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
             "intermediate_size": 64, "image_size": 16, "patch_size": 4, "decoder_hidden_size": 16,
             "decoder_num_hidden_layers": 1, "decoder_num_attention_heads": 2, "decoder_intermediate_size": 32}""";
    private static final String VIT = """
            {"model_type": "vit", "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
             "intermediate_size": 64, "image_size": 16, "patch_size": 4, "encoder_stride": 4}""";
    private static final String SWIN = """
            {"model_type": "swin", "embed_dim": 12, "depths": [1, 1], "num_heads": [2, 2], "window_size": 2,
             "image_size": 16, "patch_size": 2, "encoder_stride": 4, "drop_path_rate": 0.0}""";

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

    private FineTuning fromScratch(String config, String cell) {
        return FineTuning.of("none").task(new MaskedPatches.Type()).set("task.data.train", shapes.toString())
                .batch(16).epochs(12).learningRate(3e-3).set("task.cell", cell).set("training.precision", "float32")
                .set("model.config", config).set("model.weights", "random").set("model.from", "null");
    }

    private static List<Double> losses(Path run, String split) {
        return MetricLog.read(run.resolve("metrics.jsonl")).stream().filter(row -> row.split().equals(split))
                .map(row -> row.values().get(MetricRow.LOSS)).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "MAE, 0, hidden of each image: 12 of 16 squares, ViTMAEForPreTraining",
        "VIT, 4, hidden of each image: 10 of 16 squares, ViTForMaskedImageModeling",
        "SWIN, 8, hidden of each image: 3 of 4 squares, SwinForMaskedImageModeling"
    })
    void learnsFromRandomWeights(String kind, String cell, String hidden, String architecture) throws IOException {
        String config = kind.equals("MAE") ? MAE : kind.equals("VIT") ? VIT : SWIN;
        String headline = fromScratch(config, cell).run(run, Consoles.saying(said)).headline();
        assertThat(headline).matches("loss 0\\.\\d{4} of the hidden patches of 12 validation images");
        List<Double> measured = losses(run, MetricRow.EVAL);
        assertThat(measured.get(measured.size() - 1)).isLessThan(0.8 * measured.get(0));
        assertThat(said).anyMatch(line -> line.startsWith(hidden));
        assertThat(TinyWriter.read(run.resolve("model/config.json"))).contains(architecture);
        assertThat(Files.readString(run.resolve("model/preprocessor_config.json"))).contains("ViTImageProcessor");
        // What was saved is trained further, and by another share.
        FineTuning further = FineTuning.of(run.resolve("model").toString()).task(new MaskedPatches.Type())
                .set("task.data.train", shapes.toString()).set("task.cell", cell).set("task.mask_share", "0.5")
                .epochs(1);
        further.run(folder.resolve("further"), Consoles.saying(said));
        assertThat(said.get(said.size() - 1)).isNotBlank();
        assertThat(Files.readString(folder.resolve("further/report.html"))).contains("before training");
        if (kind.equals("MAE")) {
            assertThat(TinyWriter.read(folder.resolve("further/model/config.json"))).contains("\"mask_ratio\" : 0.5");
        }
    }

    /** What a classifier's folder lacks starts anew: the mask token and the head. */
    @Test
    void startsFromAClassifierAndBecomesOne() {
        FineTuning.of("none").classifyImages(shapes).epochs(1).set("model.config", VIT)
                .set("model.weights", "random").set("model.from", "null").run(run);
        FineTuning.of(run.resolve("model").toString()).task(new MaskedPatches.Type()).epochs(1)
                .set("task.data.train", shapes.toString()).set("task.cell", "4").run(folder.resolve("patches"));
        assertThat(FineTuning.of(folder.resolve("patches/model").toString()).classifyImages(shapes).epochs(1)
                .run(folder.resolve("again")).headline()).startsWith("accuracy ");
    }

    /** The half that reads is a ViT. */
    @Test
    void anAutoencoderBecomesAClassifier() throws IOException {
        String use = fromScratch(MAE, "0").epochs(1).run(run).commands().get(0).line();
        assertThat(use).endsWith(
                "--task image-classification --train photos --set 'model.config={\"model_type\": \"vit\"}'");
        FineTuning classifier = FineTuning.of(run.resolve("model").toString()).classifyImages(shapes)
                .set("training.precision", "float32").set("model.config", "{\"model_type\": \"vit\"}").epochs(1);
        assertThat(classifier.learningRate(1e-12).run(folder.resolve("classifier")).headline())
                .startsWith("accuracy ");
        assertThat(TinyWriter.read(folder.resolve("classifier/model/config.json")))
                .contains("ViTForImageClassification");
        try (Model patches = AutoModel.load(run.resolve("model"));
                Model classes = AutoModel.load(folder.resolve("classifier/model"))) {
            assertThat(weight(classes, "body")).containsExactly(weight(patches, "encoder"), within(1e-6f));
        }
    }

    private static float[] weight(Model model, String stack) {
        return Scopes.get(() -> Tensors.toFloats(
                model.network().tensors().get(stack + ".blocks.1.feedForward.in.weight")));
    }

    /** What is hidden, cut out and mirrored follows from the place of an image in the run. */
    @ParameterizedTest
    @CsvSource({"MAE, 0", "SWIN, 4"})
    void goesOnBitForBit(String kind, String cell) throws IOException {
        FineTuning tuning = fromScratch(kind.equals("MAE") ? MAE : SWIN, cell).epochs(2)
                .set("records.checkpoint_every", "2").set("records.log_every", "1").set("training.accumulation", "2");
        Path stopped = folder.resolve("stopped");
        tuning.run(run);
        assertThatThrownBy(() -> tuning.run(stopped, Consoles.stoppingAt(5))).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(run.resolve("model/model.safetensors")));
        assertThat(losses(stopped, MetricRow.TRAIN)).isEqualTo(losses(run, MetricRow.TRAIN));
    }

    @Test
    void readsFoldersWithoutClassesAndTables() throws IOException {
        Path flat = Files.createDirectory(folder.resolve("flat"));
        List<String> paths = new ArrayList<>(List.of("file"));
        try (Stream<Path> discs = Files.list(shapes.resolve("disc"))) {
            for (Path disc : discs.toList()) {
                Files.copy(disc, flat.resolve(disc.getFileName()));
                paths.add("flat/" + disc.getFileName());
            }
        }
        Files.writeString(flat.resolve(".DS_Store"), "x");
        assertThat(fromScratch(MAE, "0").epochs(1).set("task.data.train", flat.toString())
                .run(run, Consoles.saying(said)).headline()).endsWith("of 4 validation images");
        assertThat(said).contains("left out of " + flat + ": 1 hidden files");
        Path table = TinyStart.write(folder.resolve("paths.csv"), paths);
        assertThat(fromScratch(MAE, "0").epochs(1).set("task.data.train", table.toString())
                .set("task.data.image", "file").run(folder.resolve("of-table")).headline())
                .endsWith("of 4 validation images");
    }

    @Test
    void refusesAFileThatIsNoImage() throws IOException {
        Files.writeString(shapes.resolve("disc/notes.txt"), "no image");
        assertThatThrownBy(() -> fromScratch(MAE, "0").run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining("image: got a file of no known kind, allowed [PNG, JPEG")
                .hasMessageContaining("notes.txt").message().doesNotContain("\n");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> fromScratch(MAE, "0").set("task.data.train", empty.toString()).run(run))
                .hasMessage("image folder: got no files, allowed images, in " + empty);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            VIT | task.augmentation.crop=2 | task.augmentation.crop: got 2.0, allowed 0 to 1
            VIT | task.mask_share=1 | task.mask_share: got 1.0, allowed 0 up to below 1
            VIT | task.cell=-1 | task.cell: got -1, allowed >= 0
            VIT | task.cell=0 | task.cell: got 32, allowed a multiple of the patches' 4 x 4 pixels by which 16 x 16
            VIT | task.cell=6 | task.cell: got 6, allowed a multiple of the patches' 4 x 4 pixels
            VIT | model.config.encoder_stride=8 | model.config.encoder_stride: got one by which the head makes 32 x 32
            MAE | task.cell=8 | task.cell: got 8 for a masked autoencoder, which hides single patches, allowed 0
            MAE | task.mask_share=0.99 | task.mask_share: got 0.99, by which 0 of 16 patches are read
            MAE | model.config.image_size=null | model.config.image_size: got null, allowed a number, or height
            MAE | model.config.model_type="clip" | clip: got no architecture for MASKED_IMAGE
            MAE | task.data.train=none.csv | none.csv: no such file
            """)
    void refusesWhatDoesNotFit(String kind, String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = fromScratch(kind.equals("MAE") ? MAE : VIT, kind.equals("MAE") ? "0" : "4")
                .set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }
}
