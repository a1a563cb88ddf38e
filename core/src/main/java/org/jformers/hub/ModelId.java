package org.jformers.hub;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A model on the hub, at a revision.
 *
 * @param name {@code org/name}, or {@code name} for the few models without an organisation
 * @param revision branch, tag, commit, or a pull request such as {@code refs/pr/1}
 */
public record ModelId(String name, String revision) {
    /** The revision where none is named. */
    public static final String MAIN = "main";

    private static final String PART = "[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?";
    private static final Pattern NAME = Pattern.compile("(?:" + PART + "/)?" + PART);
    // What git forbids in the name of a branch; it would also lead out of the cache's folder.
    private static final Pattern NO_REVISION = Pattern.compile(
            "[\\x00-\\x20\\x7f\\\\:?*\\[^~]|\\.\\.|//|^[/.-]|/\\.|[/.]$|\\.lock$|@\\{");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /** @throws HubException if name or revision cannot be one */
    public ModelId {
        if (!isName(name)) {
            throw new HubException("model id: got " + Names.quote(name)
                    + ", allowed org/name of letters, digits, '.', '_' and '-'");
        }
        if (!isRevision(revision)) {
            throw new HubException("revision of " + name + ": got " + Names.quote(revision)
                    + ", allowed a branch, a tag, a commit or refs/pr/N");
        }
    }

    /** The id that {@code org/name} or {@code org/name@revision} stands for; empty if the text cannot be one. */
    public static Optional<ModelId> find(String text) {
        int at = text.indexOf('@');
        String name = at < 0 ? text : text.substring(0, at);
        String revision = at < 0 ? MAIN : text.substring(at + 1);
        return isName(name) && isRevision(revision) ? Optional.of(new ModelId(name, revision)) : Optional.empty();
    }

    /** Whether the revision is a commit, which never changes. */
    boolean isPinned() {
        return isCommit(revision);
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    private static boolean isName(String name) {
        return NAME.matcher(name).matches() && !name.contains("--") && !name.contains("..") && !name.endsWith(".git");
    }

    private static boolean isRevision(String revision) {
        return !revision.isEmpty() && revision.length() < 200 && !NO_REVISION.matcher(revision).find();
    }

    /** As a user writes it. */
    @Override
    public String toString() {
        return revision.equals(MAIN) ? name : name + "@" + revision;
    }
}
