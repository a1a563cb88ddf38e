package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.CheckpointWriter;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders whose weights are not all there, or stand under other names. */
class LoadedFoldersTest {
    /** Models of each kind, and a weight of each that a random one would ruin. */
    private enum Kind {
        GPT2(Task.CAUSAL_LM, "transformer.h.1.attn.c_attn.weight", """
                {"model_type": "gpt2", "vocab_size": 11, "n_positions": 8, "n_embd": 6, "n_layer": 2, "n_head": 2}"""),
        LLAMA(Task.CAUSAL_LM, "model.layers.1.self_attn.k_proj.weight", """
                {"model_type": "llama", "vocab_size": 11, "hidden_size": 8, "intermediate_size": 6,
                 "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1}"""),
        MIXTRAL(Task.CAUSAL_LM, "model.layers.0.block_sparse_moe.experts.1.w2.weight", """
                {"model_type": "mixtral", "vocab_size": 11, "hidden_size": 8, "intermediate_size": 6,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
                 "num_local_experts": 2}"""),
        BERT(Task.MASKED_LM, "bert.encoder.layer.0.output.LayerNorm.bias", """
                {"model_type": "bert", "vocab_size": 11, "max_position_embeddings": 8, "hidden_size": 6,
                 "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 8, "type_vocab_size": 2}"""),
        DISTILBERT(Task.SEQUENCE_CLASSIFICATION, "pre_classifier.weight", """
                {"model_type": "distilbert", "vocab_size": 11, "max_position_embeddings": 8, "dim": 6, "n_layers": 1,
                 "n_heads": 2, "hidden_dim": 8}"""),
        T5(Task.SEQ2SEQ_LM, "decoder.block.1.layer.1.EncDecAttention.q.weight", """
                {"model_type": "t5", "vocab_size": 11, "d_model": 6, "d_kv": 3, "d_ff": 8, "num_layers": 2,
                 "num_heads": 2, "decoder_start_token_id": 0, "pad_token_id": 0}"""),
        BART(Task.SEQ2SEQ_LM, "model.decoder.layers.0.encoder_attn.v_proj.weight", """
                {"model_type": "bart", "vocab_size": 11, "max_position_embeddings": 8, "d_model": 6,
                 "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2,
                 "encoder_ffn_dim": 8, "decoder_ffn_dim": 8, "decoder_start_token_id": 2}"""),
        VIT(Task.IMAGE_CLASSIFICATION, "vit.embeddings.patch_embeddings.projection.weight", """
                {"model_type": "vit", "image_size": 8, "patch_size": 4, "num_channels": 3, "hidden_size": 6,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}""");

        private final Task task;
        private final String weight;
        private final String config;

        Kind(Task task, String weight, String config) {
            this.task = task;
            this.weight = weight;
            this.config = config;
        }
    }

    private static final long SHARD = 200;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void refusesAWeightThatIsNotThere(Kind kind) throws IOException {
        for (long shard : new long[] {CheckpointWriter.DEFAULT_SHARD_BYTES, SHARD}) {
            save(kind, kind.task);
            rewrite(shard, weights -> without(weights, kind.weight));
            String lacks =
                    "the checkpoint lacks weights that the model computes with: 1 missing ('" + kind.weight + "')";
            assertThatThrownBy(() -> AutoModel.load(folder))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageStartingWith(lacks)
                    .hasMessageEndingWith(", in " + folder);
            assertThatThrownBy(() -> AutoModel.load(folder, kind.task, LoadMode.STRICT))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(kind.weight);
            assertThatThrownBy(() -> load(kind.task, "other", "*.nothing"))
                    .hasMessageStartingWith(lacks);

            AutoModel.Loaded loaded = load(kind.task, kind.weight);
            try (Model model = loaded.model()) {
                assertThat(loaded.report().missing()).hasSize(1);
                assertThat(loaded.report().missing().values().iterator().next()).contains(kind.weight);
                model.network().tensors().forEach((name, tensor) -> Scopes.run(() ->
                        assertThat(tensor.isfinite().all().item_bool()).as(name).isTrue()));
            }
        }
    }

