package org.jformers.model.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.CheckpointWriter;
import org.jformers.checkpoint.LoadMode;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.tensor.DType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters of every form that PEFT writes, merged and attached, beside PEFT's logits; and what we write ourselves. */
final class LoraFormsTest {
    private static final Offset<Float> TOLERANCE = Offset.offset(1e-5f);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bert", "gpt2", "llama", "t5"})
    void mergedAndAttachedAreAsInPeft(String name) {
        Forms forms = Forms.of(name);
        for (String adapter : forms.adapters()) {
            try (Model merged = AutoModel.load(forms.base(), forms.adapter(adapter)); Model model = forms.load()) {
                assertThat(forms.logits(merged)).as(adapter + " merged")
                        .containsExactly(forms.expected(adapter), TOLERANCE);
                assertThat(forms.logits(model)).as("base").containsExactly(forms.expectedOfBase(), TOLERANCE);
                if (!adapter.equals("lora-only")) {
                    Lora.load(model, forms.adapter(adapter));
                    assertThat(forms.logits(model)).as(adapter).containsExactly(forms.expected(adapter), TOLERANCE);
                }
            }
        }
    }

    /** What nobody trained is written as it was read, byte for byte. */
    @ParameterizedTest
    @CsvSource({"bert,plain", "gpt2,ranks", "gpt2,gaussian", "llama,excluded", "llama,output",
            "t5,decoder"})
    void whatIsLoadedIsSavedAsItWas(String name, String adapter) throws IOException {
        Forms forms = Forms.of(name);
        try (Model model = forms.load()) {
            Lora.load(model, forms.adapter(adapter)).save(folder, "base");
        }
        String weights = "adapter_model.safetensors";
        assertThat(folder.resolve(weights)).hasSameBinaryContentAs(forms.adapter(adapter).resolve(weights));
        assertThat(json(folder)).isEqualTo(json(forms.adapter(adapter)));
    }

    private static JsonNode json(Path adapter) throws IOException {
        return new JsonMapper().readTree(adapter.resolve("adapter_config.json").toFile());
    }

    /** What is new and then filled with anything computes the same attached, saved and loaded, and merged. */
    @ParameterizedTest
    @CsvSource({"bert,,ALL", "bert,query;key;value;output.dense,LORA_ONLY", "gpt2,mlp.c_fc,LORA_ONLY",
            "gpt2,all-linear,NONE", "llama,*.1.*.up_proj,NONE", "t5,decoder.*.q;wo,NONE"})
    void whatIsNewIsReadAgain(String name, String targets, Lora.Bias bias) throws IOException {
        Forms forms = Forms.of(name);
        List<String> wanted = targets == null ? List.of() : List.of(targets.split(";"));
        Lora.Spec spec = new Lora.Spec(3, 4.5, 0, wanted, true,
                name.equals("llama") ? List.of("lm_head", "norm") : List.of(), bias, Lora.Start.GAUSSIAN);
        byte[] before = Files.readAllBytes(forms.base().resolve("model.safetensors"));
        try (Model model = forms.load(); Model again = forms.load()) {
            Lora lora = Lora.attach(model, spec);
            assertThat(forms.logits(model)).containsExactly(forms.expectedOfBase(), TOLERANCE);
            try (NoGrad noGrad = new NoGrad()) {
                lora.tensors().forEach((key, tensor) -> {
                    if (!key.contains("lora_A")) {
                        Tensors.fillNormal(tensor, 0, 0.3);
                    }
                });
            }
            float[] adapted = forms.logits(model);
            assertThat(adapted).isNotEqualTo(forms.expectedOfBase());
            lora.save(folder, "base");
            Lora loaded = Lora.load(again, folder);
            assertThat(loaded.modules()).containsExactlyInAnyOrderElementsOf(lora.modules());
            assertThat(forms.logits(again)).isEqualTo(adapted);
            assertThat(again.network().trainedCount()).isEqualTo(model.network().trainedCount());
            try (Model merged = AutoModel.load(forms.base(), folder)) {
                assertThat(forms.logits(merged)).containsExactly(adapted, TOLERANCE);
            }
        }
        assertThat(Files.readAllBytes(forms.base().resolve("model.safetensors"))).isEqualTo(before);
        assertThat(json(folder).get("lora_alpha").doubleValue()).isEqualTo(4.5);
        assertThat(json(folder).get("init_lora_weights").textValue()).isEqualTo("gaussian");
    }

    private static Map<String, Tensor> withoutPooler(Map<String, Tensor> weights) {
        Map<String, Tensor> others = new LinkedHashMap<>(weights);
        assertThat(others.keySet().removeIf(name -> name.startsWith("pooler."))).isTrue();
        return others;
    }

