package org.jformers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jformers.JformersException;
import org.jformers.hub.HubContents;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers tokenizer}: text to token ids and back, and learning how. */
@Command(
        name = "tokenizer",
        description = "Train a tokenizer, turn texts and conversations into token ids and back.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {TokenizerTrainCommand.class, TokenizerInspectCommand.class, TokenizerChatCommand.class})
final class TokenizerCommand implements Runnable {
    private static final String MODEL =
            "Folder with tokenizer.json or the vocabulary files of older models, or a model's id: org/name[@revision].";

    private static final int SHOWN = 80;

    @Spec
    private CommandSpec spec;

    /** Without a command: wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command");
    }

    @Command(name = "encode", description = "Print the token ids of each text, one line per text.")
    void encode(
            @Option(names = "--model", paramLabel = "DIR|ID", required = true, description = MODEL) String model,
            @Option(names = "--tokens", description = "Print the tokens as a JSON list instead of their ids.")
                    boolean tokens,
            @Option(
                            names = "--json",
                            description =
                                    "Print a JSON object instead: text, ids, tokens, offsets in code points, words, "
                                    + "special_tokens_mask.")
                    boolean json,
            @Option(names = "--plain", description = "Add no special tokens.") boolean plain,
            @Parameters(
                            paramLabel = "TEXT",
                            arity = "0..*",
                            description = "The texts; without any, the lines of standard input.")
                    List<String> texts) {
        if (tokens && json) {
            throw new ParameterException(spec.commandLine(), "expected --tokens or --json, got both");
        }
        Tokenizer tokenizer = AutoTokenizer.load(ModelArgument.folder(model, HubContents.TOKENIZER, spec));
        PrintWriter out = spec.commandLine().getOut();
        for (String text : Input.of(texts == null ? List.of() : texts)) {
            Encoding encoding = plain ? tokenizer.encodePlain(text) : tokenizer.encode(text);
            if (json) {
                out.println(TokenizerInspectCommand.json(text, encoding));
            } else {
                out.println(tokens ? Json.print(encoding.tokens()) : join(encoding.ids()));
            }
            if (out.checkError()) {
                return; // the reader of a pipe has seen enough
            }
        }
    }

    @Command(name = "decode", description = "Print the text of token ids, one line per line of ids.")
    void decode(
            @Option(names = "--model", paramLabel = "DIR|ID", required = true, description = MODEL) String model,
            @Option(names = "--special", description = "Print special tokens as well.") boolean special,
            @Option(names = "--json", description = "Print a JSON object instead: ids and text.") boolean json,
            @Parameters(
                            paramLabel = "ID",
                            arity = "0..*",
                            description = "The ids of one text; without any, each line of standard input is one text: "
                                    + "ids, a JSON list of ids, or a JSON object with ids, as encode --json prints it.")
                    List<String> ids) {
        Tokenizer tokenizer = AutoTokenizer.load(ModelArgument.folder(model, HubContents.TOKENIZER, spec));
        PrintWriter out = spec.commandLine().getOut();
        for (String line : Input.of(ids == null ? List.of() : List.of(String.join(" ", ids)))) {
            int[] numbers = parse(line, tokenizer.vocabSize());
            String text = special ? tokenizer.decodeWithSpecialTokens(numbers) : tokenizer.decode(numbers);
            out.println(json ? Json.print(new Decoded(numbers, text)) : text);
            if (out.checkError()) {
                return;
            }
        }
    }

    /** What {@code decode --json} prints. */
    private record Decoded(int[] ids, String text) {}

    private static String join(int[] ids) {
        return Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }

    private static int[] parse(String line, int vocabSize) {
        String list = line.strip();
        if (list.startsWith("{") || list.startsWith("[")) {
            return numbers(list, vocabSize);
        }
        String blank = list.replace(',', ' ').strip();
        if (blank.isEmpty()) {
            return new int[0];
        }
        return Arrays.stream(blank.split("\\s+")).mapToInt(text -> id(text, vocabSize)).toArray();
    }

    private static int[] numbers(String json, int vocabSize) {
        JsonNode value = Json.read(json, JsonNode.class, "the ids");
        JsonNode ids = value.isObject() ? value.path("ids") : value;
        if (!ids.isArray()) {
            throw new JformersException("expected a JSON list of ids, or an object with such a list as ids, got "
                    + json.substring(0, Math.min(json.length(), SHOWN)));
        }
        return StreamSupport.stream(ids.spliterator(), false)
                .mapToInt(number -> id(number.toString(), vocabSize))
                .toArray();
    }

    private static int id(String text, int vocabSize) {
        int id;
        try {
            id = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new JformersException("expected token ids, whole numbers separated by blanks, got '" + text + "'", e);
        }
        if (id < 0 || id >= vocabSize) {
            throw new JformersException("token id " + id + " out of range, the tokenizer has 0 to " + (vocabSize - 1));
        }
        return id;
    }
}
