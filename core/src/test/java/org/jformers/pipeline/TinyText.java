package org.jformers.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;

/** Random models over bytes, each made in about a millisecond. */
final class TinyText {
    static final Tokenizer TOKENIZER = ByteLevelBpeTrainer.builder().vocabSize(262)
            .specialTokens("<s>", "</s>").build().train(List.of("a film"));

    private static final Tokenizer WORDS = TranslationTest.words(93);

    private TinyText() {}

    private static Model model(Task task, String config) {
        try {
            return AutoModel.create(AutoConfig.parse(new ObjectMapper().readTree(config), "test"), task, 4);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static TextGeneration writer() {
        return new TextGeneration(
                model(Task.CAUSAL_LM, """
                        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 262,
                         "n_positions": 40, "n_embd": 8, "n_layer": 1, "n_head": 2}
                        """), TOKENIZER, GenerationConfig.builder().bosTokenId(0).build());
    }

    static Translation translator() {
        Model model = TranslationTest.model();
        return new Translation(model, WORDS, WORDS, GenerationConfig.of(model.config()));
    }

    static Model bert(Task task) {
        return model(task, """
                {"model_type": "bert", "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3,
                 "intermediate_size": 8, "max_position_embeddings": 40, "vocab_size": 262, "pad_token_id": 0}
                """);
    }
}