    @Test
    void readsThePartsThatAreThereOfAParameterThatIsAllowedToLackOne() throws IOException {
        save(Kind.LLAMA, Task.CAUSAL_LM);
        Map<String, float[]> before = parameters();
        rewrite(SHARD, weights -> without(weights, "model.layers.1.self_attn.k_proj.weight"));

        try (Model model = load(Task.CAUSAL_LM, "*.k_proj").model()) {
            float[] whole = before.get("body.blocks.1.attention.qkv.weight");
            float[] after = Tensors.toFloats(model.network().tensors().get("body.blocks.1.attention.qkv.weight"));
            // Rows of 8: queries 0 to 7, keys 8 to 11, values 12 to 15.
            for (int i = 0; i < whole.length; i++) {
                if (i < 64 || i >= 96) {
                    assertThat(after[i]).isEqualTo(whole[i]);
                }
            }
            assertThat(after[70]).isNotEqualTo(whole[70]);
        }
    }

    @ParameterizedTest
    @CsvSource({"GPT2, n_layer, transformer.h.2.", "LLAMA, num_hidden_layers, model.layers.2.",
        "BERT, num_hidden_layers, bert.encoder.layer.2.", "T5, num_layers, encoder.block.2."})
    void refusesMoreLayersThanTheFileHas(Kind kind, String key, String named) throws IOException {
        save(kind, kind.task);
        config(json -> json.put(key, 3));
        assertThatThrownBy(() -> AutoModel.load(folder))
                .isInstanceOf(CheckpointException.class).hasMessageContaining(named);
    }

