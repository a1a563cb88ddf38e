package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jformers.testkit.TensorAssert.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.ModelFamilies;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Handles;
import org.jformers.testkit.Tolerance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every family of images keeps: configs and weights survive saving, every head trains, no image depends on the
 * rest of the batch, bad input is refused. Its config should have dropout.
 */
public abstract class ImageContract {
    private static final Tolerance ROUNDING = new Tolerance(2e-5, 1e-4);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long ROWS = 2;
    private static final List<String> MAIN =
            List.of("logits", "reconstruction", "image_embeds", "text_embeds", "last_hidden_state");

    private final ObjectNode json;
    private final Optional<Images> images;

    @TempDir
    private Path folder;

    /**
     * The images that a model takes.
     *
     * @param channels of an image
     * @param height rows of pixels
     * @param width columns of pixels
     * @param patches how many patches an image has
     */
    public record Images(long channels, long height, long width, long patches) {}

    /**
     * @param config a tiny {@code config.json}, with at least two labels and ids up to 9 where it has them
     * @param images what the model takes; empty if it takes texts alone
     */
    protected ImageContract(String config, Optional<Images> images) {
        try {
            json = (ObjectNode) JSON.readTree(config);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
        this.images = images;
    }

    private ModelFamily<?> family() {
        return ModelFamilies.of(json.get("model_type").asText());
    }

    private Config config() {
        return AutoConfig.parse(json, "contract");
    }

    /** Runs a test for each task, on a model whose parameters are large and all different. */
    private void each(BiConsumer<Task, Model> test) {
        for (Task task : family().architectures().values()) {
            Scopes.run(() -> {
                try (Model model = AutoModel.create(config(), task, 3)) {
                    Sample.randomise(model);
                    test.accept(task, model);
                }
            });
        }
    }

    /** What keeps the family's models from running on meta; see {@link ModelFamilyContract}. */
    protected Set<String> unknownOnMeta() {
        return Set.of();
    }

    @Test
    final void takesEverythingToItsDevice() {
        Set<String> unknown = new TreeSet<>();
        for (Task task : family().architectures().values()) {
            Scopes.run(() -> {
                try (OnMeta both = new OnMeta(() -> AutoModel.create(config(), task, 3))) {
                    ModelInputs inputs = inputs(task, both.host());
                    both.forwards(inputs);
                    both.forwards(inputs.askingHiddenStates().askingAttentions());
                    both.loses(inputs);
                    unknown.addAll(both.unknown());
                }
            });
        }
        assertThat(unknown).isEqualTo(unknownOnMeta());
    }

    private ModelInputs inputs(Task task, Model model) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        images.ifPresent(image -> {
            inputs.put("pixel_values", waves(ROWS, image.channels(), image.height(), image.width()));
            Tensor order_BP = waves(ROWS, image.patches());
            switch (task) {
                case IMAGE_CLASSIFICATION -> inputs.put("labels", Tensors.ofLongs(new long[] {0, 1}, ROWS));
                case MASKED_IMAGE -> inputs.put("bool_masked_pos", order_BP.gt(new Scalar(0.1)));
                default -> { }
            }
            if (model.takes().contains("noise")) {
                inputs.put("noise", order_BP);
            }
        });
        if (images.isEmpty() || task == Task.CONTRASTIVE) {
            inputs.put("input_ids", Tensors.ofLongs(new long[][] {{3, 4, 5, 9, 1}, {6, 9, 1, 1, 1}}));
            inputs.put("attention_mask", Tensors.ofLongs(new long[][] {{1, 1, 1, 1, 0}, {1, 1, 0, 0, 0}}));
        }
        ModelInputs all = ModelInputs.of(inputs);
        return task == Task.CONTRASTIVE ? all.asking(ModelInputs.Option.PAIR_LOSS) : all;
    }

    private static Tensor waves(long... shape) {
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        return Tensors.range(0, count).to(ScalarType.Float).mul(new Scalar(0.7)).sin().view(shape);
    }

    private static ModelOutput forward(Model model, ModelInputs inputs) {
        try (NoGrad noGrad = new NoGrad()) {
            return model.forward(inputs);
        }
    }

    private static Tensor main(ModelOutput output) {
        return output.get(MAIN.stream().filter(name -> output.find(name).isPresent()).findFirst().orElseThrow());
    }

    @Test
    final void configSurvivesReadingAndWriting() {
        ObjectNode own = json.deepCopy();
        own.putObject("somebodys_own").putArray("list").add(1).addNull();

        Config config = AutoConfig.parse(own, "contract");
        ObjectNode written = ConfigJson.of(config);

        assertThat(AutoConfig.parse(written, "contract")).isEqualTo(config);
        for (Map.Entry<String, JsonNode> entry : own.properties()) {
            assertThat(written.get(entry.getKey())).as(entry.getKey()).isEqualTo(entry.getValue());
        }
    }

    @Test
    final void namesAKeyOfTheWrongKind() {
        for (RecordComponent component : family().configType().getRecordComponents()) {
            if (component.getType() != Map.class) {
                String key = new SnakeCaseStrategy().translate(component.getName());
                ObjectNode wrong = json.deepCopy();
                wrong.putArray(key).add("wrong");
                assertThatThrownBy(() -> AutoConfig.parse(wrong, "the/file")).as(key)
                        .isInstanceOf(ConfigException.class)
                        .hasMessageContaining(key).hasMessageContaining("wrong").hasMessageContaining("the/file");
            }
        }
    }

