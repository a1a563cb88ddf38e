package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointWriter;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code jformers run} as a command: forms, order, errors in their place, exit codes. */
@Timeout(120)
class RunCommandTest {
    private static final Path FOLDER = Path.of("src/test/resources/pipelines");

    @TempDir
    Path folder;

    private static String[] arguments(String task, Path model, String... more) {
        List<String> arguments = new ArrayList<>(List.of("run", task, "--model", model.toString()));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private static Run classify(String input, String... more) {
        return StandardInput.jformers(input, arguments("text-classification", FOLDER.resolve("bert-classes"), more));
    }

    private static List<JsonNode> json(Run run) {
        return run.out().lines().map(line -> {
            try {
                return new JsonMapper().readTree(line);
            } catch (IOException e) {
                throw new AssertionError(line, e);
            }
        }).toList();
    }

    private static String error(String line) {
        Run run = classify(line, "--json");
        assertThat(run.exitCode()).as(run.out()).isEqualTo(1);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).hasLineCount(1);
        JsonNode answer = json(run).get(0);
        assertThat(answer.size()).isEqualTo(1);
        return answer.get("error").asText();
    }

    @Test
    void printsWhatIsSaidWithTimesAndLanguages() {
        Path frames = FOLDER.resolve("wav2vec2-masked");
        Run plain = Run.jformers(arguments(
                "automatic-speech-recognition", frames, frames.resolve("one.wav").toString()));
        assertThat(plain.err()).isEmpty();
        assertThat(plain.out()).matches("[a-z_<>]+\n");
        Run words = Run.jformers(arguments("automatic-speech-recognition", frames, "--return-timestamps", "word",
                "--chunk-length-s", "0.7", "--stride-length-s", "0.1,0.2", frames.resolve("one.wav").toString()));
        assertThat(words.out()).matches("(\\d\\.\\d\\d\t\\d\\.\\d\\d\t[A-Z<>unk]+\n){2,}");
        Path whisper = FOLDER.resolve("whisper-greedy");
        Run segments = Run.jformers(arguments("automatic-speech-recognition", whisper, "--return-timestamps", "true",
                "--return-language", "--language", "german", "--task", "translate",
                whisper.resolve("long.wav").toString()));
        assertThat(segments.err()).isEmpty();
        assertThat(segments.out().lines()).isNotEmpty().allMatch(line -> line.contains("\tgerman\t"));
    }

