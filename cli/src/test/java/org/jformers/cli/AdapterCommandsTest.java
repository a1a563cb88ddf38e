package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.LoadMode;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.surgery.Lora;
import org.jformers.tensor.DType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that take a model with an adapter. */
final class AdapterCommandsTest {
    private static final String GPT2 = """
            {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 270, "n_positions": 40,
             "n_embd": 8, "n_layer": 1, "n_head": 2, "activation_function": "gelu_new"}""";

    @TempDir
    private Path folder;

    private Path base;
    private Path adapter;
    private Path merged;

    @BeforeEach
    void save() throws IOException {
        base = folder.resolve("base");
        adapter = Files.createDirectory(folder.resolve("adapter"));
        merged = folder.resolve("merged");
        JsonNode json = new JsonMapper().readTree(GPT2);
        try (Seeds.Own seeds = Seeds.own(5);
                Model model = AutoModel.create(AutoConfig.parse(json, "test"), Task.CAUSAL_LM, 1)) {
            model.save(base);
            Lora lora = Lora.attach(model, new Lora.Spec(2, 60, 0, List.of(Lora.ALL_LINEAR), false));
            try (NoGrad noGrad = new NoGrad()) {
                lora.tensors().values().forEach(tensor -> Tensors.fillNormal(tensor, 0, 1));
            }
            lora.save(adapter, base.toString());
        }
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder().vocabSize(270).specialTokens("<|endoftext|>").build()
                .train(List.of("the quick brown fox ".repeat(20)));
        tokenizer.save(base);
        GenerationConfig.builder().build().save(base);
    }

    private static Run run(String command, Object... arguments) {
        String[] all = new String[arguments.length + 1];
        all[0] = command;
        for (int i = 0; i < arguments.length; i++) {
            all[i + 1] = arguments[i].toString();
        }
        return Run.jformers(all);
    }

    private static String written(Run run) {
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        return run.out();
    }

    private static String generated(Path model, Object... more) {
        List<Object> all = new ArrayList<>(List.of(
                "--model", model, "--prompt", "the", "--max-new-tokens", 20, "--sample", "--seed", 3));
        all.addAll(List.of(more));
        return written(run("generate", all.toArray()));
    }

    @Test
    void writesAsTheMergedFolderDoesAndLeavesTheFilesAlone() throws IOException {
        byte[] before = Files.readAllBytes(base.resolve("model.safetensors"));
        String plain = generated(base);
        String adapted = generated(base, "--adapter", adapter);
        assertThat(adapted).isNotEqualTo(plain);
        assertThat(written(run("convert", base, "--adapter", adapter, "--merge", "--out", merged)))
                .isEqualTo(merged + System.lineSeparator());
        assertThat(generated(merged)).isEqualTo(adapted);
        assertThat(generated(base)).isEqualTo(plain);
        assertThat(Files.readAllBytes(base.resolve("model.safetensors"))).isEqualTo(before);
        assertThat(merged).isDirectoryContaining("glob:**/tokenizer.json")
                .isDirectoryContaining("glob:**/generation_config.json");
    }

    @Test
    void keepsTheNumberFormatOfTheBase() {
        try (Model half = AutoModel.load(base, LoadRequest.DECLARED.withPrecision(DType.BFLOAT16)).model()) {
            half.save(base);
        }
        assertThat(run("convert", base, "--adapter", adapter, "--merge", "--out", merged).exitCode()).isZero();
        try (Checkpoint made = Checkpoint.open(merged)) {
            assertThat(made.names()).allMatch(name -> made.info(name).dtype() == DType.BFLOAT16);
        }
    }

    @Test
    void inspectsAModelWithItsAdapter() {
        assertThat(written(run("inspect", base, "--adapter", adapter)))
                .contains("adapter = LoRA of rank 2, alpha 60.0, 4 matrices changed, 0 weights whole", "loads = true");
    }

    /** The base is a language model: the head and the names of the labels come with the adapter. */
    @Test
    void classifiesWithTheHeadOfAnAdapter() {
        LoadRequest moods = LoadRequest.of(Task.SEQUENCE_CLASSIFICATION)
                .withLabels(List.of("glum", "merry")).withMode(LoadMode.NEW_HEAD);
        try (Model model = AutoModel.load(base, moods).model()) {
            Lora.attach(model, new Lora.Spec(2, 4, 0, List.of(), false)).save(adapter, base.toString());
        }
        assertThat(written(run("run", "text-classification", "--model", base, "--adapter", adapter, "the quick fox")))
                .containsAnyOf("glum", "merry");
        assertThat(run("convert", base, "--adapter", adapter, "--merge", "--out", merged).exitCode()).isZero();
        assertThat(written(run("run", "text-classification", "--model", merged, "--json", "the quick fox")))
                .isEqualTo(written(run("run", "text-classification", "--model", base, "--adapter", adapter, "--json",
                        "the quick fox")));
    }

    private static void assertFails(Run run, String... parts) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.err()).startsWith("jformers: ").hasLineCount(1).contains(parts);
    }

    @Test
    void saysInOneLineWhatIsWrongWithAnAdapter() throws IOException {
        Path none = folder.resolve("none");
        assertFails(run("generate", "--model", base, "--prompt", "x", "--adapter", none), "no such folder", "none");
        assertFails(run("generate", "--model", adapter, "--prompt", "x"),
                "model folder: got an adapter, allowed models; load its base with it", "--adapter), in " + adapter);
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertFails(run("generate", "--model", base, "--prompt", "x", "--adapter", empty),
                "adapter_config.json: cannot be read, in " + empty);
        assertFails(run("translate", "--model", base, "x", "--adapter", empty), "adapter_config.json", "in " + empty);
        JsonNode narrow = new JsonMapper().readTree(GPT2.replace("\"n_embd\": 8", "\"n_embd\": 4"));
        Path other = folder.resolve("other");
        try (Model model = AutoModel.create(AutoConfig.parse(narrow, "test"), Task.CAUSAL_LM, 1)) {
            model.save(other);
        }
        assertFails(run("convert", other, "--adapter", adapter, "--merge", "--out", merged),
                "adapter: got [8, 24] for transformer.h.0.attn.c_attn.weight, the model has [4, 12], in " + adapter);
        Files.writeString(adapter.resolve("adapter_config.json"), "{\"peft_type\": \"IA3\"}");
        assertFails(run("inspect", base, "--adapter", adapter),
                "adapter: got peft_type \"IA3\" and lora_alpha , allowed LORA and a number");
        assertFails(run("convert", base, "--adapter", adapter, "--merge", "--out", base), "the folder is not empty");
        Run half = run("convert", base, "--adapter", adapter, "--out", merged);
        assertThat(half.exitCode()).isEqualTo(2);
        assertThat(half.err()).contains("--merge");
    }

    @Test
    void guessedTokensWriteTheSameText() {
        written(run("convert", base, "--adapter", adapter, "--merge", "--out", merged));
        List<String> plain = List.of("generate", "--model", base.toString(),
                "--prompt", "the quick brown fox the quick", "--max-new-tokens", "12");
        String text = Run.jformers(plain.toArray(String[]::new)).out();
        assertThat(text).startsWith("the quick brown fox the quick");
        for (List<String> more : List.of(List.of("--prompt-lookup", "4"), List.of("--draft", merged.toString()))) {
            String[] guessing = Stream.concat(plain.stream(), more.stream()).toArray(String[]::new);
            assertThat(Run.jformers(guessing).out()).isEqualTo(text);
        }
    }
}
