package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConversationTest {

    @Test
    void readsMessagesAndTools() {
        Conversation read = Conversation.parse("""
                [{"role": "user", "content": "hi", "name": null},
                 {"role": "assistant", "content": "yes", "tool_calls": [{"id": 1, "type": null}]}]""",
                "[{\"name\": \"add\", \"strict\": null}]", "row 3");
        // As tables bring them: a key that other messages have is null, which no template takes for missing.
        assertThat(read.messages()).isEqualTo(List.of(
                Map.of("role", "user", "content", "hi"),
                Map.of("role", "assistant", "content", "yes", "tool_calls", List.of(Map.of("id", 1)))));
        assertThat(read.tools().orElseThrow()).isEqualTo(List.of(Map.of("name", "add")));
        assertThat(read.beforeLastAnswer().orElseThrow().messages()).hasSize(1);
    }

    @Test
    void readsMessagesAsShareGptCallsThem() {
        assertThat(Conversation.parse("""
                [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "yes"}, {"from": "tool", "value": "3"}]""",
                "", "row 3").messages()).isEqualTo(List.of(
                Map.of("role", "user", "content", "hi"), Map.of("role", "assistant", "content", "yes"),
                Map.of("role", "tool", "content", "3")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            hello                | row 3: messages: no valid JSON, got hello
            {"role": "user"}     | row 3: messages: got {"role": "user"}, allowed: a JSON list
            []                   | row 3: messages: got [], allowed: a JSON list
            ["hello"]            | row 3: message 1 is hello, allowed: an object with role and content
            [{"content": "hi"}]  | row 3: message 1 has no role, allowed: an object with role and content
            """)
    void namesTheRowOfWhatIsNone(String messages, String error) {
        assertThatThrownBy(() -> Conversation.parse(messages, "", "row 3")).isInstanceOf(DataException.class)
                .hasMessage(error);
    }
}
