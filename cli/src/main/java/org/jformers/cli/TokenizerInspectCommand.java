package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jformers.VisibleText;
import org.jformers.hub.HubContents;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.SpecialTokens;
import org.jformers.text.tokenizer.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers tokenizer inspect}: how texts are cut, for people as colours and a table, for programs as JSON. */
@Command(
        name = "inspect",
        description =
                "Show how each text is cut: coloured pieces and a table in a terminal, otherwise one line of JSON.")
final class TokenizerInspectCommand implements Runnable {
    private static final String[] COLOURS = {"\u001b[30;46m", "\u001b[30;43m", "\u001b[30;42m", "\u001b[30;45m"};
    private static final String PLAIN = "\u001b[0m";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            required = true,
            description = "Folder with a tokenizer, or its file (.json, .model, .gguf, .tiktoken), or a model's id.")
    private String model;

    @Option(names = "--plain", description = "Add no special tokens.")
    private boolean plain;

    @Option(names = "--json", description = "Print JSON, in a terminal too.")
    private boolean json;

    @Option(names = "--table", description = "Print the table, into a pipe too.")
    private boolean table;

    @Parameters(
            paramLabel = "TEXT", arity = "0..*", description = "The texts; without any, the tokenizer itself is shown.")
    private List<String> texts = List.of();

    @Override
    public void run() {
        Path place = Path.of(model);
        Tokenizer tokenizer = AutoTokenizer.load(
                Files.isRegularFile(place) ? place : ModelArgument.folder(model, HubContents.TOKENIZER, spec));
        boolean colours = Ansi.AUTO.enabled();
        boolean people = !json && (table || colours);
        PrintWriter all = spec.commandLine().getOut();
        PrintWriter out = people ? VisibleWriter.raw(all) : all;
        if (texts.isEmpty()) {
            describe(tokenizer, people, out);
        }
        for (String text : texts) {
            Encoding encoding = plain ? tokenizer.encodePlain(text) : tokenizer.encode(text);
            if (people) {
                print(text, encoding, colours, out);
            } else {
                out.println(json(text, encoding));
            }
        }
    }

    private static void describe(Tokenizer tokenizer, boolean people, PrintWriter out) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("vocab_size", tokenizer.vocabSize());
        SpecialTokens roles = tokenizer.specialTokens();
        Map<String, OptionalInt> ids = new LinkedHashMap<>();
        ids.put("bos", roles.bos());
        ids.put("eos", roles.eos());
        ids.put("pad", roles.pad());
        ids.put("unk", roles.unk());
        ids.put("sep", roles.sep());
        ids.put("cls", roles.cls());
        ids.put("mask", roles.mask());
        ids.forEach((role, id) -> id.ifPresent(number ->
                facts.put(role, Map.of("id", number, "token", tokenizer.token(number)))));
        if (!people) {
            out.println(Json.print(facts));
            return;
        }
        out.printf("%-10s %,d%n", "tokens", tokenizer.vocabSize());
        ids.forEach((role, id) -> id.ifPresent(number ->
                out.printf("%-10s %d %s%n", role, number, VisibleText.line(tokenizer.token(number)))));
    }

    /** All of an encoding as one line of JSON; offsets count code points. */
    static String json(String text, Encoding encoding) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("text", text);
        values.put("ids", encoding.ids());
        values.put("tokens", encoding.tokens());
        values.put("offsets", IntStream.range(0, encoding.length())
                .mapToObj(i -> List.of(encoding.starts()[i], encoding.ends()[i]))
                .toList());
        values.put("words", encoding.words());
        values.put("special_tokens_mask", encoding.specialTokensMask());
        return Json.print(values);
    }

    private static void print(String text, Encoding encoding, boolean colours, PrintWriter out) {
        int[] characters = text.codePoints().toArray();
        int[] added = encoding.specialTokensMask();
        StringBuilder pieces = new StringBuilder();
        for (int i = 0; i < encoding.length(); i++) {
            String piece = VisibleText.line(encoding.tokens().get(i));
            pieces.append(colours ? COLOURS[i % COLOURS.length] + piece + PLAIN : (i > 0 ? " | " : "") + piece);
        }
        out.println(pieces);
        out.printf("%5s %8s  %-20s %-11s %5s  %s%n", "", "id", "token", "offsets", "word", "text");
        for (int i = 0; i < encoding.length(); i++) {
            int start = encoding.starts()[i];
            int end = encoding.ends()[i];
            boolean special = added[i] == 1;
            out.printf(
                    "%5d %8d  %-20s %-11s %5s  %s%n",
                    i,
                    encoding.ids()[i],
                    VisibleText.line(encoding.tokens().get(i)),
                    special ? "special" : start + "-" + end,
                    special ? "" : encoding.words()[i],
                    special ? "" : VisibleText.line(new String(characters, start, end - start)));
        }
    }
}
