package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.SpecialTokens;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.Truncation;

/**
 * Texts of which a share of the tokens is hidden, to be found out from both sides: the examples of masked language
 * models (arXiv:1810.04805, 3.1). Of the chosen tokens 80 % become the mask token, 10 % a random token, 10 % stay as
 * they are. Spans (arXiv:1907.10529, 3.1) are runs of whole words, whose number follows a geometric distribution with p
 * 0.2 up to 10, 3.8 in the mean; what becomes of a span becomes of all its tokens. What is chosen follows from the draw
 * of the epoch: another choice in each, the same in every evaluation.
 *
 * <p>Texts that are longer than a row go on in further rows. Special tokens are never chosen.
 *
 * <p>A batch has the fields {@code input_ids} [B, T], {@code attention_mask} [B, T] (1 at tokens, 0 at padding), {@code
 * token_type_ids} [B, T] where the model reads them, and {@code labels} [B, T]: the token that was there where it was
 * chosen, -100 elsewhere. T is the longest row of the batch.
 */
public final class MaskedTexts implements BatchedExamples {
    private static final double MASKED = 0.8;
    private static final double RANDOM = 0.1;

    /** Numbers that are drawn for a token: whether it is chosen, what becomes of it, and which random token. */
    private static final int DRAWS = 3;

    private static final double SPAN_P = 0.2;
    private static final int LONGEST_SPAN = 10;

    /** Behind the numbers of any token. */
    private static final long SPAN_DRAWS = 1L << 40;

    private final TokenRows rows;
    private final TokenSequences ids;
    /** The unit that each token is chosen with, from 0 in each row; -1 for special tokens. */
    private final TokenSequences units;
    private final Hiding hiding;
    private final int vocabulary;
    private final int maskId;
    private final int rowsPerBatch;

