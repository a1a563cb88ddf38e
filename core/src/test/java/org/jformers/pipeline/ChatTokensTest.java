package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jformers.JformersException;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.Test;

/** Conversations that are too long lose whole turns, the oldest first, so that an answer has room. */
final class ChatTokensTest {
    private static final Tokenizer TOKENIZER =
            ByteLevelBpeTrainer.builder().vocabSize(262).specialTokens("<s>", "</s>").build().train(List.of("ab"));
    private static final ChatTemplate TEMPLATE = ChatTemplate.parse("<s>{% for m in messages %}"
            + "{{ m.role[0] }}:{{ m.content }};{% endfor %}{% if add_generation_prompt %}a:{% endif %}");

    private static Map<String, Object> message(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    private static List<Map<String, Object>> talk(int turns) {
        List<Map<String, Object>> messages = new ArrayList<>(List.of(message("system", "S")));
        for (int turn = 0; turn < turns; turn++) {
            messages.add(message("user", "u" + turn));
            messages.add(message("assistant", "a" + turn));
        }
        messages.add(message("user", "?"));
        return messages;
    }

    private static String written(int most, List<Map<String, Object>> messages, boolean goesOn, int answer) {
        return TOKENIZER.decodeWithSpecialTokens(
                new ChatTokens(() -> TEMPLATE, TOKENIZER, OptionalInt.of(most)).of(messages, goesOn, answer));
    }

    @Test
    void leavesOutTheOldestTurnsAndKeepsTheSystem() {
        String whole = "<s>s:S;u:u0;a:a0;u:u1;a:a1;u:u2;a:a2;u:?;a:";
        int tokens = TOKENIZER.encodePlain(whole).length();
        assertThat(written(tokens + 10, talk(3), false, 10)).isEqualTo(whole);
        assertThat(written(tokens + 9, talk(3), false, 10)).isEqualTo("<s>s:S;u:u1;a:a1;u:u2;a:a2;u:?;a:");
        assertThat(written(TOKENIZER.encodePlain("<s>s:S;u:u2;a:a2;u:?;a:").length() + 10, talk(3), false, 10))
                .isEqualTo("<s>s:S;u:u2;a:a2;u:?;a:");
    }

    @Test
    void neverCutsWithinATurn() {
        for (int most = 60; most < 140; most++) {
            assertThat(written(most, talk(8), false, 33)).matches("<s>s:S;(u:u(\\d);a:a\\2;)*u:\\?;a:");
        }
    }

    @Test
    void aLongAnswerGetsWhatTheLastTurnLeavesAndAtLeastTheLeastRoom() {
        String last = "<s>s:S;u:?;a:";
        int tokens = TOKENIZER.encodePlain(last).length();
        assertThat(written(tokens + ChatTokens.LEAST_ANSWER, talk(3), false, 1000)).isEqualTo(last);
        assertThatThrownBy(() -> written(tokens + ChatTokens.LEAST_ANSWER - 1, talk(3), false, 1000))
                .isInstanceOf(JformersException.class)
                .hasMessage("conversation: got a last turn of " + tokens + " tokens, allowed up to " + (tokens - 1)
                        + ", to leave room for the answer");
    }

    @Test
    void aLastMessageGoesOnWithoutWhatTheTemplatePutsBehindIt() {
        List<Map<String, Object>> messages = List.of(message("user", "?"), message("assistant", "It is "));
        assertThat(written(1000, messages, true, 5)).isEqualTo("<s>u:?;a:It is ");
        assertThat(written(1000, messages, false, 5)).isEqualTo("<s>u:?;a:It is ;a:");
        ChatTemplate trims = ChatTemplate.parse("{% for m in messages %}{{ m.content | trim }};{% endfor %}");
        assertThat(TOKENIZER.decode(new ChatTokens(() -> trims, TOKENIZER, OptionalInt.empty()).of(messages, true, 5)))
                .isEqualTo("?;It is");
        ChatTemplate silent = ChatTemplate.parse("{{ messages[0].content }}");
        assertThatThrownBy(() -> new ChatTokens(() -> silent, TOKENIZER, OptionalInt.empty()).of(messages, true, 5))
                .isInstanceOf(JformersException.class).hasMessageContaining("leaves the last message out");
    }

    @Test
    void namesOfTokensInWhatSomebodySaidAreText() {
        int[] ids = new ChatTokens(() -> TEMPLATE, TOKENIZER, OptionalInt.empty())
                .of(List.of(message("user", "<s></s>")), false, 5);
        int begin = TOKENIZER.id("<s>").orElseThrow();
        assertThat(ids).startsWith(begin);
        assertThat(Arrays.stream(ids).filter(id -> id == begin).count()).isEqualTo(1);
    }

    @Test
    void refusesMessagesWithoutRoleOrContentAndNone() {
        assertThatThrownBy(() -> written(100, List.of(), false, 5)).hasMessageContaining("got no message");
        assertThatThrownBy(() -> written(100, List.of(Map.of("role", "user")), false, 5))
                .hasMessageContaining("allowed at least role and content");
    }
}
