package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing that a foreign file holds or a model writes drives the terminal. */
final class TerminalTest {
    private static final String EVIL = "a\u001b]0;owned\u0007\u009b31m\u202Eb\u007F";
    private static final String SEEN = "a\\u001b]0;owned\\u0007\\u009b31m\\u202eb\\u007f";

    @TempDir
    private Path folder;

    @Test
    void showsColumnNames() throws IOException {
        Path table = Files.writeString(folder.resolve("t.csv"), EVIL + ",target\nx,y\nz,w\nv,u\n");
        Run run = Run.jformers("train", "g2p.quickstart", "--out", folder.resolve("run").toString(),
                "--set", "task.data.train=" + table, "--set", "task.data.source_column=nosuch",
                "--set", "task.data.target_column=target");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("there are: " + SEEN + ", target").doesNotContain("\u001b");
    }

    @Test
    void showsFolderNames() {
        Run run = Run.jformers("inspect", folder.resolve(EVIL + "\nsecond line").toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains(SEEN + "\\nsecond line").doesNotContain("\u001b");
        assertThat(run.err().lines()).hasSize(1);
    }

    @Test
    void showsWhatAChatTemplateRaises() throws IOException {
        Path chat = folder.resolve("chat");
        ByteLevelBpeTrainer.builder().vocabSize(300).build().train(List.of("a b c")).save(chat);
        Files.writeString(chat.resolve("chat_template.jinja"),
                "{{ raise_exception('" + EVIL + "\nsecond line') }}");
        Path messages = Files.writeString(
                folder.resolve("messages.json"), "[{\"role\": \"user\", \"content\": \"x\"}]");
        Run run = Run.jformers("tokenizer", "chat", "--model", chat.toString(), messages.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains(SEEN + "\\nsecond line").doesNotContain("\u001b");
    }

    @Test
    void showsUnknownArguments() {
        assertThat(Run.jformers("train", "--" + EVIL).err()).contains(SEEN).doesNotContain("\u001b");
        assertThat(Run.jformers(EVIL).err()).contains(SEEN).doesNotContain("\u001b");
    }

    /** A pipe gets the model's very text, a terminal what can be seen of it; its lines and tabs stay lines and tabs. */
    @Test
    void showsWhatAModelWrites() throws IOException, InterruptedException {
        Path model = writes('\u001b');
        String[] generate = {"generate", "--model", model.toString(), "--prompt", "a\n\tb", "--max-new-tokens", "2"};
        assertThat(Run.jformers(generate).out()).isEqualTo("a\n\tb\u001b\u001b\n");
        Run terminal = Child.start(Map.of(), List.of("-Djformers.terminal=true"), generate).end();
        assertThat(terminal.out()).isEqualTo("a\n\tb\\u001b\\u001b\n");
    }

    @Test
    void leavesTheColoursOfHelpAlone() throws IOException, InterruptedException {
        Run help = Child.start(Map.of(), List.of("-Djformers.terminal=true", "-Dpicocli.ansi=true"), "--help").end();
        assertThat(help.out()).contains("\u001b[1m");
    }

    @Test
    void writesThroughWhatIsHarmless() {
        StringWriter text = new StringWriter();
        PrintWriter out = new VisibleWriter(new PrintWriter(text));
        out.printf("%s\t%d%n", "grün 😀", 3);
        out.print('\r');
        VisibleWriter.raw(out).print("\u001b");
        assertThat(text.toString()).isEqualTo("grün 😀\t3\n\\r\u001b");
    }

    /** A model whose best token is always the one of a byte. */
    private Path writes(char character) {
        Path model = folder.resolve("model");
        var tokenizer = ByteLevelBpeTrainer.builder().vocabSize(257).build().train(List.of("a"));
        var config = AutoConfig.parse(Json.read("""
                {"model_type": "gpt2", "vocab_size": %d, "n_positions": 16, "n_embd": 4, "n_layer": 1, "n_head": 1,
                 "tie_word_embeddings": false}""".formatted(tokenizer.vocabSize()),
                JsonNode.class, "test"), "test");
        int id = tokenizer.encodePlain(new String(new byte[] {(byte) character}, StandardCharsets.ISO_8859_1)).ids()[0];
        try (Model network = AutoModel.create(config, Task.CAUSAL_LM, 1)) {
            Scopes.run(() -> {
                network.network().tensors().forEach((name, tensor) -> {
                    if (name.endsWith("finalNorm.weight")) {
                        tensor.data().zero_();
                    } else if (name.endsWith("finalNorm.bias")) {
                        tensor.data().fill_(new Scalar(1.0));
                    } else if (name.startsWith("head.")) {
                        tensor.data().zero_();
                        tensor.data().select(0, id).fill_(new Scalar(1.0));
                    }
                });
                assertThat(Tensors.toFloats(network.network().tensors().get("body.finalNorm.bias"))).contains(1f);
            });
            network.save(model);
        }
        tokenizer.save(model);
        GenerationConfig.builder().build().save(model);
        return model;
    }
}
