package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jformers.data.MaskedTexts.Hiding;
import org.jformers.data.MaskedTexts.Unit;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;

final class MaskedTextsTest {
    private static final List<String> TEXTS = Collections.nCopies(400, "the old lazy fox runs over the tree");

    private static Tokenizer tokenizer() {
        try {
            return AutoTokenizer.load(Path.of(MaskedTextsTest.class.getResource("/rows/right").toURI()));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RowEncoding encoding(int maxLength) {
        return RowEncoding.of(tokenizer(), maxLength, false);
    }

    private static MaskedTexts texts(List<String> texts, int maxLength, double share, Unit unit) {
        return MaskedTexts.of(texts, encoding(maxLength), new Hiding(share, unit), texts.size());
    }

    private static Batch all(MaskedTexts texts, Draw draw) {
        return texts.collate(texts.evaluation().order(), draw, 1);
    }

    /** Of 15 % of the tokens eight tenths are hidden, one is another token, one is as it was. */
    @Test
    void hidesAsBertDoes() {
        MaskedTexts masked = texts(TEXTS, 48, 0.15, Unit.TOKENS);
        int mask = tokenizer().specialTokens().mask().orElseThrow();
        long[] plain = row(tokenizer().encode(TEXTS.get(0)).ids());
        int chosen = 0;
        int hidden = 0;
        int kept = 0;
        int tokens = 0;
        for (int epoch = 0; epoch < 10; epoch++) {
            Batch batch = all(masked, new Draw(1, epoch));
            long[] ids = batch.longs("input_ids").values();
            long[] labels = batch.longs("labels").values();
            for (int i = 0; i < ids.length; i++) {
                boolean special = i % plain.length == 0 || i % plain.length == plain.length - 1;
                tokens += special ? 0 : 1;
                if (labels[i] == Batch.IGNORED_LABEL) {
                    assertThat(ids[i]).isEqualTo(plain[i % plain.length]);
                    continue;
                }
                assertThat(special).isFalse();
                assertThat(labels[i]).isEqualTo(plain[i % plain.length]);
                chosen++;
                hidden += ids[i] == mask ? 1 : 0;
                kept += ids[i] == labels[i] ? 1 : 0;
            }
            assertThat(batch.labels()).isEqualTo(
                    Arrays.stream(labels).filter(label -> label != Batch.IGNORED_LABEL).count());
        }
        assertThat((double) chosen / tokens).isBetween(0.145, 0.155);
        // A random token is the mask or the token itself as often as any other.
        double other = 0.1 / tokenizer().vocabSize();
        assertThat((double) hidden / chosen).isBetween(0.78 + other, 0.82 + other);
        assertThat((double) kept / chosen).isBetween(0.085 + other, 0.115 + other);
    }

    private static long[] row(int[] ids) {
        return Arrays.stream(ids).asLongStream().toArray();
    }

    @Test
    void choosesAnewInEachEpochAndAlikeInEachEvaluation() {
        MaskedTexts masked = texts(TEXTS, 48, 0.15, Unit.TOKENS);
        long[] first = all(masked, new Draw(1, 0)).longs("labels").values();
        assertThat(all(masked, new Draw(1, 0)).longs("labels").values()).isEqualTo(first);
        assertThat(all(masked, new Draw(1, 1)).longs("labels").values()).isNotEqualTo(first);
        assertThat(all(masked, new Draw(2, 0)).longs("labels").values()).isNotEqualTo(first);
        // What is hidden in a row follows from the row, not from the batch that it is in.
        Batch alone = masked.collate(new int[] {7}, new Draw(1, 0), 1);
        int length = alone.longs("labels").values().length;
        Batch several = masked.collate(new int[] {3, 7}, new Draw(1, 0), 1);
        if (alone.labels() > 1) {
            assertThat(Arrays.copyOfRange(several.longs("labels").values(), length, 2 * length))
                    .isEqualTo(alone.longs("labels").values());
        }
        assertThat(masked.evaluationBatches().iterator().next().longs("labels").values())
                .isEqualTo(masked.evaluationBatches().iterator().next().longs("labels").values());
    }

    @Test
    void hidesWordsAsAWhole() {
        // A word of several tokens.
        String word = "foxes";
        int[] ids = tokenizer().encode(word).ids();
        assertThat(ids.length).as("tokens of %s and two special ones", word).isGreaterThan(3);
        MaskedTexts masked = texts(Collections.nCopies(60, word + " the"), 48, 0.5, Unit.WORDS);
        Batch batch = all(masked, new Draw(5, 0));
        long[] labels = batch.longs("labels").values();
        int length = labels.length / 60;
        Set<Long> counts = new TreeSet<>();
        for (int row = 0; row < 60; row++) {
            counts.add(Arrays.stream(labels, row * length + 1, row * length + ids.length - 1)
                    .filter(label -> label != Batch.IGNORED_LABEL).count());
        }
        assertThat(counts).containsExactly(0L, (long) ids.length - 2);
    }

    @Test
    void goesOnInFurtherRows() {
        String text = "the old lazy fox runs over the tree";
        MaskedTexts masked = texts(List.of(text, "dog"), 6, 0.15, Unit.TOKENS);
        int tokens = tokenizer().encode(text).length() - 2; // without those around it, which each row has
        assertThat(tokens).isGreaterThanOrEqualTo(8);
        assertThat(masked.size()).isEqualTo((tokens + 3) / 4 + 1);
        assertThat(masked.length(0)).isEqualTo(6);
        assertThat(masked.length(1)).isEqualTo(6);
    }

    /** A mean over no token would be none. */
    @Test
    void hidesOneTokenAtLeast() {
        MaskedTexts masked = texts(List.of("fox"), 48, 1e-9, Unit.TOKENS);
        for (int epoch = 0; epoch < 5; epoch++) {
            assertThat(all(masked, new Draw(1, epoch)).labels()).isEqualTo(1);
        }
    }

    @Test
    void refusesAShareThatIsNone() {
        assertThatThrownBy(() -> new Hiding(0, Unit.TOKENS)).isInstanceOf(DataException.class)
                .hasMessage("hidden tokens: got a share of 0.0, allowed above 0, up to 1");
    }

    /** As many tokens as asked for, in runs; what becomes of a run becomes of all its tokens. */
    @Test
    void hidesSpansOfWords() {
        String text = "the lazy dog and the old fox and the lazy dog and the old fox";
        MaskedTexts masked = texts(Collections.nCopies(200, text), 48, 0.3, Unit.SPANS);
        int mask = tokenizer().specialTokens().mask().orElseThrow();
        int tokens = tokenizer().encode(text).length();
        Batch batch = all(masked, new Draw(1, 0));
        long[] ids = batch.longs("input_ids").values();
        long[] labels = batch.longs("labels").values();
        assertThat(batch.labels()).isEqualTo(200 * Math.round(0.3 * (tokens - 2)));
        int hidden = 0;
        int runs = 0;
        for (int i = 1; i < ids.length; i++) {
            boolean chosen = labels[i] != Batch.IGNORED_LABEL;
            runs += chosen && labels[i - 1] == Batch.IGNORED_LABEL ? 1 : 0;
            hidden += ids[i] == mask ? 1 : 0;
        }
        assertThat((double) batch.labels() / runs).isGreaterThan(1.8);
        assertThat((double) hidden / batch.labels()).isBetween(0.7, 0.9);
        assertThat(all(masked, new Draw(1, 0)).longs("input_ids").values()).isEqualTo(ids);
        assertThat(all(masked, new Draw(1, 1)).longs("input_ids").values()).isNotEqualTo(ids);
    }
}
