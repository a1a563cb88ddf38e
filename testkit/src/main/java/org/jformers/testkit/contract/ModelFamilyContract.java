package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jformers.testkit.TensorAssert.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.Checkpoint;
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
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Handles;
import org.jformers.testkit.Tolerance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every family keeps, whatever its kind: configs and weights survive saving, every head trains, outputs have their
 * shapes and do not depend on the rest of the batch, bad input is refused. Subclasses are {@link DecoderContract},
 * {@link EncoderContract} and {@link EncoderDecoderContract}.
 */
public abstract class ModelFamilyContract extends DeviceContract {
    /** Sums in another order; anything that is left out is far beyond it. */
    static final Tolerance ROUNDING = new Tolerance(2e-5, 1e-4);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ObjectNode json;
    private final Task task;

    @TempDir
    private Path folder;

    /**
     * @param config a tiny {@code config.json} with every key that the family requires
     * @param sizes what it says
     * @param task the one most tests use
     */
    ModelFamilyContract(String config, FamilySizes sizes, Task task) {
        super(sizes);
        try {
            json = (ObjectNode) JSON.readTree(config);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
        this.task = task;
    }

    final ModelFamily<?> family() {
        return ModelFamilies.of(json.get("model_type").asText());
    }

    @Override
    final Config config() {
        return AutoConfig.parse(json, "contract");
    }

    /** A model whose parameters are large and all different, dropout off. */
    final Model model(Task kind) {
        Model model = AutoModel.create(config(), kind, 3);
        Sample.randomise(model);
        return model;
    }

    final Model model() {
        return model(task);
    }

    /** Runs without gradients. */
    static ModelOutput forward(Model model, ModelInputs inputs) {
        try (NoGrad noGrad = new NoGrad()) {
            return model.forward(inputs);
        }
    }

    /** The main output: scores, or hidden states. */
    static Tensor main(ModelOutput output) {
        return output.find("logits").or(() -> output.find("prediction_logits"))
                .orElseGet(() -> output.get("last_hidden_state"));
    }

    /** Runs a test on the main model, in a scope. */
    final void with(java.util.function.Consumer<Model> test) {
        Scopes.run(() -> {
            try (Model model = model()) {
                test.accept(model);
            }
        });
    }

    /** Inputs of a task with everything that its loss needs. */
    @Override
    ModelInputs labelled(Task kind) {
        return Sample.labelled(kind, sizes);
    }

    private ModelInputs inputs() {
        return labelled(task);
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
    final void namesAKeyThatIsMissing() {
        for (RecordComponent component : family().configType().getRecordComponents()) {
            if (component.getType().isPrimitive()) {
                String key = key(component);
                ObjectNode without = json.deepCopy();
                without.remove(key);
                assertThatThrownBy(() -> AutoConfig.parse(without, "the/file")).as(key)
                        .isInstanceOf(ConfigException.class)
                        .hasMessageContaining(key).hasMessageContaining("missing").hasMessageContaining("the/file");
            }
        }
    }

    @Test
    final void namesAKeyOfTheWrongKind() {
        for (RecordComponent component : family().configType().getRecordComponents()) {
            if (component.getType() != Map.class && component.getType() != Object.class) {
                String key = key(component);
                ObjectNode wrong = json.deepCopy();
                wrong.putObject(key).put("wrong", true);
                assertThatThrownBy(() -> AutoConfig.parse(wrong, "the/file")).as(key)
                        .isInstanceOf(ConfigException.class)
                        .hasMessageContaining(key).hasMessageContaining("wrong").hasMessageContaining("the/file");
            }
        }
    }

    private static String key(RecordComponent component) {
        JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
        return named == null ? new SnakeCaseStrategy().translate(component.getName()) : named.value();
    }

    /** Whether the family gives an output where there are labels. */
    protected boolean isReturned(Task kind, String output) {
        return true;
    }

    /** Whether plain inputs with labels reach a parameter; some wait for inputs that few give. */
    protected boolean isUsed(Task kind, String parameter) {
        return true;
    }

    @Test
    final void everyArchitectureTrainsEveryParameter() {
        for (Task kind : tasks()) {
            Scopes.run(() -> {
                try (Model model = model(kind)) {
                    Sample.loss(model.forward(labelled(kind))).backward();
                    model.network().parameters().forEach((name, parameter) -> {
                        if (!parameter.trained() || !isUsed(kind, name)) {
                            return;
                        }
                        Tensor gradient = parameter.tensor().grad();
                        assertThat(gradient.defined()).as(kind + " " + name).isTrue();
                        assertThat(gradient).as(kind + " " + name).isFinite();
                        // A constant added to all scores cannot change a softmax over them.
                        assertThat(parameter.role() == Role.BIAS || gradient.any().item_bool())
                                .as(kind + " " + name).isTrue();
                    });
                }
            });
        }
    }

    @Test
    final void everyArchitectureKeepsItsBitsThroughSavingAndLoading() {
        for (Task kind : tasks()) {
            Path saved = folder.resolve(kind.name());
            Scopes.run(() -> {
                try (Model model = model(kind)) {
                    model.save(saved);
                    Config read = AutoConfig.load(saved);
                    assertThat(AutoModel.declaredTask(read)).isEqualTo(kind);
                    try (Model again = AutoModel.load(saved, kind, LoadMode.STRICT).model()) {
                        Map<String, Tensor> after = again.network().tensors();
                        assertThat(after.keySet()).isEqualTo(model.network().tensors().keySet());
                        model.network().tensors().forEach((name, tensor) ->
                                assertThat(Sample.weight(again, name)).as(kind + " " + name).hasValuesOf(tensor));
                        ModelInputs inputs = labelled(kind);
                        // A matrix that is stored transposed stays where it is mapped: the same numbers, added in
                        // another order.
                        assertThat(Sample.loss(forward(again, inputs)))
                                .isCloseTo(Sample.loss(forward(model, inputs)), new Tolerance(1e-4, 1e-5));
                    }
                }
            });
        }
    }

    @Test
    final void savingKeepsEveryKeyOfTheConfig() throws IOException {
        with(model -> model.save(folder));
        JsonNode saved = JSON.readTree(Files.readString(folder.resolve("config.json")));
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            if (!Set.of("architectures", "dtype", "torch_dtype").contains(entry.getKey())) {
                assertThat(saved.get(entry.getKey())).as(entry.getKey()).isEqualTo(entry.getValue());
            }
        }
    }

    @Test
    final void strictLoadingRefusesWeightsThatTheModelHasNot() {
        with(model -> {
            Map<String, Tensor> more = new LinkedHashMap<>(model.named(model.network().tensors()));
            model.save(folder);
            more.put("somebodys.own.weight", Tensors.ofFloats(new float[] {1}, 1));
            org.jformers.checkpoint.CheckpointWriter.write(folder, more);
            try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                assertThat(checkpoint.names()).contains("somebodys.own.weight");
            }
            assertThatThrownBy(() -> AutoModel.load(folder, task, LoadMode.STRICT))
                    .hasMessageContaining("somebodys.own.weight");
        });
    }

