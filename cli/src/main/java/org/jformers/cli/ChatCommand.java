package org.jformers.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jformers.JformersException;
import org.jformers.VisibleText;
import org.jformers.data.Dialogues;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.hub.HubContents;
import org.jformers.pipeline.Chat;
import org.jformers.pipeline.Chat.Message;
import org.jformers.pipeline.TextGeneration;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers chat}: a conversation in the terminal, or turn by turn through a pipe. */
@Command(name = "chat", description = "Talk with a model; /help lists what else there is to say. From a pipe, each line"
        + " is a turn.")
final class ChatCommand implements Callable<Integer> {
    private static final int SUGGESTIONS = 3;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = ModelArgument.DESCRIPTION + " With a chat template.")
    private String model;

    @Option(names = "--system", paramLabel = "TEXT", description = "Who the model is to be: its persona.")
    private String system = "";

    @Option(names = "--personas", paramLabel = "FILE",
            description = "Dialogues in ConvAI's form, of which one persona is drawn, by --seed if given, and shown.")
    private @Nullable Path personas;

    @Option(names = "--conversations", paramLabel = "DIR",
            description = "Where conversations are kept; by default .jformers/conversations of the user's home, and"
                    + " nowhere from a pipe.")
    private @Nullable Path conversations;

    @Option(names = "--open", paramLabel = "NAME", description = "Go on with a conversation that is kept there.")
    private @Nullable String open;

    @Mixin
    private SearchOptions search;

    @Mixin
    private LoadingOptions loading;

    @Mixin
    private DeviceOption device;

    @Override
    public Integer call() {
        String persona = persona(search.controls());
        Path folder = ModelArgument.folder(model, HubContents.MODEL, spec);
        TextGeneration writer = TextGeneration.load(folder, loading.request().withDevice(device.device()));
        try (Chat chat = new Chat(writer)) {
            GenerationConfig settings = search.applyTo(writer.settings());
            if (settings.numBeams() > 1 || settings.numReturnSequences() > 1) {
                throw new JformersException("chat: got beams or several sequences, allowed one answer that is shown"
                        + " as it is written");
            }
            ModelTalker talker = new ModelTalker(chat, settings, search.controls());
            // As the launcher says: a terminal to read from, and one to write to.
            boolean terminal = Boolean.getBoolean("jformers.keyboard") && Boolean.getBoolean("jformers.terminal");
            return terminal ? interactive(talker, persona) : piped(talker, persona);
        }
    }

    private int interactive(ModelTalker talker, String persona) {
        Path home = Path.of(System.getProperty("user.home"), ".jformers");
        Path folder = conversations == null ? home.resolve("conversations") : conversations;
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            PrintWriter out = new VisibleWriter(terminal.writer());
            ChatSession session = session(talker, persona, Optional.of(folder), out);
            new ChatTerminal(terminal, session, out).run(home.resolve("chat-history"));
            return 0;
        } catch (IOException e) {
            throw new JformersException("cannot use the terminal: " + e.getMessage(), e);
        }
    }

    /** Who the model is to be: as was said, or as drawn, which is told. */
    private String persona(Controls controls) {
        if (personas == null) {
            return system;
        }
        if (!system.isEmpty()) {
            throw new JformersException("--personas: got it with --system, allowed one of them");
        }
        List<List<String>> all = Dialogues.read(personas).training().stream()
                .map(Dialogues.Reply::persona).distinct().toList();
        Random random = controls.seed().isPresent() ? new Random(controls.seed().getAsLong()) : new Random();
        String persona = String.join(" ", all.get(random.nextInt(all.size())));
        spec.commandLine().getErr().println("persona: " + VisibleText.line(persona));
        return persona;
    }

    private ChatSession session(ModelTalker talker, String persona, Optional<Path> folder, PrintWriter out) {
        ChatSession session = new ChatSession(talker, folder.map(ConversationFiles::new), persona, out);
        if (open != null) {
            session.open(open);
        }
        return session;
    }

    /** Answers go to standard output, complaints to standard error; lines behind one that fails are still read. */
    private int piped(ModelTalker talker, String persona) {
        PrintWriter out = spec.commandLine().getOut();
        ChatSession session = session(talker, persona, Optional.ofNullable(conversations), out);
        boolean fine = true;
        Input.Lines lines = Input.of(List.of()).lines();
        while (lines.hasNext() && !out.checkError()) {
            try {
                if (!session.take(lines.next())) {
                    break;
                }
            } catch (JformersException e) {
                spec.commandLine().getErr().println("jformers: " + Failures.describe(e));
                fine = false;
            }
        }
        return fine ? 0 : 1;
    }

    /** A model that answers; each of its texts draws from a place of its own. */
    private static final class ModelTalker implements ChatSession.Talker {
        private final Chat chat;
        private final GenerationConfig settings;
        private final Controls controls;
        private long drawn;

        ModelTalker(Chat chat, GenerationConfig settings, Controls controls) {
            this.chat = chat;
            this.settings = settings;
            this.controls = controls;
        }

        private Controls next(Cancellation cancellation) {
            Controls stoppable = controls.withRule(cancellation);
            return controls.seed().isPresent()
                    ? stoppable.withSeed(controls.seed().getAsLong() + drawn++)
                    : stoppable;
        }

        @Override
        public String answer(List<Message> messages, Cancellation cancellation, Consumer<String> piece) {
            int last = messages.size() - 1;
            chat.resume(messages.subList(0, last));
            return chat.stream(messages.get(last).text(), changed -> settings.with(), next(cancellation), piece);
        }

        @Override
        public List<String> suggest(List<Message> messages, Cancellation cancellation) {
            chat.resume(messages);
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < SUGGESTIONS && !cancellation.cancelled(); i++) {
                String text = chat.suggest(changed -> settings.with().doSample(true), next(cancellation)).strip();
                if (!text.isEmpty() && !texts.contains(text)) {
                    texts.add(text);
                }
            }
            return texts;
        }
    }
}
