package org.jformers.cli;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Runs commands that read standard input. */
final class StandardInput {
    private StandardInput() {}

    /** Runs the whole command on a text as standard input. */
    static Run jformers(String input, String... arguments) {
        return jformers(input.getBytes(StandardCharsets.UTF_8), arguments);
    }

    static Run jformers(byte[] input, String... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input));
        try {
            return Run.jformers(arguments);
        } finally {
            System.setIn(before);
        }
    }
}
