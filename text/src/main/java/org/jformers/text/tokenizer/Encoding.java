package org.jformers.text.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * What encoding a text gives; all parts have one entry per token. The arrays of ids, words and offsets are this
 * encoding's own and not to be written; types and masks are made by each call.
 */
public final class Encoding {
    /** How many tokens are printed. */
    private static final int SHOWN = 32;

    private final int[] ids;
    private final String[] tokens;
    private final int[] starts;
    private final int[] ends;
    private final int[] words;
    private final List<Run> runs;
    private final List<Encoding> overflow;

    /**
     * Neighbouring tokens that came in the same way.
     *
     * @param length number of tokens
     * @param typeId their type
     * @param sequence 0 or 1 where they stand for a text, -1 where they were added
     * @param padding whether they were added as padding
     */
    record Run(int length, int typeId, int sequence, boolean padding) {

        Run ofLength(int newLength) {
            return new Run(newLength, typeId, sequence, padding);
        }
    }

    private Encoding(
            int[] ids,
            String[] tokens,
            int[] starts,
            int[] ends,
            int[] words,
            List<Run> runs,
            List<Encoding> overflow) {
        this.ids = ids;
        this.tokens = tokens;
        this.starts = starts;
        this.ends = ends;
        this.words = words;
        this.runs = runs;
        this.overflow = overflow;
    }

    /** The tokens of a text, which is the first (0) or the second (1). The arrays are taken over. */
    Encoding(int[] ids, String[] tokens, int[] starts, int[] ends, int[] words, int sequence) {
        this(ids, tokens, starts, ends, words, List.of(new Run(ids.length, sequence, sequence, false)), List.of());
    }

    /**
     * The tokens of one text, none of them added. The arrays are taken over.
     *
     * @throws TokenizerException if they are not of one length
     */
    public Encoding(int[] ids, List<String> tokens, int[] starts, int[] ends, int[] words) {
        this(ids, tokens.toArray(String[]::new), starts, ends, words, 0);
        int count = ids.length;
        if (this.tokens.length != count || starts.length != count || ends.length != count || words.length != count) {
            throw new TokenizerException("encoding: parts must have one length, got " + count + " ids, "
                    + this.tokens.length + " tokens, " + starts.length + " starts, " + ends.length + " ends, "
                    + words.length + " words");
        }
    }

    /** Added tokens, which stand for no text. */
    static Encoding special(int[] ids, List<String> tokens, int type) {
        return added(ids, tokens.toArray(String[]::new), new Run(ids.length, type, -1, false));
    }

    private static Encoding added(int[] ids, String[] tokens, Run run) {
        int count = ids.length;
        return new Encoding(
                ids, tokens, new int[count], new int[count], filled(count, -1), List.of(run), List.of());
    }

    /** Number of tokens. */
    public int length() {
        return ids.length;
    }

    /** Token ids. */
    public int[] ids() {
        return ids;
    }

    /** The tokens as written in the vocabulary. */
    public List<String> tokens() {
        return Collections.unmodifiableList(Arrays.asList(tokens));
    }

    /** Offset of each token's first character in the text, in Unicode code points. */
    public int[] starts() {
        return starts;
    }

    /** Offset behind each token's last character. */
    public int[] ends() {
        return ends;
    }

    /** Index of the word that the token belongs to, -1 for added special tokens. */
    public int[] words() {
        return words;
    }

    /** 0 for the first text, 1 for the second, unless the template says otherwise. */
    public int[] typeIds() {
        return ofRuns(Run::typeId);
    }

    /** 1 where the token was added by the template or as padding, 0 where it stands for text. */
    public int[] specialTokensMask() {
        return ofRuns(run -> run.sequence < 0 ? 1 : 0);
    }

    /** 1 for tokens, 0 for padding. */
    public int[] attentionMask() {
        return ofRuns(run -> run.padding ? 0 : 1);
    }

    /** 0 where the token stands for the first text, 1 for the second, -1 for added special tokens. */
    public int[] sequences() {
        return ofRuns(Run::sequence);
    }

    /** What truncation cut off, as further windows. */
    public List<Encoding> overflow() {
        return overflow;
    }

    /** The token that covers a character of a text (0 or 1), empty if none does. */
    public OptionalInt tokenAt(int character, int sequence) {
        int[] sequences = sequences();
        return IntStream.range(0, length())
                .filter(i -> sequences[i] == sequence && starts[i] <= character && character < ends[i])
                .findFirst();
    }

    /** The tokens of a word of a text (0 or 1), in order; none if there is no such word. */
    public int[] tokensOfWord(int word, int sequence) {
        int[] sequences = sequences();
        return IntStream.range(0, length())
                .filter(i -> sequences[i] == sequence && words[i] == word)
                .toArray();
    }

    /** The same tokens as those of the second text of a pair. */
    Encoding asSecond() {
        return withRuns(run -> new Run(run.length, 1, 1, run.padding), overflow);
    }

    /** The same tokens with another type, and so their overflow. */
    Encoding withType(int type) {
        boolean same = overflow.isEmpty() && runs.size() == 1 && runs.get(0).typeId == type;
        return same
                ? this
                : withRuns(
                        run -> new Run(run.length, type, run.sequence, run.padding),
                        eachWindow(window -> window.withType(type)));
    }

