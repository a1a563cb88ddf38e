package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.data.MaskedTexts.Hiding;
import org.jformers.data.MaskedTexts.Unit;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.SpecialTokens;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Hides tokens of rows, as {@link MaskedTexts} says. What is chosen follows from the draw and the row's number alone.
 */
final class TokenHiding {
    /** Numbers that are drawn for a token: whether it is chosen, what becomes of it, and which random token. */
    private static final int DRAWS = 3;

    private static final double SPAN_P = 0.2;
    private static final int LONGEST_SPAN = 10;

    /** Behind the numbers of any token. */
    private static final long SPAN_DRAWS = 1L << 40;

    private final Hiding hiding;
    private final int vocabulary;
    private final int maskId;
    private final Set<Integer> special;

    /** A row with some of its tokens hidden, and what they were; -100 where none is. */
    record Hidden(int[] ids, int[] labels) {}

    /**
     * A row before.
     *
     * @param number what its random numbers are drawn by
     * @param ids its tokens
     * @param units the unit that each token is chosen with, from 0 without gaps; -1 for special tokens
     */
    record Row(int number, int[] ids, int[] units) {}

    TokenHiding(Hiding hiding, Tokenizer tokenizer) {
        OptionalInt mask = tokenizer.specialTokens().mask();
        if (mask.isEmpty()) {
            throw new DataException("hidden tokens: got a tokenizer without a mask token, allowed: one with it");
        }
        this.hiding = hiding;
        maskId = mask.getAsInt();
        vocabulary = tokenizer.vocabSize();
        special = special(tokenizer.specialTokens());
    }

    /** Tokens that are no part of a text. */
    static Set<Integer> special(SpecialTokens tokens) {
        return Stream.of(tokens.bos(), tokens.eos(), tokens.pad(), tokens.unk(), tokens.sep(), tokens.cls(),
                tokens.mask()).flatMap(id -> id.stream().boxed()).collect(Collectors.toSet());
    }

    /** The units of a text. */
    int[] units(Encoding row) {
        boolean wholeWords = hiding.unit() != Unit.TOKENS;
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

    /** Hides tokens of the rows of a batch; at least one where there is any. */
    List<Hidden> hide(List<Row> rows, Draw draw) {
        List<Hidden> hidden = new ArrayList<>();
        rows.forEach(row -> hidden.add(hidden(row, draw, fates(row, draw))));
        if (labelled(hidden) == 0) {
            // A mean over nothing is no number, so one unit is hidden where there is any.
            IntStream.range(0, rows.size())
                    .filter(i -> Arrays.stream(rows.get(i).units()).anyMatch(unit -> unit >= 0))
                    .findFirst()
                    .ifPresent(i -> hidden.set(i, hidden(rows.get(i), draw, any(rows.get(i), draw))));
        }
        return hidden;
    }

    /** How many tokens have a label. */
    static long labelled(List<Hidden> rows) {
        return rows.stream().flatMapToInt(row -> Arrays.stream(row.labels()))
                .filter(label -> label != Batch.IGNORED_LABEL).count();
    }

    /** @param fates for each token the one whose numbers decide what becomes of it; -1 where it is not chosen */
    private Hidden hidden(Row row, Draw draw, int[] fates) {
        int[] changed = row.ids().clone();
        int[] labels = new int[changed.length];
        Arrays.fill(labels, (int) Batch.IGNORED_LABEL);
        for (int t = 0; t < changed.length; t++) {
            if (fates[t] >= 0) {
                labels[t] = changed[t];
                double fate = draw.uniform(row.number(), (long) DRAWS * fates[t] + 1);
                if (fate < hiding.fate().masked()) {
                    changed[t] = maskId;
                } else if (fate < hiding.fate().masked() + hiding.fate().random()) {
                    changed[t] = draw.below(vocabulary, row.number(), (long) DRAWS * t + 2);
                }
            }
        }
        return new Hidden(changed, labels);
    }

    private int[] fates(Row row, Draw draw) {
        int[] unit = row.units();
        if (hiding.unit() == Unit.SPANS) {
            return spans(unit, new Dice(draw, row.number(), SPAN_DRAWS));
        }
        boolean chosen = false;
        int[] fates = new int[unit.length];
        for (int t = 0; t < unit.length; t++) {
            if (t == 0 || unit[t] != unit[t - 1]) { // a unit is drawn at its first token
                chosen = unit[t] >= 0 && draw.uniform(row.number(), (long) DRAWS * t) < hiding.share();
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

    /** One unit alone. */
    private static int[] any(Row row, Draw draw) {
        int[] unit = row.units();
        int count = Arrays.stream(unit).max().orElseThrow() + 1;
        int chosen = draw.below(count, row.number(), (long) DRAWS * unit.length);
        return IntStream.range(0, unit.length).map(t -> unit[t] == chosen ? t : -1).toArray();
    }
}
