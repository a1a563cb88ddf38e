package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointWriter;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.Scopes;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders that would write another text in each run: refused in one line, described, let pass by name. */
class LoadingCommandsTest {
    private static final String ATTENTION = "transformer.h.0.attn.c_attn.weight";

    @TempDir
    Path folder;

    @BeforeEach
    void save() throws IOException {
        JsonNode json = new JsonMapper().readTree("""
                {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 270, "n_positions": 12,
                 "n_embd": 4, "n_layer": 1, "n_head": 2, "activation_function": "gelu_new"}""");
        try (Model fresh = AutoModel.create(AutoConfig.parse(json, "test"), Task.CAUSAL_LM, 1)) {
            fresh.save(folder);
        }
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder().vocabSize(270).specialTokens("<|endoftext|>").build()
                .train(List.of("the quick brown fox ".repeat(20)));
        tokenizer.save(folder);
        GenerationConfig.builder().build().save(folder);
    }

    private Run generate(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("generate", "--model", folder.toString(), "--prompt", "the", "--max-new-tokens", "2"));
        arguments.addAll(List.of(more));
        return Run.jformers(arguments.toArray(String[]::new));
    }

    private void remove(String name) {
        Scopes.run(() -> {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                checkpoint.tensors().forEach((other, tensor) -> weights.put(other, tensor.clone()));
            }
            assertThat(weights.remove(name)).isNotNull();
            CheckpointWriter.write(folder, weights);
        });
    }

    private void config(Consumer<ObjectNode> change) throws IOException {
        Path file = folder.resolve("config.json");
        ObjectNode json = (ObjectNode) new JsonMapper().readTree(Files.readString(file));
        change.accept(json);
        Files.writeString(file, json.toString());
    }

    private static void assertFails(Run run, String... parts) {
        assertThat(run.exitCode()).as(run.out()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("jformers: ").hasLineCount(1).contains(parts);
    }

    @Test
    void namesAWeightThatIsNotThereAndLetsItPassByName() {
        remove(ATTENTION);
        assertFails(generate(), "1 missing ('" + ATTENTION + "')", folder.toString());
        assertFails(generate("--allow-missing", "transformer.h.1"), ATTENTION);
        for (String pattern : List.of(ATTENTION, "transformer.h.0.attn", "*.attn.*", "body.blocks.0.attention")) {
            Run run = generate("--allow-missing", pattern);
            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.out()).startsWith("the");
        }
        remove("transformer.ln_f.bias");
        assertFails(generate("--allow-missing", ATTENTION), "1 missing ('transformer.ln_f.bias')");
        Run both = generate("--allow-missing", ATTENTION, "--allow-missing", "*.ln_f");
        assertThat(both.exitCode()).as(both.err()).isZero();
        assertFails(Run.jformers("translate", "--model", folder.toString(), "the"), "'" + ATTENTION + "'");
    }

    @Test
    void namesTheQuantization() throws IOException {
        config(json -> json.putObject("quantization_config").put("quant_method", "hqq"));
        assertFails(generate(), "quantization_config with quant_method hqq", folder.resolve("config.json").toString());
        Run inspect = Run.jformers("inspect", folder.toString());
        assertThat(inspect.exitCode()).as(inspect.err()).isZero();
        assertThat(inspect.out()).contains("loads = false", "quant_method hqq", "read     model.safetensors: weights");
    }

    /** The files and the reason, whatever is wrong with the configuration; a file that is broken is a failure. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"model_type": "gpt2", "n_layer": 1}   | key vocab_size is missing
            {"model_type": "mamba9"}               | model_type: got mamba9
            {"a": 1                                | no valid JSON
            []                                     | got no JSON object
            none                                   | no such file
            """)
    void describesAFolderWhoseConfigurationIsUnusable(String content, String reason) throws IOException {
        Path file = folder.resolve("config.json");
        if (content.equals("none")) {
            Files.delete(file);
        } else {
            Files.writeString(file, content);
        }
        Run run = Run.jformers("inspect", folder.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("loads = false", "refused = ", reason, "read     model.safetensors: weights");
        JsonNode json = new JsonMapper().readTree(Run.jformers("inspect", "--json", folder.toString()).out());
        assertThat(json.get("refused").asText()).contains(reason);
        assertThat(json.get("files")).isNotEmpty();
        Files.writeString(folder.resolve("model.safetensors"), "broken");
        Run broken = Run.jformers("inspect", folder.toString());
        assertThat(broken.out()).contains(reason, "model.safetensors: no weights that are read");
    }

    @Test
    void writesWithTheTaskThatIsAskedForWhateverClassTheFolderNames() throws IOException {
        for (String name : List.of("GPT9", "GPT2Model", "GPT2LMHeadModelOfMine")) {
            config(json -> json.putArray("architectures").add(name));
            Run run = generate();
            assertThat(run.exitCode()).as(run.err()).isZero();
        }
        config(json -> json.remove("architectures"));
        assertThat(generate().exitCode()).isZero();
    }

    @Test
    void describesWhatIsReadAndWhatIsNotAsAProcessOfItsOwn() throws Exception {
        remove(ATTENTION);
        config(json -> json.put("mine", 1).put("use_cache", true).putObject("auto_map").put("AutoModel", "code.X"));
        Files.writeString(folder.resolve("code.py"), "raise SystemExit");
        Files.writeString(folder.resolve("pytorch_model.bin"), "not read");
        Files.writeString(folder.resolve("README.md"), "# A model");

        Run run = Child.run("inspect", "--json", folder.toString());

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode json = new JsonMapper().readTree(run.out());
        assertThat(json.get("family").asText()).isEqualTo("gpt2");
        assertThat(json.get("loads").asBoolean()).isFalse();
        assertThat(json.get("refused").asText()).contains(ATTENTION);
        Map<String, String> files = new LinkedHashMap<>();
        json.get("files").forEach(file ->
                files.put(file.get("name").asText(), file.get("read").asBoolean() + " " + file.get("why").asText()));
        assertThat(files)
                .containsEntry("config.json", "true the model")
                .containsEntry("model.safetensors", "true weights")
                .containsEntry("tokenizer.json", "true the tokenizer")
                .containsEntry("pytorch_model.bin", "false the weights are read from other files")
                .containsEntry("code.py", "false code of a folder is never run")
                .containsEntry("README.md", "false about the model");
        JsonNode keys = json.get("config");
        assertThat(keys.get("unread").toString())
                .isEqualTo("{\"auto_map\":\"code of the folder is not run\",\"mine\":\"nobody reads it\"}");
        assertThat(keys.get("ignored").has("use_cache")).isTrue();
        assertThat(keys.get("read").toString()).contains("\"n_embd\"", "\"model_type\"").doesNotContain("mine");
        assertThat(json.get("weights").get("missing").toString()).contains(ATTENTION);
    }

    @Test
    void saysThatCodeOfTheFolderIsNotRun() throws Exception {
        config(json -> json.putObject("auto_map").put("AutoModel", "code.X"));
        Run run = Child.run("generate", "--model", folder.toString(), "--prompt", "the", "--max-new-tokens", "1");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("asks for its own code (auto_map), which is not run: read as gpt2");
    }

    @Test
    void describesAFolderWithBrokenWeightsAndFails() throws IOException {
        Files.writeString(folder.resolve("model.safetensors"), "broken");
        Run run = Run.jformers("inspect", folder.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("jformers: ").hasLineCount(1).contains("model.safetensors");
        assertThat(run.out()).contains("loads = false", "read     config.json: the model");
    }
}
