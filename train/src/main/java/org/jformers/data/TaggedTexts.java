package org.jformers.data;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Truncation;

/**
 * Sentences whose words have tags: the examples of token classification. Of the tokens of a word the first carries its
 * tag; the others, special tokens and padding have the label -100. Batches are made as by {@link LabelledTexts}, with
 * {@code labels} [B, T].
 *
 * <p>What a model says of a word is what it says of its first token: {@link #words} tells which word each labelled
 * token of an example begins.
 */
public final class TaggedTexts implements BatchedExamples {
    private final TokenRows rows;
    private final TokenSequences labels;
    private final TokenSequences words;
    private final long truncatedWords;
    private final long emptyWords;
    private final int rowsPerBatch;

    private TaggedTexts(List<TokenSequences> parts, RowEncoding encoding, long[] counts, int rowsPerBatch) {
        if (rowsPerBatch < 1) {
            throw new DataException("tagged texts: got " + rowsPerBatch + " examples per batch, allowed >= 1");
        }
        labels = parts.get(0);
        words = parts.get(1);
        rows = new TokenRows(encoding, parts.get(2), parts.subList(3, parts.size()), counts[0]);
        truncatedWords = counts[1];
        emptyWords = counts[2];
        this.rowsPerBatch = rowsPerBatch;
    }

    /**
     * Encodes sentences on all cores.
     *
     * @param sentences their words; where spaces belong to tokens, the tokenizer should be one
     *     {@linkplain org.jformers.text.tokenizer.Tokenizer#withPrefixSpace with a space} before each
     * @param tags numbers of the words' tags
     * @param rowsPerBatch number of sentences per batch
     */
    public static TaggedTexts of(
            List<List<String>> sentences, int[][] tags, RowEncoding encoding, int rowsPerBatch) {
        if (sentences.size() != tags.length) {
            throw new DataException("tagged texts: got tags of " + tags.length + " sentences for " + sentences.size()
                    + ", allowed: as many");
        }
        Truncation truncation = encoding.tokenizer().truncation(encoding.maxLength());
        LongAdder truncated = new LongAdder();
        LongAdder truncatedWords = new LongAdder();
        LongAdder emptyWords = new LongAdder();
        List<Integer> numbers = IntStream.range(0, tags.length).boxed().toList();
        List<TokenSequences> parts = TokenSequences.of(numbers, encoding.tokenTypes() ? 4 : 3, i -> {
            Encoding row = encoding.tokenizer().encodeWords(sentences.get(i), truncation);
            int[] labels = labels(row, tags[i]);
            int[] begun = firstTokens(row).map(token -> row.words()[token]).toArray();
            int cutOff = cutOff(row, begun);
            truncated.add(row.overflow().isEmpty() ? 0 : 1);
            truncatedWords.add(cutOff);
            emptyWords.add(tags[i].length - begun.length - cutOff);
            return encoding.tokenTypes()
                    ? new int[][] {labels, begun, row.ids(), row.typeIds()}
                    : new int[][] {labels, begun, row.ids()};
        });
        long[] counts = {truncated.sum(), truncatedWords.sum(), emptyWords.sum()};
        return new TaggedTexts(parts, encoding, counts, rowsPerBatch);
    }

    /** The places of tokens that begin a word, or what is left of one that was cut. */
    private static IntStream firstTokens(Encoding row) {
        int[] words = row.words();
        return IntStream.range(0, words.length).filter(i -> words[i] >= 0 && (i == 0 || words[i] != words[i - 1]));
    }

    private static int[] labels(Encoding row, int[] tags) {
        int[] labels = new int[row.length()];
        Arrays.fill(labels, (int) Batch.IGNORED_LABEL);
        firstTokens(row).forEach(token -> labels[token] = tags[row.words()[token]]);
        return labels;
    }

    /** How many words are in what was cut off alone. */
    private static int cutOff(Encoding row, int[] begun) {
        Set<Integer> words = new LinkedHashSet<>();
        for (Encoding window : row.overflow()) {
            Arrays.stream(window.words()).filter(word -> word >= 0).forEach(words::add);
        }
        Arrays.stream(begun).forEach(words::remove);
        return words.size();
    }

    /** Number of sentences. */
    public int size() {
        return rows.size();
    }

    /** Number of tokens of sentence {@code i}, special ones included. */
    public int length(int i) {
        return rows.length(i);
    }

    /** Indices of the words of sentence {@code i} that have a label, in the order of their tokens. */
    public int[] words(int i) {
        return words.get(i);
    }

    /** How many sentences were cut to the maximum length. */
    public long truncated() {
        return rows.truncated();
    }

    /** How many words were cut off, which no model sees. */
    public long truncatedWords() {
        return truncatedWords;
    }

    /** How many words have no token, as those of blanks alone. */
    public long emptyWords() {
        return emptyWords;
    }

    @Override
    public EpochPlan epoch(long seed, int epoch) {
        return rows.shuffled(seed, epoch, rowsPerBatch);
    }

    @Override
    public EpochPlan evaluation() {
        return rows.byLength(rowsPerBatch);
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        Map<String, Batch.Field> fields = rows.fields(examples);
        fields.put("labels", rows.filled(labels, examples, rows.longest(examples), Batch.IGNORED_LABEL));
        long labelled = Arrays.stream(examples).mapToLong(words::length).sum();
        return new Batch(fields, examples.length, labelled, position);
    }
}
