package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jformers.testkit.TensorAssert.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.ModelFamilies;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Handles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every family keeps that hears or speaks: as {@link ModelFamilyContract}, with inputs of its own. */
public abstract class SoundContract {
    private final ObjectNode json;
    private final Task task;
    private final String main;

    @TempDir
    private Path folder;

    /**
     * @param config a tiny {@code config.json}
     * @param task the head
     * @param main name of the main output
     */
    protected SoundContract(String config, Task task, String main) {
        try {
            json = (ObjectNode) new ObjectMapper().readTree(config);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
        this.task = task;
        this.main = main;
    }

    /** Inputs of two rows with everything that the loss needs. */
    protected abstract ModelInputs labelled();

    /** Values between -1 and 1 that are all different. */
    protected static Tensor wave(long... shape) {
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        return Tensors.range(1, count + 1).to(ScalarType.Float).sin().view(shape);
    }

    /** Whether there is a loss in training only, as the reference has it. */
    protected boolean losesInTrainingOnly() {
        return false;
    }

    /** Whether the config is refused for a task. */
    protected boolean refuses(Task kind) {
        return false;
    }

    /** Runs a test on a model with large random parameters, in a scope. */
    protected final void with(Consumer<Model> test) {
        Scopes.run(() -> {
            try (Model model = AutoModel.create(config(), task, 3)) {
                Sample.randomise(model);
                test.accept(model);
            }
        });
    }

    /** Runs without gradients. */
    protected static ModelOutput forward(Model model, ModelInputs inputs) {
        try (NoGrad noGrad = new NoGrad()) {
            return model.forward(inputs);
        }
    }

    private Config config() {
        return AutoConfig.parse(json, "contract");
    }

    @Test
    final void configSurvivesReadingAndWriting() {
        ObjectNode written = ConfigJson.of(config()).put("model_type", json.get("model_type").asText());
        assertThat(AutoConfig.parse(written, "again").equals(config())).isTrue();
    }

    @Test
    final void namesAKeyThatIsMissing() {
        ObjectNode without = json.deepCopy();
        String key = json.has("hidden_size") ? "hidden_size" : "d_model";
        without.remove(key);
        assertThatThrownBy(() -> AutoConfig.parse(without, "the/file"))
                .isInstanceOf(ConfigException.class).hasMessageContaining(key).hasMessageContaining("the/file");
    }

    /** What keeps the model from running on meta; see {@link ModelFamilyContract}. */
    protected Set<String> unknownOnMeta() {
        return Set.of();
    }

    @Test
    final void takesEverythingToItsDevice() {
        Scopes.run(() -> {
            try (OnMeta both = new OnMeta(() -> AutoModel.create(config(), task, 3))) {
                both.forwards(labelled());
                both.forwards(labelled().askingHiddenStates().askingAttentions());
                assertThat(both.unknown()).isEqualTo(unknownOnMeta());
            }
        });
    }

    @Test
    final void trainsEveryParameter() {
        with(model -> {
            model.network().train(losesInTrainingOnly());
            model.forward(labelled()).loss().backward();
            model.network().parameters().forEach((name, parameter) -> {
                assertThat(parameter.tensor().grad().defined()).as(name).isEqualTo(parameter.trained());
                if (parameter.trained()) {
                    assertThat(parameter.tensor().grad()).as(name).isFinite();
                }
            });
        });
    }

    @Test
    final void survivesSavingAndLoadingBitForBit() {
        with(model -> {
            model.save(folder);
            assertThat(AutoModel.declaredTask(AutoConfig.load(folder))).isEqualTo(task);
            try (Model again = AutoModel.load(folder, task, LoadMode.STRICT).model()) {
                Map<String, Tensor> after = again.network().tensors();
                model.network().tensors().forEach((name, tensor) ->
                        assertThat(Objects.requireNonNull(after.get(name)).equal(tensor)).as(name).isTrue());
                assertThat(forward(again, labelled()).get(main)).hasValuesOf(forward(model, labelled()).get(main));
            }
        });
    }

    @Test
    final void everyArchitectureIsBuiltSavedAndLoaded() {
        ModelFamilies.of(json.get("model_type").asText()).architectures().forEach((name, kind) -> {
            if (refuses(kind)) {
                assertThatThrownBy(() -> AutoModel.create(config(), kind, 3)).isInstanceOf(ConfigException.class);
                return;
            }
            Path saved = folder.resolve(name);
            Scopes.run(() -> {
                try (Model model = AutoModel.create(config(), kind, 3)) {
                    model.network().tensors().forEach((parameter, tensor) -> {
                        if (tensor.is_floating_point()) {
                            assertThat(tensor).as(name + " " + parameter).isFinite();
                        }
                    });
                    model.save(saved);
                    try (Model again = AutoModel.load(saved, kind, LoadMode.STRICT).model()) {
                        assertThat(again.network().tensors().keySet()).isEqualTo(model.network().tensors().keySet());
                    }
                }
            });
        });
    }

    @Test
    final void aRowDoesNotDependOnTheRestOfTheBatch() {
        with(model -> {
            Tensor together = forward(model, labelled()).get(main);
            Map<String, Tensor> alone = new LinkedHashMap<>();
            labelled().tensors().forEach((name, tensor) -> alone.put(name, tensor.narrow(0, 0, 1)));
            Tensor first = forward(model, ModelInputs.of(alone)).get(main);
            assertThat(first).isCloseTo(
                    together.narrow(0, 0, 1).narrow(1, 0, first.size(1)), ModelFamilyContract.ROUNDING);
        });
    }

    @Test
    final void freesEveryNativeObject() {
        with(model -> Handles.assertNoGrowth(() -> {
            forward(model, labelled().askingHiddenStates().askingAttentions());
            model.network().train(losesInTrainingOnly());
            model.forward(labelled()).loss().backward();
            model.network().train(false);
        }));
    }
}