    private Encoding withRuns(UnaryOperator<Run> change, List<Encoding> newOverflow) {
        return new Encoding(ids, tokens, starts, ends, words, runs.stream().map(change).toList(), newOverflow);
    }

    Encoding withOffsets(int[] newStarts, int[] newEnds, List<Encoding> newOverflow) {
        return new Encoding(ids, tokens, newStarts, newEnds, words, runs, newOverflow);
    }

    Encoding withOverflow(List<Encoding> newOverflow) {
        return withOffsets(starts, ends, newOverflow);
    }

    /** The windows of overflow after a change. */
    List<Encoding> eachWindow(UnaryOperator<Encoding> change) {
        return overflow.isEmpty() ? overflow : overflow.stream().map(change).toList();
    }

    /** The tokens with so much padding on a side, without overflow. */
    Encoding padded(int count, Side side, int id, String token, int typeId) {
        String[] names = new String[count];
        Arrays.fill(names, token);
        Encoding padding = added(filled(count, id), names, new Run(count, typeId, -1, true));
        return concatenated(side == Side.LEFT ? List.of(padding, this) : List.of(this, padding));
    }

    /** The tokens from {@code begin} to {@code end}, without overflow. */
    Encoding slice(int begin, int end) {
        List<Run> cut = new ArrayList<>();
        int at = 0;
        for (Run run : runs) {
            int length = Math.min(end, at + run.length) - Math.max(begin, at);
            if (length > 0) {
                cut.add(run.ofLength(length));
            }
            at += run.length;
        }
        return new Encoding(
                Arrays.copyOfRange(ids, begin, end),
                Arrays.copyOfRange(tokens, begin, end),
                Arrays.copyOfRange(starts, begin, end),
                Arrays.copyOfRange(ends, begin, end),
                Arrays.copyOfRange(words, begin, end),
                List.copyOf(cut),
                List.of());
    }

    /**
     * One encoding of several in a row. Windows of overflow combine: every window of one part with the other parts and
     * with their windows.
     */
    static Encoding joined(List<Encoding> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        for (Encoding part : parts) {
            if (!part.overflow.isEmpty()) {
                return parts.stream().reduce(Encoding::joined).orElseThrow();
            }
        }
        return concatenated(parts);
    }

    private static Encoding joined(Encoding first, Encoding second) {
        List<Encoding> windows = new ArrayList<>();
        for (Encoding window : first.overflow) {
            windows.add(concatenated(List.of(window, second)));
            second.overflow.forEach(other -> windows.add(concatenated(List.of(window, other))));
        }
        second.overflow.forEach(other -> windows.add(concatenated(List.of(first, other))));
        return concatenated(List.of(first, second)).withOverflow(windows);
    }

    /** Words in a row, each encoded by itself, as one text. */
    static Encoding ofWords(List<Encoding> words) {
        Encoding all = concatenated(words);
        int at = 0;
        for (int word = 0; word < words.size(); word++) {
            int length = words.get(word).length();
            Arrays.fill(all.words, at, at + length, word);
            at += length;
        }
        return new Encoding(all.ids, all.tokens, all.starts, all.ends, all.words, 0);
    }

    private static Encoding concatenated(List<Encoding> parts) {
        int length = 0;
        int count = 0;
        for (Encoding part : parts) {
            length += part.length();
            count += part.runs.size();
        }
        int[] ids = new int[length];
        String[] tokens = new String[length];
        int[] starts = new int[length];
        int[] ends = new int[length];
        int[] words = new int[length];
        Run[] runs = new Run[count];
        int at = 0;
        int run = 0;
        for (Encoding part : parts) {
            int size = part.length();
            System.arraycopy(part.ids, 0, ids, at, size);
            System.arraycopy(part.tokens, 0, tokens, at, size);
            System.arraycopy(part.starts, 0, starts, at, size);
            System.arraycopy(part.ends, 0, ends, at, size);
            System.arraycopy(part.words, 0, words, at, size);
            at += size;
            for (Run each : part.runs) {
                runs[run++] = each;
            }
        }
        return new Encoding(
                ids, tokens, starts, ends, words, Collections.unmodifiableList(Arrays.asList(runs)), List.of());
    }

    /** The tokens and their ids, of a long text those at its beginning. */
    @Override
    public String toString() {
        int shown = Math.min(SHOWN, ids.length);
        String more = shown < ids.length ? ", and " + (ids.length - shown) + " more" : "";
        return "Encoding[tokens=" + tokens().subList(0, shown) + ", ids="
                + Arrays.toString(Arrays.copyOf(ids, shown)) + more + "]";
    }

    private int[] ofRuns(ToIntFunction<Run> value) {
        int[] values = new int[ids.length];
        int at = 0;
        for (Run run : runs) {
            Arrays.fill(values, at, at + run.length, value.applyAsInt(run));
            at += run.length;
        }
        return values;
    }

    private static int[] filled(int length, int value) {
        int[] array = new int[length];
        Arrays.fill(array, value);
        return array;
    }
}
