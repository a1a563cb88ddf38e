package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Classes of old model folders that have a form of their own, and what their vocabulary files have in common. */
final class LegacyTokenizers {

    private LegacyTokenizers() {}

    /**
     * The tokenizer of a class that has a form of its own, or of a folder whose only file holds a whole one; empty if
     * the folder has none of these.
     *
     * @param name the class, empty if the folder does not say it
     */
    static Optional<Tokenizer> load(Path folder, String name, TokenizerSettings settings) {
        ObjectNode config = settings.config();
        return switch (name) {
            case "Wav2Vec2CTC" -> Optional.of(CtcPieces.load(folder, settings));
            case "CTRL" -> Optional.of(CtrlPieces.load(folder, settings));
            case "XLM", "Flaubert" -> Optional.of(XlmPieces.load(folder, settings, name.equals("Flaubert")));
            case "TransfoXL" -> Optional.of(WordTokenizers.transfoXl(folder, config));
            case "Marian" -> Optional.of(MarianTokenizers.source(folder, settings));
            case "SpeechT5" -> Optional.of(SentencePieceFolders.speechT5(folder, settings));
            default -> name.isEmpty() && SentencePieceFolders.recognizes(folder)
                    ? Optional.of(SentencePieceFolders.load(folder, config))
                    : onlyFile(folder, config);
        };
    }

    /** Whether a folder has the older files of a class in plain Python, which count beside a tokenizer.json too. */
    static boolean hasFiles(Path folder, String name) {
        return switch (name) {
            case "Marian" -> MarianTokenizers.recognizes(folder);
            case "SpeechT5" -> SentencePieceFolders.recognizes(folder);
            case "TransfoXL" -> Files.isRegularFile(folder.resolve("vocab.txt"));
            default -> Files.isRegularFile(folder.resolve("vocab.json"));
        };
    }

    /** The class that the files of a folder suggest which does not say it; empty if they suggest none. */
    static String suggested(Path folder) {
        if (MarianTokenizers.recognizes(folder)) {
            return "Marian";
        }
        if (SentencePieceFolders.recognizes(folder)) {
            return "";
        }
        if (Files.isRegularFile(folder.resolve("vocab.json")) && Files.isRegularFile(folder.resolve("merges.txt"))) {
            return TokenizerFolder.read(folder.resolve("vocab.json")).has("<mask>") ? "Roberta" : "GPT2";
        }
        return Files.isRegularFile(folder.resolve("vocab.txt")) ? "Bert" : "";
    }

    /** The one file of a folder that holds a whole tokenizer. */
    private static Optional<Tokenizer> onlyFile(Path folder, ObjectNode config) {
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.filter(file -> file.toString().matches(".*\\.(gguf|tiktoken)|.*[\\\\/]tok[a-z0-9]*\\.bin"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + folder + ": " + e.getMessage(), e);
        }
        if (files.size() == 1) {
            return Optional.of(loadFile(files.get(0), config));
        }
        if (files.size() > 1) {
            throw new TokenizerException("more than one tokenizer, choose one of the files: "
                    + files.stream().map(file -> file.getFileName().toString()).collect(Collectors.joining(", ")));
        }
        return Optional.empty();
    }

    /** Loads a file by its name. */
    static Tokenizer loadFile(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return loadFile(file, TokenizerFolder.readConfig(Objects.requireNonNull(folder)));
    }

    private static Tokenizer loadFile(Path file, ObjectNode config) {
        String name = file.getFileName().toString();
        if (name.endsWith(".gguf")) {
            return GgufTokenizers.load(file);
        }
        if (name.endsWith(".tiktoken")) {
            return RankFiles.tiktoken(file, config);
        }
        if (name.endsWith(".json")) {
            return TokenizerJson.read(file);
        }
        if (name.endsWith(".model") || name.endsWith(".spm") || name.contains(".model.")) {
            return SentencePieceFolders.loadBare(file);
        }
        if (name.endsWith(".bin")) {
            return RankFiles.llama2c(file);
        }
        throw new TokenizerException(
                "a tokenizer file must end in .json, .model, .spm, .gguf, .tiktoken or .bin, got " + file);
    }

