package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadReport;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.hub.ModelSource;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.DecodeOptions;

/**
 * A conversation with a model, in the form of its chat template. What was said is remembered; where it has grown beyond
 * what the model reads, its oldest turns are not read any more, whole, and what the system said stays. Owns its model.
 * May serve several threads, whose turns come one after the other.
 */
public final class Chat implements Pipeline {
    private static final int USUAL_ANSWER = 256;

    private final TextGeneration writer;
    private final List<Message> messages = new ArrayList<>();
    /** The last answer that somebody reads piece by piece. */
    private Optional<TextPieces> turn = Optional.empty();

    /**
     * What somebody has said.
     *
     * @param role who: {@code system}, {@code user} or {@code assistant}
     * @param text what
     */
    public record Message(String role, String text) {}

    /** Takes a model over that knows a chat template; it is closed with this object. */
    public Chat(TextGeneration writer) {
        this.writer = writer;
    }

    /** Loads a model folder, or the model of an id, with its chat template. */
    public static Chat load(String folderOrId) {
        return load(ModelSource.folder(folderOrId), LoadRequest.DECLARED);
    }

    /** Loads a model folder with its chat template as a request says, but for its tasks. */
    public static Chat load(Path folder, LoadRequest request) {
        return new Chat(TextGeneration.load(folder, request));
    }

    /** Begins anew, with what the system says before the first turn. */
    public Chat begin(String system) {
        return resume(List.of(new Message("system", system)));
    }

    /** Goes on from what was said elsewhere, or before; an empty list begins anew. */
    public synchronized Chat resume(List<Message> said) {
        requireTurn();
        messages.clear();
        messages.addAll(said);
        return this;
    }

    /** What was said so far. */
    public synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    /** Says something and returns the answer. */
    public String reply(String text) {
        return reply(text, settings -> settings, Controls.NONE);
    }

    /** The same with some settings changed. A turn that fails leaves the conversation as it was. */
    public synchronized String reply(
            String text, UnaryOperator<GenerationConfig.Builder> settings, Controls controls) {
        GenerationConfig chosen = settings.apply(writer.settings().with()).build();
        return said(text, write(tokens(text, false, chosen), chosen, controls));
    }

    /** The same, telling the answer as it comes, in whole characters. */
    public String stream(String text, Consumer<String> answer) {
        return stream(text, settings -> settings, Controls.NONE, answer);
    }

    /**
     * The same with some settings changed.
     *
     * @param settings for one sequence without beams
     * @param controls a {@link Cancellation} among its rules ends the answer from outside
     * @param answer hears the pieces; an exception from it ends the turn
     * @throws org.jformers.JformersException if the model knows no chat template, or what is said leaves no room for an
     *     answer
     */
    public synchronized String stream(
            String text, UnaryOperator<GenerationConfig.Builder> settings, Controls controls,
            Consumer<String> answer) {
        try (TextPieces pieces = begun(text, settings, controls, new Cancellation())) {
            pieces.forEach(answer);
            return pieces.completion().text();
        }
    }

    /** Says something and returns the answer piece by piece, as its reader asks; the caller closes it. */
    public TextPieces pieces(String text) {
        return pieces(text, settings -> settings, Controls.NONE);
    }

    /**
     * The same with some settings changed. What was said is remembered when the last piece was asked for; an answer
     * that is closed before leaves the conversation as it was. Until then there is no other turn.
     *
     * @param settings for one sequence without beams
     */
    public TextPieces pieces(String text, UnaryOperator<GenerationConfig.Builder> settings, Controls controls) {
        return begun(text, settings, controls, new Cancellation());
    }

    /** Says something when somebody subscribes and asks for the answer, which is written on the common pool. */
    public Flow.Publisher<String> publisher(String text) {
        return publisher(text, settings -> settings, Controls.NONE, ForkJoinPool.commonPool());
    }

    /**
     * The same with some settings changed; each subscriber is a turn. A cancelled subscription ends its turn between
     * two tokens and leaves the conversation as it was.
     *
     * @param settings for one sequence without beams
     * @param executor where the model writes and subscribers are called
     */
    public Flow.Publisher<String> publisher(
            String text, UnaryOperator<GenerationConfig.Builder> settings, Controls controls, Executor executor) {
        return new PublishedText(ending -> begun(text, settings, controls, ending), executor);
    }

    /**
     * What the user might say next, in the model's words: it goes on where the template has the user begin. The
     * conversation stays as it is.
     *
     * @throws JformersException if the template refuses a conversation that the user ends
     */
    public synchronized String suggest(UnaryOperator<GenerationConfig.Builder> settings, Controls controls) {
        GenerationConfig chosen = settings.apply(writer.settings().with()).build();
        return write(tokens("", true, chosen), chosen, controls).text();
    }

    private synchronized TextPieces begun(
            String text, UnaryOperator<GenerationConfig.Builder> settings, Controls controls, Cancellation ending) {
        GenerationConfig chosen = settings.apply(writer.settings().with()).build();
        int[] ids = tokens(text, false, chosen);
        TextPieces pieces = writer.pieces(
                ids, writer.fitted(chosen, ids.length), controls, ending, answer -> said(text, answer));
        turn = Optional.of(pieces);
        return pieces;
    }

    /** @param goesOn whether the user's text is to go on, rather than to be answered */
    private int[] tokens(String text, boolean goesOn, GenerationConfig settings) {
        requireTurn();
        List<Map<String, Object>> all = new ArrayList<>(messages.stream().map(Chat::asTemplatesReadIt).toList());
        all.add(asTemplatesReadIt(new Message("user", text)));
        return writer.tokens(all, goesOn, settings.maxNewTokens().orElse(USUAL_ANSWER));
    }

    private void requireTurn() {
        if (turn.map(TextPieces::isOpen).orElse(false)) {
            throw new JformersException("chat: got a turn while an answer is read, allowed when that has ended or is"
                    + " closed");
        }
    }

    private Completion write(int[] ids, GenerationConfig settings, Controls controls) {
        return writer.write(List.of(ids), DecodeOptions.DEFAULT, settings, controls).get(0).get(0);
    }

    private synchronized String said(String text, Completion answer) {
        messages.add(new Message("user", text));
        messages.add(new Message("assistant", answer.text()));
        return answer.text();
    }

    private static Map<String, Object> asTemplatesReadIt(Message message) {
        return Map.of("role", message.role(), "content", message.text());
    }

    @Override
    public LoadReport report() {
        return writer.report();
    }

    @Override
    public void close() {
        writer.close();
    }
}
