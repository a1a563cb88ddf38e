package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jformers.JformersException;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.hub.HubException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.DType;
import org.jformers.tensor.Device;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One door for all pipelines; what each of them answers is the golden pipelines' to say. */
final class JformersTest {
    private static final Tokenizer TOKENIZER = ByteLevelBpeTrainer.builder().vocabSize(262)
            .specialTokens("<s>", "</s>").build().train(List.of("a film"));

    @TempDir
    private Path folder;

    private String bert(Task task, String architecture) throws IOException {
        return saved(task, """
                {"model_type": "bert", "architectures": ["%s"], "hidden_size": 12, "num_hidden_layers": 2,
                 "num_attention_heads": 3, "intermediate_size": 8, "max_position_embeddings": 20, "vocab_size": 262,
                 "pad_token_id": 0, "id2label": {"0": "bad", "1": "good"}}
                """.formatted(architecture));
    }

    private String saved(Task task, String config) throws IOException {
        try (Model model = AutoModel.create(AutoConfig.parse(new ObjectMapper().readTree(config), "test"), task, 4)) {
            model.save(folder);
        }
        TOKENIZER.save(folder);
        return folder.toString();
    }

    @Test
    void opensWhatReadsTexts() throws IOException {
        String model = bert(Task.SEQUENCE_CLASSIFICATION, "BertForSequenceClassification");
        try (TextClassification classes = Jformers.classifier(model)) {
            assertThat(classes.classify("a film")).extracting(Label::label).containsExactlyInAnyOrder("bad", "good");
            assertThat(classes.report().exact()).isTrue();
            assertThat(classes.report()).hasToString(classes.report().loaded() + " loaded");
        }
        model = bert(Task.TOKEN_CLASSIFICATION, "BertForTokenClassification");
        try (TokenClassification tags = Jformers.tagger(model)) {
            assertThat(tags.classify("a film", TokenClassification.Options.DEFAULT)).isNotEmpty();
        }
        model = bert(Task.QUESTION_ANSWERING, "BertForQuestionAnswering");
        try (QuestionAnswering answers = Jformers.answering(model)) {
            assertThat(answers.report().exact()).isTrue();
        }
    }

    @Test
    void givesVectorsAsNumbers() throws IOException {
        String model = bert(Task.BASE, "BertModel");
        try (Embeddings vectors = Jformers.embeddings(model); FeatureExtraction features = Jformers.features(model)) {
            float[][] both = vectors.embed(List.of("a film", "film"));
            assertThat(both).hasDimensions(2, 12);
            assertThat(vectors.embed(new int[][] {TOKENIZER.encode("a film").ids(), TOKENIZER.encode("film").ids()}))
                    .isDeepEqualTo(both);
            assertThat(features.extract("film").vectors()[0]).hasSize(12);
            assertThatThrownBy(() -> vectors.embed(new int[][] {{1}, {}})).isInstanceOf(JformersException.class)
                    .hasMessageContaining("a text without any token");
            assertThatThrownBy(() -> vectors.embed(new int[][] {{1, 262}})).isInstanceOf(JformersException.class)
                    .hasMessageContaining("262");
            assertThatThrownBy(() -> vectors.embed(new int[][] {{-1}})).isInstanceOf(JformersException.class)
                    .hasMessageContaining("-1");
        }
    }

    @Test
    void givesScoresOfTokensAsNumbers() throws IOException {
        try (TextClassification classes = Jformers.classifier(
                bert(Task.SEQUENCE_CLASSIFICATION, "BertForSequenceClassification"))) {
            float[][] scores = classes.scores(new int[][] {TOKENIZER.encode("a film").ids()});
            assertThat(classes.labels()).containsExactly("bad", "good");
            String best = scores[0][0] > scores[0][1] ? "bad" : "good";
            assertThat(classes.classify("a film").get(0).label()).isEqualTo(best);
        }
    }

    @Test
    void settingsAreChangedByLambda() throws IOException {
        String model = saved(Task.CAUSAL_LM, """
                {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 262, "n_positions": 40,
                 "n_embd": 8, "n_layer": 1, "n_head": 2}
                """);
        GenerationConfig.builder().maxNewTokens(3).bosTokenId(0).build().save(folder);
        try (TextGeneration writer = Jformers.textGeneration(model)) {
            assertThat(writer.generate("a film").ids()).hasSize(3);
            assertThat(writer.generate("a film", settings -> settings.maxNewTokens(7)).ids()).hasSize(7);
            StringBuilder heard = new StringBuilder();
            Completion told = writer.stream("a film", settings -> settings.doSample(true).topK(0),
                    Controls.NONE.withSeed(1), heard::append);
            assertThat(told.text()).isEqualTo(heard.toString());
            assertThat(told.ids()).hasSize(3);
        }
    }

    @Test
    void optionsSayHowItIsLoaded() throws IOException {
        String model = bert(Task.BASE, "BertModel");
        try (Embeddings whole = Jformers.embeddings(model);
                Embeddings half = Jformers.embeddings(
                        model, options -> options.precision(DType.BFLOAT16).device(Device.CPU).strict().offline())) {
            float[] vector = half.embed("a film");
            assertThat(vector).isNotEqualTo(whole.embed("a film"));
            assertThat(Embeddings.similarity(vector, whole.embed("a film"))).isGreaterThan(0.99);
        }
        assertThatThrownBy(() -> Jformers.embeddings("no/such-model", LoadOptions::offline))
                .isInstanceOf(HubException.class).hasMessageContaining("offline");
        assertThatThrownBy(() -> Jformers.classifier(model, options -> options.allowMissing("nothing")))
                .isInstanceOf(JformersException.class);
    }
}