    @Test
    final void everyArchitectureTrainsEveryParameter() {
        each((task, model) -> {
            Sample.loss(model.forward(inputs(task, model))).backward();
            model.network().parameters().forEach((name, parameter) -> {
                Tensor gradient = parameter.tensor().grad();
                if (name.contains("unused")) {
                    assertThat(gradient.defined()).as(task + " " + name).isFalse();
                    return;
                }
                assertThat(gradient.defined()).as(task + " " + name).isTrue();
                assertThat(gradient).as(task + " " + name).isFinite();
                // A constant added to all scores cannot change a softmax over them.
                assertThat(parameter.role() == Role.BIAS || gradient.any().item_bool())
                        .as(task + " " + name).isTrue();
            });
        });
    }

    @Test
    final void everyArchitectureSurvivesSavingAndLoadingBitForBit() {
        each((task, model) -> {
            Path saved = folder.resolve(task.name());
            model.save(saved);
            assertThat(AutoModel.declaredTask(AutoConfig.load(saved))).isEqualTo(task);
            try (Model again = AutoModel.load(saved, task, LoadMode.STRICT).model()) {
                Map<String, Tensor> after = again.network().tensors();
                assertThat(after.keySet()).isEqualTo(model.network().tensors().keySet());
                model.network().tensors().forEach((name, tensor) ->
                        assertThat(Objects.requireNonNull(after.get(name))).as(task + " " + name).hasValuesOf(tensor));
                assertThat(main(forward(again, inputs(task, model))))
                        .hasValuesOf(main(forward(model, inputs(task, model))));
            }
        });
    }

    @Test
    final void aSeedDecidesTheFirstWeights() {
        each((task, any) -> {
            try (Model one = AutoModel.create(config(), task, 5); Model same = AutoModel.create(config(), task, 5)) {
                one.network().tensors().forEach((name, tensor) -> {
                    assertThat(tensor).as(name).isFinite();
                    assertThat(Objects.requireNonNull(same.network().tensors().get(name))).hasValuesOf(tensor);
                });
            }
        });
    }

    @Test
    final void aRowDoesNotDependOnTheRestOfTheBatch() {
        each((task, model) -> {
            Tensor together = main(forward(model, inputs(task, model)));
            for (long row = 0; row < ROWS; row++) {
                Map<String, Tensor> alone = new LinkedHashMap<>();
                for (Map.Entry<String, Tensor> entry : inputs(task, model).tensors().entrySet()) {
                    alone.put(entry.getKey(), entry.getValue().narrow(0, row, 1));
                }
                assertThat(main(forward(model, ModelInputs.of(alone))))
                        .isCloseTo(together.narrow(0, row, 1), ROUNDING);
            }
        });
    }

    @Test
    final void repeatsItselfWithoutDropoutAndNotWith() {
        each((task, model) -> {
            Tensor first = main(forward(model, inputs(task, model)));
            model.network().train(true);
            assertThat(main(forward(model, inputs(task, model)))).differsFrom(first, ROUNDING);
            model.network().train(false);
            assertThat(main(forward(model, inputs(task, model)))).hasValuesOf(first);
        });
    }

    @Test
    final void freesEveryNativeObject() {
        each((task, model) -> Handles.assertNoGrowth(() -> {
            forward(model, inputs(task, model).askingHiddenStates().askingAttentions());
            Sample.loss(model.forward(inputs(task, model))).backward();
        }));
    }

    @Test
    final void refusesToWriteText() {
        each((task, model) -> assertThatThrownBy(() -> model.decoding())
                .isInstanceOf(JformersException.class).hasMessageContaining(model.identity().architecture()));
    }

    @Test
    final void refusesOtherInputsThanItsOwn() {
        each((task, model) -> {
            String missing = images.isPresent() ? "pixel_values" : "input_ids";
            assertThatThrownBy(() -> forward(model, ModelInputs.of(Map.of("speaker_embeddings", waves(1, 2)))))
                    .isInstanceOf(ShapeException.class).hasMessageContaining(missing);
        });
    }

    @Test
    final void refusesImagesOfAnotherKind() {
        images.ifPresent(image -> each((task, model) -> {
            for (Tensor pixels : List.of(
                    waves(ROWS, image.channels() + 1, image.height(), image.width()),
                    waves(image.channels(), image.height(), image.width()),
                    waves(ROWS, image.channels(), 0, image.width()),
                    waves(0, image.channels(), image.height(), image.width()))) {
                assertThatThrownBy(() -> forward(model, inputs(task, model).with("pixel_values", pixels)))
                        .isInstanceOf(ShapeException.class).hasMessageContaining("pixel_values");
            }
        }));
    }

    @Test
    final void refusesMasksOfAnotherShape() {
        each((task, model) -> {
            String name = task == Task.MASKED_IMAGE ? "bool_masked_pos" : "attention_mask";
            inputs(task, model).find(name).ifPresent(mask -> assertThatThrownBy(() ->
                            forward(model, inputs(task, model).with(name, mask.narrow(1, 0, mask.size(1) - 1))))
                    .isInstanceOf(ShapeException.class).hasMessageContaining(name));
        });
    }
}
