package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jformers.testkit.TensorAssert.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.nn.stack.GradientCheckpoints;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Batches that say who sees whom: packed documents are as if alone, and models refuse what they cannot take. */
final class BatchMasksTest {
    private static final int VOCABULARY = 29;
    private static final int IGNORED = -100;
    private static final Tolerance SAME = new Tolerance(1e-6, 0);

    /** Lengths of documents, row by row: short ones that share a block, and odd ones that are blocks of their own. */
    private static final int[][] SHORT = {{5, 1, 9, 3}, {7, 11}};
    private static final int[][] LONG = {{300, 20, 1, 30, 90, 77}, {131, 169, 218}};

    private static final String BERT = """
            "vocab_size": 29, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "pad_token_id": 0,
            "intermediate_size": 20, "max_position_embeddings": 302, "type_vocab_size": 2,
            "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0""";
    private static final String LLAMA = """
            "vocab_size": 29, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2,
            "num_key_value_heads": 1, "intermediate_size": 20, "max_position_embeddings": 302, "pad_token_id": 0,
            "rms_norm_eps": 1e-5, "rope_theta": 100.0""";
    private static final Map<String, String> DECODERS = Map.of(
            "llama", LLAMA,
            "mistral", LLAMA + ", \"sliding_window\": 6",
            "gemma2", LLAMA + """
                    , "head_dim": 6, "query_pre_attn_scalar": 6, "sliding_window": 6, "attn_logit_softcapping": 5.0,
                    "final_logit_softcapping": 9.0, "hidden_activation": "gelu_pytorch_tanh" """,
            "opt", """
                    "vocab_size": 29, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2,
                    "ffn_dim": 20, "max_position_embeddings": 302, "word_embed_proj_dim": 12, "dropout": 0.0,
                    "pad_token_id": 0""",
            "gpt2", """
                    "vocab_size": 29, "n_positions": 302, "n_embd": 12, "n_layer": 2, "n_head": 2, "resid_pdrop": 0.0,
                    "embd_pdrop": 0.0, "attn_pdrop": 0.0, "pad_token_id": 0""");
    private static final Map<String, String> ENCODERS = Map.of(
            "bert", BERT,
            "roberta", BERT,
            "deberta-v2", BERT + """
                    , "relative_attention": true, "position_buckets": 4, "norm_rel_ebd": "layer_norm",
                    "pos_att_type": "p2c|c2p", "position_biased_input": false""",
            "modernbert", BERT + ", \"global_attn_every_n_layers\": 2, \"local_attention\": 6");
    private static final Map<String, String> ENCODER_DECODERS = Map.of(
            "t5", """
                    "vocab_size": 29, "d_model": 12, "d_kv": 6, "d_ff": 20, "num_layers": 2, "num_heads": 2,
                    "relative_attention_num_buckets": 8, "relative_attention_max_distance": 20, "dropout_rate": 0.0,
                    "pad_token_id": 0, "decoder_start_token_id": 0""",
            "bart", """
                    "vocab_size": 29, "d_model": 12, "encoder_layers": 2, "decoder_layers": 2,
                    "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 20,
                    "decoder_ffn_dim": 20, "max_position_embeddings": 302, "dropout": 0.0, "attention_dropout": 0.0,
                    "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2""");

    static Stream<Arguments> documents() {
        return Stream.of(SHORT, LONG).flatMap(lengths -> Stream.of(
                        DECODERS.keySet().stream().map(type -> Arguments.of(type, Task.CAUSAL_LM, lengths)),
                        ENCODERS.keySet().stream().map(type -> Arguments.of(type, Task.MASKED_LM, lengths)),
                        ENCODER_DECODERS.keySet().stream().map(type ->
                                Arguments.of(type, Task.SEQ2SEQ_LM, lengths)))
                .flatMap(all -> all));
    }

    @ParameterizedTest
    @MethodSource("documents")
    void packedDocumentsAreAsIfAlone(String type, Task task, int[][] lengths) {
        Scopes.run(() -> {
            try (Model model = model(type, task)) {
                Block block = block(task, lengths);
                Map<String, Tensor> alone = gradients(model, block.alone(), block.labels());
                gradients(model, List.of(block.packed()), block.labels())
                        .forEach((name, value) -> assertThat(value).as(name).isCloseTo(alone.get(name), SAME));
            }
        });
    }

