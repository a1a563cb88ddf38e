package org.jformers.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.text.training.WordLevelTrainer;

/** A tiny model of texts to start from. */
final class TinyClassifier {
    private TinyClassifier() {}

    /** Writes a DistilBERT and its tokenizer of words into a folder. */
    static Path start(Path folder) {
        var tokenizer = WordLevelTrainer.symbols().build().train(List.of("film is good poor and not 1 2 3"));
        try (Model model = AutoModel.create(AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "distilbert", "vocab_size": %d, "dim": 16, "hidden_dim": 32, "n_layers": 1, "n_heads": 2,
                 "max_position_embeddings": 32, "pad_token_id": 0}
                """.formatted(tokenizer.vocabSize())), "test"), Task.MASKED_LM, 1)) {
            model.save(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        tokenizer.save(folder);
        return folder;
    }
}
