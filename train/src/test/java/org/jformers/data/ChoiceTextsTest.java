package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.TextInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches of questions with choices against transformers' DataCollatorForMultipleChoice. */
final class ChoiceTextsTest {

    private static List<List<TextInput>> questions() {
        List<List<TextInput>> questions = new ArrayList<>();
        RowFixture.INPUTS.get("choices").forEach(question -> questions.add(
                question.get(1).valueStream().map(choice ->
                        TextInput.pair(question.get(0).asText(), choice.asText())).toList()));
        return questions;
    }

    private static ChoiceTexts examples(List<List<TextInput>> questions, String side) {
        int[] right = IntStream.range(0, questions.size()).map(i -> i % 2).toArray();
        return ChoiceTexts.of(questions, right, RowFixture.encoding(side), 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"right", "left"})
    void batchesQuestionsAsTheReferenceDoes(String side) {
        Batch batch = examples(questions(), side).collate(new int[] {0, 1, 2}, Draw.FIXED, 4);

        JsonNode golden = RowFixture.GOLDEN.get(side).get("choices");
        assertThat(golden.size()).isEqualTo(3);
        golden.properties().forEach(field -> {
            List<Long> values = new ArrayList<>();
            field.getValue().forEach(question ->
                    question.forEach(row -> row.forEach(value -> values.add(value.asLong()))));
            assertThat(batch.longs(field.getKey()).values()).as(field.getKey())
                    .containsExactly(values.toArray(Long[]::new));
            assertThat(batch.longs(field.getKey()).shape()).containsExactly(
                    3, 3, field.getValue().get(0).get(0).size());
        });
        assertThat(batch.fields()).containsOnlyKeys("input_ids", "attention_mask", "token_type_ids", "labels");
        assertThat(batch.longs("labels").values()).containsExactly(0, 1, 0);
        assertThat(batch.labels()).isEqualTo(3);
    }

    /** A choice that is not there is the first one, behind a mask. */
    @Test
    void fillsQuestionsWithFewerChoices() {
        List<List<TextInput>> questions = new ArrayList<>(questions());
        questions.set(1, questions.get(1).subList(0, 2));
        ChoiceTexts examples = examples(questions, "right");

        Batch batch = examples.collate(new int[] {1, 0}, Draw.FIXED, 1);

        assertThat(batch.longs("choice_mask").values()).containsExactly(1, 1, 0, 1, 1, 1);
        assertThat(batch.longs("choice_mask").shape()).containsExactly(2, 3);
        long[] ids = batch.longs("input_ids").values();
        int length = (int) batch.longs("input_ids").shape()[2];
        assertThat(IntStream.range(0, length).mapToLong(i -> ids[2 * length + i]))
                .containsExactly(IntStream.range(0, length).mapToLong(i -> ids[i]).boxed().toArray(Long[]::new));
        assertThat(examples.collate(new int[] {1}, Draw.FIXED, 1).longs("input_ids").shape()[1]).isEqualTo(2);
        assertThat(examples.size()).isEqualTo(3);
        assertThat(examples.rows()).isEqualTo(8);
    }

    @Test
    void everyEpochHasEachQuestionOnce() {
        ChoiceTexts examples = examples(questions(), "right");
        for (EpochPlan plan : List.of(examples.epoch(3, 0), examples.epoch(3, 1), examples.evaluation())) {
            assertThat(plan.order()).containsExactlyInAnyOrder(0, 1, 2);
            assertThat(plan.batches()).hasNumberOfRows(2);
            assertThat(plan.tokens()).isEqualTo(IntStream.range(0, 9).map(examples::length).sum());
            assertThat(plan.cells()).isGreaterThanOrEqualTo(plan.tokens());
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> ChoiceTexts.of(questions(), new int[2], RowFixture.encoding("right"), 2))
                .hasMessage("multiple choice: got 2 labels for 3 questions, allowed: one for each");
        assertThatThrownBy(() -> ChoiceTexts.of(questions(), new int[3], RowFixture.encoding("right"), 0))
                .hasMessage("multiple choice: got 0 questions per batch, allowed >= 1");
    }
}
