package org.jformers.task;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;

/** A tiny BERT to start from, and rows that it can learn: which animal a text is about, and whether it runs. */
final class TinyStart {
    private static final List<String> FILLERS = List.of("the", "a", "old", "lazy", "and", "over", "under", "tree");

    private TinyStart() {}

    /** A folder with a model and its tokenizer. */
    static Path bert(Path folder) {
        Path model = folder.resolve("start");
        try (Model bert = AutoModel.create(AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "bert", "vocab_size": 25, "hidden_size": 24, "num_hidden_layers": 2,
                 "num_attention_heads": 2, "intermediate_size": 48, "max_position_embeddings": 48,
                 "pad_token_id": 0, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}"""), "test"),
                Task.MASKED_LM, 3)) {
            bert.save(model);
            for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
                Files.copy(Path.of(TinyStart.class.getResource("/rows/right/" + file).toURI()), model.resolve(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        return model;
    }

    /** A text of a few words; the animal and what it does are in it. */
    record Sentence(String text, String animal, String deed) {}

    static List<Sentence> sentences(int count, long seed) {
        Random random = new Random(seed);
        List<Sentence> sentences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String animal = random.nextBoolean() ? "fox" : "dog";
            String deed = random.nextBoolean() ? "run" : "sleep";
            List<String> words = new ArrayList<>();
            for (int filler = 0; filler < 2 + random.nextInt(5); filler++) {
                words.add(FILLERS.get(random.nextInt(FILLERS.size())));
            }
            words.add(random.nextInt(words.size()), animal);
            words.add(deed + "s");
            sentences.add(new Sentence(String.join(" ", words), animal, deed));
        }
        return sentences;
    }

    /** A file of rows below a head line. */
    static Path table(Path file, String head, int count, Function<Sentence, String> row) {
        List<String> lines = new ArrayList<>(List.of(head));
        sentences(count, 1).forEach(sentence -> lines.add(row.apply(sentence)));
        return write(file, lines);
    }

    static Path write(Path file, List<String> lines) {
        try {
            return Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
