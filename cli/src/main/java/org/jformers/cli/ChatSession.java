package org.jformers.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jformers.JformersException;
import org.jformers.generation.Cancellation;
import org.jformers.pipeline.Chat.Message;

/** What lines of a user do in {@code jformers chat}, without the terminal that they come from. */
final class ChatSession {
    /** What begins with a slash and is no command begins with two. */
    static final List<String> COMMANDS = List.of("/regenerate", "/edit", "/suggest", "/branches", "/branch", "/system",
            "/show", "/new", "/list", "/open", "/delete", "/export", "/help", "/exit");

    private static final String HELP = """
            /regenerate     another answer, on a branch of its own
            /edit TEXT      TEXT in place of what you said last, on a branch of its own
            /suggest        what you might say next; /suggest N says it
            /branches       the branches of this conversation; /branch N goes on with one
            /system TEXT    who the model is to be; without TEXT what it was told
            /show           what was said on this branch
            /new            another conversation
            /list           the conversations that are kept; /open NAME goes on with one, /delete NAME deletes it
            /export FILE    write this branch as Markdown (.md), or all branches as JSON (.json)
            /exit           end, as Ctrl-D does; Ctrl-C stops an answer
            //TEXT          say a text that begins with a slash""";

    private final Talker talker;
    private final Optional<ConversationFiles> files;
    private final PrintWriter out;
    private final String system;
    private ConversationTree tree = new ConversationTree();
    private Optional<String> name = Optional.empty();
    private List<String> suggestions = List.of();
    private volatile Cancellation cancellation = new Cancellation();

    /** Whoever answers. */
    interface Talker {
        /** Answers the last message, telling the answer as it comes. */
        String answer(List<Message> messages, Cancellation cancellation, Consumer<String> piece);

        /** What the user might say next, each once. */
        List<String> suggest(List<Message> messages, Cancellation cancellation);
    }

    /**
     * @param files where conversations are kept; empty to keep none
     * @param system who the model is to be at the beginning of each conversation; empty for nothing
     */
    ChatSession(Talker talker, Optional<ConversationFiles> files, String system, PrintWriter out) {
        this.talker = talker;
        this.files = files;
        this.system = system;
        this.out = out;
        tree.system(system);
    }

    /** Ends what is being written; may be called from any thread. */
    void stop() {
        cancellation.cancel();
    }

    /**
     * Does what a line says.
     *
     * @return whether there may be another line
     * @throws JformersException if it cannot be done; the conversation is as it was
     */
    boolean take(String line) {
        String text = line.strip();
        if (text.isEmpty()) {
            throw new JformersException("Prompt should not be empty!");
        }
        if (text.startsWith("//") || !text.startsWith("/")) {
            say(text.startsWith("//") ? text.substring(1) : text);
            return true;
        }
        String[] words = text.split("\\s+", 2);
        return command(words[0], words.length > 1 ? words[1] : "");
    }

    private boolean command(String command, String rest) {
        switch (command) {
            case "/regenerate" -> turn(ConversationTree::beforeAnswer);
            case "/edit" -> {
                String text = required("/edit", rest, "the text to say instead");
                turn(conversation -> {
                    conversation.beforeTurn();
                    conversation.say(text);
                });
            }
            case "/suggest" -> suggest(rest);
            case "/branches" -> branches();
            case "/branch" -> {
                tree.branch(number("/branch", rest));
                keep();
                show();
            }
            case "/system" -> system(rest);
            case "/show" -> show();
            case "/new" -> begin();
            case "/list" -> list();
            case "/open" -> {
                open(required("/open", rest, "a name of /list"));
                show();
            }
            case "/delete" -> delete(required("/delete", rest, "a name of /list"));
            case "/export" -> export(required("/export", rest, "a file that ends with .md or .json"));
            case "/help" -> out.println(HELP);
            case "/exit", "/quit" -> {
                return false;
            }
            default -> throw new JformersException("got " + command + ", allowed " + String.join(", ", COMMANDS)
                    + "; // for a text that begins with a slash");
        }
        return true;
    }

