package org.jformers.checkpoint;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jformers.JformersException;

/** Weights that cannot be read, do not fit the model, or cannot be written. */
public final class CheckpointException extends JformersException {
    private static final long serialVersionUID = 1L;

    /** Longest piece of a foreign name that a message repeats. */
    private static final int QUOTED = 120;

    public CheckpointException(String message) {
        super(message);
    }

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }

    /** A name out of a file, safe to print on one line. */
    static String quote(String name) {
        StringBuilder text = new StringBuilder("'");
        name.codePoints()
                .limit(QUOTED)
                .forEach(c -> text.appendCodePoint(
                        Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '\uFFFD' : c));
        return text.append(name.codePointCount(0, name.length()) > QUOTED ? "...'" : "'").toString();
    }

    /** What the file system says, without the path that the caller's message names anyway. */
    static String reason(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return "access denied";
        }
        if (failure instanceof FileSystemException inFile && inFile.getReason() != null) {
            return inFile.getReason();
        }
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message.lines().findFirst().orElse("");
    }
}