    @Test
    void refusesWhatWhisperDoesNotDoByName() {
        Path whisper = FOLDER.resolve("whisper-passes");
        String file = "{\"inputs\": \"" + whisper.resolve("second.wav") + "\", ";
        Run run = StandardInput.jformers(
                file + "\"return_timestamps\": \"word\"}\n" + file + "\"temperature\": 0.4}\n"
                        + file + "\"logprob_threshold\": -1}\n" + file + "\"num_return_sequences\": 2}\n",
                arguments("automatic-speech-recognition", whisper, "--json"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(json(run).stream().map(answer -> answer.get("error").asText())).satisfiesExactly(
                error -> assertThat(error).contains("got times of words for Whisper, allowed segments"),
                error -> assertThat(error).contains("temperature: got 0.4, allowed 1"),
                error -> assertThat(error).contains("got the option logprob_threshold"),
                error -> assertThat(error).contains("num_return_sequences: got 2, allowed 1"));
    }

    @Test
    void printsALabelAndAScoreForEachText() {
        Run run = classify("", "An often affecting old film", "dull");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).matches("\\w+\t0\\.\\d{4}\n\\w+\t0\\.\\d{4}\n").endsWith("\n" + best("dull") + "\n");
        assertThat(classify("An often affecting old film\ndull\n")).isEqualTo(run);
    }

    /** The best label and its score, as the form for readers has them. */
    private static String best(String text) {
        JsonNode label = json(classify("\"" + text + "\"", "--json")).get(0).get(0);
        return String.format(Locale.ROOT, "%s\t%.4f", label.get("label").asText(), label.get("score").asDouble());
    }

    @Test
    void takesOptionsAsFlags() {
        assertThat(classify("", "dull", "--top-k", "all").out())
                .matches(best("dull") + "\t\\w+\t0\\.\\d{4}\t\\w+\t0\\.\\d{4}\n");
        assertThat(classify("", "dull", "--top-k", "2", "--function-to-apply", "none").out())
                .matches("\\w+\t-?\\d+\\.\\d{4}\t\\w+\t-?\\d+\\.\\d{4}\n");
        assertThat(classify("", "dull ".repeat(100), "--truncation").exitCode()).isZero();
    }

    @Test
    void endsAtATextThatFailsBehindTheResultsBeforeIt() {
        Run run = classify("dull\n" + "dull ".repeat(100) + "\ndull\n");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEqualTo(best("dull") + "\n");
        assertThat(run.err()).hasLineCount(1).startsWith("jformers: text classification: got a text of 102 tokens,"
                + " allowed up to 40, as many as the model has positions; truncation cuts longer texts");
    }

    @Test
    void answersEveryLineInItsPlace() {
        Run run = classify("""
                "dull"
                not json

                {"inputs": "dull", "top_k": 1}
                {"inputs": {"text": "dull", "text_pair": "A film"}}
                {"inputs": "dull", "topk": 1}
                {"inputs": ["dull"]}
                "\\ud800"
                {"text": "dull"}
                7
                "dull" "dull"
                {"inputs": "dull", "top_k": null}""", "--json");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEmpty();
        List<JsonNode> answers = json(run);
        assertThat(answers).hasSize(12);
        List<Boolean> failed = answers.stream().map(answer -> answer.has("error")).toList();
        assertThat(failed).containsExactly(
                false, true, true, false, false, true, true, true, true, true, true, false);
        assertThat(answers.get(0)).hasSize(1);
        assertThat(answers.get(3)).isEqualTo(answers.get(0));
        assertThat(answers.get(4).get("label").isTextual()).isTrue();
        assertThat(answers.get(11)).hasSize(3);
    }

    @Test
    void goesOnBehindALineThatIsNotText() {
        byte[] bytes = "\"dull\"\n\"\u00ff\"\n\"dull\"\n".getBytes(StandardCharsets.ISO_8859_1);
        Run run = StandardInput.jformers(
                bytes, arguments("text-classification", FOLDER.resolve("bert-classes"), "--json"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(json(run)).extracting(answer -> answer.path("error").asText())
                .containsExactly("", "standard input: not UTF-8, in line 2", "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {
        "{\"inputs\": \"dull\", \"topk\": 1} | got the option topk, which the task does not have, allowed "
                + "[add_special_tokens, function_to_apply, inputs, max_length, padding, top_k, truncation]",
        "{\"inputs\": {\"text\": \"dull\", \"pair\": \"a\"}} | inputs: got the option pair, which the task does not"
                + " have, allowed [text, text_pair]",
        "{\"inputs\": {\"text_pair\": \"a\"}} | inputs: text: got null, allowed a text",
        "{\"inputs\": 5} | inputs: got 5, allowed a text",
        "{\"inputs\": \"dull\", \"top_k\": -1} | top_k: got -1, allowed a whole number from 0, or null",
        "{\"inputs\": \"dull\", \"top_k\": 1.5} | top_k: got 1.5, allowed a whole number from 0, or null",
        "{\"inputs\": \"dull\", \"function_to_apply\": \"exp\"} | function_to_apply: got \"exp\", allowed sigmoid,"
                + " softmax, none",
        "{\"inputs\": \"dull\", \"truncation\": \"first\"} | truncation: got \"first\", allowed true, false,"
                + " longest_first, only_first, only_second, do_not_truncate",
        "{\"inputs\": \"dull\", \"padding\": \"max_length\"} | padding: got \"max_length\", allowed true, false,"
                + " longest, do_not_pad",
        "{\"inputs\": \"dull\", \"max_length\": 0} | max_length: got 0, allowed a whole number from 1, or null",
        "[\"dull\"] | call: got [\"dull\"], allowed a text, or an object with inputs and options",
    })
    void saysWhatIsWrongWithACall(String call, String error) {
        assertThat(error(call)).isEqualTo(error);
    }

    @Test
    void takesFlagsForAllCallsAndArgumentsAsTexts() {
        Run run = classify("\"dull\"\n{\"inputs\": \"dull\", \"top_k\": 1}\n", "--json", "--top-k", "all");
        assertThat(run.exitCode()).isZero();
        assertThat(json(run)).extracting(JsonNode::size).containsExactly(3, 1);
        assertThat(json(classify("", "--json", "\"dull\"", "{}"))).hasSize(2)
                .allSatisfy(answer -> assertThat(answer).hasSize(1));
    }

    @Test
    void answersACallBeforeTheNextOneIsThere() throws Exception {
        PipedOutputStream calls = new PipedOutputStream();
        PipedOutputStream answers = new PipedOutputStream();
        InputStream before = System.in;
        System.setIn(new PipedInputStream(calls));
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new PipedInputStream(answers), StandardCharsets.UTF_8))) {
            CommandLine line = Jformers.commandLine();
            line.setOut(new PrintWriter(answers, true, StandardCharsets.UTF_8));
            CompletableFuture<Integer> exitCode = CompletableFuture.supplyAsync(() -> Jformers.run(
                    line, arguments("text-classification", FOLDER.resolve("bert-classes"), "--json")));
            for (int i = 0; i < 3; i++) {
                calls.write("\"dull\"\n".getBytes(StandardCharsets.UTF_8));
                calls.flush();
                assertThat(reader.readLine()).contains("negative");
            }
            calls.close();
            assertThat(exitCode.get()).isZero();
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void keepsTheOrderOfManyCallsOfAllLengthsAndOptions() {
        List<String> calls = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            calls.add("{\"inputs\": \"" + "a film ".repeat(1 + i % 7) + i % 11 + "\", \"top_k\": " + (1 + i % 3) + "}");
        }
        List<JsonNode> together = json(classify(String.join("\n", calls), "--json"));
        assertThat(together).hasSize(200);
        for (int i = 0; i < 200; i += 23) {
            JsonNode alone = json(classify(calls.get(i), "--json")).get(0);
            assertThat(together.get(i)).hasSameSizeAs(alone);
            assertThat(together.get(i).get(0).get("label")).isEqualTo(alone.get(0).get("label"));
            assertThat(together.get(i).get(0).get("score").doubleValue())
                    .isCloseTo(alone.get(0).get("score").doubleValue(), within(1e-6));
        }
    }

    @Test
    void printsEntities() {
        Run run = StandardInput.jformers("", arguments("token-classification", FOLDER.resolve("bert-tags"),
                "Anna in New York", "dull", "--aggregation-strategy", "first"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines().toList())
                .allMatch(line -> line.isEmpty() || line.matches("(PER|LOC)\t[01]\\.\\d{4}\t\\d+-\\d+\t\".+\""))
                .filteredOn(String::isEmpty).hasSize(2);
    }

    @Test
    void saysWhyNoStrideGoesWithTokensByThemselves() {
        Run run = StandardInput.jformers("""
                {"inputs": "dull", "stride": 2, "aggregation_strategy": "none"}
                {"inputs": "dull", "stride": 16, "aggregation_strategy": "first"}
                {"inputs": [], "is_split_into_words": true}
                """, arguments("token-classification", FOLDER.resolve("bert-tags"), "--json"));
        assertThat(json(run)).extracting(answer -> answer.get("error").asText()).containsExactly(
                "stride: got 2 with aggregation_strategy none, allowed with any other",
                "token classification: got a stride of 16, allowed less than the 16 tokens of a window",
                "inputs: got [], allowed at least one word");
    }

    @Test
    void readsALongTextToItsEndInWindows() {
        String text = "Anna Smith moved from New York to Paris in the spring of 1998. ".repeat(4).strip();
        Run run = StandardInput.jformers(
                "{\"inputs\": \"" + text + "\", \"stride\": 4, \"aggregation_strategy\": \"max\","
                        + " \"ignore_labels\": []}",
                arguments("token-classification", FOLDER.resolve("bert-tags"), "--json"));
        JsonNode entities = json(run).get(0);
        assertThat(entities.get(0).get("start").intValue()).isZero();
        assertThat(entities.get(entities.size() - 1).get("end").intValue()).isEqualTo(text.length());
    }

    @Test
    void printsVectors() {
        Run run = StandardInput.jformers(
                "", arguments("feature-extraction", FOLDER.resolve("bert-classes"), "dull"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines().toList()).hasSize(4).last().isEqualTo("");
        assertThat(run.out()).matches("(?s)\"\\[CLS]\"(\t-?\\d+\\.\\d{4}){16}\n\"dull\"\t.*");
        Run tensors = StandardInput.jformers("{\"inputs\": \"dull\", \"return_tensors\": true}",
                arguments("feature-extraction", FOLDER.resolve("bert-classes"), "--json"));
        assertThat(json(tensors).get(0).get("error").asText())
                .isEqualTo("return_tensors: got true, allowed false, for JSON has no tensors");
    }

    @Test
    void refusesNumbersThatAreNone() throws IOException {
        for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors")) {
            Files.copy(FOLDER.resolve("bert-classes").resolve(file), folder.resolve(file));
        }
        Scopes.run(() -> {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                checkpoint.tensors().forEach((name, tensor) -> weights.put(name, name.equals("classifier.bias")
                        ? tensor.mul(new Scalar(Double.NaN))
                        : tensor.clone()));
            }
            CheckpointWriter.write(folder, weights);
        });
        Run run = StandardInput.jformers("\"dull\"\n", arguments("text-classification", folder, "--json"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("{\"error\":\"text classification: the model computed NaN as logits, allowed"
                + " finite numbers\"}\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "text-classification | bert-tags | bert.pooler.dense.weight",
        "token-classification | llama-classes | score",
        "token-classification | bart-classes | which the family does not have",
        "text-classification | nowhere | no such folder",
    })
    void refusesAModelWithoutTheHead(String task, String model, String part) {
        Run run = StandardInput.jformers("\"dull\"", arguments(task, FOLDER.resolve(model), "--json"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).hasLineCount(1).contains(part);
    }

    @Test
    void refusesWrongUsage() {
        assertThat(Run.jformers("run").exitCode()).isEqualTo(2);
        assertThat(Run.jformers("run", "text-classification").exitCode()).isEqualTo(2);
        Run topK = classify("", "--top-k", "few", "dull");
        assertThat(topK.exitCode()).isEqualTo(2);
        assertThat(topK.err()).startsWith("jformers: --top-k: got few, allowed a number of labels, or all");
        assertThat(classify("", "--function-to-apply", "exp", "dull").exitCode()).isEqualTo(2);
    }
}