    @Test
    final void outputsHaveTheirShapesAndAreFloat32() {
        for (Task kind : tasks()) {
            Scopes.run(() -> {
                try (Model model = model(kind)) {
                    ModelOutput output = forward(model, labelled(kind));
                    shapes(kind).forEach((name, shape) -> {
                        if (!isReturned(kind, name)) {
                            return;
                        }
                        assertThat(output.get(name)).as(kind + " " + name).hasShape(shape).isFinite();
                        assertThat(Tensors.type(output.get(name))).as(kind + " " + name).isEqualTo(ScalarType.Float);
                    });
                }
            });
        }
    }

    private Map<String, long[]> shapes(Task kind) {
        long rows = Sample.ROWS;
        long length = Sample.LENGTH;
        long vocabulary = sizes.vocabulary();
        long labels = sizes.labels();
        long choices = Sample.CHOICES;
        return switch (kind) {
            case BASE, ENCODER -> Map.of("last_hidden_state", new long[] {rows, length, sizes.width()});
            case CAUSAL_LM, MASKED_LM -> Map.of("logits", new long[] {rows, length, vocabulary}, "loss", new long[0]);
            case SEQ2SEQ_LM -> Map.of("logits", new long[] {rows, length - 1, vocabulary}, "loss", new long[0]);
            case PRETRAINING -> Map.of("prediction_logits", new long[] {rows, length, vocabulary}, "loss", new long[0]);
            case REPLACED_TOKENS -> Map.of("logits", new long[] {rows, length}, "loss", new long[0]);
            case NEXT_SENTENCE -> Map.of("logits", new long[] {rows, 2}, "loss", new long[0]);
            case SEQUENCE_CLASSIFICATION -> Map.of("logits", new long[] {rows, labels}, "loss", new long[0]);
            case TOKEN_CLASSIFICATION -> Map.of("logits", new long[] {rows, length, labels}, "loss", new long[0]);
            case QUESTION_ANSWERING -> Map.of(
                    "start_logits", new long[] {rows, length}, "end_logits", new long[] {rows, length},
                    "loss", new long[0]);
            case QUESTION_ANSWERING_BEAM -> Map.of("loss", new long[0]);
            case MULTIPLE_CHOICE -> Map.of("logits", new long[] {rows, choices}, "loss", new long[0]);
            case IMAGE_CLASSIFICATION, MASKED_IMAGE, PROJECTION, CONTRASTIVE ->
                    throw new IllegalStateException(kind + ": see ImageContract");
            case CTC, TEXT_TO_SPEECH -> throw new IllegalStateException(kind + ": see SoundContract");
            case DOUBLE_HEADS -> Map.of(
                    "logits", new long[] {rows, choices, length, vocabulary}, "mc_loss", new long[0],
                    "loss", new long[0]);
        };
    }

