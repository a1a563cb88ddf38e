package org.jformers.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jformers.pipeline.Embeddings;
import org.jformers.pipeline.ImageClassification;
import org.jformers.pipeline.Label;
import org.jformers.pipeline.ScoreFunction;
import org.jformers.task.FineTuning;
import org.jformers.vision.ImageFile;

/**
 * Fine-tunes models for vectors of texts and for labels of images, and writes what the saved folders answer.
 * bench/saved-agreement.sh compares that with what sentence-transformers and transformers answer from them.
 *
 * <p>Arguments: a folder to write, and folders of encoders. Below the folder, for each run: {@code model}, and {@code
 * vectors.json} or {@code scores.json}.
 */
public final class SavedFineTunings {
    private static final List<String> TEXTS = List.of("A plane is taking off.", "An air plane is taking off.",
            "A man is playing a flute.", "Rain falls on the roof of the old station, and nobody leaves it.", "dull",
            "Schöne Grüße aus Köln", "12.5 % of 80 are 10");
    private static final Map<String, String> IMAGE_MODELS = Map.of(
            "vit", """
                    {"model_type": "vit", "image_size": 32, "patch_size": 8, "hidden_size": 48, "num_hidden_layers": 2,
                     "num_attention_heads": 4, "intermediate_size": 96}""",
            "swin", """
                    {"model_type": "swin", "image_size": 32, "patch_size": 4, "embed_dim": 24, "depths": [2, 2],
                     "num_heads": [2, 4], "window_size": 4}""",
            "clip", """
                    {"model_type": "clip", "projection_dim": 16,
                     "vision_config": {"image_size": 32, "patch_size": 8, "hidden_size": 48, "num_hidden_layers": 2,
                     "num_attention_heads": 4, "intermediate_size": 96}, "text_config": {"vocab_size": 50,
                     "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}}""");

    private SavedFineTunings() {}

    /** @param args the folder to write, and folders of encoders */
    public static void main(String[] args) throws IOException {
        Path out = Path.of(args[0]);
        Path pairs = out.resolve("pairs.tsv");
        List<String> lines = new ArrayList<>(List.of("one\ttwo"));
        TEXTS.forEach(text -> lines.add(text + "\t" + text.replace("plane", "jet") + " Yes."));
        Files.createDirectories(out);
        Files.write(pairs, lines);
        for (String encoder : List.of(args).subList(1, args.length)) {
            for (String pooling : List.of("mean", "cls", "max", "last_token")) {
                vectors(out.resolve(Path.of(encoder).toRealPath().getFileName() + "-" + pooling), encoder, pooling,
                        pairs);
            }
        }
        Path images = images(out.resolve("images"));
        for (Map.Entry<String, String> model : IMAGE_MODELS.entrySet()) {
            scores(out.resolve(model.getKey() + "-images"), model.getValue(), images);
        }
    }

    private static void vectors(Path run, String encoder, String pooling, Path pairs) throws IOException {
        FineTuning.of(encoder).embed(pairs, "one", "two").validation(pairs).maxSteps(5).batch(4)
                .set("task.pooling", pooling).set("task.normalize", Boolean.toString(pooling.equals("mean"))).run(run);
        try (Embeddings embeddings = Embeddings.load(run.resolve("model"))) {
            List<float[]> vectors = new ArrayList<>();
            TEXTS.forEach(text -> vectors.add(embeddings.embed(text)));
            write(run.resolve("vectors.json"), Map.of("texts", TEXTS, "vectors", vectors));
        }
    }

    private static void scores(Path run, String config, Path images) throws IOException {
        FineTuning.of("none").classifyImages(images).maxSteps(10).batch(8).set("model.config", config)
                .set("model.weights", "random").set("model.from", "null").run(run);
        try (ImageClassification model = ImageClassification.load(run.resolve("model"));
                Stream<Path> files = Files.walk(images)) {
            Map<String, Map<String, Double>> scores = new LinkedHashMap<>();
            for (Path file : files.filter(path -> path.toString().endsWith(".png")).sorted().toList()) {
                Map<String, Double> byLabel = new LinkedHashMap<>();
                for (Label label : model.classify(List.of(ImageFile.read(file)), ScoreFunction.NONE).get(0)) {
                    byLabel.put(label.label(), label.score());
                }
                scores.put(file.toString(), byLabel);
            }
            write(run.resolve("scores.json"), scores);
        }
    }

    /** Squares of two colours, of different sizes. */
    private static Path images(Path folder) throws IOException {
        Random random = new Random(1);
        for (String kind : List.of("blue", "yellow")) {
            Files.createDirectories(folder.resolve(kind));
            for (int i = 0; i < 12; i++) {
                BufferedImage image = new BufferedImage(
                        30 + random.nextInt(30), 30 + random.nextInt(30), BufferedImage.TYPE_INT_RGB);
                Graphics2D pen = image.createGraphics();
                pen.setColor(kind.equals("blue") ? Color.BLUE : Color.YELLOW);
                pen.fillRect(random.nextInt(10), random.nextInt(10), 10 + random.nextInt(10), 10 + random.nextInt(10));
                pen.dispose();
                ImageIO.write(image, "png", folder.resolve(kind).resolve(i + ".png").toFile());
            }
        }
        return folder;
    }

    private static void write(Path file, Object content) throws IOException {
        new JsonMapper().writeValue(file.toFile(), content);
    }
}
