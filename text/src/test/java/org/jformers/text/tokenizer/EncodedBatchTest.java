package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EncodedBatchTest {
    private static final Tokenizer BERT = AutoTokenizer.load(GoldenTokenizersTest.folder("bert-wordpiece-uncased"));

    @Test
    void cutsFillsAndKeepsWindowsAsRows() {
        List<TextInput> inputs = List.of(
                TextInput.of("the quick brown fox jumps over the lazy dog"), TextInput.pair("a fox", "the dog"));
        int pad = BERT.specialTokens().pad().orElseThrow();
        EncodedBatch batch = BERT.encodeBatch(
                inputs,
                EncodeOptions.DEFAULT
                        .truncated(new Truncation(8, 2, Truncation.Strategy.LONGEST_FIRST, Side.RIGHT))
                        .padded(Padding.longest(pad, "[PAD]").multipleOf(5)));

        assertThat(batch.rows()).allSatisfy(row -> {
            assertThat(row.length()).isEqualTo(10);
            assertThat(row.overflow()).isEmpty();
        });
        assertThat(batch.inputs()).startsWith(0, 0).contains(1);
        int[] first = BERT.encodePlain(inputs.get(0).first()).ids();
        List<int[]> windows = IntStream.range(0, batch.rows().size())
                .filter(row -> batch.inputs()[row] == 0)
                .mapToObj(row -> batch.rows().get(row))
                .map(row -> IntStream.range(0, 10)
                        .filter(i -> row.specialTokensMask()[i] == 0)
                        .map(i -> row.ids()[i])
                        .toArray())
                .toList();
        for (int w = 0; w < windows.size(); w++) {
            for (int i = 0; i < windows.get(w).length; i++) {
                assertThat(windows.get(w)[i]).isEqualTo(first[4 * w + i]);
            }
        }
    }

    @Test
    void encodesPairsWithoutSpecialTokens() {
        EncodedBatch batch =
                BERT.encodeBatch(List.of(TextInput.pair("fox", "dog")), EncodeOptions.DEFAULT.withoutSpecialTokens());
        Encoding row = batch.rows().get(0);

        assertThat(row.specialTokensMask()).containsOnly(0);
        assertThat(row.sequences()).startsWith(0).endsWith(1).isEqualTo(row.typeIds());
    }

    @Test
    void findsTokensByCharacterAndWord() {
        Encoding encoding = BERT.encode("the fox", "a dog");
        int token = encoding.tokenAt(4, 0).orElseThrow();

        assertThat(encoding.starts()[token]).isEqualTo(4);
        assertThat(encoding.tokensOfWord(1, 0)).startsWith(token);
        assertThat(encoding.tokenAt(3, 0)).isEmpty();
        assertThat(encoding.sequences()[encoding.tokenAt(2, 1).orElseThrow()]).isEqualTo(1);
    }
}
