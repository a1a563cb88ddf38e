package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.core.ObjectMappers;
import com.openai.models.responses.ResponseStreamEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jformers.pipeline.answer.Answer;
import org.jformers.pipeline.answer.ToolForm;
import org.junit.jupiter.api.Test;

/** Texts and calls of functions as items of a response, whole and as events, however the answer comes. */
final class ResponseOutputTest {
    private static final String ANSWER = "I look.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"place\": "
            + "\"Etna\"}}\n</tool_call>\n<tool_call>{\"name\": \"time\"}</tool_call> So be it.";

    private final List<ObjectNode> events = new ArrayList<>();

    private ObjectNode written(String answer, int length, Answer.Reason reason) {
        events.clear();
        ResponseOutput output = new ResponseOutput(
                Json.object().put("id", "resp_1"), Optional.of(ToolForm.TAGGED), events::add);
        output.begin();
        for (int from = 0; from < answer.length(); from += length) {
            output.take(answer.substring(from, Math.min(answer.length(), from + length)));
        }
        ObjectNode whole = output.end(reason);
        output.ended(whole);
        return whole;
    }

    private List<JsonNode> of(String type) {
        return events.stream().filter(event -> event.get("type").asText().equals(type)).<JsonNode>map(e -> e).toList();
    }

    @Test
    void callsAreItemsBetweenTheTexts() {
        for (int length = 1; length <= ANSWER.length(); length++) {
            JsonNode output = written(ANSWER, length, Answer.Reason.STOP).get("output");
            assertThat(output.valueStream().map(item -> item.get("type").asText()))
                    .containsExactly("message", "function_call", "function_call", "message");
            assertThat(output.at("/0/content/0/text").asText()).isEqualTo("I look.\n");
            assertThat(output.at("/1/name").asText()).isEqualTo("weather");
            assertThat(output.at("/1/arguments").asText()).isEqualTo("{\"place\":\"Etna\"}");
            assertThat(output.at("/2/arguments").asText()).isEqualTo("{}");
            assertThat(output.at("/3/content/0/text").asText()).isEqualTo(" So be it.");
            assertThat(output.valueStream().map(item -> item.get("id").asText()).distinct()).hasSize(4);
        }
    }

    @Test
    void eventsTellOfEachItemAndAreNumbered() throws JsonProcessingException {
        JsonNode output = written(ANSWER, 3, Answer.Reason.STOP).get("output");
        assertThat(of("response.output_item.done").stream().map(event -> event.get("item")).toList())
                .isEqualTo(output.valueStream().toList());
        assertThat(of("response.output_item.added")).hasSize(4).allSatisfy(event ->
                assertThat(event.at("/item/status").asText()).isEqualTo("in_progress"));
        assertThat(of("response.output_text.delta").stream().map(event -> event.get("delta").asText())
                .collect(Collectors.joining())).isEqualTo("I look.\n So be it.");
        assertThat(of("response.function_call_arguments.done").get(0).get("item_id"))
                .isEqualTo(output.at("/1/id"));
        for (int i = 0; i < events.size(); i++) {
            assertThat(events.get(i).get("sequence_number").asInt()).isEqualTo(i);
            if (!events.get(i).has("response")) { // whose other fields are the route's
                ObjectMappers.jsonMapper().treeToValue(events.get(i), ResponseStreamEvent.class).validate();
            }
        }
    }

    @Test
    void anAnswerWithoutTextIsAnEmptyMessage() {
        ObjectNode whole = written("", 1, Answer.Reason.LENGTH);
        assertThat(whole.get("output")).hasSize(1);
        assertThat(whole.at("/output/0/content/0/text").asText("none")).isEmpty();
        assertThat(whole.get("status").asText()).isEqualTo("incomplete");
        assertThat(whole.at("/incomplete_details/reason").asText()).isEqualTo("max_output_tokens");
    }
}
