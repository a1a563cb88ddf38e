package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.data.LabelledTexts.ClassSets;
import org.jformers.data.LabelledTexts.Classes;
import org.jformers.data.LabelledTexts.Labels;
import org.jformers.data.LabelledTexts.Numbers;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches of texts against transformers' tokenizer and DataCollatorWithPadding. */
final class LabelledTextsTest {

    @ParameterizedTest
    @ValueSource(strings = {"right", "left"})
    void batchesTextsAsTheReferenceDoes(String side) {
        List<TextInput> texts =
                RowFixture.strings(RowFixture.INPUTS.get("texts")).stream().map(TextInput::of).toList();

        LabelledTexts examples = examples(texts, new Classes(new int[] {1, 0, 2, 1, 0}), side);

        Batch batch = examples.collate(new int[] {0, 1, 2, 3, 4}, Draw.FIXED, 7);
        RowFixture.assertEqual(batch, RowFixture.GOLDEN.get(side).get("texts").get("batch"), "labels");
        assertThat(examples.truncated()).isEqualTo(2);
        assertThat(batch.longs("labels").values()).containsExactly(1, 0, 2, 1, 0);
        assertThat(batch.longs("labels").shape()).containsExactly(5);
        assertThat(batch.labels()).isEqualTo(5);
        assertThat(batch.position()).isEqualTo(7);
    }

    @ParameterizedTest
    @ValueSource(strings = {"right", "left"})
    void batchesPairsAsTheReferenceDoes(String side) {
        LabelledTexts examples = examples(pairs(), new Numbers(new float[5]), side);

        Batch batch = examples.collate(new int[] {0, 1, 2, 3, 4}, Draw.FIXED, 1);
        RowFixture.assertEqual(batch, RowFixture.GOLDEN.get(side).get("pairs").get("batch"), "labels");
        assertThat(examples.truncated())
                .isEqualTo(RowFixture.GOLDEN.get(side).get("pairs").get("truncated").asLong());
    }

    @Test
    void fillsToTheLongestOfTheBatch() {
        LabelledTexts examples = examples(pairs(), new Numbers(new float[] {0, 1, 2, 3, 4.5f}), "right");

        Batch batch = examples.collate(new int[] {4, 0}, Draw.FIXED, 1);

        assertThat(batch.longs("input_ids").shape()).containsExactly(2, 9);
        assertThat(batch.fields().get("labels")).isInstanceOfSatisfying(Batch.Floats.class, labels -> {
            assertThat(labels.values()).containsExactly(4.5f, 0);
            assertThat(labels.shape()).containsExactly(2);
        });
    }

    @Test
    void marksTheClassesOfEachText() {
        LabelledTexts examples = examples(pairs(), new ClassSets(new int[][] {{0, 2}, {}, {1}, {2}, {0, 1, 2}}, 3),
                "right");

        Batch batch = examples.collate(new int[] {1, 0, 2}, Draw.FIXED, 1);

        assertThat(batch.fields().get("labels")).isInstanceOfSatisfying(Batch.Floats.class, labels -> {
            assertThat(labels.values()).containsExactly(0, 0, 0, 1, 0, 1, 0, 1, 0);
            assertThat(labels.shape()).containsExactly(3, 3);
        });
        assertThat(batch.labels()).isEqualTo(3);
    }

    @Test
    void leavesTypesOutWhereTheModelDoesNotReadThem() {
        RowEncoding encoding = RowEncoding.of(RowFixture.tokenizer("right"), 10, false);
        LabelledTexts examples = LabelledTexts.of(pairs(), new Numbers(new float[5]), encoding, 2);

        assertThat(examples.collate(new int[] {0}, Draw.FIXED, 1).fields())
                .containsOnlyKeys("input_ids", "attention_mask", "labels");
    }