    @Test
    void refusesAnOutputLayerThatIsNotThereAndNotTied() throws IOException {
        save(Kind.LLAMA, Task.CAUSAL_LM);
        rewrite(SHARD, weights -> without(weights, "lm_head.weight"));
        assertThatThrownBy(() -> AutoModel.load(folder)).hasMessageContaining("1 missing ('lm_head.weight')");
        config(json -> json.put("tie_word_embeddings", true));
        AutoModel.load(folder).close();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.", "language_model.",
        "model.language_model.", "base_model.model.", "_fsdp_wrapped_module."
    })
    void findsNamesInsideModulesOfOtherPrograms(String around) throws IOException {
        for (Kind kind : Kind.values()) {
            save(kind, kind.task);
            Map<String, float[]> before = parameters();
            rewrite(SHARD, weights -> renamed(weights, name -> around + name));

            AutoModel.Loaded loaded = AutoModel.load(folder, kind.task, LoadMode.DEFAULT);
            try (Model model = loaded.model()) {
                assertThat(loaded.report().missing()).as("%s", kind).isEmpty();
                assertThat(loaded.report().unexpected()).as("%s", kind).isEmpty();
                assertThat(loaded.report().renamed()).as("%s", kind).isNotEmpty();
                assertSame(model, before);
            }
        }
    }

    @Test
    void findsALanguageModelInsideAModelOfSeveralKinds() throws IOException {
        for (String around : List.of("model.language_model.", "language_model.model.", "model.text_model.")) {
            save(Kind.LLAMA, Task.CAUSAL_LM);
            Map<String, float[]> before = parameters();
            rewrite(SHARD, weights -> {
                Map<String, Tensor> more = renamed(weights, name -> name.replaceFirst("^model\\.", around));
                more.put("model.vision_tower.layers.0.self_attn.q_proj.weight", Tensors.ofFloats(new float[4], 2, 2));
                return more;
            });
            AutoModel.Loaded loaded = AutoModel.load(folder, Task.CAUSAL_LM, LoadMode.DEFAULT);
            try (Model model = loaded.model()) {
                assertThat(loaded.report().unexpected())
                        .containsOnlyKeys("model.vision_tower.layers.0.self_attn.q_proj.weight");
                assertSame(model, before);
            }
        }
    }

    @Test
    void findsNamesWhoseLayersWereCompiledOneByOne() throws IOException {
        save(Kind.GPT2, Task.CAUSAL_LM);
        Map<String, float[]> before = parameters();
        rewrite(SHARD, weights -> renamed(weights, name -> name.replaceFirst("h\\.([0-9])\\.", "h.$1._orig_mod.")
                .replace("attn.", "attn._checkpoint_wrapped_module.")));
        try (Model model = AutoModel.load(folder)) {
            assertSame(model, before);
        }
    }

    @Test
    void takesTheNameItselfWhereAWrappedOneStandsBesideIt() throws IOException {
        save(Kind.GPT2, Task.CAUSAL_LM);
        Map<String, float[]> before = parameters();
        rewrite(SHARD, weights -> {
            weights.put("module.transformer.ln_f.bias", Tensors.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 6));
            return weights;
        });
        AutoModel.Loaded loaded = AutoModel.load(folder, Task.CAUSAL_LM, LoadMode.DEFAULT);
        try (Model model = loaded.model()) {
            assertSame(model, before);
            assertThat(loaded.report().unexpected())
                    .containsExactly(Map.entry("module.transformer.ln_f.bias", "read from 'transformer.ln_f.bias'"));
        }
        rewrite(SHARD, weights -> {
            weights.put("language_model.transformer.ln_f.bias", weights.remove("transformer.ln_f.bias"));
            return weights;
        });
        assertThatThrownBy(() -> AutoModel.load(folder))
                .hasMessageContaining("both stand for transformer.ln_f.bias, but they differ");
    }

    @Test
    void readsAWrappedPickleAndRefusesOneWithLessThanTheConfigSays() throws IOException {
        for (String file : List.of("config.json", "pytorch_model.bin")) {
            try (InputStream stream = LoadedFoldersTest.class.getResourceAsStream("wrapped-bin/" + file)) {
                Files.copy(Objects.requireNonNull(stream), folder.resolve(file));
            }
        }
        AutoModel.Loaded loaded = AutoModel.load(folder, Task.CAUSAL_LM, LoadMode.DEFAULT);
        loaded.model().close();
        assertThat(loaded.report().renamed())
                .containsEntry("module.transformer.h.0.ln_1.bias", "transformer.h.0.ln_1.bias");
        config(json -> json.put("n_layer", 2));
        assertThatThrownBy(() -> AutoModel.load(folder))
                .isInstanceOf(CheckpointException.class).hasMessageContaining("transformer.h.1.");
    }

    @Test
    void refusesQuantizedWeightsByTheConfigOrByTheirNames() throws IOException {
        save(Kind.LLAMA, Task.CAUSAL_LM);
        config(json -> {
            json.putObject("quantization_config").put("quant_method", "hqq").put("bits", 4);
            return json;
        });
        assertThatThrownBy(() -> AutoModel.load(folder))
                .isInstanceOf(ConfigException.class)
                .hasMessage("llama: got quantization_config with quant_method hqq, allowed weights that are not"
                        + " quantized, or by [gptq, awq, bitsandbytes, fp8, fbgemm_fp8, compressed-tensors], in "
                        + folder.resolve("config.json"));
        config(json -> json.putNull("quantization_config"));
        AutoModel.load(folder).close();

        rewrite(SHARD, weights -> renamed(weights, name -> name.replace("q_proj.weight", "q_proj.qweight")));
        try (Model model = load(Task.CAUSAL_LM, "*.q_proj").model()) {
            assertThat(model.network().tensors()).isNotEmpty();
        }
        assertThatThrownBy(() -> AutoModel.load(folder))
                .hasMessageContaining("2 missing ('model.layers.0.self_attn.q_proj.weight'")
                .hasMessageContaining("'model.layers.0.self_attn.q_proj.qweight'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"weight_scale", "weight_scale_inv", "SCB", "lora_A.default.weight", "weight.absmax"})
    void refusesWhatChangesTheMeaningOfAWeightBesideIt(String companion) throws IOException {
        save(Kind.LLAMA, Task.CAUSAL_LM);
        rewrite(SHARD, weights -> {
            weights.put("model.layers.0.mlp.up_proj." + companion, Tensors.ofFloats(new float[] {1}, 1));
            return weights;
        });
        assertThatThrownBy(() -> AutoModel.load(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("'model.layers.0.mlp.up_proj." + companion + "' beside"
                        + " 'model.layers.0.mlp.up_proj.weight'");
    }

    @Test
    void makesABodyWithoutItsPoolerWhereTheFileHasNone() throws IOException {
        for (Kind kind : List.of(Kind.BERT, Kind.VIT)) {
            save(kind, kind.task);
            AutoModel.Loaded loaded = AutoModel.load(folder, Task.BASE, LoadMode.DEFAULT);
            try (Model model = loaded.model()) {
                assertThat(model.network().tensors().keySet()).noneMatch(name -> name.startsWith("head."));
                assertThat(loaded.report().missing()).isNotEmpty().allSatisfy((name, reason) ->
                        assertThat(reason).endsWith("the model has no pooler"));
            }
            save(kind, Task.BASE);
            try (Model model = AutoModel.load(folder)) {
                assertThat(model.network().tensors().keySet()).anyMatch(name -> name.startsWith("head."));
            }
        }
    }

    @Test
    void computesWhatTheReferenceComputesWhereItsConstantsAreNotStored() throws IOException {
        save(Kind.BART, Task.SEQ2SEQ_LM);
        rewrite(SHARD, weights -> without(weights, "final_logits_bias"));
        try (Model model = AutoModel.load(folder)) {
            assertThat(Tensors.toFloats(model.network().tensors().get("head.bias"))).containsOnly(0f);
        }
    }

    private AutoModel.Loaded load(Task task, String... allowed) {
        return AutoModel.load(folder, task, LoadMode.DEFAULT.allowingMissing(List.of(allowed)));
    }

    private void save(Kind kind, Task task) throws IOException {
        Config config = AutoConfig.parse(new JsonMapper().readTree(kind.config), "test");
        try (Model model = AutoModel.create(config, task, 3)) {
            model.save(folder);
        }
    }

    private Map<String, float[]> parameters() {
        Map<String, float[]> values = new LinkedHashMap<>();
        try (Model model = AutoModel.load(folder)) {
            model.network().tensors().forEach((name, tensor) -> values.put(name, Tensors.toFloats(tensor)));
        }
        return values;
    }

    private static void assertSame(Model model, Map<String, float[]> values) {
        assertThat(model.network().tensors().keySet()).isEqualTo(values.keySet());
        model.network().tensors().forEach((name, tensor) ->
                assertThat(Tensors.toFloats(tensor)).as(name).isEqualTo(values.get(name)));
    }

    private void rewrite(long shardBytes, UnaryOperator<Map<String, Tensor>> change) {
        Scopes.run(() -> {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                checkpoint.tensors().forEach((name, tensor) -> weights.put(name, tensor.clone()));
            }
            CheckpointWriter.write(folder, change.apply(weights), shardBytes);
        });
    }

    private static Map<String, Tensor> without(Map<String, Tensor> weights, String name) {
        assertThat(weights.remove(name)).as(name).isNotNull();
        return weights;
    }

    private static Map<String, Tensor> renamed(Map<String, Tensor> weights, UnaryOperator<String> name) {
        Map<String, Tensor> renamed = new LinkedHashMap<>();
        weights.forEach((old, tensor) -> renamed.put(name.apply(old), tensor));
        return renamed;
    }

    private void config(UnaryOperator<ObjectNode> change) throws IOException {
        Path file = folder.resolve("config.json");
        ObjectNode json = (ObjectNode) Objects.requireNonNull(new JsonMapper().readTree(Files.readString(file)));
        Files.writeString(file, change.apply(json).toString());
    }
}
