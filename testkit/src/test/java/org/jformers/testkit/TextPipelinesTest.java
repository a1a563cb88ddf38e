package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.javacpp.Pointer;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.pipeline.Aggregation;
import org.jformers.pipeline.FeatureExtraction;
import org.jformers.pipeline.TextClassification;
import org.jformers.pipeline.TextOptions;
import org.jformers.pipeline.TokenClassification;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.Test;

/** Pipelines that read texts leave no native object behind, without a scope around them. */
final class TextPipelinesTest {
    private static final Tokenizer TOKENIZER = ByteLevelBpeTrainer.builder().vocabSize(262)
            .specialTokens("<s>", "</s>").build().train(List.of("a film"));
    private static final List<String> TEXTS = List.of("a film", "film", "a film that is long", "film");

    private static Model model(Task task) throws IOException {
        return AutoModel.create(AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "bert", "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3,
                 "intermediate_size": 8, "max_position_embeddings": 20, "vocab_size": 262, "pad_token_id": 0}"""),
                "test"), task, 4);
    }

    private static void assertNothingStays(Runnable body) {
        body.run();
        body.run();
        long before = Pointer.totalCount();
        for (int i = 0; i < 10; i++) {
            body.run();
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    @Test
    void theyLeaveNothingBehind() throws IOException {
        List<TextInput> inputs = TEXTS.stream().map(TextInput::of).toList();
        TokenClassification.Options windows =
                new TokenClassification.Options(Aggregation.MAX, Set.of(), OptionalInt.of(2));
        try (TextClassification classes = new TextClassification(model(Task.SEQUENCE_CLASSIFICATION), TOKENIZER);
                TokenClassification tags = new TokenClassification(model(Task.TOKEN_CLASSIFICATION), TOKENIZER);
                FeatureExtraction vectors = new FeatureExtraction(model(Task.BASE), TOKENIZER)) {
            assertNothingStays(() -> classes.classify(inputs, TextOptions.DEFAULT));
            assertNothingStays(() -> tags.classify(TEXTS, windows));
            assertNothingStays(() -> vectors.extract(TEXTS, TextOptions.DEFAULT));
        }
    }
}
