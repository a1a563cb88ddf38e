package org.jformers.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jformers.JformersException;
import org.jformers.pipeline.Chat.Message;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with all that was ever said in it. Another answer to the same text, and another text in place of one,
 * begin a branch; none is lost.
 */
final class ConversationTree {
    private static final String USER = "user";
    private static final int EXCERPT = 60;
    private static final int NOTHING = -1;

    private final List<Said> said = new ArrayList<>();
    private String system = "";
    /** What was said last on the branch that goes on. */
    private int tip = NOTHING;

    /** @param after the number of the message before, -1 for none */
    record Said(int after, String role, String content) {}

    /** The form of its file. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Stored(@Nullable String system, int tip, List<Said> messages) {}

    /** A branch by its last message. */
    record Branch(int tip, int messages, String last, boolean current) {}

    /** @throws JformersException if a message does not follow an earlier one */
    static ConversationTree of(Stored stored, String source) {
        ConversationTree tree = new ConversationTree();
        for (Said message : stored.messages()) {
            if (message.after() < NOTHING || message.after() >= tree.said.size()) {
                throw new JformersException(source + ": message " + tree.said.size() + " follows message "
                        + message.after() + ", allowed -1 or an earlier one");
            }
            tree.said.add(message);
        }
        if (stored.tip() < NOTHING || stored.tip() >= tree.said.size()) {
            throw new JformersException(source + ": tip is " + stored.tip() + ", allowed -1 to "
                    + (tree.said.size() - 1));
        }
        tree.tip = stored.tip();
        tree.system = stored.system() == null ? "" : stored.system();
        return tree;
    }

    Stored stored() {
        return new Stored(system.isEmpty() ? null : system, tip, List.copyOf(said));
    }

    /** What the system says before the first turn of every branch; empty for nothing. */
    void system(String text) {
        system = text;
    }

    String system() {
        return system;
    }

    boolean isEmpty() {
        return said.isEmpty();
    }

    int tip() {
        return tip;
    }

    /** Adds to the branch that goes on. */
    void say(String text) {
        add(USER, text);
    }

    void answer(String text) {
        add("assistant", text);
    }

    private void add(String role, String text) {
        said.add(new Said(tip, role, text));
        tip = said.size() - 1;
    }

    /** Goes back to where another branch, or nothing, was said last; messages after {@code kept} are forgotten. */
    void back(int place, int kept) {
        said.subList(kept, said.size()).clear();
        tip = place;
    }

    int size() {
        return said.size();
    }

    /**
     * Goes back to the last text of the user, whose answer is to be another one.
     *
     * @throws JformersException if there is none
     */
    void beforeAnswer() {
        tip = lastOfUser();
    }

    /** Goes back to before it, for another text in its place. */
    void beforeTurn() {
        tip = said.get(lastOfUser()).after();
    }

    private int lastOfUser() {
        for (int i = tip; i != NOTHING; i = said.get(i).after()) {
            if (said.get(i).role().equals(USER)) {
                return i;
            }
        }
        throw new JformersException("nothing was said yet");
    }

    /** The branch that goes on, with what the system says. */
    List<Message> messages() {
        List<Message> messages = new ArrayList<>();
        for (int i = tip; i != NOTHING; i = said.get(i).after()) {
            messages.add(new Message(said.get(i).role(), said.get(i).content()));
        }
        if (!system.isEmpty()) {
            messages.add(new Message("system", system));
        }
        Collections.reverse(messages);
        return messages;
    }

    /** All branches, in the order of their ends. */
    List<Branch> branches() {
        boolean[] followed = new boolean[said.size()];
        for (Said message : said) {
            if (message.after() != NOTHING) {
                followed[message.after()] = true;
            }
        }
        List<Branch> branches = new ArrayList<>();
        for (int i = 0; i < said.size(); i++) {
            if (!followed[i]) {
                branches.add(new Branch(i, depth(i), excerpt(said.get(i).content()), i == tip));
            }
        }
        return branches;
    }

    private int depth(int message) {
        int depth = 0;
        for (int i = message; i != NOTHING; i = said.get(i).after()) {
            depth++;
        }
        return depth;
    }

    /**
     * Goes on with another branch.
     *
     * @param number from 1
     * @throws JformersException if there is none
     */
    void branch(int number) {
        List<Branch> branches = branches();
        if (number < 1 || number > branches.size()) {
            throw new JformersException("/branch: got " + number + ", allowed 1 to " + branches.size());
        }
        tip = branches.get(number - 1).tip();
    }

    /** What it begins with, for lists. */
    String title() {
        return said.isEmpty() ? "" : excerpt(said.get(0).content());
    }

    private static String excerpt(String text) {
        String line = text.strip().replaceAll("\\s+", " ");
        return line.codePointCount(0, line.length()) <= EXCERPT
                ? line
                : line.substring(0, line.offsetByCodePoints(0, EXCERPT - 1)) + "…";
    }

    /** The branch that goes on as Markdown. */
    String markdown() {
        StringBuilder text = new StringBuilder();
        for (Message message : messages()) {
            text.append("## ").append(message.role()).append("\n\n").append(message.text()).append("\n\n");
        }
        return text.toString();
    }
}
