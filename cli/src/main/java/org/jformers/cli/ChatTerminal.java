package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.jformers.JformersException;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;

/** Reads the lines of a session from a terminal, with a history; Ctrl-C stops an answer, Ctrl-D ends the session. */
final class ChatTerminal {
    private final Terminal terminal;
    private final ChatSession session;
    private final PrintWriter out;

    /** @param out the terminal, which shows control characters instead of obeying them */
    ChatTerminal(Terminal terminal, ChatSession session, PrintWriter out) {
        this.terminal = terminal;
        this.session = session;
        this.out = out;
    }

    /** Until the user ends it. */
    void run(Path history) {
        DefaultParser plain = new DefaultParser(); // quotes and backslashes are text
        plain.setQuoteChars(new char[0]);
        plain.setEscapeChars(new char[0]);
        LineReader reader = LineReaderBuilder.builder()
                .terminal(terminal)
                .parser(plain)
                .completer(new StringsCompleter(ChatSession.COMMANDS))
                .variable(LineReader.HISTORY_FILE, history)
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .build();
        out.println("/help lists what else there is to say; Ctrl-C stops an answer, Ctrl-D ends.");
        while (true) {
            String line;
            try {
                line = reader.readLine("> ");
            } catch (UserInterruptException e) {
                continue; // of a line: it is left
            } catch (EndOfFileException e) {
                return;
            }
            Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> session.stop());
            try {
                if (!session.take(line)) {
                    return;
                }
            } catch (JformersException e) {
                out.println(Failures.describe(e));
            } finally {
                terminal.handle(Terminal.Signal.INT, before);
            }
        }
    }
}
