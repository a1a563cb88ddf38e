package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.jformers.testkit.TensorAssert.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.PackedWeights;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.GradientCheckpoints;
import org.jformers.nn.stack.StackInput;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@link Model#loss} and {@link Model#forwardTokens} do no work on padding; loss, gradients and scores are those of
 * {@link Model#forward}, which does.
 */
final class PackedLossTest {
    private static final int[] LENGTHS = {3, 40, 9, 1, 17, 5, 2, 20, 11};
    private static final int LONGEST = 40;
    private static final Tolerance SAME = new Tolerance(1e-5, 1e-5);

    private static final String ENCODER = """
            "vocab_size": 29, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "pad_token_id": 0,
            "intermediate_size": 20, "max_position_embeddings": 44, "type_vocab_size": 2, "num_labels": 3,
            "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0""";
    private static final String LLAMA = """
            "vocab_size": 29, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2,
            "num_key_value_heads": 1, "intermediate_size": 20, "max_position_embeddings": 44, "pad_token_id": 0,
            "rms_norm_eps": 1e-5, "rope_theta": 100.0, "num_labels": 3""";
    private static final Map<String, String> MODELS = new LinkedHashMap<>();

    private static final List<String> CAUSAL = List.of("gpt2", "opt", "llama", "mistral", "qwen3");
    private static final Map<String, String> MODELS_PADDED = Map.of(
            "deberta-v2", ENCODER + ", \"conv_kernel_size\": 3, \"conv_act\": \"gelu\"",
            "mixtral", LLAMA + ", \"num_local_experts\": 3, \"num_experts_per_tok\": 2");

    static {
        MODELS.put("bert", ENCODER);
        MODELS.put("electra", ENCODER + ", \"embedding_size\": 6");
        MODELS.put("albert", ENCODER + ", \"embedding_size\": 6");
        MODELS.put("roberta", ENCODER);
        MODELS.put("deberta-v2", ENCODER + """
                , "relative_attention": true, "position_buckets": 4, "norm_rel_ebd": "layer_norm",
                "pos_att_type": "p2c|c2p", "position_biased_input": false""");
        MODELS.put("distilbert", """
                "vocab_size": 29, "dim": 12, "n_layers": 2, "n_heads": 2, "hidden_dim": 20, "dropout": 0.0,
                "attention_dropout": 0.0, "max_position_embeddings": 44, "pad_token_id": 0, "num_labels": 3,
                "seq_classif_dropout": 0.0""");
        MODELS.put("modernbert", ENCODER + """
                , "global_attn_every_n_layers": 2, "local_attention": 6""");
        MODELS.put("gpt2", """
                "vocab_size": 29, "n_positions": 44, "n_embd": 12, "n_layer": 2, "n_head": 2, "resid_pdrop": 0.0,
                "embd_pdrop": 0.0, "attn_pdrop": 0.0, "pad_token_id": 0, "num_labels": 3""");
        MODELS.put("opt", """
                "vocab_size": 29, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "ffn_dim": 20,
                "max_position_embeddings": 44, "word_embed_proj_dim": 12, "dropout": 0.0, "pad_token_id": 0,
                "num_labels": 3""");
        MODELS.put("llama", LLAMA);
        MODELS.put("mistral", LLAMA + ", \"sliding_window\": 4");
        MODELS.put("qwen3", LLAMA + ", \"head_dim\": 6");
    }

    static Stream<Arguments> models() {
        return MODELS.keySet().stream().flatMap(type -> Stream.of(
                        Task.SEQUENCE_CLASSIFICATION,
                        CAUSAL.contains(type) ? Task.CAUSAL_LM : Task.MASKED_LM,
                        Task.TOKEN_CLASSIFICATION)
                .filter(task -> !type.equals("opt") || task != Task.TOKEN_CLASSIFICATION)
                .map(task -> Arguments.of(type, task)));
    }

    @ParameterizedTest
    @MethodSource("models")
    void isTheLossOfThePaddedBatch(String type, Task task) {
        Scopes.run(() -> {
            try (Model model = model(type, task)) {
                ModelInputs inputs = inputs(task);
                Map<String, Tensor> padded = gradients(model, () -> padded(model, inputs));
                Map<String, Tensor> packed = gradients(model, () -> model.loss(trained(inputs, task)).main());
                assertThat(zeroAtPadding(model, inputs)).as("packed").isTrue();
                packed.forEach((name, value) -> assertThat(value).as(name).isCloseTo(padded.get(name), SAME));
            }
        });
    }

    /** Enough texts that many of one length stand side by side, and lengths that stand alone. */
    private static final int[] MANY = {
        3, 40, 9, 9, 9, 9, 9, 1, 17, 5, 5, 5, 2, 20, 11, 38, 38, 38, 38, 7, 31, 31, 31, 12, 1, 1, 1, 28
    };

    @ParameterizedTest
    @MethodSource("models")
    void textsTogetherHaveTheScoresOfEachAlone(String type, Task task) {
        try (Model model = model(type, task); NoGrad noGrad = new NoGrad()) {
            if (!model.ignoresPadding()) {
                Scopes.run(() -> assertThatThrownBy(() -> model.forwardTokens(inputs(task).without("labels")))
                        .isInstanceOf(JformersException.class)
                        .hasMessageContaining(model.identity().architecture())
                        .hasMessageContaining("allowed texts of one length"));
                return;
            }
            Scopes.run(() -> compare(model, task, 1e-5));
        }
    }

    @Test
    void inBfloat16TooWithPackedWeights() {
        for (String type : List.of("bert", "roberta", "modernbert", "distilbert")) {
            try (Model model = model(type, Task.TOKEN_CLASSIFICATION); NoGrad noGrad = new NoGrad()) {
                model.network().tensors().values().forEach(tensor ->
                        Scopes.run(() -> tensor.set_data(tensor.to(ScalarType.BFloat16))));
                PackedWeights.pack(model.network());
                Scopes.run(() -> compare(model, Task.TOKEN_CLASSIFICATION, 0.02));
            }
        }
    }

    private static void compare(Model model, Task task, double tolerance) {
        ModelInputs together = inputs(MANY, task).without("labels");
        Tensor all = model.forwardTokens(together).logits();
        for (int row = 0; row < MANY.length; row++) {
            Tensor ids = together.require("input_ids").narrow(0, row, 1).narrow(1, 0, MANY[row]);
            Tensor alone = model.forward(ModelInputs.of(ids)).logits();
            Tensor beside = all.narrow(0, row, 1);
            assertThat(task == Task.SEQUENCE_CLASSIFICATION ? beside : beside.narrow(1, 0, MANY[row]))
                    .as("text " + row).isCloseTo(alone, new Tolerance(tolerance, tolerance));
        }
    }

    @Test
    void isTheLossOfThePaddedBatchWithCheckpoints() {
        Scopes.run(() -> {
            try (Model model = model("bert", Task.TOKEN_CLASSIFICATION)) {
                ModelInputs inputs = inputs(Task.TOKEN_CLASSIFICATION);
                Map<String, Tensor> whole = gradients(model, () -> model.loss(inputs).main());
                clear(model);
                try (GradientCheckpoints checkpoints = new GradientCheckpoints()) {
                    checkpoints.backward(model.loss(inputs).main());
                }
                model.network().tensors().forEach((name, tensor) -> {
                    if (whole.containsKey(name)) {
                        assertThat(tensor.grad()).as(name).isCloseTo(whole.get(name), SAME);
                    }
                });
            }
        });
    }

    @Test
    void readsPaddingWhereItCounts() {
        Scopes.run(() -> {
            try (Model model = model("bert", Task.TOKEN_CLASSIFICATION)) {
                ModelInputs inputs = inputs(Task.TOKEN_CLASSIFICATION);
                Tensor everywhere = inputs.require("labels").clamp_min(new Scalar(1L));
                ModelInputs labelled = inputs.with("labels", everywhere);
                assertThat(model.loss(labelled).main()).isCloseTo(padded(model, labelled), SAME);
            }
            try (Model model = model("gpt2", Task.SEQUENCE_CLASSIFICATION)) {
                ModelInputs inputs = inputs(Task.SEQUENCE_CLASSIFICATION);
                // The last token that is no padding by its id is one by the mask.
                ModelInputs masked = inputs.with("input_ids", inputs.require("input_ids").clamp_min(new Scalar(1L)));
                assertThat(model.loss(masked).main()).isCloseTo(padded(model, masked), SAME);
            }
        });
    }

    @Test
    void takesPaddingThatDoesNotStandBehindTheTexts() {
        Scopes.run(() -> {
            try (Model model = model("llama", Task.TOKEN_CLASSIFICATION)) {
                ModelInputs inputs = inputs(Task.TOKEN_CLASSIFICATION);
                ModelInputs left = inputs.with("attention_mask", inputs.require("attention_mask").flip(1))
                        .with("labels", inputs.require("labels").flip(1));
                assertThat(model.loss(left).main()).isCloseTo(padded(model, left), SAME);
                assertThat(zeroAtPadding(model, left)).isFalse();
            }
        });
    }

    @Test
    void keepsThePaddedWayOfPartsThatReadMoreThanTheToken() {
        Scopes.run(() -> {
            MODELS_PADDED.forEach((type, json) -> {
                try (Model model = model(type, json, Task.TOKEN_CLASSIFICATION)) {
                    assertThat(zeroAtPadding(model, inputs(Task.TOKEN_CLASSIFICATION))).as(type).isFalse();
                }
            });
        });
    }

    @Test
    void refusesWhatThePaddedWayRefuses() {
        try (Model model = model("bert", Task.SEQUENCE_CLASSIFICATION)) {
            Scopes.run(() -> {
                ModelInputs tooLong = ModelInputs.of(torch.ones(new long[] {2, 60}).to(ScalarType.Long))
                        .with("attention_mask", Tensors.ofLongs(mask(new int[] {2, 60}, 60), 2, 60))
                        .with("labels", Tensors.ofLongs(new long[2], 2));
                ModelInputs misshapen = inputs(Task.SEQUENCE_CLASSIFICATION)
                        .with("attention_mask", Tensors.ofLongs(mask(LENGTHS, 41), LENGTHS.length, 41));
                for (ModelInputs inputs : List.of(tooLong, misshapen)) {
                    String message = catchThrowable(() -> model.forward(inputs)).getMessage();
                    assertThatThrownBy(() -> model.loss(inputs)).isInstanceOf(ShapeException.class).hasMessage(message);
                }
            });
        }
    }

    /** The loss by way of all vectors, those of padding among them; a sum. */
    private static Tensor padded(Model model, ModelInputs inputs) {
        Tensor labels = inputs.require("labels");
        if (model.identity().task() == Task.CAUSAL_LM) { // the first is predicted from nothing
            labels = labels.narrow(1, 1, LONGEST - 1);
        }
        return model.forward(inputs).loss().mul(labels.ne(new Scalar(-100L)).sum());
    }

    /** The labels as a loss to be trained on takes them: each where it is predicted. */
    private static ModelInputs trained(ModelInputs inputs, Task task) {
        if (task != Task.CAUSAL_LM) {
            return inputs;
        }
        Tensor labels = inputs.require("labels");
        return inputs.with("labels", Tensors.cat(
                1, labels.narrow(1, 1, LONGEST - 1), torch.full_like(labels.narrow(1, 0, 1), new Scalar(-100L))));
    }

    /** The loss, and the gradients of those parameters that have one, by name. */
    private static Map<String, Tensor> gradients(Model model, Supplier<Tensor> loss) {
        clear(model);
        Tensor sum = loss.get();
        sum.backward();
        Map<String, Tensor> all = new LinkedHashMap<>(Map.of("the loss", sum.detach()));
        model.network().tensors().forEach((name, tensor) -> {
            if (tensor.grad().defined()) {
                all.put(name, tensor.grad().clone());
            }
        });
        return all;
    }

    private static void clear(Model model) {
        model.network().tensors().values().forEach(tensor -> tensor.mutable_grad().reset());
    }

    private static boolean zeroAtPadding(Model model, ModelInputs inputs) {
        Tensor real_BT = inputs.require("attention_mask").to(ScalarType.Bool);
        StackInput in = StackInput.of(inputs.require("input_ids")).withReal(Optional.of(real_BT));
        Tensor hidden_BTC = ((SingleStackModel) model).body().forwardTokens(in, Capture.nothing());
        return hidden_BTC.masked_fill(real_BT.unsqueeze(2), new Scalar(0.0)).eq(new Scalar(0.0)).all().item_bool();
    }

    private static ModelInputs inputs(Task task) {
        return inputs(LENGTHS, task);
    }

    private static ModelInputs inputs(int[] lengths, Task task) {
        int rows = lengths.length;
        Random random = new Random(4);
        long[] mask = mask(lengths, LONGEST);
        long[] ids = Arrays.stream(mask).map(real -> real * (2 + random.nextInt(27))).toArray();
        long[] perToken = Arrays.stream(mask).map(real -> real == 1 ? random.nextInt(3) : -100).toArray();
        Tensor labels = task == Task.SEQUENCE_CLASSIFICATION
                ? Tensors.ofLongs(Arrays.copyOf(new long[] {0, 2, 1, 1, 0, 2, 0, 1, 2}, rows), rows)
                : Tensors.ofLongs(perToken, rows, LONGEST);
        return ModelInputs.of(Tensors.ofLongs(ids, rows, LONGEST))
                .with("attention_mask", Tensors.ofLongs(mask, rows, LONGEST))
                .with("labels", labels);
    }

    private static long[] mask(int[] lengths, int width) {
        long[] mask = new long[lengths.length * width];
        for (int row = 0; row < lengths.length; row++) {
            Arrays.fill(mask, row * width, row * width + lengths[row], 1);
        }
        return mask;
    }

    private static Model model(String type, Task task) {
        return model(type, MODELS.get(type), task);
    }

    private static Model model(String type, String json, Task task) {
        try {
            return AutoModel.create(
                    AutoConfig.parse(
                            new JsonMapper().readTree("{\"model_type\": \"" + type + "\", " + json + "}"), "test"),
                    task, 3);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
