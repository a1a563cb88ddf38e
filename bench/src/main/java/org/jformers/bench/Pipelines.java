package org.jformers.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Embeddings;
import org.jformers.pipeline.TextOptions;

/**
 * Texts to vectors, from strings to floats: texts per second. Arguments: model folder, texts (a JSON string a line),
 * kind of weights, passes over all texts. The peers are in bench/python/pipelines.py; bench/pipelines.sh
 * runs both.
 */
public final class Pipelines {
    private Pipelines() {}

    /** @param args model folder, file of texts, weights, passes */
    public static void main(String[] args) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<String> texts = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(args[1]))) {
            texts.add(json.readValue(line, String.class));
        }
        double[] seconds = new double[Integer.parseInt(args[3])];
        LoadRequest request = LoadRequest.DECLARED.withWeights(args[2]);
        TextOptions options = TextOptions.DEFAULT.truncated();
        List<float[]> vectors = List.of();
        try (Embeddings model = Embeddings.load(Path.of(args[0]), request)) {
            model.embed(texts.subList(0, Math.min(256, texts.size())), options);
            for (int pass = 0; pass < seconds.length; pass++) {
                long begin = System.nanoTime();
                vectors = model.embed(texts, options);
                seconds[pass] = (System.nanoTime() - begin) / 1e9;
            }
        }
        Arrays.sort(seconds);
        System.out.printf("jformers %s best %.0f median %.0f texts/s, first vector %.4f %.4f%n", args[2],
                texts.size() / seconds[0], texts.size() / seconds[seconds.length / 2], vectors.get(0)[0],
                vectors.get(0)[1]);
    }
}