    @Test
    void packedDocumentsAreAsIfAloneWithPaddingBehindThem() {
        Scopes.run(() -> {
            for (String type : List.of("llama", "roberta")) {
                Task task = type.equals("llama") ? Task.CAUSAL_LM : Task.MASKED_LM;
                try (Model model = model(type, task)) {
                    Block block = block(task, new int[][] {{5, 1, 9, 3}, {7, 9}});
                    Map<String, Tensor> alone = gradients(model, block.alone(), block.labels());
                    Tensor real = block.packed().require("input_ids").ne(new Scalar(0L)).to(
                            org.bytedeco.pytorch.global.torch.ScalarType.Long);
                    gradients(model, List.of(block.packed().with("attention_mask", real)), block.labels())
                            .forEach((name, value) -> assertThat(value).as(name).isCloseTo(alone.get(name), SAME));
                }
            }
        });
    }

    @Test
    void packedDocumentsAreAsIfAloneWithCheckpoints() {
        Scopes.run(() -> {
            try (Model model = model("t5", Task.SEQ2SEQ_LM)) {
                Block block = block(Task.SEQ2SEQ_LM, LONG);
                Map<String, Tensor> alone = gradients(model, block.alone(), block.labels());
                model.network().tensors().values().forEach(tensor -> tensor.mutable_grad().reset());
                try (GradientCheckpoints checkpoints = new GradientCheckpoints()) {
                    checkpoints.backward(model.loss(block.packed()).main().div(new Scalar(block.labels())));
                }
                model.network().tensors().forEach((name, tensor) ->
                        assertThat(tensor.grad()).as(name).isCloseTo(alone.get(name), SAME));
            }
        });
    }

    /** As transformers 5.18 does: positions that begin anew tell a decoder of documents. */
    @Test
    void positionsThatBeginAnewAreDocuments() {
        Scopes.run(() -> {
            try (Model model = model("llama", Task.CAUSAL_LM); NoGrad noGrad = new NoGrad()) {
                Block block = block(Task.CAUSAL_LM, SHORT);
                long[] position = Arrays.stream(SHORT)
                        .flatMapToLong(row -> Arrays.stream(row).asLongStream()
                                .flatMap(length -> java.util.stream.LongStream.range(0, length)))
                        .toArray();
                ModelInputs ids = ModelInputs.of(block.packed().require("input_ids"));
                ModelInputs placed = ids.with("position_ids", Tensors.ofLongs(position, 2, 18));
                ModelInputs packed = ids.with("document_ids", block.packed().require("document_ids"));
                assertThat(model.forward(placed).logits()).hasValuesOf(model.forward(packed).logits());
            }
        });
    }

    @Test
    void aPrefixIsSeenByAll() {
        Scopes.run(() -> {
            try (Model model = model("gpt2", Task.CAUSAL_LM); NoGrad noGrad = new NoGrad()) {
                Tensor ids = block(Task.CAUSAL_LM, new int[][] {{9}, {9}}).packed().require("input_ids");
                ModelInputs inputs = ModelInputs.of(ids);
                Tensor causal = model.forward(inputs).logits();
                Tensor prefixed = model.forward(inputs.with("prefix_lengths", Tensors.ofLongs(new long[] {4, 0}, 2)))
                        .logits();
                assertThat(prefixed.select(0, 1)).isCloseTo(causal.select(0, 1), Tolerance.FLOAT32);
                Tensor other = ids.clone();
                other.select(0, 0).select(0, 3).fill_(new Scalar(1L));
                Tensor changed = model.forward(
                        ModelInputs.of(other).with("prefix_lengths", Tensors.ofLongs(new long[] {4, 0}, 2))).logits();
                assertThat(changed.select(0, 0).select(0, 0).equal(prefixed.select(0, 0).select(0, 0))).isFalse();
            }
        });
    }

