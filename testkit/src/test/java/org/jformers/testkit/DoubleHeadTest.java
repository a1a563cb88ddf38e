package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Double heads that sum up otherwise than at one token: a stored model with other keys, and what transformers 5.18
 * makes of it. With choices it picks among choices, and there is a score for each token.
 */
final class DoubleHeadTest {
    private static final String FOLDER = "models/gpt2-double-heads";

    @TempDir
    private Path folder;

    private Model model(String summary, boolean map) throws IOException {
        Path stored = Fixtures.folder(FOLDER);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode config = (ObjectNode) mapper.readTree(stored.resolve("config.json").toFile());
        config.put("summary_type", summary).put("summary_activation", "tanh").put("summary_use_proj", map);
        mapper.writeValue(folder.resolve("config.json").toFile(), config);
        Files.copy(stored.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        return AutoModel.load(folder);
    }

    private static Tensor ids() {
        return Tensors.range(0, 12).view(2, 2, 3).mul(Tensors.ofLongs(new long[] {7}, 1));
    }

    private static ModelOutput run(Model model, Tensor ids) {
        try (NoGrad noGrad = new NoGrad()) {
            return model.forward(ModelInputs.of(ids));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "last, -0.891601 -0.987037 -0.902783 -0.914765 -0.983010 -0.551917, -0.943506 -0.478453",
        "first, -0.965119 -0.968963 -0.943506 -0.917835 -0.968266 -0.478453, -0.965119 -0.917835",
        "mean, -0.938185 -0.979922 -0.925785 -0.916313 -0.976767 -0.516134, -0.960572 -0.882424"
    })
    void picksAsTheReferenceDoes(String summary, String withChoices, String withoutChoices) throws IOException {
        try (Model model = model(summary, true)) {
            Scopes.run(() -> {
                Tensor byToken = run(model, ids()).get("mc_logits");
                assertThat(byToken.shape()).containsExactly(2, 3);
                assertThat(Tensors.toFloats(byToken)).containsExactly(numbers(withChoices), within(2e-5f));
                ModelOutput rows = run(model, ids().select(1, 0).contiguous());
                assertThat(rows.logits().shape()).containsExactly(2, 3, 121);
                assertThat(rows.get("mc_logits").shape()).containsExactly(2);
                assertThat(Tensors.toFloats(rows.get("mc_logits")))
                        .containsExactly(numbers(withoutChoices), within(2e-5f));
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"mean, 3", "cls_index, 2"})
    void givesTheVectorItselfWithoutAMap(String summary, long places) throws IOException {
        try (Model model = model(summary, false)) {
            Scopes.run(() ->
                    assertThat(run(model, ids()).get("mc_logits").shape()).containsExactly(2, places, 32));
        }
    }

    private static float[] numbers(String text) {
        String[] words = text.split(" ");
        float[] numbers = new float[words.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Float.parseFloat(words[i]);
        }
        return numbers;
    }
}