    private static String required(String command, String rest, String what) {
        if (rest.isBlank()) {
            throw new JformersException(command + ": got nothing, allowed " + what);
        }
        return rest.strip();
    }

    private static int number(String command, String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new JformersException(command + ": got \"" + text + "\", allowed a number", e);
        }
    }

    private void say(String text) {
        turn(conversation -> conversation.say(text));
    }

    /** A turn that fails leaves the conversation as it was. */
    private void turn(Consumer<ConversationTree> begin) {
        int tip = tree.tip();
        int size = tree.size();
        try {
            begin.accept(tree);
            String answer = stoppable(ending -> talker.answer(tree.messages(), ending, piece -> {
                out.print(piece);
                out.flush();
            }));
            out.println();
            out.flush();
            tree.answer(answer);
        } catch (RuntimeException e) {
            tree.back(tip, size);
            throw e;
        }
        suggestions = List.of();
        keep();
    }

    private <T> T stoppable(Function<Cancellation, T> work) {
        cancellation = new Cancellation();
        return work.apply(cancellation);
    }

    private void suggest(String rest) {
        if (rest.isBlank()) {
            suggestions = stoppable(ending -> talker.suggest(tree.messages(), ending));
            for (int i = 0; i < suggestions.size(); i++) {
                out.println(i + 1 + "  " + suggestions.get(i));
            }
            return;
        }
        int number = number("/suggest", rest);
        if (number < 1 || number > suggestions.size()) {
            throw new JformersException("/suggest: got " + number + ", allowed "
                    + (suggestions.isEmpty() ? "a number of what /suggest has listed" : "1 to " + suggestions.size()));
        }
        say(suggestions.get(number - 1));
    }

    private void branches() {
        List<ConversationTree.Branch> branches = tree.branches();
        for (int i = 0; i < branches.size(); i++) {
            ConversationTree.Branch branch = branches.get(i);
            out.println((branch.current() ? "* " : "  ") + (i + 1) + "  " + branch.messages() + " messages  "
                    + branch.last());
        }
    }

    private void system(String text) {
        if (text.isBlank()) {
            out.println(tree.system());
            return;
        }
        tree.system(text.strip());
        keep();
    }

    private void show() {
        for (Message message : tree.messages()) {
            out.println((message.role().equals("user") ? "> " : "") + message.text());
        }
    }

    private void begin() {
        tree = new ConversationTree();
        tree.system(system);
        name = Optional.empty();
        suggestions = List.of();
    }

    private ConversationFiles files() {
        return files.orElseThrow(() -> new JformersException("conversations are not kept here, allowed with"
                + " --conversations DIR"));
    }

    private void list() {
        for (String kept : files().names()) {
            String title;
            try {
                title = files().open(kept).title();
            } catch (JformersException e) {
                title = "(" + e.getMessage() + ")";
            }
            out.println((name.equals(Optional.of(kept)) ? "* " : "  ") + kept + "  " + title);
        }
    }

    /** Goes on with a conversation that is kept. */
    void open(String kept) {
        tree = files().open(kept);
        name = Optional.of(kept);
        suggestions = List.of();
    }

    private void delete(String kept) {
        files().delete(kept);
        if (name.equals(Optional.of(kept))) {
            begin();
        }
    }

    private void keep() {
        if (files.isPresent() && !tree.isEmpty()) {
            name = Optional.of(name.orElseGet(() -> files().newName(LocalDateTime.now())));
            files().save(name.get(), tree);
        }
    }

    private void export(String name) {
        Path file = Path.of(name);
        String text;
        if (name.endsWith(".md")) {
            text = tree.markdown();
        } else if (name.endsWith(".json")) {
            text = Json.print(tree.stored()) + "\n";
        } else {
            throw new JformersException("/export: got " + name + ", allowed a file that ends with .md or .json");
        }
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
        } catch (IOException e) {
            throw new JformersException("/export: cannot write " + file + ": " + (Files.exists(file)
                    ? "it is there already"
                    : e.getMessage()), e);
        }
        out.println("wrote " + name);
    }
}
