package org.jformers.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.jformers.evaluation.EvaluationException;
import org.junit.jupiter.api.Test;

/** Answers to questions against the SQuAD evaluation of transformers. */
final class SquadTest {
    private static final MetricFixture FIXTURE = MetricFixture.read("squad.json");
    // The file has ten digits.
    private static final Offset<Double> PERCENT = Offset.offset(1e-7);

    @Test
    void reproducesEveryAnswer() {
        for (JsonNode row : FIXTURE.get("rows")) {
            Squad.Figures figures = Squad.of(List.of(answer(row, 0))).all();
            assertThat(figures.exact()).as("%s", row).isEqualTo(100 * row.get("exact").asDouble());
            assertThat(figures.f1()).as("%s", row).isCloseTo(100 * row.get("f1").asDouble(), PERCENT);
            assertThat(Squad.normalize(row.get("prediction").asText()))
                    .isEqualTo(row.get("normalized_prediction").asText());
        }
    }

    @Test
    void reproducesFiguresOfVersionOne() throws Exception {
        List<Squad.Answer> answers = answers(false).stream().filter(answer -> !answer.accepted().isEmpty()).toList();
        Squad squad = Squad.of(answers);
        check(squad, FIXTURE.get("v1"));
        assertThat(squad.unanswerable()).isEmpty();
    }

    @Test
    void reproducesFiguresOfVersionTwo() throws Exception {
        check(Squad.of(answers(false)), FIXTURE.get("v2_default"));
        check(Squad.of(answers(true), 0.5), FIXTURE.get("v2_with_probabilities"));
    }

    @Test
    void bringsAnswersBackToTheSpellingOfTheText() {
        for (JsonNode golden : FIXTURE.get("final_text")) {
            Casing casing = golden.get("lower_case").asBoolean() ? Casing.LOWER : Casing.MIXED;
            assertThat(AnswerText.inOriginal(
                            golden.get("predicted").asText(), golden.get("original").asText(), casing))
                    .as("%s", golden)
                    .isEqualTo(golden.get("result").asText());
        }
    }

    @Test
    void countsAnswerBehindACharacterOutsideTheBasicPlane() {
        assertThat(AnswerText.inOriginal("smile 😀 now", "(Smile 😀 Now!)", Casing.LOWER)).isEqualTo("Smile 😀 Now");
        assertThat(AnswerText.inOriginal("", "text", Casing.LOWER)).isEqualTo("text");
    }

    @Test
    void rejectsNoQuestions() {
        assertThatThrownBy(() -> Squad.of(List.of()))
                .isInstanceOf(EvaluationException.class)
                .hasMessage("SQuAD: no questions, allowed: one or more");
    }

    /** The printed line is the script's JSON: same keys in the same order, same figures. */
    private static void check(Squad squad, JsonNode golden) throws Exception {
        JsonNode printed = new JsonMapper().readTree(squad.toString());
        assertThat(printed.fieldNames()).toIterable().containsExactlyElementsOf(golden::fieldNames);
        golden.fieldNames().forEachRemaining(name -> assertThat(printed.get(name).asDouble())
                .as(name)
                .isCloseTo(golden.get(name).asDouble(), PERCENT));
        assertThat(squad.answerable().map(Squad.Figures::exact))
                .isEqualTo(Optional.of(golden.get("HasAns_exact").asDouble()));
    }

    private static List<Squad.Answer> answers(boolean probabilities) {
        List<Squad.Answer> answers = new ArrayList<>();
        for (JsonNode row : FIXTURE.get("rows")) {
            answers.add(answer(row, probabilities ? row.get("no_answer_probability").asDouble() : 0));
        }
        return answers;
    }

    private static Squad.Answer answer(JsonNode row, double noAnswerProbability) {
        return new Squad.Answer(
                MetricFixture.strings(row.get("answers")), row.get("prediction").asText(), noAnswerProbability);
    }
}