    /** The base is a body alone, without a pooler: head, pooler, labels and task come with the adapter. */
    @Test
    void anAdapterBringsItsHeadAndItsLabels() {
        Forms forms = Forms.of("bert");
        Path body = folder.resolve("body");
        Path adapter = folder.resolve("adapter");
        try (Model model = AutoModel.load(forms.base(), LoadRequest.of(Task.BASE)).model()) {
            Map<String, Tensor> weights = model.weights();
            Scopes.run(() -> CheckpointWriter.write(folder.resolve("body"), withoutPooler(model.named(weights))));
            model.saveConfig(body);
        }
        LoadRequest classes = LoadRequest.of(Task.SEQUENCE_CLASSIFICATION)
                .withLabels(List.of("bad", "fair", "good", "best")).withMode(LoadMode.NEW_HEAD);
        float[] expected;
        try (Model model = AutoModel.load(body, classes).model()) {
            Lora lora = Lora.attach(model, new Lora.Spec(2, 4, 0, List.of(), false));
            assertThat(lora.tensors()).containsKeys(
                    "base_model.model.classifier.weight", "base_model.model.bert.pooler.dense.weight");
            lora.save(adapter, "body");
            expected = forms.logits(model);
        }
        for (LoadRequest request : List.of(LoadRequest.DECLARED, LoadRequest.of(Task.SEQUENCE_CLASSIFICATION))) {
            AutoModel.Loaded loaded = AutoModel.load(body, request.withAdapter(adapter));
            try (Model model = loaded.model()) {
                assertThat(model.identity().architecture()).isEqualTo("BertForSequenceClassification");
                assertThat(model.config().common().labels()).containsExactly("bad", "fair", "good", "best");
                assertThat(forms.logits(model)).isEqualTo(expected);
            }
        }
        assertThatThrownBy(() -> AutoModel.load(body, classes.withMode(LoadMode.STRICT).withAdapter(adapter)))
                .isInstanceOf(CheckpointException.class).hasMessageContaining("missing");
    }

    /** For PEFT, input_layernorm ends as norm does. */
    @Test
    void modulesToSaveAreNamedInFull() throws IOException {
        try (Model model = Forms.of("llama").load()) {
            Lora.attach(model, saving("norm")).save(folder, "base");
        }
        assertThat(json(folder).get("modules_to_save").toString()).isEqualTo("[\"model.norm\"]");
    }

    /** A and B are float32 on a model of any number format. */
    @Test
    void changesAModelOfHalfPrecision() {
        Forms forms = Forms.of("gpt2");
        LoadRequest half = LoadRequest.DECLARED.withPrecision(DType.BFLOAT16);
        try (Model model = AutoModel.load(forms.base(), half).model();
                Model merged = AutoModel.load(forms.base(), half.withAdapter(forms.adapter("ranks"))).model()) {
            Lora.load(model, forms.adapter("ranks"));
            assertThat(forms.logits(model)).containsExactly(forms.expected("ranks"), Offset.offset(0.02f));
            assertThat(forms.logits(merged)).containsExactly(forms.expected("ranks"), Offset.offset(0.02f));
        }
    }

    @Test
    void allLinearIsAllButTheOutputLayer() {
        Forms forms = Forms.of("llama");
        try (Model model = forms.load(); Model named = forms.load()) {
            Lora.Spec all = new Lora.Spec(2, 4, 0, List.of(Lora.ALL_LINEAR), false);
            assertThat(Lora.attach(model, all).modules()).hasSize(14).doesNotContain("lm_head");
            Lora.Spec output = new Lora.Spec(2, 4, 0, List.of("lm_head", "*.0.mlp.*_proj"), false);
            assertThat(Lora.attach(named, output).modules()).containsExactlyInAnyOrder(
                    "lm_head", "model.layers.0.mlp.gate_proj", "model.layers.0.mlp.up_proj",
                    "model.layers.0.mlp.down_proj");
        }
    }

    @Test
    void refusesModulesToSaveThatAreNotThereOrShareWeights() {
        try (Model bert = Forms.of("bert").load(); Model gpt2 = Forms.of("gpt2").load()) {
            assertThatThrownBy(() -> Lora.attach(bert, saving("lm_head")))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageStartingWith("lora modules to save: got lm_head, which BertForSequenceClassification");
            assertThatThrownBy(() -> Lora.attach(gpt2, saving("wte")))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("allowed modules that share no weights with others, as");
        }
    }

