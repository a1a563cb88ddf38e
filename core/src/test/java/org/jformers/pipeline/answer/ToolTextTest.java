package org.jformers.pipeline.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jformers.pipeline.answer.ToolText.Call;
import org.jformers.pipeline.answer.ToolText.Part;
import org.junit.jupiter.api.Test;

/** Calls of functions in texts, however these come. */
final class ToolTextTest {
    /** The parts of a text that comes in pieces of a length, texts that follow each other as one. */
    private static List<Part> parts(ToolForm form, String text, int length) {
        ToolText tools = new ToolText(Optional.of(form));
        List<Part> parts = new ArrayList<>();
        for (int from = 0; from < text.length(); from += length) {
            parts.addAll(tools.take(text.substring(from, Math.min(text.length(), from + length))));
        }
        parts.addAll(tools.finish());
        List<Part> joined = new ArrayList<>();
        for (Part part : parts) {
            int last = joined.size() - 1;
            if (last >= 0 && part.call().isEmpty() && joined.get(last).call().isEmpty()) {
                joined.set(last, Part.of(joined.get(last).text() + part.text()));
            } else {
                joined.add(part);
            }
        }
        return joined;
    }

    private static Part call(String name, String arguments) {
        return new Part("", Optional.of(new Call(name, arguments)));
    }

    @Test
    void findsTaggedCallsHoweverTheyCome() {
        String text = "I look.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"place\": \"Etna <tool\"}}\n"
                + "</tool_call>\n<tool_call>{\"name\": \"time\"}</tool_call>";
        for (int length = 1; length <= text.length(); length++) {
            List<Part> parts = parts(ToolForm.TAGGED, text, length);
            assertThat(parts).filteredOn(part -> part.call().isPresent()).containsExactly(
                    call("weather", "{\"place\":\"Etna <tool\"}"), call("time", "{}"));
            assertThat(parts.get(0)).isEqualTo(Part.of("I look.\n"));
        }
    }

    @Test
    void whatIsNoCallStaysText() {
        for (String text : List.of("a < b <tool_ <tool_calls", "<tool_call>{\"name\": 1}</tool_call>", "<tool_call>no",
                "<tool_call>{\"name\": \"a\", \"arguments\": []}</tool_call>", "<", "")) {
            for (int length = 1; length <= Math.max(1, text.length()); length++) {
                assertThat(parts(ToolForm.TAGGED, text, length)).isEqualTo(text.isEmpty()
                        ? List.of() : List.of(Part.of(text)));
            }
        }
        assertThat(parts(ToolForm.OBJECT, "{\"place\": \"Etna\"}", 3))
                .containsExactly(Part.of("{\"place\": \"Etna\"}"));
        assertThat(parts(ToolForm.OBJECT, "It is {1}", 1)).containsExactly(Part.of("It is {1}"));
    }

    @Test
    void anAnswerThatTheLimitCutBehindTheArgumentsIsACall() {
        assertThat(parts(ToolForm.TAGGED, "<tool_call>{\"name\": \"a\", \"arguments\": {}}", 4))
                .containsExactly(call("a", "{}"));
    }

    @Test
    void anObjectIsACall() {
        assertThat(parts(ToolForm.OBJECT, " {\"name\": \"weather\", \"parameters\": {\"n\": 1}}", 5))
                .containsExactly(call("weather", "{\"n\":1}"));
    }

    @Test
    void templatesTeachForms() {
        assertThat(ToolForm.of("{% for tool in tools %}<tool_call>{% endfor %}")).contains(ToolForm.TAGGED);
        assertThat(ToolForm.of("{% if tools %}{\"name\": x, \"parameters\": y}{% endif %}")).contains(ToolForm.OBJECT);
        assertThat(ToolForm.of("{{ messages }}")).isEmpty();
        assertThat(ToolForm.of("{{ tools }}[TOOL_CALLS]")).isEmpty();
    }
}
