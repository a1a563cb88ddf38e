package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches of tagged words against transformers' tokenizer and DataCollatorForTokenClassification. */
final class TaggedTextsTest {

    @ParameterizedTest
    @ValueSource(strings = {"right", "left"})
    void labelsTheFirstTokenOfEachWordAsTheReferenceDoes(String side) {
        JsonNode golden = RowFixture.GOLDEN.get(side).get("tagged");

        TaggedTexts examples = examples(side);

        Batch batch = examples.collate(new int[] {0, 1, 2, 3}, Draw.FIXED, 5);
        RowFixture.assertEqual(batch, golden.get("batch"));
        for (int i = 0; i < examples.size(); i++) {
            assertThat(examples.words(i)).isEqualTo(RowFixture.ints(golden.get("words").get(i)));
        }
        assertThat(batch.labels()).isEqualTo(golden.get("words").valueStream().mapToInt(JsonNode::size).sum());
        assertThat(batch.position()).isEqualTo(5);
    }

    @Test
    void countsWordsThatAreCutOffAndThoseWithoutTokens() {
        TaggedTexts examples = examples("right");

        assertThat(examples.truncated()).isEqualTo(1);
        assertThat(examples.truncatedWords()).isEqualTo(2);
        assertThat(examples.emptyWords()).isEqualTo(1);
    }

    @Test
    void batchesAsLabelledTextsDo() {
        TaggedTexts examples = examples("right");

        assertThat(examples.evaluation().batches()).isDeepEqualTo(new int[][] {{1, 0, 2}, {3}});
        assertThat(examples.length(1)).isEqualTo(4);
        assertThat(examples.epoch(1, 2).order()).containsExactlyInAnyOrder(0, 1, 2, 3);
        Batch batch = examples.collate(new int[] {1, 0}, Draw.FIXED, 1);
        assertThat(batch.longs("labels").shape()).containsExactly(2, 7);
    }

    @Test
    void refusesTagsOfAnotherNumberOfSentences() {
        assertThatThrownBy(() -> TaggedTexts.of(
                        List.of(List.of("fox")), new int[2][1], RowFixture.encoding("right"), 3))
                .isInstanceOf(DataException.class)
                .hasMessage("tagged texts: got tags of 2 sentences for 1, allowed: as many");
    }

    private static TaggedTexts examples(String side) {
        List<List<String>> sentences =
                RowFixture.INPUTS.get("sentences").valueStream().map(RowFixture::strings).toList();
        int[][] tags = RowFixture.INPUTS.get("tags").valueStream().map(RowFixture::ints).toArray(int[][]::new);
        return TaggedTexts.of(sentences, tags, RowFixture.encoding(side), 3);
    }
}
