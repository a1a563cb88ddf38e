package org.jformers.text.tokenizer;

import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** The word patterns of byte-level tokenizers whose files only name them. */
final class SplitPatterns {
    static final String GPT2 = ByteLevel.PATTERN;
    private static final String CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private static final String WORDS = CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String REST = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    static final String CL100K = WORDS + "\\p{N}{1,3}" + REST;
    static final String QWEN = WORDS + "\\p{N}" + REST;
    static final String O200K =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+" + CONTRACTIONS
                    + "?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + CONTRACTIONS + "?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final Map<String, String> GGUF = Map.ofEntries(
            Map.entry("gpt-2", GPT2), Map.entry("default", GPT2), Map.entry("phi-2", GPT2), Map.entry("olmo", GPT2),
            Map.entry("mpt", GPT2), Map.entry("roberta-bpe", GPT2), Map.entry("jina-v2-en", GPT2),
            Map.entry("jina-v2-es", GPT2), Map.entry("jina-v2-de", GPT2), Map.entry("llama-bpe", CL100K),
            Map.entry("llama3", CL100K), Map.entry("llama-v3", CL100K), Map.entry("dbrx", CL100K),
            Map.entry("smaug-bpe", CL100K), Map.entry("qwen2", QWEN), Map.entry("stablelm2", QWEN),
            Map.entry("deepseek-r1-qwen", QWEN), Map.entry("gpt-4o", O200K), Map.entry("llama4", O200K));

    private SplitPatterns() {}

    /** The pattern that a GGUF file names as {@code tokenizer.ggml.pre}. */
    static String ofGguf(String name) {
        String pattern = GGUF.get(name);
        if (pattern == null) {
            throw new TokenizerException("tokenizer.ggml.pre \"" + name + "\" is not known, known: "
                    + String.join(", ", new TreeSet<>(GGUF.keySet())));
        }
        return pattern;
    }

    /**
     * The pattern that belongs to a file of tiktoken ranks, by its name; that of cl100k where the name says nothing.
     */
    static String ofTiktoken(String file) {
        if (file.matches("(?i).*(gpt2|r50k|p50k|multilingual|whisper).*")) {
            return GPT2;
        }
        return file.contains("o200k") ? O200K : file.toLowerCase(Locale.ROOT).contains("qwen") ? QWEN : CL100K;
    }
}
