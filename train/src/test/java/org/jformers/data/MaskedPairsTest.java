package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.data.MaskedPairs.Pairing;
import org.jformers.data.MaskedPairs.Relation;
import org.jformers.data.MaskedTexts.Hiding;
import org.jformers.data.MaskedTexts.Unit;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;

/** Documents whose sentences each have one kind of word, so that a row tells where its halves come from. */
final class MaskedPairsTest {
    private static final List<String> ANIMALS = Collections.nCopies(300, "the fox. fox old. fox over. a fox");
    private static final List<String> OTHERS = Collections.nCopies(300, "the dog. dog old. dog over. a dog");
    private static final Tokenizer TOKENIZER = tokenizer();

    private static Tokenizer tokenizer() {
        try {
            return AutoTokenizer.load(Path.of(MaskedPairsTest.class.getResource("/rows/right").toURI()));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In turn, so that half of the other documents are about the other animal. */
    private static List<String> documents() {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < ANIMALS.size(); i++) {
            all.add(ANIMALS.get(i).replace(". ", "\n"));
            all.add(OTHERS.get(i).replace(". ", "\n"));
        }
        return all;
    }

    private static MaskedPairs pairs(List<String> texts, Relation relation, int maxLength, double share) {
        return MaskedPairs.of(texts, RowEncoding.of(TOKENIZER, maxLength, true),
                new Pairing(relation, "next_sentence_label", Sentences.LINES), new Hiding(share, Unit.TOKENS), 16);
    }

    /** What a row was before tokens were hidden in it, and its label. */
    private record Seen(String first, String second, long label) {}

    private static List<Seen> seen(MaskedPairs pairs, Draw draw) {
        Batch batch = pairs.collate(IntStream.range(0, pairs.size()).toArray(), draw, 1);
        int length = (int) batch.longs("input_ids").shape()[1];
        List<Seen> seen = new ArrayList<>();
        for (int row = 0; row < pairs.size(); row++) {
            int[] ids = new int[length];
            for (int t = 0; t < length; t++) {
                long label = batch.longs("labels").values()[row * length + t];
                ids[t] = (int) (label == Batch.IGNORED_LABEL
                        ? batch.longs("input_ids").values()[row * length + t]
                        : label);
            }
            int separator = TOKENIZER.specialTokens().sep().orElseThrow();
            int[] ends = IntStream.range(0, length).filter(t -> ids[t] == separator).toArray();
            assertThat(ends).hasSize(2);
            assertThat(ids[0]).isEqualTo(TOKENIZER.specialTokens().cls().orElseThrow());
            for (int t = 0; t < length; t++) {
                assertThat(batch.longs("token_type_ids").values()[row * length + t])
                        .isEqualTo(t > ends[0] && t <= ends[1] ? 1 : 0);
                assertThat(batch.longs("attention_mask").values()[row * length + t]).isEqualTo(t <= ends[1] ? 1 : 0);
            }
            seen.add(new Seen(TOKENIZER.decode(Arrays.copyOfRange(ids, 1, ends[0])),
                    TOKENIZER.decode(Arrays.copyOfRange(ids, ends[0] + 1, ends[1])),
                    batch.longs("next_sentence_label").values()[row]));
        }
        return seen;
    }

    private static double share(List<Seen> seen) {
        return seen.stream().mapToLong(Seen::label).average().orElseThrow();
    }

    /** Half of the second halves are those that follow; of the others half are of documents about the other animal. */
    @Test
    void halfOfTheNextSentencesAreOfOtherDocuments() {
        MaskedPairs pairs = pairs(documents(), Relation.NEXT_SENTENCE, 24, 0.15);
        List<Seen> seen = new ArrayList<>();
        for (int epoch = 0; epoch < 4; epoch++) {
            seen.addAll(seen(pairs, new Draw(7, epoch)));
        }
        assertThat(share(seen)).isBetween(0.47, 0.53);
        List<Seen> following = whole(seen.stream().filter(one -> one.label() == 0).toList());
        assertThat(following.stream().map(one -> one.first() + " " + one.second()).distinct())
                .containsExactlyInAnyOrder("the fox fox old fox over a fox", "the dog dog old dog over a dog");
        List<Seen> others = seen.stream().filter(one -> one.label() == 1).toList();
        double foreign = others.stream().filter(one -> one.first().contains("fox") != one.second().contains("fox"))
                .count() / (double) others.size();
        assertThat(foreign).isBetween(0.46, 0.54);
        // Documents are parted between any two of their sentences.
        assertThat(following.stream().map(Seen::first).filter(first -> first.contains("fox")).distinct())
                .containsExactlyInAnyOrder("the fox", "the fox fox old", "the fox fox old fox over");
    }

    @Test
    void halfOfThePairsAreSwapped() {
        MaskedPairs pairs = pairs(documents(), Relation.SENTENCE_ORDER, 24, 0.15);
        List<Seen> seen = seen(pairs, new Draw(3, 0));
        assertThat(share(seen)).isBetween(0.44, 0.56);
        assertThat(whole(seen).stream().map(one -> one.label() == 0
                        ? one.first() + " " + one.second()
                        : one.second() + " " + one.first()).distinct())
                .containsExactlyInAnyOrder("the fox fox old fox over a fox", "the dog dog old dog over a dog");
    }

    /** Those of chunks that are no shorter than a document of eight words, which most are. */
    private static List<Seen> whole(List<Seen> seen) {
        List<Seen> whole = seen.stream()
                .filter(one -> (one.first() + " " + one.second()).split(" ").length == 8).toList();
        assertThat((double) whole.size() / seen.size()).isBetween(0.85, 1.0);
        return whole;
    }

    /** What does not fit loses tokens at either end; both halves keep some. */
    @Test
    void fillsRowsAndNoMore() {
        MaskedPairs pairs = pairs(List.of(
                "the fox\n" + "old fox runs over the tree ".repeat(20), "a dog\nthe old dog\nlazy dog runs ".repeat(9)),
                Relation.NEXT_SENTENCE, 12, 0.15);
        for (int epoch = 0; epoch < 20; epoch++) {
            Batch batch = pairs.collate(IntStream.range(0, pairs.size()).toArray(), new Draw(1, epoch), 1);
            assertThat(batch.longs("input_ids").shape()[1]).isLessThanOrEqualTo(12);
            assertThat(seen(pairs, new Draw(1, epoch)))
                    .noneMatch(one -> one.first().isEmpty() || one.second().isEmpty());
        }
        // About a tenth is shorter.
        MaskedPairs many = pairs(List.of("a fox\n".repeat(20_000), "a dog\n".repeat(20_000)),
                Relation.SENTENCE_ORDER, 43, 0.15);
        long full = IntStream.range(0, many.size()).filter(i -> many.length(i) == 43).count();
        assertThat((double) full / many.size()).isBetween(0.87, 0.93);
    }

    @Test
    void hidesTokensOfBothHalves() {
        MaskedPairs pairs = pairs(documents(), Relation.NEXT_SENTENCE, 24, 0.15);
        Batch batch = pairs.collate(IntStream.range(0, pairs.size()).toArray(), new Draw(5, 2), 1);
        long words = Arrays.stream(batch.longs("attention_mask").values()).sum() - 3L * pairs.size();
        assertThat((double) batch.labels() / words).isBetween(0.13, 0.17);
        assertThat(IntStream.range(0, batch.longs("labels").values().length)
                .filter(i -> batch.longs("labels").values()[i] != Batch.IGNORED_LABEL)
                .mapToLong(i -> batch.longs("token_type_ids").values()[i]).distinct()).contains(0L, 1L);
    }

    /** Whatever else is in its batch. */
    @Test
    void aPairFollowsFromTheDraw() {
        MaskedPairs pairs = pairs(documents(), Relation.NEXT_SENTENCE, 24, 0.5);
        Draw draw = new Draw(5, 2);
        assertThat(seen(pairs, draw)).isEqualTo(seen(pairs, draw)).isNotEqualTo(seen(pairs, new Draw(5, 3)));
        Batch alone = pairs.collate(new int[] {9}, draw, 1);
        Batch beside = pairs.collate(new int[] {9, 4, 2}, draw, 1);
        int length = (int) alone.longs("labels").shape()[1];
        assertThat(Arrays.copyOf(beside.longs("labels").values(), length)).isEqualTo(alone.longs("labels").values());
        assertThat(beside.longs("next_sentence_label").values()[0])
                .isEqualTo(alone.longs("next_sentence_label").values()[0]);
    }

    @Test
    void countsWhatCannotBeParted() {
        List<String> texts = List.of("the fox", "the old fox\nthe fox runs", "a dog");
        assertThat(pairs(texts, Relation.NEXT_SENTENCE, 24, 0.15).alone()).isEqualTo(2);
        assertThat(seen(pairs(texts, Relation.NEXT_SENTENCE, 24, 0.15), Draw.FIXED).get(0).label()).isOne();
        assertThat(pairs(texts, Relation.SENTENCE_ORDER, 24, 0.15).size()).isOne();
        assertThatThrownBy(() -> pairs(List.of("a fox", "a dog"), Relation.SENTENCE_ORDER, 24, 0.15))
                .hasMessage("sentence pairs: got no text of two sentences or more, allowed one or more");
        assertThatThrownBy(() -> pairs(List.of("a fox\na dog"), Relation.NEXT_SENTENCE, 24, 0.15))
                .hasMessage("next sentences: got one text, allowed two or more, from which others come");
        assertThatThrownBy(() -> pairs(texts, Relation.SENTENCE_ORDER, 4, 0.15))
                .hasMessage("masked pairs: got rows of 4 tokens, 16 rows per batch, allowed >= 5, >= 1");
    }

    @Test
    void cutsSentencesAtMarksWhereverLinesEnd() {
        assertThat(Sentences.MARKS.of("The fox\nruns. It sleeps!  \"Why?\" A dog"))
                .containsExactly("The fox\nruns.", "It sleeps!", "\"Why?\"", "A dog");
        assertThat(Sentences.LINES.of("The fox runs. It sleeps\n\n a dog ")).containsExactly(
                "The fox runs. It sleeps", "a dog");
    }
}
