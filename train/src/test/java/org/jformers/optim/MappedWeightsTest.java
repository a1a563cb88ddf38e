package org.jformers.optim;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fine-tuning on weights that are views of a file, some of them transposed. */
class MappedWeightsTest {

    @TempDir
    Path folder;

    @Test
    void trainLikeWeightsInMemory() throws Exception {
        try (Model fresh = AutoModel.create(AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "gpt2", "vocab_size": 11, "n_positions": 8, "n_embd": 6, "n_layer": 2, "n_head": 2}
                """), "test"), Task.CAUSAL_LM, 3)) {
            fresh.save(folder);
            try (Model mapped = AutoModel.load(folder)) {
                assertThat(mapped.network().tensors().values()).anyMatch(tensor -> !tensor.is_contiguous());
                train(fresh);
                train(mapped);
                Map<String, Tensor> expected = fresh.network().tensors();
                mapped.network().tensors().forEach((name, tensor) -> Scopes.run(() ->
                        assertThat(tensor.allclose(expected.get(name), 1e-6, 1e-7, false)).as(name).isTrue()));
            }
        }
    }

    private static void train(Model model) {
        // Biases of keys have no gradient but rounding errors, which a small epsilon would blow up to whole steps.
        try (Adam adam = new Adam(
                new Adam.Settings(Adam.Decay.DECOUPLED, 0.9, 0.95, 1e-3, 0.1), model.network().parameters())) {
            Tensor ids = Tensors.ofLongs(new long[][] {{1, 5, 10, 2}, {2, 3, 4, 7}});
            for (int step = 0; step < 3; step++) {
                Scopes.run(() -> {
                    model.forward(ModelInputs.of(ids).with("labels", ids)).loss().backward();
                    Gradients.clip(model.network().parameters().values(), 1);
                    adam.step(1e-2);
                    Gradients.clear(model.network().parameters().values());
                });
            }
        }
    }
}
