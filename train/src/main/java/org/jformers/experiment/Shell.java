package org.jformers.experiment;

/** Commands as a shell reads them back. */
public final class Shell {
    private Shell() {}

    /** A word of a command, in quotes where it needs them. */
    public static String quoted(String word) {
        return word.matches("[\\w./=+:@-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