    @Test
    final void aSeedDecidesTheFirstWeights() {
        Scopes.run(() -> {
            try (Model one = AutoModel.create(config(), task, 5);
                    Model same = AutoModel.create(config(), task, 5);
                    Model other = AutoModel.create(config(), task, 6)) {
                boolean differs = false;
                for (Map.Entry<String, Tensor> entry : one.network().tensors().entrySet()) {
                    assertThat(Sample.weight(same, entry.getKey())).hasValuesOf(entry.getValue());
                    assertThat(entry.getValue()).as(entry.getKey()).isFinite();
                    differs |= !Sample.weight(other, entry.getKey()).equal(entry.getValue());
                }
                assertThat(differs).isTrue();
            }
        });
    }

    @Test
    final void repeatsItselfWithoutDropoutAndNotWith() {
        with(model -> {
            Tensor first = main(forward(model, inputs()));
            assertThat(main(forward(model, inputs()))).hasValuesOf(first);
            model.network().train(true);
            assertThat(main(forward(model, inputs()))).differsFrom(first, ROUNDING);
            model.network().train(false);
            assertThat(main(forward(model, inputs()))).hasValuesOf(first);
        });
    }

    @Test
    final void aRowDoesNotDependOnTheRestOfTheBatch() {
        with(model -> {
            Tensor together = main(forward(model, inputs()));
            for (long row = 0; row < Sample.ROWS; row++) {
                Map<String, Tensor> alone = new LinkedHashMap<>();
                for (Map.Entry<String, Tensor> entry : inputs().tensors().entrySet()) {
                    alone.put(entry.getKey(), entry.getValue().narrow(0, row, 1));
                }
                assertThat(main(forward(model, ModelInputs.of(alone))))
                        .isCloseTo(together.narrow(0, row, 1), ROUNDING);
            }
        });
    }

    @Test
    final void aMaskedHeadCountsNothing() {
        with(model -> {
            Tensor whole = main(forward(model, inputs()));
            List<String> masks = model instanceof Seq2SeqModel
                    ? List.of("head_mask", "decoder_head_mask", "cross_attn_head_mask")
                    : List.of("head_mask");
            for (String mask : masks) {
                Tensor ones_LN = Tensors.ofFloats(ones(sizes.layers() * sizes.heads()), sizes.layers(), sizes.heads());
                assertThat(main(forward(model, inputs().with(mask, ones_LN)))).as(mask).hasValuesOf(whole);
                ones_LN.select(0, 0).select(0, sizes.heads() - 1).zero_();
                Tensor masked = main(forward(model, inputs().with(mask, ones_LN)));
                assertThat(masked).as(mask).differsFrom(whole, ROUNDING);
                ModelOutput explained = forward(model, inputs().with(mask, ones_LN).askingAttentions());
                assertThat(main(explained)).as(mask).isCloseTo(masked, ROUNDING);
                Tensor narrow_LN = ones_LN.narrow(0, 0, 1).expand(sizes.layers() + 1L, -1);
                assertThatThrownBy(() -> forward(model, inputs().with(mask, narrow_LN)))
                        .isInstanceOf(ShapeException.class).hasMessageContaining("head_mask");
            }
        });
    }

    @Test
    final void aPrunedHeadIsAMaskedHead() {
        with(model -> {
            if (!(model.identity().spec() instanceof SingleStackModel.Spec spec) || !prunable(spec)) {
                assertThatThrownBy(() -> AutoModel.pruned(model, Map.of(0, List.of(0))))
                        .isInstanceOf(ConfigException.class);
                return;
            }
            int blocks = spec.body().blocks().size();
            Map<Integer, List<Integer>> heads = new LinkedHashMap<>();
            IntStream.range(0, blocks).forEach(block -> heads.put(block, List.of(0)));
            Tensor mask_N = Tensors.ofFloats(ones(sizes.heads()), sizes.heads());
            mask_N.select(0, 0).zero_();
            Tensor masked = main(forward(model, inputs().with("head_mask", mask_N)));
            try (Model pruned = AutoModel.pruned(model, heads)) {
                assertThat(main(forward(pruned, inputs()))).isCloseTo(masked, ROUNDING);
                assertThat(pruned.network().parameterCount()).isLessThan(model.network().parameterCount());
                pruned.save(folder);
                try (Model again = AutoModel.load(folder, task, LoadMode.STRICT).model()) {
                    assertThat(main(forward(again, inputs()))).isCloseTo(masked, ROUNDING);
                }
            }
        });
    }

