package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * How a reply becomes a row of tokens: the persona, the last turns and the reply, each turn behind the token of who
 * speaks. Source: TransferTransfo (Wolf et al., arXiv:1901.08149).
 *
 * <pre>
 * {@code <bos> persona <speaker2> turn <speaker1> turn <speaker2> turn <speaker1> reply <eos>}
 * </pre>
 *
 * <p>Whoever replies is {@code <speaker1>}; the types of the persona's tokens are his. The sentences of a persona are
 * read as one text with a space between, as a chat template would write them.
 *
 * @param maxHistory exchanges before the last text of the other one: of the history so many times two and one turn are
 *     read
 * @param room tokens at most; older turns are left out for it
 */
public record DialogueTokens(Tokenizer tokenizer, int maxHistory, int room) {
    public static final String BEGIN = "<bos>";
    public static final String END = "<eos>";
    public static final String REPLIES = "<speaker1>";
    public static final String ASKS = "<speaker2>";
    public static final String PAD = "<pad>";

    /** The tokens that a model learns for it. */
    public static List<String> special() {
        return List.of(BEGIN, END, REPLIES, ASKS, PAD);
    }

    /**
     * A row.
     *
     * @param ids tokens
     * @param types at each place the token of who speaks
     * @param reply where the reply's text begins; behind it, up to the end, stands what is learned
     */
    public record Row(int[] ids, int[] types, int reply) {}

    int id(String token) {
        return tokenizer.id(token).orElseThrow(() -> new DataException("dialogue: no token " + token));
    }

    /** The row of a reply with one of its candidates. */
    public Row row(Dialogues.Reply at, String candidate) {
        List<int[]> turns = new ArrayList<>();
        at.history().stream().skip(Math.max(0, at.history().size() - turns()))
                .forEach(text -> turns.add(tokenizer.encodePlain(text).ids()));
        int[] persona = tokenizer.encodePlain(String.join(" ", at.persona())).ids();
        int[] reply = tokenizer.encodePlain(candidate).ids();
        while (turns.size() > 1 && length(persona, turns, reply) > room) {
            turns.remove(0);
        }
        int over = length(persona, turns, reply) - room;
        if (over > 0) { // long texts of one turn: first of the persona, then of the reply
            int left = Math.max(0, persona.length - over);
            reply = Arrays.copyOf(reply, Math.max(0, reply.length - (over - (persona.length - left))));
            persona = Arrays.copyOf(persona, left);
        }
        return row(persona, turns, reply);
    }

    private int turns() {
        return 2 * maxHistory + 1;
    }

    private static int length(int[] persona, List<int[]> turns, int[] reply) {
        return 1 + persona.length + turns.stream().mapToInt(turn -> 1 + turn.length).sum() + 1 + reply.length + 1;
    }

    private Row row(int[] persona, List<int[]> turns, int[] reply) {
        int[] ids = new int[length(persona, turns, reply)];
        int[] types = new int[ids.length];
        ids[0] = id(BEGIN);
        System.arraycopy(persona, 0, ids, 1, persona.length);
        int at = 1 + persona.length;
        Arrays.fill(types, 0, at, id(REPLIES));
        for (int i = 0; i <= turns.size(); i++) {
            int[] turn = i < turns.size() ? turns.get(i) : reply;
            int speaker = id((turns.size() - i) % 2 == 0 ? REPLIES : ASKS);
            ids[at] = speaker;
            System.arraycopy(turn, 0, ids, at + 1, turn.length);
            Arrays.fill(types, at, at + 1 + turn.length, speaker);
            at += 1 + turn.length;
        }
        ids[at] = id(END);
        types[at] = id(REPLIES);
        return new Row(ids, types, at - reply.length);
    }
}