    @Test
    void hiddenPairsMakeAnEncoderADecoder() {
        Scopes.run(() -> {
            try (Model encoder = model("bert", Task.MASKED_LM);
                    Model decoder = create("bert", BERT + ", \"is_decoder\": true", Task.MASKED_LM);
                    NoGrad noGrad = new NoGrad()) {
                ModelInputs inputs = ModelInputs.of(block(Task.MASKED_LM, new int[][] {{9}, {9}}).packed()
                        .require("input_ids"));
                Tensor later_BTT = Tensors.range(0, 9).unsqueeze(1).lt(Tensors.range(0, 9)).expand(2, 9, 9);
                assertThat(encoder.forward(inputs.with("perm_mask", later_BTT)).logits())
                        .isCloseTo(decoder.forward(inputs).logits(), Tolerance.FLOAT32);
            }
        });
    }

    /** So long that the bias of distances is made for some queries at a time where no gradients are recorded. */
    @Test
    void aLongTextHasItsBiasRowByRow() {
        Scopes.run(() -> {
            try (Model model = model("t5", Task.SEQ2SEQ_LM)) {
                ModelInputs inputs = block(Task.MASKED_LM, new int[][] {{2950}}).packed().without("document_ids")
                        .without("labels")
                        .with("decoder_input_ids", Tensors.ofLongs(new long[][] {{0, 5}}));
                Tensor together = model.forward(inputs).logits().detach();
                try (NoGrad noGrad = new NoGrad()) {
                    assertThat(model.forward(inputs).logits()).isCloseTo(together, Tolerance.FLOAT32);
                }
            }
        });
    }

    /** Borders that are there are seen: without them the numbers are others. */
    @Test
    void withoutDocumentsTokensSeeAll() {
        Scopes.run(() -> {
            try (Model model = model("llama", Task.CAUSAL_LM); NoGrad noGrad = new NoGrad()) {
                ModelInputs packed = block(Task.CAUSAL_LM, SHORT).packed();
                double with = model.loss(packed).main().item_double();
                double without = model.loss(packed.without("document_ids")).main().item_double();
                assertThat(Math.abs(with - without)).isGreaterThan(1e-4);
            }
        });
    }

    @Test
    void refusesWhatAModelCannotTake() {
        Tensor ids = Tensors.ofLongs(new long[][] {{3, 4, 5}});
        Map<String, Tensor> masks = Map.of(
                "document_ids", Tensors.ofLongs(new long[][] {{0, 0, 1}}),
                "prefix_lengths", Tensors.ofLongs(new long[] {2}, 1));
        try (Model bert = model("bert", Task.MASKED_LM);
                Model convolved = create("deberta-v2", BERT + ", \"conv_kernel_size\": 3, \"conv_act\": \"gelu\"",
                        Task.MASKED_LM);
                Model xlnet = create("xlnet", """
                        "vocab_size": 29, "d_model": 12, "n_layer": 1, "n_head": 2, "d_inner": 20""", Task.CAUSAL_LM);
                Model t5 = model("t5", Task.SEQ2SEQ_LM);
                Model llama = model("llama", Task.CAUSAL_LM)) {
            refuses(bert, ids, "prefix_lengths", masks);
            refuses(convolved, ids, "document_ids", masks);
            refuses(xlnet, ids, "document_ids", masks);
            refuses(xlnet, ids, "prefix_lengths", masks);
            refuses(t5, ids, "prefix_lengths", masks);
            ModelInputs packed = ModelInputs.of(ids).with("document_ids", masks.get("document_ids"));
            assertThatThrownBy(() -> t5.loss(packed.with("labels", ids))).isInstanceOf(ShapeException.class)
                    .hasMessageContaining("document_ids: got those of the encoder alone");
            assertThatThrownBy(() -> llama.forward(packed.with("prefix_lengths", masks.get("prefix_lengths"))))
                    .isInstanceOf(ShapeException.class).hasMessageContaining("prefix_lengths");
            assertThatThrownBy(() -> llama.forward(ModelInputs.of(ids)
                            .with("document_ids", Tensors.ofLongs(new long[][] {{0, 1, 0}}))))
                    .isInstanceOf(ShapeException.class).hasMessageContaining("document 0 in two places of row 0");
            assertThatThrownBy(() -> llama.forward(ModelInputs.of(ids)
                            .with("document_ids", Tensors.ofLongs(new long[][] {{0, 1}}))))
                    .isInstanceOf(ShapeException.class).hasMessageContaining("document_ids: expected [1, 3]");
        }
    }

