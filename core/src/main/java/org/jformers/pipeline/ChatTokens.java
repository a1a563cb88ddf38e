package org.jformers.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.text.chat.ChatRequest;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.chat.Rendering;
import org.jformers.text.tokenizer.Segment;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Conversations as tokens, by the model's template. Where one has no room for an answer, its oldest turns are left out
 * whole: a turn begins with what a user says, and messages of the system before the first one stay.
 */
final class ChatTokens {
    /** Tokens that an answer has room for at least: {@code min_length_for_response} of the reference (4.5). */
    static final int LEAST_ANSWER = 32;

    private static final Set<String> OF_SYSTEM = Set.of("system", "developer");
    private static final String CONTENT = "content";
    /** Stands where a last message goes on; a template may cut the space behind it. */
    private static final String MARK = "JFORMERS_GOES_ON_HERE ";

    private final Supplier<ChatTemplate> template;
    private final Tokenizer tokenizer;
    private final OptionalInt most;

    /**
     * @param template loaded with the first conversation
     * @param most tokens of a conversation and its answer; empty for any number
     */
    ChatTokens(Supplier<ChatTemplate> template, Tokenizer tokenizer, OptionalInt most) {
        this.template = template;
        this.tokenizer = tokenizer;
        this.most = most;
    }

    /**
     * The tokens of a conversation, or of its latest turns.
     *
     * @param goesOn whether the last message is to be continued, rather than answered
     * @param answer tokens that the answer is to have room for
     * @throws JformersException if the last turn alone leaves less than that and less than {@link #LEAST_ANSWER}
     */
    int[] of(List<Map<String, Object>> messages, boolean goesOn, int answer) {
        require(messages, goesOn);
        int[] whole = encode(messages, goesOn);
        if (fits(whole, answer)) {
            return whole;
        }
        int system = (int) messages.stream().takeWhile(message -> OF_SYSTEM.contains(role(message))).count();
        int[] turns = IntStream.range(system + 1, messages.size())
                .filter(i -> role(messages.get(i)).equals("user"))
                .toArray();
        int[] best = turns.length == 0 ? whole : encode(from(messages, system, turns[turns.length - 1]), goesOn);
        if (!fits(best, Math.min(answer, LEAST_ANSWER))) {
            throw new JformersException("conversation: got a last turn of " + best.length + " tokens, allowed up to "
                    + (most.getAsInt() - Math.min(answer, LEAST_ANSWER)) + ", to leave room for the answer");
        }
        int first = 0;
        for (int last = turns.length - 1; first < last; ) { // the oldest turn from which all fits
            int middle = (first + last) / 2;
            int[] ids = encode(from(messages, system, turns[middle]), goesOn);
            if (fits(ids, answer)) {
                best = ids;
                last = middle;
            } else {
                first = middle + 1;
            }
        }
        return best;
    }

    private boolean fits(int[] ids, int answer) {
        return most.isEmpty() || (long) ids.length + answer <= most.getAsInt();
    }

    private static List<Map<String, Object>> from(List<Map<String, Object>> messages, int system, int turn) {
        List<Map<String, Object>> left = new ArrayList<>(messages.subList(0, system));
        left.addAll(messages.subList(turn, messages.size()));
        return left;
    }

    private static String role(Map<String, Object> message) {
        return String.valueOf(message.get("role"));
    }

    private static void require(List<Map<String, Object>> messages, boolean goesOn) {
        if (messages.isEmpty()) {
            throw new JformersException("conversation: got no message, allowed at least one");
        }
        for (Map<String, Object> message : messages) {
            if (!(message.get("role") instanceof String) || !message.containsKey(CONTENT)) {
                throw new JformersException("conversation: got a message with " + message.keySet()
                        + ", allowed at least role and content");
            }
        }
        if (goesOn && !(messages.get(messages.size() - 1).get(CONTENT) instanceof String)) {
            throw new JformersException("conversation: got a last message that is no text, allowed a text to go on");
        }
    }

    private int[] encode(List<Map<String, Object>> messages, boolean goesOn) {
        return goesOn
                ? tokenizer.encodeSegments(unfinished(messages)).ids()
                : template.get().render(ChatRequest.of(messages)).encode(tokenizer).ids();
    }

    /** The conversation up to the end of its last message. */
    private List<Segment> unfinished(List<Map<String, Object>> messages) {
        List<Map<String, Object>> marked = new ArrayList<>(messages);
        Map<String, Object> last = new LinkedHashMap<>(messages.get(messages.size() - 1));
        last.put(CONTENT, last.get(CONTENT) + MARK);
        marked.set(marked.size() - 1, last);
        Rendering rendering = template.get().render(
                ChatRequest.builder(marked).addGenerationPrompt(false).build());
        String text = rendering.text();
        int end = text.lastIndexOf(MARK.strip());
        if (end < 0) {
            throw new JformersException("conversation: got a template that leaves the last message out, allowed one"
                    + " that writes it, for it is to go on");
        }
        boolean trimmed = !text.startsWith(MARK, end);
        return before(rendering.segments(), trimmed ? text.substring(0, end).stripTrailing().length() : end);
    }

    private static List<Segment> before(List<Segment> segments, int end) {
        List<Segment> left = new ArrayList<>();
        int at = 0;
        for (Segment segment : segments) {
            int length = Math.min(segment.text().length(), end - at);
            if (length > 0) {
                left.add(new Segment(segment.text().substring(0, length), segment.origin()));
            }
            at += segment.text().length();
        }
        return left;
    }
}
