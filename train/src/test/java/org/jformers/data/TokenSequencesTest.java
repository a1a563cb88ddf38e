package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.SpecialTokens;
import org.jformers.text.tokenizer.TokenStream;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.Truncation;
import org.junit.jupiter.api.Test;

final class TokenSequencesTest {

    @Test
    void keepsEveryTextInItsPlace() {
        List<String> texts = IntStream.range(0, 5_000).mapToObj(i -> "x".repeat(i % 7) + i).toList();
        TokenSequences sequences = TokenSequences.encode(texts, new Letters());

        assertThat(sequences.size()).isEqualTo(5_000);
        assertThat(sequences.tokens()).isEqualTo(texts.stream().mapToLong(text -> text.length() + 1).sum());
        for (int i = 0; i < texts.size(); i++) {
            assertThat(sequences.length(i)).isEqualTo(texts.get(i).length() + 1);
            assertThat(sequences.get(i)).isEqualTo(IntStream.concat(texts.get(i).chars(), IntStream.of(2)).toArray());
        }
    }

    @Test
    void encodesWithoutSpecialTokens() {
        assertThat(TokenSequences.encodePlain(List.of("ab", ""), new Letters()).get(0)).containsExactly('a', 'b');
        assertThat(TokenSequences.encodePlain(List.of("ab", ""), new Letters()).get(1)).isEmpty();
        assertThat(TokenSequences.encodePlain(List.of(), new Letters()).size()).isZero();
    }

    @Test
    void failsWhereTheTokenizerFails() {
        assertThatThrownBy(() -> TokenSequences.of(List.of(1, 2), item -> {
            throw new DataException("cannot encode " + item);
        })).isInstanceOf(DataException.class).hasMessageContaining("cannot encode");
    }

    /** Characters as ids; the template adds 2 at the end. */
    private static final class Letters implements Tokenizer {
        @Override
        public Encoding encode(String text) {
            return encoding(IntStream.concat(text.chars(), IntStream.of(2)).toArray());
        }

        @Override
        public Encoding encodePlain(String text) {
            return encoding(text.chars().toArray());
        }

        private static Encoding encoding(int[] ids) {
            int[] none = new int[ids.length];
            return new Encoding(ids, Collections.nCopies(ids.length, ""), none, none, none);
        }

        @Override
        public Encoding encode(String first, String second) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Encoding encode(String text, Truncation truncation) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Encoding encode(String first, String second, Truncation truncation) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String decode(int[] ids) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String decodeWithSpecialTokens(int[] ids) {
            throw new UnsupportedOperationException();
        }

        @Override
        public TokenStream stream() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int vocabSize() {
            throw new UnsupportedOperationException();
        }

        @Override
        public OptionalInt id(String token) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String token(int id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SpecialTokens specialTokens() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void save(Path folder) {
            throw new UnsupportedOperationException();
        }
    }
}
