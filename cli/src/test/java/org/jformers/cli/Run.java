package org.jformers.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/**
 * What a command printed and how it ended.
 *
 * @param exitCode 0 fine, 1 failed, 2 wrong usage
 * @param out standard output
 * @param err standard error
 */
record Run(int exitCode, String out, String err) {

    /** Runs the whole command. */
    static Run jformers(String... arguments) {
        return of(Jformers.commandLine(), arguments);
    }

    /** Runs a command tree. */
    static Run of(CommandLine line, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int exitCode = Jformers.run(line, arguments);
        return new Run(exitCode, out.toString(), err.toString());
    }
}
