package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users get wrong is answered with one line: what, got, allowed, where. */
final class BadInputTest {
    private static final String GPT2 = """
            {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 270, "n_positions": 12,
             "n_embd": 4, "n_layer": 1, "n_head": 2, "activation_function": "gelu_new"}""";

    @TempDir
    private Path folder;

    private Path model;

    /** A model folder in which everything is right. */
    @BeforeEach
    void saveModel() throws IOException {
        model = folder.resolve("model");
        save(GPT2, 270);
    }

    private void save(String config, int tokens) throws IOException {
        var json = new JsonMapper().readTree(config);
        try (Model fresh = AutoModel.create(AutoConfig.parse(json, "test"), Task.CAUSAL_LM, 1)) {
            fresh.save(model);
        }
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder().vocabSize(tokens).specialTokens("<|endoftext|>").build()
                .train(List.of("the quick brown fox jumps over the lazy dog ".repeat(20), "and so on ".repeat(30)));
        tokenizer.save(model);
        GenerationConfig.builder().build().save(model);
    }

    @Test
    void aDeviceThatIsNotThereOrIsNone() {
        assertFails(generate("the", "--device", "cuda:99"),
                "device: got cuda:99, allowed are those that are there: cpu");
        assertFails(generate("the", "--device", "gpu"),
                "device: got gpu, allowed auto, cpu, cuda, cuda:0, cuda:1 and so on, meta");
    }

