package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jformers.text.WorkBudget;
import org.jformers.text.regex.Regex;
import org.jspecify.annotations.Nullable;

/** The decoders of tokenizer.json by type. */
final class Decoders {
    private static final Map<String, Function<Component, Decoder>> TYPES = Map.ofEntries(
            Map.entry("ByteLevel", Decoders::byteLevel),
            Map.entry("WordPiece", Decoders::wordPiece),
            Map.entry("Metaspace", Decoders::metaspace),
            Map.entry("BPEDecoder", Decoders::bpe),
            Map.entry("ByteFallback", c -> Decoders::byteFallback),
            Map.entry("Fuse", c -> Decoders::fuse),
            Map.entry("Strip", Decoders::strip),
            Map.entry("Replace", Decoders::replace),
            Map.entry("CTC", Decoders::ctc),
            Map.entry("Sequence", Decoders::sequence));

    private Decoders() {}

    /** The decoder of a tokenizer.json; without one the tokens are joined by spaces. */
    static Decoder of(@Nullable JsonNode node) {
        return node == null || node.isNull()
                ? (tokens, budget) -> List.of(String.join(" ", tokens))
                : build(node);
    }

    /** The types that files of old versions do not name, in the order in which they are tried. */
    private static final List<String> UNNAMED =
            List.of("BPEDecoder", "WordPiece", "CTC", "Replace", "Strip");

    private static Decoder build(JsonNode node) {
        return Component.buildOrGuess("decoder", node, UNNAMED, TYPES);
    }

    private static Decoder sequence(Component component) {
        List<Decoder> steps = component.list("decoders").stream().map(Decoders::build).toList();
        return (tokens, budget) -> {
            List<String> result = tokens;
            for (Decoder step : steps) {
                result = step.decode(result, budget);
            }
            return result;
        };
    }

    private static List<String> fuse(List<String> tokens, WorkBudget budget) {
        return DecodedTokens.of(List.of(String.join("", tokens)), budget);
    }

    private static Decoder byteLevel(Component component) {
        // Its fields are those of the pre-tokenizer and change nothing here.
        component.flag("add_prefix_space");
        component.flag("trim_offsets");
        component.flag("use_regex", true);
        return Decoders::byteLevel;
    }