    @Test
    void everyEpochHasEachExampleOnceAndTheLastBatchIsSmaller() {
        LabelledTexts examples = examples(pairs(), new Numbers(new float[5]), "right");

        for (EpochPlan plan : List.of(examples.epoch(3, 0), examples.epoch(3, 1), examples.evaluation())) {
            assertThat(plan.order()).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
            assertThat(Arrays.stream(plan.batches()).map(batch -> batch.length)).containsExactly(2, 2, 1);
        }
        assertThat(examples.epoch(3, 0).order()).isEqualTo(examples.epoch(3, 0).order());
        assertThat(Stream.of(0, 1, 2, 3).map(epoch -> Arrays.toString(examples.epoch(3, epoch).order())).distinct())
                .hasSizeGreaterThan(1);
        assertThat(Stream.of(0, 1, 2, 3).map(seed -> Arrays.toString(examples.epoch(seed, 0).order())).distinct())
                .hasSizeGreaterThan(1);
    }

    @Test
    void evaluatesFromShortToLong() {
        LabelledTexts examples = examples(pairs(), new Numbers(new float[5]), "right");

        assertThat(IntStream.of(examples.evaluation().order()).map(examples::length)).containsExactly(7, 9, 10, 10, 10);
        assertThat(examples.evaluation().order()).containsExactly(4, 0, 1, 2, 3);
        assertThat(examples.evaluation().tokens()).isEqualTo(46);
        assertThat(examples.evaluation().cells()).isEqualTo(2 * 9 + 2 * 10 + 10);
    }

    @Test
    void takesTextsFromATable() {
        Map<String, List<String>> columns = new LinkedHashMap<>();
        columns.put("premise", List.of("the fox", "dog"));
        columns.put("hypothesis", List.of("runs", "sleeps"));
        Table table = Table.of("rte.tsv", columns);

        assertThat(LabelledTexts.texts(table, "premise", Optional.empty()))
                .containsExactly(TextInput.of("the fox"), TextInput.of("dog"));
        assertThat(LabelledTexts.texts(table, "premise", Optional.of("hypothesis")))
                .containsExactly(TextInput.pair("the fox", "runs"), TextInput.pair("dog", "sleeps"));
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThatThrownBy(() -> examples(pairs(), new Numbers(new float[4]), "right")).hasMessage(
                "labelled texts: got 4 labels for 5 texts, allowed: one for each");
        assertThatThrownBy(() -> LabelledTexts.of(
                        pairs(), new Numbers(new float[5]), RowFixture.encoding("right"), 0))
                .hasMessage("labelled texts: got 0 examples per batch, allowed >= 1");
        assertThatThrownBy(() -> examples(List.of(), new Numbers(new float[0]), "right")).hasMessage(
                "rows of tokens: got no texts, allowed: one or more");
        assertThatThrownBy(() -> RowEncoding.of(RowFixture.tokenizer("right"), 0, true)).hasMessage(
                "maximum length of a row: got 0, allowed >= 1");
    }

    @Test
    void needsAPaddingToken(@TempDir Path folder) {
        RowFixture.tokenizer("right").save(folder);
        Path config = folder.resolve("tokenizer_config.json");
        Path roles = folder.resolve("special_tokens_map.json");
        for (Path file : List.of(config, roles)) {
            replace(file, "\"pad_token\" : \"[PAD]\"", "\"pad_token\" : null");
        }
        Tokenizer tokenizer = AutoTokenizer.load(folder);

        assertThatThrownBy(() -> RowEncoding.of(tokenizer, 10, true)).isInstanceOf(DataException.class).hasMessage(
                "tokenizer: got one without a padding token, allowed: one with it, for batches of several rows");
    }

    private static void replace(Path file, String old, String replacement) {
        try {
            Files.writeString(file, Files.readString(file).replace(old, replacement));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static LabelledTexts examples(List<TextInput> texts, Labels labels, String side) {
        return LabelledTexts.of(texts, labels, RowFixture.encoding(side), 2);
    }

    private static List<TextInput> pairs() {
        return RowFixture.INPUTS.get("pairs").valueStream()
                .map(pair -> TextInput.pair(pair.get(0).asText(), pair.get(1).asText()))
                .toList();
    }
}
