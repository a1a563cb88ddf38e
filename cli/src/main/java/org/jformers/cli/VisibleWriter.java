package org.jformers.cli;

import java.io.PrintWriter;
import java.io.Writer;
import org.jformers.VisibleText;

/** Writes to a terminal what may come from anywhere, such as a model's text: its control characters can be seen. */
final class VisibleWriter extends PrintWriter {
    private final PrintWriter terminal;

    VisibleWriter(PrintWriter terminal) {
        super(new Through(terminal), true);
        this.terminal = terminal;
    }

    /** The same output for a command that makes foreign text visible by itself, between colours of its own. */
    static PrintWriter raw(PrintWriter out) {
        return out instanceof VisibleWriter visible ? visible.terminal : out;
    }

    private static final class Through extends Writer {
        private final PrintWriter terminal;

        Through(PrintWriter terminal) {
            this.terminal = terminal;
        }

        @Override
        public void write(char[] characters, int offset, int length) {
            terminal.print(VisibleText.lines(new String(characters, offset, length)));
        }

        @Override
        public void flush() {
            terminal.flush();
        }

        @Override
        public void close() {
            terminal.close();
        }
    }
}
