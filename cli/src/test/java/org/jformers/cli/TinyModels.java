package org.jformers.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;

/** Folders of tiny models, for documents whose models are larger. */
final class TinyModels {
    private static final Tokenizer TOKENIZER =
            ByteLevelBpeTrainer.builder().vocabSize(300).build().train(List.of("A volcano is a mountain."));

    private TinyModels() {}

    /** A GPT-2 in a folder of its own. */
    static Path writer(Path folder) throws IOException {
        Path gpt2 = save(folder.resolve("gpt2"), Task.CAUSAL_LM, """
                {"model_type": "gpt2", "vocab_size": %d, "n_positions": 64, "n_embd": 8, "n_layer": 1, "n_head": 2}
                """);
        GenerationConfig.builder().build().save(gpt2);
        return gpt2;
    }

    /** A GPT-2 that writes long texts in a folder of its own. */
    static Path longWriter(Path folder) throws IOException {
        Path gpt2 = save(folder.resolve("long"), Task.CAUSAL_LM, """
                {"model_type": "gpt2", "vocab_size": %d, "n_positions": 4000, "n_embd": 8, "n_layer": 1, "n_head": 2}
                """);
        GenerationConfig.builder().build().save(gpt2);
        return gpt2;
    }

    /** A BERT without a head in a folder of its own. */
    static Path reader(Path folder) throws IOException {
        return save(folder.resolve("bert"), Task.BASE, bert("BertModel"));
    }

    /** A BERT that tells good from poor in a folder of its own. */
    static Path classifier(Path folder) throws IOException {
        return save(folder.resolve("classes"), Task.SEQUENCE_CLASSIFICATION, bert("BertForSequenceClassification"));
    }

    private static String bert(String architecture) {
        return """
                {"model_type": "bert", "architectures": ["%s"], "vocab_size": %%d, "hidden_size": 16,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16,
                 "max_position_embeddings": 200, "pad_token_id": 0, "id2label": {"0": "poor", "1": "good"}}
                """.formatted(architecture);
    }

    private static Path save(Path folder, Task task, String config) throws IOException {
        try (Model model = AutoModel.create(AutoConfig.parse(
                new JsonMapper().readTree(config.formatted(TOKENIZER.vocabSize())), "test"), task, 1)) {
            model.save(folder);
        }
        TOKENIZER.save(folder);
        return folder;
    }
}
