package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerChatCommandTest {
    private static final String TEMPLATE =
            "{% for m in messages %}<|endoftext|>{{ m.content }}{% endfor %}{{ '!' if add_generation_prompt }}";

    @TempDir
    private Path folder;

    private Run chat(String... more) {
        String[] arguments = new String[more.length + 4];
        System.arraycopy(new String[] {"tokenizer", "chat", "--model", folder.toString()}, 0, arguments, 0, 4);
        System.arraycopy(more, 0, arguments, 4, more.length);
        return Run.jformers(arguments);
    }

    private Path file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    @Test
    void printsTextOrIds() throws IOException {
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder().vocabSize(300).specialTokens("<|endoftext|>").build()
                .train(List.of("hello hello hello"));
        tokenizer.save(folder);
        file("chat_template.jinja", TEMPLATE);
        String messages = file("m.json", "[{\"role\": \"user\", \"content\": \"hello <|endoftext|>\"}]").toString();

        assertThat(chat(messages)).isEqualTo(new Run(0, "<|endoftext|>hello <|endoftext|>!\n", ""));
        assertThat(chat("--no-generation-prompt", messages).out()).isEqualTo("<|endoftext|>hello <|endoftext|>\n");
        String special = Integer.toString(tokenizer.id("<|endoftext|>").orElseThrow());
        assertThat(chat("--ids", messages).out().strip().split(" ")).containsOnlyOnce(special).startsWith(special);
    }

    @Test
    void readsStandardInputToolsAndNamedTemplates() throws IOException {
        file("tokenizer_config.json", "{\"bos_token\": {\"content\": \"<s>\"},"
                + " \"chat_template\": \"replaced by the files\"}");
        file("chat_template.jinja", "{{ messages | length }}");
        file("additional_chat_templates/tool_use.jinja", "{{ bos_token }}{{ tools | tojson }}");
        file("additional_chat_templates/rag.jinja", "rag");
        String tools = file("tools.json", "[{\"name\": \"f\", \"n\": 1.50}]").toString();
        InputStream before = System.in;
        try {
            for (String[] expected : new String[][] {
                {"default", "1\n"}, {"tool_use", "<s>[{\"name\": \"f\", \"n\": 1.5}]\n"}, {"rag", "rag\n"}}) {
                System.setIn(new ByteArrayInputStream("[\n{\"role\": \"user\"}]\n".getBytes(StandardCharsets.UTF_8)));
                assertThat(chat("--template", expected[0], "--tools", tools)).isEqualTo(new Run(0, expected[1], ""));
            }
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        String messages = file("m.json", "[{\"role\": \"user\"}]").toString();
        assertThat(chat(messages).err()).contains("no chat template in " + folder).hasLineCount(1);
        file("chat_template.jinja", "a\n{{ messages[0].content.x }}");
        assertThat(chat(messages)).isEqualTo(new Run(
                1, "", "jformers: chat template, line 2: 'dict object' has no attribute 'content'\n"));
        assertThat(chat("--template", "rag", messages).err()).contains("no chat template 'rag'").contains("[default]");
        assertThat(chat(file("bad.json", "{}").toString()).err()).contains("expected a JSON list").hasLineCount(1);
        assertThat(chat(file("bad.json", "[{").toString()).err()).contains("not valid JSON").hasLineCount(1);
        assertThat(chat(folder.resolve("none").toString()).err()).contains("cannot read").hasLineCount(1);
        file("chat_template.jinja", "{% if %}");
        assertThat(chat(messages).err()).startsWith("jformers: chat template, line 1: ")
                .endsWith(", in " + folder + "\n").hasLineCount(1);
    }
}
