package org.jformers.model.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.gguf.GgufType;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.chat.ChatRequest;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.gguf.GgufMetadata;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The files of tools/golden/make_gguf_family_fixtures.py, made into model folders and written again: the same tensors
 * and values as the gguf package wrote.
 */
class GgufConversionTest {
    @TempDir
    private Path temporary;

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(GgufConversionTest.class.getResource(name), name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    private Path folder(String name) {
        Path folder = temporary.resolve(name);
        try (Model model = AutoModel.load(resource("/gguf/" + name + ".gguf"))) {
            model.save(folder);
        }
        return folder;
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "llama3", "mistral", "qwen2", "qwen3", "gemma2", "gemma3", "gpt2", "bert", "distilbert", "t5", "t5-gated",
        "t5-encoder"
    })
    void writesWhatTheGgufPackageWrote(String name) {
        Path written = temporary.resolve("out.gguf");
        GgufConversion.write(folder(name), GgufType.F32, written);
        Path golden = resource("/gguf/" + name + ".gguf");
        Scopes.run(() -> {
            try (Checkpoint ours = Checkpoint.open(written); Checkpoint theirs = Checkpoint.open(golden)) {
                assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(theirs.names());
                for (String tensor : theirs.names()) {
                    // Gemma's norms went down by 1 and up again, Llama 3's divisors through their parameters.
                    Tensor expected = theirs.tensor(tensor).to(ScalarType.Float);
                    assertThat(ours.tensor(tensor).allclose(expected, 1e-6, 1e-7, false)).as(tensor).isTrue();
                }
            }
        });
        Map<String, Object> ours = new TreeMap<>(GgufMetadata.read(written).values());
        GgufMetadata.read(golden).values().forEach((key, value) -> {
            if (value instanceof Double number) {
                assertThat((Double) ours.get(key)).as(key).isEqualTo(number);
            } else if (!key.startsWith("tokenizer.ggml.")) {
                assertThat(ours).containsEntry(key, value);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "BF16", "Q8_0", "Q4_0"})
    void writesMatricesInTheTypeAskedFor(String name) {
        GgufType type = GgufType.valueOf(name);
        Path folder = folder("qwen3");
        Path written = temporary.resolve("out.gguf");
        GgufConversion.write(folder, type, written);
        GgufMetadata head = GgufMetadata.read(written);
        Map<Integer, List<String>> byType = head.tensors().stream().collect(Collectors.groupingBy(
                GgufMetadata.TensorEntry::type,
                Collectors.mapping(GgufMetadata.TensorEntry::name, Collectors.toList())));
        assertThat(byType).containsOnlyKeys(0, type.number());
        assertThat(byType.get(0)).allMatch(tensor -> tensor.endsWith("norm.weight"));
        assertThat(head.integer("general.file_type"))
                .isEqualTo(Map.of("F16", 1L, "BF16", 32L, "Q8_0", 7L, "Q4_0", 2L).get(name));
        assertThat(head.has("general.quantization_version")).isEqualTo(!type.isPlain());
        try (Model plain = AutoModel.load(folder); Model read = AutoModel.load(written)) {
            Scopes.run(() -> plain.weights().forEach((parameter, tensor) -> {
                float greatest = tensor.abs().max().item_float();
                float difference = read.weights().get(parameter).sub(tensor).abs().max().item_float();
                assertThat(difference).as(parameter).isLessThanOrEqualTo(greatest / (type == GgufType.Q4_0 ? 7 : 120));
            }));
        }
    }

    /** RoBERTa's first rows of positions are left out, and llama.cpp has no pooler: read again, it is BERT. */
    @Test
    void writesRobertaAsBert() throws IOException {
        Path folder = temporary.resolve("roberta");
        Path file = temporary.resolve("out.gguf");
        ObjectNode config = (ObjectNode) new JsonMapper().readTree("""
                {"model_type": "roberta", "architectures": ["RobertaModel"], "vocab_size": 40, "hidden_size": 32,
                 "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32, "pad_token_id": 1,
                 "max_position_embeddings": 34, "type_vocab_size": 1}""");
        try (Model roberta = AutoModel.create(AutoConfig.parse(config, "test"), Task.BASE, 1)) {
            roberta.save(folder);
            GgufConversion.write(folder, GgufType.F32, file);
            assertThat(GgufMetadata.read(file).integer("bert.context_length")).isEqualTo(32);
            try (Model bert = AutoModel.load(file); NoGrad noGrad = new NoGrad()) {
                assertThat(bert.identity().family().modelType()).isEqualTo("bert");
                Scopes.run(() -> {
                    Tensor ids = Tensors.ofLongs(new long[][] {{0, 5, 6, 7, 30, 2}, {0, 9, 8, 12, 13, 2}});
                    Tensor expected = roberta.forward(ModelInputs.of(ids)).get("last_hidden_state");
                    Tensor got = bert.forward(ModelInputs.of(ids)).get("last_hidden_state");
                    assertThat(got.allclose(expected, 1e-5, 1e-5, false)).isTrue();
                });
            }
        }
    }

    @Test
    void takesTheTokenizerAndTheTemplateAlong() throws IOException {
        Path folder = folder("gpt2");
        change(folder, json -> json.put("vocab_size", 64));
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
                 "added_tokens": [{"id": 3, "content": "<|end|>", "single_word": false, "lstrip": false,
                                   "rstrip": false, "normalized": false, "special": true}],
                 "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
                                   "use_regex": true},
                 "post_processor": null, "decoder": {"type": "ByteLevel", "add_prefix_space": false,
                                   "trim_offsets": true, "use_regex": true},
                 "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}""");
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|end|>",
                 "chat_template": "{{ messages }}"}""");
        Path written = temporary.resolve("out.gguf");
        GgufConversion.write(folder, GgufType.F16, written);
        GgufMetadata head = GgufMetadata.read(written);
        assertThat(head.texts("tokenizer.ggml.tokens")).hasSize(64).startsWith("a", "b", "ab", "<|end|>", "[PAD4]");
        assertThat(head.text("tokenizer.ggml.pre")).isEqualTo("gpt-2");
        assertThat(head.text("tokenizer.chat_template")).isEqualTo("{{ messages }}");
        assertThat(head.integer("tokenizer.ggml.eos_token_id")).isEqualTo(3);
        assertThat(AutoTokenizer.load(written).encode("abba<|end|>").ids()).containsExactly(2, 1, 0, 3);
        ChatTemplate template = ChatTemplate.load(written);
        var messages = List.of(Map.of("role", "user", "content", "abba"));
        assertThat(template.render(ChatRequest.of(messages)).text()).contains("abba");
    }

    @Test
    void refusesWhatLlamaCppComputesOtherwise() throws IOException {
        assertRefused("gpt2", json -> json.put("activation_function", "relu"),
                "gguf: got activation_function \"relu\", which llama.cpp does not do, allowed \"gelu_new\"");
        assertRefused("gemma2", json -> json.put("query_pre_attn_scalar", 8),
                "gguf: got query_pre_attn_scalar 8, which llama.cpp does not do, allowed 16");
        assertRefused("gemma3", json -> json.withArray("layer_types").set(0, "full_attention"),
                "gguf: got layer_types in which layer 0 is not sliding_attention");
        assertRefused("qwen2", json -> ((ObjectNode) json.get("rope_parameters")).put("beta_fast", 4),
                "gguf: got beta_fast 4 in the rotary settings, which is not written");
        assertRefused("t5", json -> json.put("feed_forward_proj", "silu"), "got feed_forward_proj silu");
        Path file = temporary.resolve("out.gguf");
        assertThatThrownBy(() -> GgufConversion.write(folder("bert"), GgufType.Q4_K, file))
                .hasMessage("convert: got type Q4_K, allowed F32, F16, BF16, Q8_0, Q4_0");
        assertThatThrownBy(() -> GgufConversion.write(resource("/gguf/bert.gguf"), GgufType.F16, file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("to write as GGUF, allowed model folders");
        assertThat(file).doesNotExist();
    }

    private void assertRefused(String name, Consumer<ObjectNode> change, String message)
            throws IOException {
        Path folder = folder(name);
        change(folder, change);
        Path file = temporary.resolve("out.gguf");
        assertThatThrownBy(() -> GgufConversion.write(folder, GgufType.F32, file))
                .isInstanceOf(JformersException.class).hasMessageContaining(message);
        assertThat(file).doesNotExist();
    }

    private static void change(Path folder, Consumer<ObjectNode> change) throws IOException {
        Path file = folder.resolve("config.json");
        ObjectNode json = (ObjectNode) new JsonMapper().readTree(file.toFile());
        change.accept(json);
        Files.writeString(file, json.toString());
    }

    /** An older file stays where a number does not fit. */
    @Test
    void keepsTheOlderFileWhereANumberDoesNotFit() throws IOException {
        Path folder = folder("mistral");
        Path file = Files.writeString(temporary.resolve("out.gguf"), "older");
        try (Model model = AutoModel.load(folder)) {
            Scopes.run(() -> model.weights().get("body.input.tokens.weight").detach().fill_(
                    new Scalar(1e20)));
            model.save(folder);
        }
        for (GgufType type : new GgufType[] {GgufType.F16, GgufType.Q8_0, GgufType.Q4_0}) {
            assertThatThrownBy(() -> GgufConversion.write(folder, type, file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("GGUF: got a number in tensor 'token_embd.weight' that is not finite,"
                            + " or not in " + type);
        }
        assertThat(file).hasContent("older");
        try (Stream<Path> files = Files.list(temporary)) {
            assertThat(files).allMatch(path -> !path.getFileName().toString().endsWith(".tmp"));
        }
    }
}
