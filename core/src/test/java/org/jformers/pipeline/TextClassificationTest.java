package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tasks on texts over one model; that they give the reference's results is the golden pipelines' to say. */
final class TextClassificationTest {
    private static final String CONFIG = """
            {"model_type": "bert", "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3,
             "intermediate_size": 8, "max_position_embeddings": 20, "type_vocab_size": 2, "vocab_size": 262,
             "pad_token_id": 0, "id2label": {"0": "O", "1": "B-X", "2": "I-X"}, "initializer_range": 0.5}
            """;
    private static final Tokenizer TOKENIZER = ByteLevelBpeTrainer.builder().vocabSize(262)
            .specialTokens("<s>", "</s>").build().train(List.of("a film"));

    @TempDir
    private Path folder;

    private static Model model(String key, String value, Task task) throws IOException {
        ObjectNode config = (ObjectNode) new ObjectMapper().readTree(CONFIG);
        config.put(key, value);
        return AutoModel.create(AutoConfig.parse(config, "test"), task, 4);
    }

    private static Model model(Task task) throws IOException {
        return model("problem_type", "single_label_classification", task);
    }

    private static TextClassification classification(String problem) throws IOException {
        return new TextClassification(model("problem_type", problem, Task.SEQUENCE_CLASSIFICATION), TOKENIZER);
    }

