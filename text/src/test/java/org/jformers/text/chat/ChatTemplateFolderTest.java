package org.jformers.text.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which template and which tokens a folder's files give, as transformers 5.18 reads them. */
final class ChatTemplateFolderTest {
    private static final ChatRequest PLAIN = ChatRequest.of(List.of());
    private static final ChatRequest TOOLS = ChatRequest.builder(List.of()).tools(List.of(Map.of("name", "f"))).build();
    private static final String LIST = "{'chat_template': [{'name': 'default', 'template': 'D'},"
            + " {'name': 'tool_use', 'template': 'T{{ tools | length }}'}, {'name': 'rag', 'template': 'R'}]}";

    @TempDir
    private Path folder;

    @BeforeEach
    void empty() throws IOException {
        Files.createDirectories(folder.resolve("additional_chat_templates"));
    }

    private void write(String file, String content) throws IOException {
        Files.writeString(folder.resolve(file), file.endsWith(".json") ? content.replace('\'', '"') : content);
    }

    private String rendered(ChatRequest request) {
        return ChatTemplate.load(folder, request).render(request).text();
    }

    @Test
    void takesTheTemplateForToolsWhereThereAreTools() throws IOException {
        write("tokenizer_config.json", LIST);

        assertThat(rendered(PLAIN)).isEqualTo("D");
        assertThat(rendered(TOOLS)).isEqualTo("T1");
        assertThat(ChatTemplate.load(folder, "rag").render(TOOLS).text()).isEqualTo("R");
        assertThat(ChatTemplate.load(folder).render(TOOLS).text()).isEqualTo("D");
    }

    @Test
    void takesTheOnlyTemplateWhetherThereAreToolsOrNot() throws IOException {
        write("tokenizer_config.json", "{'chat_template': 'only'}");

        assertThat(rendered(PLAIN)).isEqualTo("only");
        assertThat(rendered(TOOLS)).isEqualTo("only");
    }

    @Test
    void filesReplaceAllThatTheConfigHas() throws IOException {
        write("tokenizer_config.json", LIST);
        write("chat_template.jinja", "file");

        assertThat(rendered(TOOLS)).isEqualTo("file");
        assertThatThrownBy(() -> ChatTemplate.load(folder, "rag")).hasMessageContaining("there are [default]");

        write("additional_chat_templates/tool_use.jinja", "more");
        assertThat(rendered(PLAIN)).isEqualTo("file");
        assertThat(rendered(TOOLS)).isEqualTo("more");
    }

    @Test
    void withoutADefaultThereIsNone() throws IOException {
        write("tokenizer_config.json", "{'chat_template': [{'name': 'tool_use', 'template': 'T'}]}");

        assertThat(rendered(TOOLS)).isEqualTo("T");
        assertThatThrownBy(() -> ChatTemplate.load(folder, PLAIN)).isInstanceOf(ChatTemplateException.class)
                .hasMessageContaining("no chat template 'default'").hasMessageContaining("there are [tool_use]");
    }

    @Test
    void aProcessorsTemplateIsNoneOfTheTokenizer() throws IOException {
        write("chat_template.json", "{'chat_template': 'P'}");

        assertThatThrownBy(() -> ChatTemplate.load(folder, PLAIN))
                .hasMessageContaining("chat_template.json is that of a processor");
    }

    @Test
    void refusesListsOfOtherThings() throws IOException {
        write("tokenizer_config.json", "{'chat_template': {'default': 'D'}}");

        assertThatThrownBy(() -> ChatTemplate.load(folder)).hasMessageContaining("a list of objects with name");
    }

    @Test
    void templatesKnowTokensByTheirNames() throws IOException {
        write("chat_template.jinja", "{{ bos_token }}{{ image_token }}{{ boi }}{{ audio_token }}{{ pad_token }}");
        write("tokenizer_config.json", "{'bos_token': {'content': '<s>'}, 'audio_token': '<aud>', 'pad_token': null,"
                + " 'extra_special_tokens': {'image_token': '<img>', 'boi': {'content': '<boi>'}}}");

        assertThat(rendered(PLAIN)).isEqualTo("<s><img><boi><aud>");

        write("tokenizer_config.json", "{'extra_special_tokens': ['<a>'], 'model_specific_special_tokens':"
                + " {'image_token': '<i>'}}");
        assertThat(rendered(PLAIN)).isEqualTo("<i>");
    }

    @Test
    void theMapOfSpecialTokensCountsWhereTheConfigListsNone() throws IOException {
        write("chat_template.jinja", "{{ eos_token }}");
        write("special_tokens_map.json", "{'eos_token': {'content': '</map>'}}");
        write("tokenizer_config.json", "{'eos_token': '</config>'}");
        assertThat(rendered(PLAIN)).isEqualTo("</map>");

        write("tokenizer_config.json", "{'eos_token': '</config>', 'added_tokens_decoder': {}}");
        assertThat(rendered(PLAIN)).isEqualTo("</config>");
    }

    @Test
    void groupsHaveNames() {
        List<?> messages = List.of(Map.of("role", "b", "content", "1"), Map.of("role", "a", "content", "2"),
                Map.of("role", "b", "content", "3"));

        assertThat(ChatTemplate.parse("{% for g in messages | groupby('role') %}{{ g.grouper }}="
                        + "{{ g.list | map(attribute='content') | join }}{{ g[0] }}{{ g | length }} {% endfor %}")
                .render(ChatRequest.of(messages)).text()).isEqualTo("a=2a2 b=13b2 ");
    }
}
