package org.jformers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.jformers.JformersException;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.pipeline.call.CallFields;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where calls come from and results go to, if not standard input and output. */
final class RunFiles {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "A file in place of standard input: .csv, .tsv, .parquet or .txt, whose rows are the texts;"
                    + " or .jsonl, whose lines are calls as with --json, or rows if there is --column. Also with .gz.")
    private @Nullable Path input;

    @Option(
            names = "--column",
            paramLabel = "NAME",
            description = "The column with the text; or name=column,... for inputs of several parts.")
    private @Nullable String column;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "A file in place of standard output, whole or not at all: .csv with inputs and results in"
                    + " columns; .jsonl with a JSON value for each call, as with --json; .txt with lines for a reader.")
    private @Nullable Path output;

    @Option(names = "--overwrite", description = "Replace the file of --output if there is one.")
    private boolean overwrite;

    /** The form of results. */
    enum Form { TEXT, JSON, TABLE }

    /** Prints results, and says whether no call failed. */
    @FunctionalInterface
    interface Printing {
        boolean to(PrintWriter out, Form form);
    }

    /** Whether calls come from a file. */
    boolean hasInput() {
        return input != null;
    }

    /** Whether the input is calls in JSON, rather than rows of a table. */
    boolean hasCalls() {
        return input != null && column == null && name(input).matches(".*\\.(jsonl|ndjson)(\\.gz)?");
    }

    /** The calls of the file, each as JSON. */
    Input.Lines lines() {
        Path file = Objects.requireNonNull(input, "asked for only where hasInput() says so");
        return hasCalls() ? Input.file(file) : TableInput.open(file, column);
    }

    /** How a line of the file becomes a call. */
    static Function<String, CallFields> reading(ObjectNode flags) {
        return line -> CallFields.ofJson(Json.read(line, JsonNode.class, "the call"), flags);
    }

    /** Checks the options before a model is loaded. */
    void require(List<String> texts) {
        if (input != null && !texts.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--input: got texts beside it, allowed one of both");
        }
        if (input == null && column != null) {
            throw new ParameterException(spec.commandLine(), "--column: got it alone, allowed with --input");
        }
        if (output == null && overwrite) {
            throw new ParameterException(spec.commandLine(), "--overwrite: got it alone, allowed with --output");
        }
        if (output != null) {
            form(Form.TEXT);
            if (Files.exists(output) && !overwrite) {
                throw new JformersException("--output: " + output + " is there already, allowed with --overwrite");
            }
        }
    }

    /**
     * Prints results where they go to.
     *
     * @param otherwise their form on standard output
     */
    boolean print(Form otherwise, Printing printing) {
        if (output == null) {
            return printing.to(spec.commandLine().getOut(), otherwise);
        }
        boolean[] fine = new boolean[1];
        AtomicFile.write(output, 0, channel -> {
            PrintWriter out = new PrintWriter(Channels.newWriter(channel, StandardCharsets.UTF_8));
            fine[0] = printing.to(out, form(otherwise));
            if (out.checkError()) {
                throw new IOException("the results could not be written to the end");
            }
        });
        return fine[0];
    }

    private Form form(Form otherwise) {
        if (output == null) {
            return otherwise;
        }
        String name = name(output);
        if (name.endsWith(".csv")) {
            return Form.TABLE;
        }
        if (!name.endsWith(".jsonl") && !name.endsWith(".txt")) {
            throw new ParameterException(
                    spec.commandLine(), "--output: got " + output + ", allowed names that end in .csv, .jsonl, .txt");
        }
        return name.endsWith(".txt") ? Form.TEXT : Form.JSON;
    }

    private static String name(Path file) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT);
    }
}
