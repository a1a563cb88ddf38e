package org.jformers.text.tokenizer;

import java.util.Arrays;
import org.jformers.text.WorkBudget;
import org.jformers.text.tokenizer.TokenSink.WordTokens;

/** The tokens of one text while it is encoded. */
final class TokenBuffer {
    private final WorkBudget budget;
    private int[] ids;
    private int[] starts;
    private int[] ends;
    private int[] words;
    private String[] tokens;
    private int size;
    private int word;

    /** For the tokens of a text, of which four characters make one, as a rule. */
    TokenBuffer(Text text) {
        budget = text.budget;
        int capacity = text.length() / 4 + 8;
        ids = new int[capacity];
        starts = new int[capacity];
        ends = new int[capacity];
        words = new int[capacity];
        tokens = new String[capacity];
    }

    /** Appends the tokens of the next word; {@code vocabulary} gives their texts by id. */
    void add(WordTokens found, Text text, String[] vocabulary) {
        for (int i = 0; i < found.ids().length; i++) {
            int id = found.ids()[i];
            String surface = found.surfaces() == null ? null : found.surfaces()[i];
            add(id, surface == null ? vocabulary[id] : surface, text, found.starts()[i], found.ends()[i]);
        }
        word++;
    }

    /** Appends an added token, which counts as a word. */
    void add(int id, Text text) {
        add(id, text.toString(), text, 0, text.length());
        word++;
    }

    /** Appends a piece with its place in the original text. */
    void add(int id, String token, int start, int end, boolean startsWord) {
        if (startsWord && size > 0 && words[size - 1] == word) {
            word++;
        }
        append(id, token, start, end);
    }

    /** What follows belongs to another word. */
    void nextWord() {
        word++;
    }

    private void add(int id, String token, Text text, int start, int end) {
        if (start < end) {
            append(id, token, text.start(start), text.end(end - 1));
        } else {
            append(id, token, start, end);
        }
    }

    private void append(int id, String token, int start, int end) {
        if (size == ids.length) {
            budget.room(size + 1L);
            ids = Arrays.copyOf(ids, 2 * size);
            starts = Arrays.copyOf(starts, 2 * size);
            ends = Arrays.copyOf(ends, 2 * size);
            words = Arrays.copyOf(words, 2 * size);
            tokens = Arrays.copyOf(tokens, 2 * size);
        }
        ids[size] = id;
        tokens[size] = token;
        words[size] = word;
        starts[size] = start;
        ends[size++] = end;
    }

    Encoding encoding(int sequence) {
        return new Encoding(
                Arrays.copyOf(ids, size),
                Arrays.copyOf(tokens, size),
                Arrays.copyOf(starts, size),
                Arrays.copyOf(ends, size),
                Arrays.copyOf(words, size),
                sequence);
    }
}