    /** Roles that the files do not give get their usual token. */
    static void roles(ObjectNode config, String... roleAndToken) {
        for (int i = 0; i < roleAndToken.length; i += 2) {
            if (!config.has(roleAndToken[i])) {
                config.put(roleAndToken[i], roleAndToken[i + 1]);
            }
        }
    }

    static void addSpecial(
            ObjectNode json, ObjectNode vocabulary, String token, boolean lstrip, boolean normalized) {
        ArrayNode list = (ArrayNode) json.get("added_tokens");
        boolean known = list.findValuesAsText("content").contains(token);
        if (token.isEmpty() || known || !vocabulary.has(token)) {
            return;
        }
        ObjectNode node = list.addObject();
        node.set("id", vocabulary.get(token));
        node.put("content", token).put("single_word", false).put("lstrip", lstrip).put("rstrip", false);
        node.put("normalized", normalized).put("special", true);
    }

    /**
     * Merges in the order of their file, as CTRL and XLM read them: what follows the last line feed is not read, and
     * what stands behind two parts, such as a count, says nothing.
     */
    static List<String[]> rankedMerges(Path file) {
        String[] lines = new String(bytes(file), StandardCharsets.UTF_8).split("\n", -1);
        return Arrays.stream(lines).limit(lines.length - 1).map(line -> line.strip().split("\\s+")).toList();
    }

    /**
     * Gives a model merges. Parts that the vocabulary lacks get ids behind it: they are steps on the way to a token,
     * and unknown where they are left.
     */
    static void merges(ObjectNode model, ObjectNode vocabulary, List<String[]> merges) {
        ArrayNode pairs = model.putArray("merges");
        int next = Vocabulary.of(vocabulary).limit();
        for (String[] parts : merges) {
            if (parts.length < 2) {
                continue;
            }
            for (String token : List.of(parts[0], parts[1], parts[0] + parts[1])) {
                if (!vocabulary.has(token)) {
                    vocabulary.put(token, next++);
                }
            }
            pairs.addArray().add(parts[0]).add(parts[1]);
        }
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Reads merges, two parts on a line; lines of a version and empty ones say nothing. */
    static ArrayNode merges(Path file) {
        ArrayNode merges = JsonNodeFactory.instance.arrayNode();
        int number = 0;
        for (String line : lines(file)) {
            number++;
            if (line.isEmpty() || line.startsWith("#version")) {
                continue;
            }
            String[] parts = line.split(" ", -1);
            if (parts.length != 2) {
                throw new TokenizerException("a merge must be two parts with a space between them, got \"" + line
                        + "\" in line " + number + " of " + file.getFileName());
            }
            merges.addArray().add(parts[0]).add(parts[1]);
        }
        return merges;
    }

    /** The tokens of a vocab.txt, one on a line, without spaces behind them. */
    static List<String> words(Path file) {
        return lines(file).stream().map(LegacyTokenizers::withoutSpacesBehind).toList();
    }

    private static String withoutSpacesBehind(String line) {
        int end = line.length();
        while (end > 0 && CodePoints.isWhitespace(line.charAt(end - 1))) {
            end--;
        }
        return line.substring(0, end);
    }

    /** The lines of a file; only a line feed, alone or behind a carriage return, ends one. */
    static List<String> lines(Path file) {
        try {
            String[] lines = Files.readString(file).split("\n", -1);
            int last = lines.length - 1;
            for (int i = 0; i < last; i++) {
                lines[i] = lines[i].endsWith("\r") ? lines[i].substring(0, lines[i].length() - 1) : lines[i];
            }
            return List.of(lines).subList(0, lines[last].isEmpty() ? last : last + 1);
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
