package org.jformers.text.tokenizer;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

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

    /** O200K without contractions, each digit alone: Mistral's tokenizer of 2024. */
    private static final String TEKKEN =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String LINE = "[\r\n]";
    private static final String EAST_ASIAN = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+";
    /** Letters with case, as DeepSeek lists them. */
    private static final String CASED = "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚ"
            + "Ḁ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\u1f7dᾀ-ᾴᾶ-ᾼ\u1fbeῂ-ῄῆ-ῌῐ-\u1fd3ῖ-\u1fdbῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212a-ℭℯ-ℴℹ"
            + "ℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿ\ufb00-\ufb06\ufb13-\ufb17Ａ-Ｚａ-ｚ"
            + "\\x{10400}-\\x{1044f}\\x{104b0}-\\x{104d3}\\x{104d8}-\\x{104fb}\\x{10c80}-\\x{10cb2}"
            + "\\x{10cc0}-\\x{10cf2}\\x{118a0}-\\x{118df}\\x{1e900}-\\x{1e943}";

    /** Names for which one pattern after the other cuts, as llama.cpp has them. */
    private static final Map<String, List<String>> GGUF_SEQUENCES = Map.of(
            "falcon", List.of("[\\p{P}\\$\\+<=>\\^~\\|`]+", GPT2, "[0-9][0-9][0-9]"),
            "smollm", List.of("\\p{N}", GPT2),
            "deepseek-llm", List.of(LINE, "\\s?[" + CASED + "]+",
                    "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+", "\\s+$", EAST_ASIAN,
                    "\\p{N}+"),
            "deepseek-coder", List.of(LINE, "\\s?\\p{L}+", "\\s?\\p{P}+", EAST_ASIAN, "\\p{N}"));

    private static final Map<String, String> GGUF = Map.ofEntries(
            Map.entry("gpt-2", GPT2), Map.entry("default", GPT2), Map.entry("phi-2", GPT2), Map.entry("olmo", GPT2),
            Map.entry("mpt", GPT2), Map.entry("roberta-bpe", GPT2), Map.entry("jina-v2-en", GPT2),
            Map.entry("jina-v2-es", GPT2), Map.entry("jina-v2-de", GPT2), Map.entry("llama-bpe", CL100K),
            Map.entry("llama3", CL100K), Map.entry("llama-v3", CL100K), Map.entry("dbrx", CL100K),
            Map.entry("smaug-bpe", CL100K), Map.entry("qwen2", QWEN), Map.entry("stablelm2", QWEN),
            Map.entry("deepseek-r1-qwen", QWEN), Map.entry("gpt-4o", O200K), Map.entry("llama4", O200K),
            Map.entry("tekken", TEKKEN));

    /** Of several names for the same, the one that llama.cpp's conversion writes. */
    private static final List<String> GGUF_WRITTEN = List.of("gpt-2", "llama-bpe", "qwen2", "gpt-4o", "tekken");

    private SplitPatterns() {}

    /** The patterns that a GGUF file names as {@code tokenizer.ggml.pre}; each cuts what those before it leave. */
    static List<String> ofGguf(String name) {
        String pattern = GGUF.get(name);
        List<String> patterns = pattern == null ? GGUF_SEQUENCES.get(name) : List.of(pattern);
        if (patterns == null) {
            TreeSet<String> known = new TreeSet<>(GGUF.keySet());
            known.addAll(GGUF_SEQUENCES.keySet());
            throw new TokenizerException("tokenizer.ggml.pre \"" + name + "\" is not known, known: "
                    + String.join(", ", known));
        }
        return patterns;
    }

    /**
     * The name of patterns in a GGUF file.
     *
     * @throws TokenizerException if llama.cpp has none
     */
    static String ggufName(List<String> patterns) {
        return Stream.concat(GGUF_WRITTEN.stream(), GGUF_SEQUENCES.keySet().stream().sorted())
                .filter(name -> ofGguf(name).equals(patterns))
                .findFirst()
                .orElseThrow(() -> new TokenizerException("gguf: got words cut by " + patterns
                        + ", which llama.cpp has no name for that is known here, allowed the patterns of "
                        + GGUF_WRITTEN + " and " + new TreeSet<>(GGUF_SEQUENCES.keySet())));
    }

    /** Whether a word that is a token is not merged but taken: llama.cpp does so for these. */
    static boolean takesWholeWords(List<String> patterns) {
        return patterns.equals(List.of(CL100K)) || patterns.equals(List.of(TEKKEN));
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
