package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jformers.text.tokenizer.SentencePieceModel.Piece;
import org.jformers.text.tokenizer.SentencePieceModel.Type;

/** Bare lists of tokens: the ranks of tiktoken, and the scores of llama2.c. */
final class RankFiles {
    private static final Map<String, Integer> CL100K = Map.of(
            "<|endoftext|>", 100257, "<|fim_prefix|>", 100258, "<|fim_middle|>", 100259, "<|fim_suffix|>", 100260,
            "<|endofprompt|>", 100276);
    private static final Map<String, Integer> O200K = Map.of("<|endoftext|>", 199999, "<|endofprompt|>", 200018);
    private static final Map<String, Integer> R50K = Map.of("<|endoftext|>", 50256);

    private RankFiles() {}

    /**
     * Reads tiktoken's ranks: a token in base64 and its rank on every line. The word pattern and the special tokens are
     * not in the file; the name tells those of OpenAI's encodings, tokenizer_config.json may list others as
     * {@code added_tokens_decoder}, and the pattern as {@code pattern}.
     */
    static Tokenizer tiktoken(Path file, ObjectNode config) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (String line : LegacyTokenizers.lines(file)) {
            if (line.isBlank()) {
                continue;
            }
            String[] parts = line.split(" ");
            try {
                byte[] bytes = Base64.getDecoder().decode(parts[0].replace("=", ""));
                ids.put(ByteLevel.written(bytes), Integer.parseInt(parts[1])); // Whisper's last one is empty
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw new TokenizerException("line " + (ids.size() + 1)
                        + " must be a token in base64 and its rank, got \""
                        + line.substring(0, Math.min(line.length(), 40)) + "\", in " + file, e);
            }
        }
        String name = file.getFileName().toString();
        Definition definition = new Definition(config);
        List<String> ranked = ids.entrySet().stream().sorted(Map.Entry.comparingByValue()).map(Map.Entry::getKey)
                .toList();
        ArrayNode merges = Definition.merges(ranked, ids);
        ObjectNode vocabulary = config.objectNode();
        ranked.forEach(token -> vocabulary.put(token, ids.get(token)));
        specialTokens(name, config).entrySet().stream().sorted(Map.Entry.comparingByValue()).forEach(entry -> {
            vocabulary.put(entry.getKey(), entry.getValue());
            definition.added(entry.getValue(), entry.getKey(), true);
        });
        String pattern = config.path("pattern").asText(SplitPatterns.ofTiktoken(name));
        definition.byteLevel(pattern, vocabulary, merges, true);
        if (vocabulary.has("<|endoftext|>")) {
            definition.role("eos_token", "<|endoftext|>");
            definition.role("bos_token", "<|endoftext|>");
        }
        return definition.tokenizer();
    }

    private static Map<String, Integer> specialTokens(String name, ObjectNode config) {
        Map<String, Integer> tokens = new HashMap<>();
        TokenizerFolder.addedTokens(config).forEach((id, token) -> tokens.put(token.path("content").asText(), id));
        if (tokens.isEmpty()) {
            tokens.putAll(name.contains("cl100k")
                    ? CL100K
                    : name.contains("o200k") ? O200K : name.matches(".*(r50k|p50k|gpt2).*") ? R50K : Map.of());
        }
        return tokens;
    }

    /**
     * Reads the tokenizer of llama2.c: the length of the longest token, then score, length and bytes of each. Spaces
     * are written as spaces, and the tokens of the text's ends between line feeds. It is the content of a sentencepiece
     * model, and is run as one.
     */
    static Tokenizer llama2c(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + file + ": " + e.getMessage(), e);
        }
        List<Piece> pieces = pieces(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), file);
        if (pieces.size() < 3) {
            throw new TokenizerException(
                    "a tokenizer of llama2.c has at least the tokens <unk>, <s> and </s>, got "
                            + pieces.stream().map(Piece::text).toList() + ", in " + file);
        }
        boolean byteFallback = pieces.stream().anyMatch(piece -> piece.type() == Type.BYTE);
        SentencePieceModel model = new SentencePieceModel(
                pieces, SentencePieceModel.Algorithm.BPE, byteFallback, " \u2047 ", false, new byte[0], true,
                false, true, bytes);
        return SentencePieceFolders.bare(model, JsonNodeFactory.instance.objectNode(), "tokenizer.bin",
                OptionalInt.of(1), OptionalInt.empty());
    }

    private static List<Piece> pieces(ByteBuffer in, Path file) {
        List<Piece> pieces = new ArrayList<>();
        int longest = in.remaining() < 4 ? -1 : in.getInt();
        while (in.hasRemaining()) {
            float score = in.remaining() < 8 ? 0 : in.getFloat();
            int length = in.remaining() < 4 ? -1 : in.getInt();
            if (length < 0 || length > longest && pieces.size() > 2 || length > in.remaining()) {
                throw new TokenizerException("token " + pieces.size() + " is damaged, its length is " + length
                        + " with " + in.remaining() + " bytes left; expected a tokenizer of llama2.c, in " + file);
            }
            byte[] token = new byte[length];
            in.get(token);
            String text = new String(token, StandardCharsets.UTF_8).replace(' ', (char) Metaspace.DEFAULT);
            pieces.add(switch (pieces.size()) {
                case 0 -> new Piece(text, score, Type.UNKNOWN);
                case 1, 2 -> new Piece(text.strip(), score, Type.CONTROL);
                default -> new Piece(text, score, text.matches("<0x[0-9A-F]{2}>") ? Type.BYTE : Type.NORMAL);
            });
        }
        return pieces;
    }
}