    private static void assertFails(Run run, String... parts) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.err()).startsWith("jformers: ").hasLineCount(1).contains(parts)
                .doesNotContain("Exception", "defect");
    }

    private Run generate(String prompt, String... more) {
        String[] arguments = Stream.concat(
                        Stream.of("generate", "--model", model.toString(), "--prompt", prompt), Arrays.stream(more))
                .toArray(String[]::new);
        return Run.jformers(arguments);
    }

    @Test
    void generatesWhereNothingIsWrong() {
        Run run = generate("the", "--max-new-tokens", "3");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("the");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "generate --prompt x --model", "translate x --model", "inspect", "conform", "tokenizer encode x --model"
    })
    void missingFolder(String command) throws IOException {
        Path missing = folder.resolve("none");
        assertFails(run(command, missing), missing.toString());
        Path file = Files.writeString(folder.resolve("file"), "no folder");
        assertFails(run(command, file), file.toString());
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertFails(run(command, empty), empty.toString());
    }

    private static Run run(String command, Path path) {
        return Run.jformers((command + " " + path).split(" "));
    }

    @Test
    void encoderDecoderWanted() {
        assertFails(run("translate x --model", model), "GPT2LMHeadModel", "allowed encoder-decoders");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 40, 2000})
    void truncatedWeights(int length) throws IOException {
        Path weights = model.resolve("model.safetensors");
        Files.write(weights, Arrays.copyOf(Files.readAllBytes(weights), length));
        assertFails(generate("the"), weights.toString());
        assertFails(run("inspect", model), weights.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"t":{"dtype":"F32","shape":[2],"data_offsets":[0,800]}}          | has 800 bytes, its shape [2] of F32
            {"t":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}}            | has 8 bytes, its shape [2] of F64
            {"t":{"dtype":"F32","shape":[200],"data_offsets":[0,800]}}        | ends at byte 800
            {"t":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}           | negative
            {"t":{"dtype":"Q7","shape":[2],"data_offsets":[0,8]}}             | has dtype 'Q7'
            {"t":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}} | 64 bits
            {"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}            | begins at byte 4
            {"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}             | not a safetensors file
            {"other":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}        | other
            """)
    void lyingWeights(String header, String message) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(model.resolve("model.safetensors"), bytes.putLong(text.length).put(text).array());
        if (message.equals("other")) {
            Run inspected = run("inspect", model);
            assertThat(inspected.exitCode()).isZero();
            assertThat(inspected.out()).contains("missing");
        } else {
            assertFails(run("inspect", model), message, model.toString());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "vocab_size": 270, | | key vocab_size is missing
            "n_embd": 4 | "n_embd": "wide" | key n_embd has an unsupported value, got "wide"
            "n_embd": 4 | "n_embd": 4.5 | key n_embd has an unsupported value, got 4.5
            "n_embd": 4 | "n_embd": 0 | key n_embd has an unsupported value, got 0, allowed at least 1
            "n_head": 2 | "n_head": 3 | n_embd (4) must be a positive multiple of n_head (3)
            "vocab_size": 270 | "vocab_size": -1 | key vocab_size has an unsupported value, got -1, allowed at least 1
            "n_positions": 12 | "n_positions": 0 | key n_positions has an unsupported value, got 0, allowed at least 1
            "gelu_new" | "softplus9" | activation: got softplus9, allowed
            "gpt2" | "gpt9" | model_type: got gpt9, allowed
            "model_type": "gpt2", | | model_type is missing, allowed
            "n_embd": 4 | "n_embd": 4, "resid_pdrop": 2 | got 2, allowed between 0 and 1
            "n_embd": 4 | "n_embd": 8 | does not fit the model
            "n_embd": 4, | "n_embd": 4,, | no valid JSON
            """)
    void wrongConfig(String right, String wrong, String message) throws IOException {
        Files.writeString(model.resolve("config.json"), GPT2.replace(right, wrong == null ? "" : wrong));
        assertFails(generate("the"), message, model.toString());
        assertFails(run("inspect", model), message, model.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "null", "{}", "{} {}", "{\"a\": 1, \"a\": 2}"})
    void brokenJson(String text) throws IOException {
        for (String file : List.of("config.json", "tokenizer.json")) {
            String before = Files.readString(model.resolve(file));
            Files.writeString(model.resolve(file), text);
            assertFails(generate("the"), model.resolve(file).toString());
            Files.writeString(model.resolve(file), before);
        }
    }

    @Test
    void brokenGenerationSettings() throws IOException {
        for (String text : List.of("", "{", "{\"max_new_tokens\": \"many\"}", "{\"num_beams\": 0}")) {
            Files.writeString(model.resolve("generation_config.json"), text);
            assertFails(generate("the"), model.resolve("generation_config.json").toString());
        }
    }

    @Test
    void missingTokenizer() throws IOException {
        for (String file : List.of("tokenizer.json", "vocab.json", "merges.txt")) {
            Files.deleteIfExists(model.resolve(file));
        }
        assertFails(generate("the"), "no tokenizer found", model.toString());
    }

    @Test
    void idsOutOfRange() throws IOException {
        save(GPT2.replace("\"vocab_size\": 270", "\"vocab_size\": 40"), 270);
        assertFails(generate("the"), "got a tokenizer with token 269", "allowed up to 39");
        assertFails(decode("270"), "token id 270", "0 to 269");
        assertFails(decode("x"), "got 'x'");
    }

    private Run decode(String ids) {
        return Run.jformers("tokenizer", "decode", "--model", model.toString(), ids);
    }

    @Test
    void emptyPromptWhereNoTokenBeginsAText() throws IOException {
        assertThat(generate("", "--max-new-tokens", "3").exitCode()).isZero();
        // A model type has its usual tokens unless the folder says that tokenizer.json is all there is.
        Files.writeString(
                model.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}");
        Files.delete(model.resolve("special_tokens_map.json"));
        assertFails(generate(""), "prompt: got no tokens, allowed at least one");
    }

    @Test
    void promptThatIsTooLong() {
        assertFails(generate("zzzzzzzzzzzzzzz"), "sequence length: got prompt 15 + new tokens 1", "12 positions");
        assertFails(generate("zzz", "--max-new-tokens", "11"), "sequence length: got prompt 3", "12 positions");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--beams 0", "--temperature 0 --sample", "--top-k -1 --sample", "--top-p 2 --sample", "--max-new-tokens 0",
        "--sequences 0", "--sequences 3"
    })
    void searchThatCannotWork(String options) {
        assertFails(generate("the", options.split(" ")), "got ");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--temperature 0.5 --no-sample", "--temperature 0.5", "--top-k 3", "--top-p 0.5 --beams 2", "--length-penalty 2"
    })
    void optionsWithoutEffect(String options) {
        assertFails(generate("the", options.split(" ")), options.split(" ")[0] + ": got ", "has no effect here");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--set min_p=0.5 | --set min_p: got 0.5, which has no effect here",
        "--set nothing=1 | --set: got nothing, allowed assistant_early_exit, ",
        "--set num_beams=2 --beams 2 | --set: got num_beams twice, allowed once",
        "--set min_p=x --sample | generation: got min_p \"x\", allowed a number, in the call",
        "--set num_beam_groups=2 --beams 4 | got num_beam_groups 2, which is not supported",
        "--set penalty_alpha=0.6 --set top_k=4 | got penalty_alpha 0.6, which is not supported",
        "--set constraints=[1] | got constraints [1], which is not supported",
        "--set force_words_ids=[[1]] | got force_words_ids [[1]], which is not supported",
        "--set watermarking_config={} | got watermarking_config {}, which is not supported",
        "--negative-prompt the | got a negative prompt with guidance_scale 1, allowed with another"
    })
    void settingsThatCannotBe(String options, String message) {
        assertFails(generate("the", options.split(" ")), message);
    }

    @Test
    void promptCaches() throws IOException {
        Path file = folder.resolve("prompt.safetensors");
        String[] options = {"--max-new-tokens", "3", "--prompt-cache", file.toString()};
        Run plain = generate("the", "--max-new-tokens", "3");
        for (int i = 0; i < 2; i++) { // made, then used
            Run run = generate("the", options);
            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.out()).isEqualTo(plain.out());
            assertThat(file).isRegularFile();
        }
        assertFails(generate("zz", options), "got a prompt cache of a text that begins otherwise than the prompt");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 4));
        assertFails(generate("the", options), file.toString());
        Files.copy(model.resolve("model.safetensors"), file, StandardCopyOption.REPLACE_EXISTING);
        assertFails(generate("the", options), "prompt cache: got format pt", file.toString());
    }

    /** Every setting that is there may be said by its name. */
    @ParameterizedTest
    @ValueSource(strings = {
        "max_time=60", "exponential_decay_length_penalty=[1,1.5]", "encoder_repetition_penalty=1.2",
        "encoder_no_repeat_ngram_size=2", "sequence_bias=[[[3],-2.0]]", "suppress_tokens=[2]",
        "begin_suppress_tokens=[2]", "bad_words_ids=[[2]]", "guidance_scale=1.5 --negative-prompt the",
        "min_p=0.1 --sample", "typical_p=0.9 --sample", "eta_cutoff=0.01 --sample", "epsilon_cutoff=0.01 --sample",
        "top_h=0.5 --sample", "renormalize_logits=true", "early_stopping=never --beams 2"
    })
    void settingsByName(String setting) {
        Run run = generate("the", ("--max-new-tokens 3 --set eos_token_id=1 --set " + setting).split(" "));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).startsWith("the");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--beams many", "--temperature", "--tempo 1"})
    void wrongUsage(String options) {
        Run run = generate("the", options.split(" "));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).startsWith("jformers: ").contains("Try 'jformers generate --help'.")
                .doesNotContain("\tat ");
    }

    private Run train(String... settings) {
        Stream<String> tiny = Stream.of("training.steps=2", "training.max_duration=0s", "task.data.validation_rows=2",
                "task.data.test_rows=2", "model.config.d_model=8", "model.config.nhead=2",
                "model.config.dim_feedforward=8",
                "model.config.num_encoder_layers=1", "model.config.num_decoder_layers=1", "schedule.warmup_steps=1",
                "training.precision=float32", "task.data.source_column=word", "task.data.target_column=sounds");
        Stream<String> all = Stream.concat(tiny, Arrays.stream(settings)).flatMap(s -> Stream.of("--set", s));
        return Run.jformers(Stream.concat(
                        Stream.of("train", "g2p.quickstart", "--out", folder.resolve("run").toString()), all)
                .toArray(String[]::new));
    }

    private Path data(String text) {
        try {
            return Files.writeString(folder.resolve("data.csv"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void wrongData() {
        Path data = folder.resolve("data.csv");
        assertFails(train("task.data.train=" + data), data + ": no such file");
        data("");
        assertFails(train("task.data.train=" + data), data + ": the file is empty");
        data("word,sounds\n");
        assertFails(train("task.data.train=" + data), data + ": no rows");
        data("word,klang\na,A\n");
        assertFails(train("task.data.train=" + data), "sounds", "word, klang", data.toString());
        data("word,sounds\na,A,B\n");
        assertFails(train("task.data.train=" + data), data.toString());
        data("word,sounds\na,A\nb,B\n");
        assertFails(train("task.data.train=" + data), "leave nothing to train on");
        assertFails(train("task.data.train=" + folder), folder.toString());
        assertFails(train("task.data.train=" + folder.resolve("data.xls")), "format not known by its name");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void runFolders() throws IOException {
        Random random = new Random(1);
        StringBuilder rows = new StringBuilder("word,sounds\n");
        for (int i = 0; i < 30; i++) {
            rows.append("w").append(i).append(",").append((char) ('A' + random.nextInt(5))).append('\n');
        }
        Path data = data(rows.toString());
        Run first = train("task.data.train=" + data);
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertFails(train("task.data.train=" + data), "holds a run already", folder.resolve("run").toString());
        assertFails(Run.jformers("train", "--resume", folder.resolve("none").toString()), "no experiment.json in");
        Path checkpoint = folder.resolve("run/checkpoints/checkpoint-000000002");
        Files.write(checkpoint.resolve("model.safetensors"), new byte[20]);
        Run resumed = Run.jformers("train", "--resume", folder.resolve("run").toString());
        assertThat(resumed.exitCode()).isEqualTo(1);
        assertThat(resumed.err().lines().filter(line -> line.startsWith("jformers: "))).singleElement().asString()
                .contains("model.safetensors", "remove " + checkpoint);
        Files.writeString(folder.resolve("run/experiment.json"), "{\"name\": 1}");
        assertFails(Run.jformers("train", "--resume", folder.resolve("run").toString()), "experiment.json");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            training.steps=many        | training.steps: expected an integer, got many
            training.steps=0           | got steps 0
            training.stepz=1           | unknown setting training.stepz; nearest: training.steps
            training.precision=half    | expected one of float32, bfloat16, auto
            training.device=gpu        | device: got gpu, allowed auto, cpu
            training.max_duration=soon | expected a duration such as 90s
            model.config.d_model=wide         | model.config.d_model: expected an integer, got wide
            """)
    void wrongSetting(String assignment, String message) {
        assertFails(train(assignment), message);
        assertFails(Run.jformers("experiments", "show", "g2p.quickstart", "--set", assignment), message);
    }

    @Test
    void wrongExperiment() {
        assertFails(Run.jformers("train", "g2p.quikstart"), "g2p.quikstart", "nearest [g2p.quickstart]");
        assertFails(Run.jformers("experiments", "show", "nothing.json"), "nothing.json");
        assertThat(Run.jformers("train").exitCode()).isEqualTo(2);
        assertThat(Run.jformers("train", "g2p.quickstart", "--set", "steps").exitCode()).isEqualTo(2);
    }

    @Test
    void outIsAFile() throws IOException {
        Files.writeString(folder.resolve("run"), "a file");
        Path data = data("word,sounds\na,A\nb,B\nc,C\nd,D\ne,E\nf,F\n");
        Run run = train("task.data.train=" + data);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err().lines().filter(line -> line.startsWith("jformers: "))).singleElement().asString()
                .contains(folder.resolve("run").toString()).doesNotContain("Exception");
    }
}
