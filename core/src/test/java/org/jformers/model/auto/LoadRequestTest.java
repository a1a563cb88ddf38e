package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ProblemType;
import org.jformers.model.Task;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heads of one's own on a pretrained body. */
class LoadRequestTest {
    private static final LoadRequest THREE = LoadRequest.of(Task.SEQUENCE_CLASSIFICATION)
            .withLabels(List.of("bad", "so so", "good"))
            .withProblemType(ProblemType.SINGLE_LABEL_CLASSIFICATION);

    @TempDir
    Path folder;

    @BeforeEach
    void savePretrained() throws IOException {
        save(Task.MASKED_LM);
    }

    private void save(Task task) throws IOException {
        Config config = AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "bert", "vocab_size": 11, "max_position_embeddings": 8, "hidden_size": 6,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
                """), "test");
        try (Model model = AutoModel.create(config, task, 3)) {
            model.save(folder);
        }
    }

    @Test
    void aNewHeadIsAskedFor() {
        assertThatThrownBy(() -> AutoModel.load(folder, THREE))
                .isInstanceOf(CheckpointException.class).hasMessageContaining("'classifier.weight'");
        AutoModel.Loaded loaded = AutoModel.load(folder, THREE.withMode(LoadMode.NEW_HEAD));
        try (Model model = loaded.model()) {
            assertThat(model.identity().task()).isEqualTo(Task.SEQUENCE_CLASSIFICATION);
            assertThat(model.config().common().labels()).containsExactly("bad", "so so", "good");
            assertThat(model.config().common().problemType()).contains(ProblemType.SINGLE_LABEL_CLASSIFICATION);
            assertThat(model.network().tensors().get("head.classifier.weight").shape()).containsExactly(3, 6);
            assertThat(loaded.report().missing()).hasSize(4)
                    .allSatisfy((name, reason) -> assertThat(name).startsWith("head."));
            model.save(folder.resolve("again"));
        }
        AutoModel.load(folder.resolve("again"), Task.SEQUENCE_CLASSIFICATION, LoadMode.STRICT).model().close();
        assertThat(AutoConfig.load(folder.resolve("again")).common().labels()).containsExactly("bad", "so so", "good");
    }

    @Test
    void aHeadOfAnotherSizeIsReplacedOnlyWhereThatIsAskedFor() throws IOException {
        save(Task.SEQUENCE_CLASSIFICATION);
        assertThatThrownBy(() -> AutoModel.load(folder, THREE.withMode(LoadMode.NEW_HEAD)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("'head.classifier.weight': shape [2, 6] in the checkpoint, [3, 6] in the model");
        AutoModel.Loaded loaded = AutoModel.load(folder, THREE.withMode(LoadMode.REPLACED_HEAD));
        try (Model model = loaded.model()) {
            assertThat(loaded.report().mismatched()).containsOnlyKeys("head.classifier.weight", "head.classifier.bias");
            assertThat(Tensors.toFloats(model.network().tensors().get("head.classifier.bias"))).containsOnly(0f);
        }
        // One that fits is gone on with.
        LoadRequest two = LoadRequest.of(Task.SEQUENCE_CLASSIFICATION).withLabels(List.of("no", "yes"));
        AutoModel.Loaded same = AutoModel.load(folder, two.withMode(LoadMode.REPLACED_HEAD));
        same.model().close();
        assertThat(same.report().missing()).isEmpty();
        assertThat(same.report().mismatched()).isEmpty();
    }

    @Test
    void theBodyMustBeThereWhateverTheHeadIs() throws IOException {
        Config deeper = AutoConfig.load(folder);
        assertThat(deeper.common().labels()).hasSize(2);
        assertThatThrownBy(() -> AutoModel.load(
                        folder, THREE.withMode(LoadMode.REPLACED_HEAD).withConfig("num_hidden_layers", 2)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("'bert.encoder.layer.1.attention.self.query.weight'");
    }

    @Test
    void refusesLabelsThatAreNone() {
        assertThatThrownBy(() -> THREE.withLabels(List.of())).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> THREE.withLabels(List.of("a", "a"))).hasMessageContaining("allowed one or more");
    }
}
