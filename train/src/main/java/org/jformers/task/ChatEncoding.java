package org.jformers.task;

import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jformers.data.Conversation;
import org.jformers.data.DataException;
import org.jformers.data.LabelledSequences;
import org.jformers.data.TokenSequences;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.text.chat.ChatRequest;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.chat.ChatTemplateException;
import org.jformers.text.chat.Rendering;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Conversations as tokens, by the template of a model folder.
 *
 * @param plain writes those without tools
 * @param withTools writes those with tools
 * @param room tokens of a conversation at most
 */
record ChatEncoding(ChatTemplate plain, ChatTemplate withTools, Tokenizer tokenizer, int room) {
    /** What templates that tell the day say: a run is the same whenever it goes on. That of Llama 3.1's template. */
    private static final LocalDateTime DAY = LocalDateTime.of(2024, 7, 26, 0, 0);

    static ChatEncoding of(Path folder, Tokenizer tokenizer, int room) {
        ChatRequest tools = ChatRequest.builder(List.of()).tools(List.of()).build();
        return new ChatEncoding(ChatTemplate.load(folder), ChatTemplate.load(folder, tools), tokenizer, room);
    }

    private ChatTemplate template(Conversation conversation) {
        return conversation.tools().isPresent() ? withTools : plain;
    }

    private static ChatRequest request(Conversation conversation) {
        ChatRequest.Builder request = ChatRequest.builder(conversation.messages()).now(DAY);
        conversation.tools().ifPresent(request::tools);
        return request.build();
    }

    /** The text that ends where the assistant is to begin. */
    Rendering prompt(Conversation conversation) {
        return template(conversation).render(request(conversation));
    }

    /** A conversation as it is learned: its tokens, and 1 at those that the assistant said. */
    private record Learned(int[] ids, int[] said, boolean cut) {
        boolean answers() {
            return Arrays.stream(said).skip(1).anyMatch(one -> one == 1);
        }
    }

    private Learned learned(Conversation conversation) {
        Rendering rendering = template(conversation).renderAnswers(request(conversation));
        Encoding encoding = rendering.encode(tokenizer);
        int[] said = rendering.assistantMask(encoding);
        int length = Math.min(room, said.length);
        return new Learned(Arrays.copyOf(encoding.ids(), length), Arrays.copyOf(said, length), length < said.length);
    }

    /**
     * Examples of conversations, and says what is cut and left out.
     *
     * @param rows the conversations, each with the name of its row for messages
     * @param part what the rows are called
     */
    LabelledSequences examples(List<Row> rows, String part, LabelledSequences.Form form, Console console) {
        List<Row> answered = rows.stream().filter(row -> row.conversation().beforeLastAnswer().isPresent()).toList();
        List<Learned> learned = IntStream.range(0, answered.size()).parallel().mapToObj(i -> {
            try {
                return learned(answered.get(i).conversation());
            } catch (ChatTemplateException e) {
                throw new DataException(answered.get(i).name() + ": " + e.getMessage(), e);
            }
        }).toList();
        List<Learned> kept = learned.stream().filter(Learned::answers).toList();
        List<String> said = new ArrayList<>();
        count(said, rows.size() - answered.size(), "without an answer left out");
        count(said, learned.size() - kept.size(), "left out whose answers begin behind " + room + " tokens");
        count(said, (int) kept.stream().filter(Learned::cut).count(), "cut to " + room + " tokens");
        if (!said.isEmpty()) {
            console.say(part + " conversations: " + String.join(", ", said));
        }
        if (kept.isEmpty()) {
            throw new ExperimentException("task.data: none of the " + rows.size() + " " + part
                    + " conversations has an answer within " + room + " tokens");
        }
        return LabelledSequences.ofChosen(
                TokenSequences.of(kept, Learned::ids), TokenSequences.of(kept, Learned::said), form);
    }

    private static void count(List<String> said, int count, String what) {
        if (count > 0) {
            said.add(String.format(Locale.ROOT, "%,d %s", count, what));
        }
    }

    /** A conversation and where it comes from. */
    record Row(Conversation conversation, String name) {}
}