    /** The constants of queries lie between those of keys and values in one parameter. */
    @Test
    void refusesToTrainAPartOfAParameter() {
        Forms forms = Forms.of("bert");
        try (Model model = forms.load()) {
            assertThatThrownBy(() -> Lora.load(model, forms.adapter("lora-only")))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageMatching("lora: got \\S*query.bias to be trained without \\S*key.bias, \\S*value.bias, "
                            + "allowed all of them, which BertForSequenceClassification computes as one");
        }
    }

    private static Lora.Spec saving(String module) {
        return new Lora.Spec(2, 4, 0, List.of(), false, List.of(module), Lora.Bias.NONE, Lora.Start.UNIFORM);
    }

    private void write(String settings, Map<String, Tensor> tensors) throws IOException {
        Files.writeString(folder.resolve("adapter_config.json"), settings);
        SafetensorsWriter.write(folder.resolve("adapter_model.safetensors"), tensors);
    }

    private void assertRefused(String settings, Map<String, Tensor> tensors, Class<?> kind, String message)
            throws IOException {
        write("{\"peft_type\": \"LORA\", \"lora_alpha\": 6" + settings + "}", tensors);
        try (Model model = Forms.of("llama").load()) {
            assertThatThrownBy(() -> Lora.load(model, folder))
                    .isInstanceOf(kind)
                    .hasMessageStartingWith("adapter: " + message).hasMessageEndingWith(", in " + folder);
            assertThatThrownBy(() -> Adapters.on(model).load("one", folder))
                    .isInstanceOf(kind).hasMessageStartingWith("adapter: " + message);
            assertThat(Forms.of("llama").logits(model))
                    .containsExactly(Forms.of("llama").expectedOfBase(), TOLERANCE);
        }
    }

    @Test
    void refusesOtherKindsAndFoldersWithoutTheirFiles() throws IOException {
        try (Model model = Forms.of("llama").load()) {
            assertThatThrownBy(() -> Lora.load(model, folder))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("adapter_config.json: cannot be read, in " + folder);
            Path file = folder.resolve("adapter_config.json");
            Files.writeString(file, "{\"peft_type\": \"IA3\", \"lora_alpha\": 6}");
            assertThatThrownBy(() -> Lora.load(model, folder))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage(
                            "adapter: got peft_type \"IA3\" and lora_alpha 6, allowed LORA and a number, in " + file);
            Files.writeString(file, "[]");
            assertThatThrownBy(() -> Lora.load(model, folder))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("adapter_config.json: got no JSON object, in " + file);
            Files.writeString(file, "{\"peft_type\": \"LORA\", \"lora_alpha\": 6}");
            assertThatThrownBy(() -> Lora.load(model, folder))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("adapter: neither adapter_model.safetensors nor adapter_model.bin is in " + folder);
        }
    }

    @Test
    void refusesByNameWhatCanBeMergedOnlyOrDoesNotFit() throws IOException {
        String query = "base_model.model.model.layers.0.self_attn.q_proj";
        Scopes.run(() -> {
            Tensor a = Tensors.ofFloats(new float[16], 2, 8);
            Tensor b = Tensors.ofFloats(new float[16], 8, 2);
            Map<String, Tensor> pair = Map.of(query + ".lora_A.weight", a, query + ".lora_B.weight", b);
            try {
                assertRefused(", \"use_dora\": true", pair, ConfigException.class,
                        "got use_dora true, which is merged only");
                assertRefused(", \"lora_bias\": true", pair, ConfigException.class, "got lora_bias true");
                assertRefused(", \"trainable_token_indices\": [1]", pair, ConfigException.class,
                        "got trainable_token_indices [1]");
                assertRefused("", Map.of("base_model.model.model.embed_tokens.lora_embedding_A", a),
                        ConfigException.class,
                        "got base_model.model.model.embed_tokens.lora_embedding_A, which is merged only");
                assertRefused("", Map.of(query + ".lora_A.weight", a), CheckpointException.class,
                        query + ".lora_B.weight is missing");
                assertRefused("", Map.of(query + ".lora_A.weight", b, query + ".lora_B.weight", a),
                        CheckpointException.class,
                        "got [8, 2] and [2, 8] for model.layers.0.self_attn.q_proj.weight, allowed [r, 8] and [8, r]");
                assertRefused("", Map.of(query.replace("0", "7") + ".lora_A.weight", a,
                        query.replace("0", "7") + ".lora_B.weight", b), CheckpointException.class,
                        "the model has no linear map of its own named model.layers.7.self_attn.q_proj");
                assertRefused("", Map.of("base_model.model.lm_head.weight", a), CheckpointException.class,
                        "got [2, 8] for lm_head.weight, the model has [17, 8]");
                assertRefused("", Map.of("base_model.model.score.weight", a), CheckpointException.class,
                        "got [2, 8] for score.weight, which the model does not have");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