    /**
     * What is hidden.
     *
     * @param share of the units that are chosen, in (0, 1]
     * @param unit what is chosen together
     */
    public record Hiding(double share, Unit unit) {
        public Hiding {
            if (!(share > 0 && share <= 1)) {
                throw new DataException("hidden tokens: got a share of " + share + ", allowed above 0, up to 1");
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

    private MaskedTexts(List<TokenSequences> parts, RowEncoding encoding, Hiding hiding, int rowsPerBatch) {
        Tokenizer tokenizer = encoding.tokenizer();
        OptionalInt mask = tokenizer.specialTokens().mask();
        if (mask.isEmpty()) {
            throw new DataException("hidden tokens: got a tokenizer without a mask token, allowed: one with it");
        }
        if (rowsPerBatch < 1) {
            throw new DataException("masked texts: got " + rowsPerBatch + " rows per batch, allowed >= 1");
        }
        units = parts.get(0);
        ids = parts.get(1);
        rows = new TokenRows(encoding, ids, parts.subList(2, parts.size()), 0);
        this.hiding = hiding;
        this.rowsPerBatch = rowsPerBatch;
        maskId = mask.getAsInt();
        vocabulary = tokenizer.vocabSize();
    }

    /** Encodes texts on all cores. */
    public static MaskedTexts of(List<String> texts, RowEncoding encoding, Hiding hiding, int rowsPerBatch) {
        Tokenizer tokenizer = encoding.tokenizer();
        Truncation truncation = tokenizer.truncation(encoding.maxLength());
        List<Encoding> windows = texts.parallelStream().flatMap(text -> {
            Encoding first = tokenizer.encode(text, truncation);
            return Stream.concat(Stream.of(first), first.overflow().stream());
        }).toList();
        Set<Integer> special = special(tokenizer.specialTokens());
        List<TokenSequences> parts = TokenSequences.of(windows, encoding.tokenTypes() ? 3 : 2, window -> {
            int[] units = units(window, special, hiding.unit() != Unit.TOKENS);
            return encoding.tokenTypes()
                    ? new int[][] {units, window.ids(), window.typeIds()}
                    : new int[][] {units, window.ids()};
        });
        return new MaskedTexts(parts, encoding, hiding, rowsPerBatch);
    }

    private static Set<Integer> special(SpecialTokens tokens) {
        return Stream.of(tokens.bos(), tokens.eos(), tokens.pad(), tokens.unk(), tokens.sep(), tokens.cls(),
                tokens.mask()).flatMap(id -> id.stream().boxed()).collect(Collectors.toSet());
    }

    private static int[] units(Encoding row, Set<Integer> special, boolean wholeWords) {
        int[] added = row.specialTokensMask();
        int[] words = row.words();
        int[] units = new int[row.length()];
        int unit = -1;
        int word = -1;
        for (int t = 0; t < units.length; t++) {
            if (added[t] == 1 || special.contains(row.ids()[t])) {
                units[t] = -1;
                word = -1;
                continue;
            }
            if (!wholeWords || words[t] < 0 || words[t] != word) {
                unit++;
            }
            word = words[t];
            units[t] = unit;
        }
        return units;
    }

    /** Number of rows. */
    public int size() {
        return rows.size();
    }

    /** Number of tokens of row {@code i}, special ones included. */
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

    /** A row with some of its tokens hidden, and what they were; -100 where none is. */
    private record Hidden(int[] ids, int[] labels) {}

    /**
     * Hides tokens.
     *
     * @param fates for each token the one whose numbers decide what becomes of it; -1 where it is not chosen
     */
    private Hidden hidden(int row, Draw draw, int[] fates) {
        int[] changed = ids.get(row);
        int[] labels = new int[changed.length];
        Arrays.fill(labels, (int) Batch.IGNORED_LABEL);
        for (int t = 0; t < changed.length; t++) {
            if (fates[t] >= 0) {
                labels[t] = changed[t];
                double fate = draw.uniform(row, (long) DRAWS * fates[t] + 1);
                if (fate < MASKED) {
                    changed[t] = maskId;
                } else if (fate < MASKED + RANDOM) {
                    changed[t] = draw.below(vocabulary, row, (long) DRAWS * t + 2);
                }
            }
        }
        return new Hidden(changed, labels);
    }

    private int[] fates(int row, Draw draw) {
        int[] unit = units.get(row);
        if (hiding.unit() == Unit.SPANS) {
            return spans(unit, new Dice(draw, row, SPAN_DRAWS));
        }
        boolean chosen = false;
        int[] fates = new int[unit.length];
        for (int t = 0; t < unit.length; t++) {
            if (t == 0 || unit[t] != unit[t - 1]) { // a unit is drawn at its first token
                chosen = unit[t] >= 0 && draw.uniform(row, (long) DRAWS * t) < hiding.share();
            }
            fates[t] = chosen ? t : -1;
        }
        return fates;
    }

    /** Spans are thrown until they hide as many tokens as they should. */
    private int[] spans(int[] unit, Dice dice) {
        int[] fates = new int[unit.length];
        Arrays.fill(fates, -1);
        int words = Arrays.stream(unit).max().orElse(-1) + 1;
        int left = (int) Math.round(hiding.share() * Arrays.stream(unit).filter(word -> word >= 0).count());
        while (left > 0) {
            int length = dice.geometric(SPAN_P, LONGEST_SPAN);
            int word = dice.below(words);
            int first = first(unit, word);
            if (fates[first] >= 0) {
                continue;
            }
            for (int t = first; t < unit.length && unit[t] < word + length && fates[t] < 0 && left > 0; t++) {
                if (unit[t] >= 0) {
                    fates[t] = first;
                    left--;
                }
            }
        }
        return fates;
    }

    private static int first(int[] unit, int of) {
        return IntStream.range(0, unit.length).filter(t -> unit[t] == of).findFirst().orElseThrow();
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        List<Hidden> hidden = new ArrayList<>();
        for (int row : examples) {
            hidden.add(hidden(row, draw, fates(row, draw)));
        }
        if (labelled(hidden) == 0) {
            // A mean over nothing is no number, so one unit is hidden where there is any.
            IntStream.range(0, examples.length)
                    .filter(i -> Arrays.stream(units.get(examples[i])).anyMatch(unit -> unit >= 0))
                    .findFirst()
                    .ifPresent(i -> hidden.set(i, hidden(examples[i], draw, any(examples[i], draw))));
        }
        int length = rows.longest(examples);
        int[] numbers = IntStream.range(0, examples.length).toArray();
        Map<String, Batch.Field> fields = new LinkedHashMap<>(rows.fields(examples));
        fields.put("input_ids", rows.filled(TokenSequences.of(hidden, Hidden::ids), numbers, length, padId()));
        fields.put("labels", rows.filled(TokenSequences.of(hidden, Hidden::labels), numbers, length,
                Batch.IGNORED_LABEL));
        return new Batch(fields, examples.length, labelled(hidden), position);
    }

    private int padId() {
        return rows.encoding().padding().id();
    }

    /** One unit alone. */
    private int[] any(int row, Draw draw) {
        int[] unit = units.get(row);
        int count = Arrays.stream(unit).max().orElseThrow() + 1;
        int chosen = draw.below(count, row, (long) DRAWS * unit.length);
        return IntStream.range(0, unit.length).map(t -> unit[t] == chosen ? t : -1).toArray();
    }

    private static long labelled(List<Hidden> rows) {
        return rows.stream().flatMapToInt(row -> Arrays.stream(row.labels()))
                .filter(label -> label != Batch.IGNORED_LABEL).count();
    }
}