    /** Whether every head has keys of its own. */
    private static boolean prunable(SingleStackModel.Spec spec) {
        return spec.body().positionBias().isEmpty() && spec.body().blocks().stream().allMatch(block ->
                block.attention() instanceof SelfAttention.Spec own
                        && own.heads().queries() == own.heads().keyValues());
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    @Test
    final void freesEveryNativeObject() {
        with(model -> Handles.assertNoGrowth(() -> {
            forward(model, inputs().askingHiddenStates().askingAttentions());
            Sample.loss(model.forward(inputs())).backward();
        }));
    }

    @Test
    final void refusesIdsThatTheTableDoesNotHave() {
        with(model -> {
            for (long id : new long[] {-1, sizes.vocabulary(), Long.MAX_VALUE}) {
                Tensor ids = Tensors.ofLongs(new long[][] {{1, id, 2}});
                assertThatThrownBy(() -> forward(model, inputs().with("input_ids", ids)))
                        .isInstanceOf(ShapeException.class)
                        .hasMessageContaining("got " + id).hasMessageContaining("0 to " + (sizes.vocabulary() - 1));
            }
        });
    }

    @Test
    final void refusesSequencesThatAreTooLongOrEmpty() {
        with(model -> {
            if (sizes.positions() != FamilySizes.ANY) {
                Tensor tooLong = Tensors.ofLongs(Sample.ids(Sample.ROWS, sizes.positions() + 1, sizes));
                assertThatThrownBy(() -> forward(model, ModelInputs.of(withoutLabels(tooLong))))
                        .isInstanceOf(ShapeException.class).hasMessageContaining("at most " + sizes.positions());
            }
            Tensor empty = Tensors.ofLongs(new long[0], Sample.ROWS, 0);
            assertThatThrownBy(() -> forward(model, ModelInputs.of(withoutLabels(empty))))
                    .isInstanceOf(ShapeException.class);
        });
    }

    @Test
    final void refusesAMaskOfAnotherShape() {
        with(model -> assertThatThrownBy(() ->
                        forward(model, inputs().with("attention_mask", Sample.mask(Sample.LENGTH + 1, 0, 9))))
                .isInstanceOf(ShapeException.class).hasMessageContaining("attention_mask"));
    }

    private Map<String, Tensor> withoutLabels(Tensor ids_BT) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(inputs().tensors());
        inputs.remove("labels");
        inputs.put("input_ids", ids_BT);
        return inputs;
    }

    /** Hidden states: the embedding's, then one per layer; attention weights: per layer, rows that sum to one. */
    final void assertStates(ModelOutput output, String prefix, String attentions) {
        assertThat(output.tensors().keySet().stream().filter(name -> name.startsWith(prefix + "hidden_states.")))
                .hasSize(sizes.layers() + 1);
        for (int layer = 0; layer < sizes.layers(); layer++) {
            Tensor weights_BNTS = output.get(attentions + "." + layer);
            assertThat(weights_BNTS.size(1)).isEqualTo(sizes.heads());
            assertThat(weights_BNTS.ge(new Scalar(0)).all().item_bool()).isTrue();
            Tensor sums = weights_BNTS.sum(-1);
            float[] ones = new float[Math.toIntExact(sums.numel())];
            Arrays.fill(ones, 1);
            assertThat(sums).isCloseTo(Tensors.ofFloats(ones, sums.shape()), ROUNDING);
        }
    }

    /** Changes the tied table at a token that is no input: its scores must follow. */
    final void assertTied(Model model, Tensor table_VC, ModelInputs inputs) {
        List<Long> used = Arrays.stream(Tensors.toLongs(inputs.find("input_ids").get())).boxed().toList();
        long free = java.util.stream.LongStream.range(0, sizes.vocabulary())
                .filter(id -> !used.contains(id)).findFirst().orElseThrow();
        Tensor before = forward(model, inputs).logits().clone();
        try (NoGrad noGrad = new NoGrad()) {
            table_VC.select(0, free).add_(new Scalar(0.5));
        }
        Tensor after = forward(model, inputs).logits();
        assertThat(after.select(-1, free)).differsFrom(before.select(-1, free), ROUNDING);
        assertThat(after.narrow(-1, 0, free)).hasValuesOf(before.narrow(-1, 0, free));
    }

    @Override
    final Set<Task> tasks() {
        return new LinkedHashSet<>(family().architectures().values());
    }
}
