package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jformers.checkpoint.LoadReport;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.hub.ModelSource;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.DecodeOptions;
import org.jformers.text.tokenizer.TokenStream;

/**
 * A conversation with a model, in the form of its chat template. What was said is remembered; where it has grown beyond
 * what the model reads, its oldest turns are not read any more, whole, and what the system said stays. Owns its model.
 * May serve several threads, whose turns come one after the other.
 */
public final class Chat implements Pipeline {
    private static final int USUAL_ANSWER = 256;

    private final TextGeneration writer;
    private final List<Message> messages = new ArrayList<>();

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
    public synchronized Chat begin(String system) {
        messages.clear();
        messages.add(new Message("system", system));
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
        return said(text, write(tokens(text, chosen), chosen, controls));
    }

    /** The same, telling the answer as it comes, in whole characters. */
    public String stream(String text, Consumer<String> answer) {
        return stream(text, settings -> settings, Controls.NONE, answer);
    }

    /**
     * The same with some settings changed.
     *
     * @param settings for one sequence without beams
     * @param controls a {@link org.jformers.generation.Cancellation} among its rules ends the answer from outside
     * @param answer hears the pieces; an exception from it ends the turn
     * @throws org.jformers.JformersException if the model knows no chat template, or what is said leaves no room for an
     *     answer
     */
    public synchronized String stream(
            String text, UnaryOperator<GenerationConfig.Builder> settings, Controls controls,
            Consumer<String> answer) {
        GenerationConfig chosen = settings.apply(writer.settings().with()).build();
        int[] ids = tokens(text, chosen);
        TokenStream stream = writer.tokenizer().stream();
        IntStream.of(ids).forEach(stream::next);
        Controls listening = controls.withListener(token -> {
            controls.listener().ifPresent(hears -> hears.token(token));
            tell(answer, stream.next(token));
        });
        Completion written = write(ids, chosen, listening);
        tell(answer, stream.finish());
        return said(text, written);
    }

    private int[] tokens(String text, GenerationConfig settings) {
        List<Map<String, Object>> all = new ArrayList<>(messages.stream().map(Chat::asTemplatesReadIt).toList());
        all.add(asTemplatesReadIt(new Message("user", text)));
        return writer.tokens(all, false, settings.maxNewTokens().orElse(USUAL_ANSWER));
    }

    private Completion write(int[] ids, GenerationConfig settings, Controls controls) {
        return writer.write(List.of(ids), DecodeOptions.DEFAULT, settings, controls).get(0).get(0);
    }

    private String said(String text, Completion answer) {
        messages.add(new Message("user", text));
        messages.add(new Message("assistant", answer.text()));
        return answer.text();
    }

    private static Map<String, Object> asTemplatesReadIt(Message message) {
        return Map.of("role", message.role(), "content", message.text());
    }

    private static void tell(Consumer<String> answer, String piece) {
        if (!piece.isEmpty()) {
            answer.accept(piece);
        }
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