    @Test
    void aModelsProblemSaysWhatIsMadeOfItsScores() throws IOException {
        try (TextClassification one = classification("single_label_classification");
                TextClassification several = classification("multi_label_classification");
                TextClassification number = classification("regression")) {
            assertThat(one.function()).isEqualTo(ScoreFunction.SOFTMAX);
            assertThat(one.classify("a film")).isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()));
            assertThat(one.classify("a film").stream().mapToDouble(Label::score).sum()).isCloseTo(1, within(1e-6));
            assertThat(several.function()).isEqualTo(ScoreFunction.SIGMOID);
            assertThat(number.function()).isEqualTo(ScoreFunction.NONE);
            List<TextInput> input = List.of(TextInput.of("a film"));
            List<Label> raw = number.classify(input, TextOptions.DEFAULT).get(0);
            assertThat(several.classify(input, TextOptions.DEFAULT).get(0)).zipSatisfy(raw, (label, logit) ->
                    assertThat(label.score()).isCloseTo(1 / (1 + Math.exp(-logit.score())), within(1e-6)));
            assertThat(several.classify(input, TextOptions.DEFAULT, ScoreFunction.NONE).get(0)).isEqualTo(raw);
        }
    }

    @Test
    void textsInBatchesGetWhatEachGetsAloneInTheirOrder() throws IOException {
        try (TextClassification pipeline = classification("regression")) {
            List<TextInput> texts = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                String text = "film ".repeat(1 + i % 3) + (char) ('a' + i % 7);
                texts.add(i % 5 == 0 ? TextInput.pair(text, "b") : TextInput.of(text));
            }
            List<List<Label>> together = pipeline.classify(texts, TextOptions.DEFAULT);
            for (int i = 0; i < texts.size(); i++) {
                List<Label> alone = pipeline.classify(List.of(texts.get(i)), TextOptions.DEFAULT).get(0);
                assertThat(together.get(i)).zipSatisfy(alone, (a, b) -> {
                    assertThat(a.label()).isEqualTo(b.label());
                    assertThat(a.score()).isCloseTo(b.score(), within(1e-5));
                });
            }
        }
    }

    @Test
    void aTextThatDoesNotFitIsRefusedOrCut() throws IOException {
        try (TextClassification pipeline = classification("regression")) {
            List<TextInput> input = List.of(TextInput.of("x".repeat(25)));
            assertThatThrownBy(() -> pipeline.classify(input, TextOptions.DEFAULT))
                    .isInstanceOf(JformersException.class)
                    .hasMessage("text classification: got a text of 25 tokens, allowed up to 20, as many as the model"
                            + " has positions; truncation cuts longer texts");
            assertThat(pipeline.classify(input, TextOptions.DEFAULT.truncated()).get(0))
                    .isEqualTo(pipeline.classify("x".repeat(20)));
            assertThat(pipeline.classify(input, TextOptions.DEFAULT.truncated().withMaxLength(3)).get(0))
                    .isEqualTo(pipeline.classify("xxx"));
            assertThatThrownBy(() -> pipeline.classify(""))
                    .hasMessage("text classification: got a text without any token, allowed at least one");
            assertThat(pipeline.classify(List.of(), TextOptions.DEFAULT)).isEmpty();
        }
    }

    /** XLM takes it for padding where no mask says otherwise. */
    @Test
    void aTokenThatPadsIsTextWhereTheTextHasIt() throws IOException {
        Model xlm = AutoModel.create(AutoConfig.parse(new ObjectMapper().readTree("""
                {"model_type": "xlm", "vocab_size": 262, "emb_dim": 12, "n_layers": 2, "n_heads": 3,
                 "max_position_embeddings": 20, "pad_token_id": 0, "pad_index": 0, "embed_init_std": 0.5,
                 "init_std": 0.5}"""), "test"), Task.SEQUENCE_CLASSIFICATION, 4);
        int[] ids = TOKENIZER.encode("a<s>b").ids();
        assertThat(ids).contains(0);
        float[] logits = Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                return Tensors.toFloats(xlm.forward(ModelInputs.of(Tensors.ofLongs(new long[][] {
                    IntStream.of(ids).asLongStream().toArray()
                })).with("attention_mask", Tensors.ofLongs(new long[][] {{1, 1, 1}}))).logits());
            }
        });
        try (TextClassification pipeline = new TextClassification(xlm, TOKENIZER)) {
            List<Label> labels = pipeline.classify(
                    List.of(TextInput.of("a<s>b")), TextOptions.DEFAULT, ScoreFunction.NONE).get(0);
            assertThat(labels).extracting(Label::score)
                    .containsExactlyInAnyOrder((double) logits[0], (double) logits[1]);
        }
    }

    @Test
    void aFolderIsLoadedForTheTaskAlone() throws IOException {
        try (Model model = model(Task.SEQUENCE_CLASSIFICATION)) {
            model.save(folder);
        }
        TOKENIZER.save(folder);
        try (TextClassification classes = TextClassification.load(folder.toString());
                FeatureExtraction vectors = FeatureExtraction.load(folder)) {
            assertThat(classes.classify("a film")).hasSize(3);
            Features features = vectors.extract("a film");
            assertThat(features.vectors()).hasNumberOfRows(features.tokens().size()).hasDimensions(
                    features.tokens().size(), 12);
        }
        Path tagged = folder.resolve("tags");
        try (Model tags = model(Task.TOKEN_CLASSIFICATION)) {
            tags.save(tagged);
            assertThatThrownBy(() -> new TextClassification(tags, TOKENIZER)).isInstanceOf(ConfigException.class)
                    .hasMessage("text classification: got BertForTokenClassification, allowed models with a classifier"
                            + " of texts");
        }
        TOKENIZER.save(tagged);
        assertThatThrownBy(() -> TextClassification.load(tagged)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("bert.pooler");
    }

    @Test
    void longTextsAreLabelledInWindowsToTheirEnd() throws IOException {
        String text = "abcdefghij".repeat(6);
        try (TokenClassification pipeline = new TokenClassification(model(Task.TOKEN_CLASSIFICATION), TOKENIZER)) {
            TokenClassification.Options all = TokenClassification.Options.DEFAULT.ignoring(Set.of());
            assertThatThrownBy(() -> pipeline.classify(text, all)).hasMessageContaining("got a text of 60 tokens,"
                    + " allowed up to 20, as many as the model has positions; a stride reads longer texts in windows");
            List<Entity> tokens = pipeline.classify(text, all.inWindows(5));
            assertThat(tokens).extracting(token -> token.start().getAsInt()).isSorted().hasSize(60);
            assertThatThrownBy(() -> pipeline.classify("a", all.inWindows(20)))
                    .hasMessageContaining("got a stride of 20, allowed less than the 20 tokens of a window");
        }
    }
}