    private static List<String> byteLevel(List<String> tokens, WorkBudget budget) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        tokens.forEach(token -> bytes.writeBytes(ByteLevel.bytes(token)));
        return DecodedTokens.of(List.of(Utf8.text(bytes.toByteArray())), budget);
    }

    private static Decoder wordPiece(Component component) {
        String prefix = component.text("prefix");
        boolean cleanup = component.flag("cleanup");
        return (tokens, budget) -> {
            DecodedTokens result = new DecodedTokens(tokens.size(), budget);
            for (String token : tokens) {
                String piece = token;
                if (!result.isEmpty()) {
                    piece = token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
                }
                result.add(cleanup ? cleaned(piece) : piece);
            }
            return result.list();
        };
    }

    /** Takes back the spaces that splitting at punctuation put into English text. */
    static String cleaned(String text) {
        return text.indexOf(' ') < 0
                ? text
                : text.replace(" .", ".")
                        .replace(" ?", "?")
                        .replace(" !", "!")
                        .replace(" ,", ",")
                        .replace(" ' ", "'")
                        .replace(" n't", "n't")
                        .replace(" 'm", "'m")
                        .replace(" do not", " don't")
                        .replace(" 's", "'s")
                        .replace(" 've", "'ve")
                        .replace(" 're", "'re");
    }

    private static Decoder metaspace(Component component) {
        String mark = Character.toString(component.character("replacement"));
        component.nullableFlag("split", true);
        boolean prepended = Metaspace.Prepend.of(component) != Metaspace.Prepend.NEVER;
        return (tokens, budget) -> {
            DecodedTokens result = new DecodedTokens(tokens.size(), budget);
            for (String token : tokens) {
                result.add(token.replace(mark, result.isEmpty() && prepended ? "" : " "));
            }
            return result.list();
        };
    }

    private static Decoder bpe(Component component) {
        String suffix = component.text("suffix");
        return (tokens, budget) -> {
            DecodedTokens result = new DecodedTokens(tokens.size(), budget);
            for (String token : tokens) {
                budget.spend((long) token.length() * suffix.length());
                result.add(token.replace(suffix, result.size() == tokens.size() - 1 ? "" : " "));
            }
            return result.list();
        };
    }

    /** Runs of {@code <0xE4>} become text; a run that is not UTF-8 becomes one U+FFFD for each byte. */
    private static List<String> byteFallback(List<String> tokens, WorkBudget budget) {
        DecodedTokens result = new DecodedTokens(tokens.size(), budget);
        ByteArrayOutputStream run = new ByteArrayOutputStream();
        for (String token : tokens) {
            int value = byteValue(token);
            if (value >= 0) {
                run.write(value);
                continue;
            }
            flush(run, result);
            result.add(token);
        }
        flush(run, result);
        return result.list();
    }

    /** The byte that a token of the form {@code <0xE4>} stands for, otherwise -1. */
    static int byteValue(String token) {
        if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') {
            return -1;
        }
        int high = Character.digit(token.charAt(3), 16);
        int low = Character.digit(token.charAt(4), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static void flush(ByteArrayOutputStream run, DecodedTokens result) {
        if (run.size() == 0) {
            return;
        }
        try {
            result.add(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(run.toByteArray())).toString());
        } catch (CharacterCodingException e) {
            for (int i = 0; i < run.size(); i++) {
                result.add("\uFFFD");
            }
        }
        run.reset();
    }

    private static Decoder strip(Component component) {
        int content = component.character("content");
        int start = component.integer("start");
        int stop = component.integer("stop");
        return (tokens, budget) -> {
            DecodedTokens result = new DecodedTokens(tokens.size(), budget);
            tokens.forEach(token -> result.add(stripped(token, content, start, stop)));
            return result.list();
        };
    }

    private static String stripped(String token, int content, int start, int stop) {
        int[] chars = token.codePoints().toArray();
        int from = 0;
        while (from < Math.min(start, chars.length) && chars[from] == content) {
            from++;
        }
        int to = chars.length;
        while (to > from && chars.length - to < stop && chars[to - 1] == content) {
            to--;
        }
        return new String(chars, from, to - from);
    }

    private static Decoder replace(Component component) {
        Regex regex = TextPattern.regex(component.node().get("pattern"));
        String content = component.text("content");
        return (tokens, budget) -> {
            DecodedTokens result = new DecodedTokens(tokens.size(), budget);
            tokens.forEach(token -> result.add(replaced(token, regex, content, budget)));
            return result.list();
        };
    }

    private static String replaced(String token, Regex regex, String content, WorkBudget budget) {
        int[] chars = token.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        int[] done = {0};
        regex.findAll(chars, 0, chars.length, budget, (start, end) -> {
            budget.room((long) out.length() + content.length());
            out.append(new String(chars, done[0], start - done[0])).append(content);
            done[0] = end;
        });
        return out.append(new String(chars, done[0], chars.length - done[0])).toString();
    }

    /** Repeated tokens once, the blank left out, the delimiter as space. */
    private static Decoder ctc(Component component) {
        String blank = component.text("pad_token");
        String delimiter = component.text("word_delimiter_token");
        boolean cleanup = component.flag("cleanup");
        return (tokens, budget) -> {
            DecodedTokens result = new DecodedTokens(tokens.size(), budget);
            String last = null;
            for (String token : tokens) {
                if (!token.equals(last)) {
                    budget.spend((long) token.length() * (blank.length() + delimiter.length()));
                    String piece = token.replace(blank, "");
                    piece = cleanup ? cleaned(piece).replace(delimiter, " ") : piece;
                    if (!piece.isEmpty()) {
                        result.add(piece);
                    }
                }
                last = token;
            }
            return result.list();
        };
    }
}
