package org.jformers.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.data.TokenHiding.Hidden;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.Truncation;

/**
 * Texts of which a share of the tokens is hidden, to be found out from both sides: the examples of masked language
 * models (arXiv:1810.04805, 3.1). Of the chosen tokens 80 % become the mask token, 10 % a random token, 10 % stay as
 * they are, unless another {@link Fate} is asked for. Spans (arXiv:1907.10529, 3.1) are runs of whole words, whose
 * number follows a geometric distribution with p 0.2 up to 10, 3.8 in the mean; what becomes of a span becomes of all
 * its tokens. What is chosen follows from the draw of the epoch: another choice in each, the same in every evaluation.
 *
 * <p>Texts that are longer than a row go on in further rows. Special tokens are never chosen.
 *
 * <p>A batch has the fields {@code input_ids} [B, T], {@code attention_mask} [B, T] (1 at tokens, 0 at padding), {@code
 * token_type_ids} [B, T] where the model reads them, and {@code labels} [B, T]: the token that was there where it was
 * chosen, -100 elsewhere. T is the longest row of the batch.
 */
public final class MaskedTexts implements RowExamples {
    private final TokenRows rows;
    private final TokenSequences ids;
    /** The unit that each token is chosen with, from 0 in each row; -1 for special tokens. */
    private final TokenSequences units;
    private final TokenHiding hiding;
    private final int rowsPerBatch;

    /**
     * What is hidden.
     *
     * @param share of the units that are chosen, in (0, 1]
     * @param unit what is chosen together
     * @param fate what becomes of the chosen
     */
    public record Hiding(double share, Unit unit, Fate fate) {
        public Hiding {
            if (!(share > 0 && share <= 1)) {
                throw new DataException("hidden tokens: got a share of " + share + ", allowed above 0, up to 1");
            }
        }

        /** BERT's fate. */
        public Hiding(double share, Unit unit) {
            this(share, unit, Fate.BERT);
        }
    }

    /**
     * What becomes of chosen tokens; those that are left stay as they are.
     *
     * @param masked share of them that becomes the mask token
     * @param random share of them that becomes a random token
     */
    public record Fate(double masked, double random) {
        /** arXiv:1810.04805, 3.1. */
        public static final Fate BERT = new Fate(0.8, 0.1);

        /** As ELECTRA's own code has it, whose generator never sees a random token. */
        public static final Fate ELECTRA = new Fate(0.85, 0);

        public Fate {
            if (!(masked >= 0 && random >= 0 && masked + random <= 1)) {
                throw new DataException("hidden tokens: got shares of " + masked + " masked and " + random
                        + " random, allowed >= 0, together up to 1");
            }
        }
    }

    /** What is chosen together. */
    public enum Unit {
        /** Each token by itself. */
        TOKENS,
        /** All tokens of a word. */
        WORDS,
        /** Words that follow each other. */
        SPANS
    }

    private MaskedTexts(List<TokenSequences> parts, RowEncoding encoding, TokenHiding hiding, int rowsPerBatch) {
        if (rowsPerBatch < 1) {
            throw new DataException("masked texts: got " + rowsPerBatch + " rows per batch, allowed >= 1");
        }
        units = parts.get(0);
        ids = parts.get(1);
        rows = new TokenRows(encoding, ids, parts.subList(2, parts.size()), 0);
        this.hiding = hiding;
        this.rowsPerBatch = rowsPerBatch;
    }

    /** Encodes texts on all cores. */
    public static MaskedTexts of(List<String> texts, RowEncoding encoding, Hiding hiding, int rowsPerBatch) {
        Tokenizer tokenizer = encoding.tokenizer();
        TokenHiding hides = new TokenHiding(hiding, tokenizer);
        Truncation truncation = tokenizer.truncation(encoding.maxLength());
        List<Encoding> windows = texts.parallelStream().flatMap(text -> {
            Encoding first = tokenizer.encode(text, truncation);
            return Stream.concat(Stream.of(first), first.overflow().stream());
        }).toList();
        List<TokenSequences> parts = TokenSequences.of(windows, encoding.tokenTypes() ? 3 : 2, window -> {
            int[] units = hides.units(window);
            return encoding.tokenTypes()
                    ? new int[][] {units, window.ids(), window.typeIds()}
                    : new int[][] {units, window.ids()};
        });
        return new MaskedTexts(parts, encoding, hides, rowsPerBatch);
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public int length(int i) {
        return rows.length(i);
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
        List<Hidden> hidden = hiding.hide(Arrays.stream(examples)
                .mapToObj(row -> new TokenHiding.Row(row, ids.get(row), units.get(row))).toList(), draw);
        int length = rows.longest(examples);
        int[] numbers = IntStream.range(0, examples.length).toArray();
        Map<String, Batch.Field> fields = new LinkedHashMap<>(rows.fields(examples));
        fields.put("input_ids", rows.filled(TokenSequences.of(hidden, Hidden::ids), numbers, length,
                rows.encoding().padding().id()));
        fields.put("labels", rows.filled(TokenSequences.of(hidden, Hidden::labels), numbers, length,
                Batch.IGNORED_LABEL));
        return new Batch(fields, examples.length, TokenHiding.labelled(hidden), position);
    }
}