    private static void refuses(Model model, Tensor ids, String name, Map<String, Tensor> masks) {
        assertThatThrownBy(() -> model.forward(ModelInputs.of(ids).with(name, masks.get(name))))
                .isInstanceOf(ShapeException.class).hasMessageContaining("got " + name);
    }

    /** Documents in rows, and each by itself. */
    private record Block(ModelInputs packed, List<ModelInputs> alone, long labels) {}

    private static Block block(Task task, int[][] lengths) {
        Random random = new Random(5);
        Rows ids = new Rows(lengths);
        Rows labels = new Rows(lengths);
        Rows numbers = new Rows(lengths);
        List<ModelInputs> alone = new ArrayList<>();
        long count = 0;
        for (int row = 0; row < lengths.length; row++) {
            for (int length : lengths[row]) {
                long[] id = random.longs(length, 3, VOCABULARY).toArray();
                long[] label = labels(task, id, random);
                count += Arrays.stream(label).filter(one -> one != IGNORED).count();
                long[] number = new long[length];
                Arrays.fill(number, alone.size());
                alone.add(ModelInputs.of(Tensors.ofLongs(id, 1, length))
                        .with("labels", Tensors.ofLongs(label, 1, length)));
                ids.add(row, id);
                labels.add(row, label);
                numbers.add(row, number);
            }
        }
        ModelInputs packed = ModelInputs.of(ids.tensor(0)).with("labels", labels.tensor(IGNORED))
                .with("document_ids", numbers.tensor(-1));
        return new Block(
                task == Task.SEQ2SEQ_LM
                        ? packed.with("decoder_document_ids", packed.require("document_ids"))
                        : packed,
                alone, count);
    }

    private static long[] labels(Task task, long[] id, Random random) {
        long[] labels = new long[id.length];
        for (int t = 0; t < id.length; t++) {
            labels[t] = switch (task) {
                case CAUSAL_LM -> t + 1 < id.length ? id[t + 1] : IGNORED;
                case MASKED_LM -> random.nextInt(3) == 0 ? id[t] : IGNORED;
                default -> 3 + random.nextInt(VOCABULARY - 3);
            };
        }
        return labels;
    }

    /** Rows that are filled from the left. */
    private static final class Rows {
        private final int length;
        private final List<List<Long>> rows = new ArrayList<>();

        Rows(int[][] lengths) {
            length = Arrays.stream(lengths).mapToInt(row -> Arrays.stream(row).sum()).max().orElseThrow();
            for (int i = 0; i < lengths.length; i++) {
                rows.add(new ArrayList<>());
            }
        }

        void add(int row, long[] values) {
            Arrays.stream(values).forEach(value -> rows.get(row).add(value));
        }

        Tensor tensor(long rest) {
            long[] all = rows.stream()
                    .flatMap(row -> Stream.concat(row.stream(), Stream.generate(() -> rest)).limit(length))
                    .mapToLong(value -> value).toArray();
            return Tensors.ofLongs(all, rows.size(), length);
        }
    }

    /** The mean loss of inputs together, and its gradients by parameter. */
    private static Map<String, Tensor> gradients(Model model, List<ModelInputs> all, long labels) {
        model.network().tensors().values().forEach(tensor -> tensor.mutable_grad().reset());
        Tensor sum = Tensors.ofFloats(new float[1]);
        for (ModelInputs inputs : all) {
            Tensor loss = model.loss(inputs).main().div(new Scalar(labels));
            if (loss.requires_grad()) {
                loss.backward();
                sum.add_(loss.detach());
            }
        }
        Map<String, Tensor> found = new LinkedHashMap<>(Map.of("the loss", sum));
        model.network().tensors().forEach((name, tensor) ->
                Optional.of(tensor.grad()).filter(Tensor::defined).ifPresent(grad -> found.put(name, grad.clone())));
        return found;
    }

    private static Model model(String type, Task task) {
        String json = Stream.of(DECODERS, ENCODERS, ENCODER_DECODERS)
                .filter(models -> models.containsKey(type)).findFirst().orElseThrow().get(type);
        return create(type, json, task);
    }

    private static Model create(String type, String json, Task task) {
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
