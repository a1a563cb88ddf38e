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
     * are written as spaces, and the tokens of the text's ends between line feeds.
     */
    static Tokenizer llama2c(Path file) {
        ByteBuffer in;
        try {
            in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + file + ": " + e.getMessage(), e);
        }
        List<String> tokens = new ArrayList<>();
        Map<String, Double> scores = new LinkedHashMap<>();
        int longest = in.remaining() < 4 ? -1 : in.getInt();
        while (in.hasRemaining()) {
            float score = in.remaining() < 8 ? 0 : in.getFloat();
            int length = in.remaining() < 4 ? -1 : in.getInt();
            if (length < 0 || length > longest && tokens.size() > 2 || length > in.remaining()) {
                throw new TokenizerException("token " + tokens.size() + " is damaged, its length is " + length
                        + " with " + in.remaining() + " bytes left; expected a tokenizer of llama2.c, in " + file);
            }
            byte[] bytes = new byte[length];
            in.get(bytes);
            String token = new String(bytes, StandardCharsets.UTF_8).replace(' ', (char) Metaspace.DEFAULT);
            boolean end = tokens.size() == 1 || tokens.size() == 2;
            tokens.add(end ? token.strip() : token);
            scores.putIfAbsent(tokens.get(tokens.size() - 1), (double) score);
        }
        if (tokens.size() < 3) {
            throw new TokenizerException(
                    "a tokenizer of llama2.c has at least the tokens <unk>, <s> and </s>, got " + tokens + ", in "
                    + file);
        }
        Map<String, Integer> ids = new HashMap<>();
        ObjectNode vocabulary = JsonNodeFactory.instance.objectNode();
        for (int id = 0; id < tokens.size(); id++) {
            if (ids.putIfAbsent(tokens.get(id), id) == null) {
                vocabulary.put(tokens.get(id), id);
            }
        }
        Definition definition = new Definition(JsonNodeFactory.instance.objectNode());
        for (int id = 0; id < 3; id++) {
            definition.added(id, tokens.get(id), true);
        }
        definition.role("unk_token", tokens.get(0));
        definition.role("bos_token", tokens.get(1));
        definition.role("eos_token", tokens.get(2));
        ArrayNode merges = JsonNodeFactory.instance.arrayNode();
        SentencePieceMerge.all(scores, ids).forEach(merge -> merges.addArray().add(merge.left()).add(merge.right()));
        definition.sentencePieceBpe(vocabulary, merges, tokens.get(0), true);
        definition.surround(tokens.get(1), null, ids);
        return definition.tokenizer();
    }
}
