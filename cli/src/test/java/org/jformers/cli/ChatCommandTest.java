package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jformers.generation.Controls;
import org.jformers.pipeline.Chat;
import org.jformers.pipeline.Jformers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns through a pipe, with the tiny model whose answers the golden calls hold to the reference. */
final class ChatCommandTest {
    private static final String MODEL = "src/test/resources/pipelines/llama-writes";
    private static final String[] SHORT = {"chat", MODEL, "--no-sample", "--beams", "1", "--max-new-tokens", "6"};

    @TempDir
    private Path folder;

    private static Run chat(String lines, String... more) {
        return StandardInput.jformers(lines,
                Stream.concat(Stream.of(SHORT), Stream.of(more)).toArray(String[]::new));
    }

    @Test
    void eachLineIsATurn() {
        Run run = chat("dull?\nAnna moved.\n");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        try (Chat chat = Jformers.chat(MODEL)) {
            StringBuilder said = new StringBuilder();
            for (String text : new String[] {"dull?", "Anna moved."}) {
                said.append(chat.reply(text, settings -> settings.doSample(false).numBeams(1).maxNewTokens(6),
                        Controls.NONE)).append('\n');
            }
            assertThat(run.out()).isEqualTo(said.toString());
        }
    }

    @Test
    void linesBehindOneThatFailsAreRead() {
        Run run = chat("\n/branch\ndull?\n");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("jformers: Prompt should not be empty!\n"
                + "jformers: /branch: got \"\", allowed a number\n");
        assertThat(run.out()).isEqualTo(chat("dull?\n").out());
    }

    @Test
    void goesOnWithWhatIsKept() {
        String kept = folder.resolve("kept").toString();
        String whole = chat("dull?\nAnna moved.\n").out();
        String first = chat("dull?\n", "--conversations", kept).out();
        String name = new ConversationFiles(folder.resolve("kept")).names().get(0);
        assertThat(first + chat("Anna moved.\n", "--conversations", kept, "--open", name).out()).isEqualTo(whole);
        assertThat(chat("x\n").exitCode()).isZero();
        assertThat(new ConversationFiles(folder.resolve("kept")).names()).containsExactly(name);
    }

    @Test
    void aSeedSuggestsTheSame() {
        String asked = "dull?\n/suggest\n";
        assertThat(chat(asked, "--seed", "3").out()).isEqualTo(chat(asked, "--seed", "3").out())
                .contains("\n1  ");
    }

    @Test
    void aSeedDrawsTheSamePersona() throws IOException {
        Path file = Files.writeString(folder.resolve("personas.json"), """
                {"train": [
                  {"personality": ["I bake."], "utterances": [{"history": ["hi"], "candidates": ["hello"]}]},
                  {"personality": ["I swim.", "I am old."],
                   "utterances": [{"history": ["hi"], "candidates": ["hello"]}]}],
                 "valid": [{"personality": [], "utterances": [{"history": ["hi"], "candidates": ["hello"]}]}]}
                """);
        String[] drawn = {"--personas", file.toString(), "--seed", "1"};
        Run run = chat("/system\n", drawn);
        assertThat(run.err()).isEqualTo("persona: " + run.out());
        assertThat(run.out()).isIn("I bake.\n", "I swim. I am old.\n").isEqualTo(chat("/system\n", drawn).out());
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThat(StandardInput.jformers("x\n", "chat", MODEL, "--beams", "2").err())
                .contains("chat: got beams or several sequences");
        assertThat(chat("x\n", "--open", "x").err()).contains("conversations are not kept here");
        assertThat(Files.exists(folder.resolve("x"))).isFalse();
        assertThat(StandardInput.jformers("x\n", "chat", "src/test/resources/pipelines/gpt2-several").err())
                .contains("chat template");
    }
}
