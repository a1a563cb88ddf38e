package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Tokenizer classes over a table of ids: WordPiece, byte-level BPE, BPE with the end of a word marked, Llama's. */
final class TableClasses {
    private static final String QWEN2 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String CLIP = "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+"
            + "|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";
    private static final String[] FAIRSEQ = {
        "bos_token", "<s>", "eos_token", "</s>", "sep_token", "</s>", "cls_token", "<s>", "unk_token", "<unk>",
        "pad_token", "<pad>", "mask_token", "<mask>"};
    private static final String END_OF_TEXT = "<|endoftext|>";

    private TableClasses() {}

    static void bert(TokenizerBuild build) {
        build.roles("unk_token", "[UNK]", "sep_token", "[SEP]", "pad_token", "[PAD]", "cls_token", "[CLS]",
                "mask_token", "[MASK]");
        bertPipeline(build, true);
        build.addTokens();
        build.template("cls_token:0 $A:0 sep_token:0", "cls_token:0 $A:0 sep_token:0 $B:1 sep_token:1");
    }

    static void funnel(TokenizerBuild build) {
        build.roles("unk_token", "<unk>", "sep_token", "<sep>", "pad_token", "<pad>", "cls_token", "<cls>",
                "mask_token", "<mask>", "bos_token", "<s>", "eos_token", "</s>");
        bertPipeline(build, build.settings().flag("clean_text", true));
        build.addTokens();
        build.template("cls_token:2 $A:0 sep_token:0", "cls_token:2 $A:0 sep_token:0 $B:1 sep_token:1");
    }

    static void mpnet(TokenizerBuild build) {
        build.roles("unk_token", "[UNK]");
        build.roles(FAIRSEQ);
        build.stripBeforeMask();
        bertPipeline(build, true);
        build.addTokens();
        build.robertaProcessing("sep_token", "cls_token", true, false);
    }

    private static void bertPipeline(TokenizerBuild build, boolean cleanText) {
        TokenizerSettings settings = build.settings();
        build.wordPiece();
        ObjectNode normalizer = TokenizerBuild.step("BertNormalizer").put("clean_text", cleanText);
        normalizer.put("handle_chinese_chars", settings.flag("tokenize_chinese_chars", true));
        normalizer.set("strip_accents", settings.config().get("strip_accents"));
        normalizer.put("lowercase", settings.flag("do_lower_case", true));
        build.normalizer(List.of(normalizer));
        build.preTokenizer(TokenizerBuild.step("BertPreTokenizer"));
        build.decoder(List.of(TokenizerBuild.step("WordPiece").put("prefix", "##").put("cleanup", true)));
    }

    /** BPE over bytes, words cut as GPT-2 cuts them. */
    private static boolean byteLevel(TokenizerBuild build, boolean prefixSpace) {
        boolean prefix = build.settings().flag("add_prefix_space", prefixSpace);
        build.bpe();
        build.preTokenizer(TokenizerBuild.byteLevel(prefix, true));
        build.decoder(List.of(TokenizerBuild.byteLevel(true, true)));
        return prefix;
    }

    static void gpt2(TokenizerBuild build) {
        build.roles("unk_token", END_OF_TEXT, "bos_token", END_OF_TEXT, "eos_token", END_OF_TEXT);
        byteLevel(build, false);
        build.addTokens();
    }

    /** As GPT-2, but places count the spaces before words. */
    static void codeGen(TokenizerBuild build) {
        if (build.source().part("post_processor").isEmpty()) {
            build.json().set("post_processor", TokenizerBuild.byteLevel(true, true).put("trim_offsets", false));
        }
        gpt2(build);
    }

    static void gptNeoX(TokenizerBuild build) {
        build.roles("unk_token", END_OF_TEXT, "bos_token", END_OF_TEXT, "eos_token", END_OF_TEXT, "pad_token",
                "<|padding|>");
        byteLevel(build, false);
        build.normalizer(List.of(TokenizerBuild.step("NFC")));
        build.addTokens();
        build.ends();
    }

    static void roberta(TokenizerBuild build) {
        build.roles(FAIRSEQ);
        boolean prefix = byteLevel(build, false);
        build.addTokens();
        build.robertaProcessing(
                "sep_token", "cls_token", build.settings().flag("trim_offsets", true), prefix);
    }

    static void blenderbot(TokenizerBuild build) {
        build.roles(FAIRSEQ);
        build.stripBeforeMask();
        byteLevel(build, true);
        build.addTokens();
    }

    static void deberta(TokenizerBuild build) {
        build.roles("bos_token", "[CLS]", "eos_token", "[SEP]", "sep_token", "[SEP]", "cls_token", "[CLS]",
                "unk_token", "[UNK]", "pad_token", "[PAD]", "mask_token", "[MASK]");
        byteLevel(build, false);
        build.addTokens();
        build.template("cls_token $A sep_token", "cls_token $A sep_token sep_token $B sep_token");
    }

    static void qwen2(TokenizerBuild build) {
        build.roles("unk_token", END_OF_TEXT, "eos_token", END_OF_TEXT, "pad_token", END_OF_TEXT);
        byteLevel(build, false);
        build.normalizer(List.of(TokenizerBuild.step("NFC")));
        build.preTokenizer(
                TokenizerBuild.split(QWEN2, "Isolated", false),
                TokenizerBuild.byteLevel(build.settings().flag("add_prefix_space", false), false));
        build.addTokens();
    }

    static void whisper(TokenizerBuild build) {
        build.roles("unk_token", END_OF_TEXT, "bos_token", END_OF_TEXT, "eos_token", END_OF_TEXT);
        byteLevel(build, false);
        build.addTokens();
        String prompt = WhisperPrompt.template(build);
        build.template(prompt + "$A:0 eos_token:0", prompt + "$A:0 $B:1 eos_token:1");
    }

    static void clip(TokenizerBuild build) {
        build.roles("unk_token", END_OF_TEXT, "bos_token", "<|startoftext|>", "eos_token", END_OF_TEXT, "pad_token",
                END_OF_TEXT);
        build.bpe().put("unk_token", build.settings().token("unk_token")).put("end_of_word_suffix", "</w>");
        build.normalizer(List.of(
                TokenizerBuild.step("NFC"),
                TokenizerBuild.replace("Regex", "\\s+", " "),
                TokenizerBuild.step("Lowercase")));
        build.preTokenizer(
                TokenizerBuild.split(CLIP, "Removed", true), TokenizerBuild.byteLevel(false, true));
        build.decoder(List.of(TokenizerBuild.byteLevel(true, true)));
        build.addTokens();
        build.robertaProcessing("eos_token", "bos_token", false, false);
    }

    static void openAiGpt(TokenizerBuild build) {
        build.roles("unk_token", "<unk>");
        build.bpe().put("unk_token", build.settings().token("unk_token")).put("end_of_word_suffix", "</w>");
        ObjectNode normalizer = TokenizerBuild.step("BertNormalizer").put("clean_text", true);
        build.normalizer(List.of(
                normalizer.put("handle_chinese_chars", true).putNull("strip_accents").put("lowercase", true)));
        build.preTokenizer(TokenizerBuild.step("BertPreTokenizer"));
        build.decoder(List.of(TokenizerBuild.step("BPEDecoder").put("suffix", "</w>")));
        build.addTokens();
    }

    static void llama(TokenizerBuild build) {
        TokenizerSettings settings = build.settings();
        build.roles("unk_token", "<unk>", "bos_token", "<s>", "eos_token", "</s>");
        boolean prefix = settings.flag("add_prefix_space", true);
        build.bpe().put("fuse_unk", true).put("byte_fallback", true);
        String scheme = !prefix ? "never" : settings.flag("legacy", false) ? "always" : "first";
        build.preTokenizer(TokenizerBuild.metaspace(scheme, false));
        spacesAndBytes(build, prefix);
        build.addTokens();
    }

    static void gemma(TokenizerBuild build) {
        build.roles("unk_token", "<unk>", "bos_token", "<bos>", "eos_token", "<eos>", "pad_token", "<pad>",
                "mask_token", "<mask>");
        build.bpe().put("fuse_unk", true).put("byte_fallback", true)
                .put("unk_token", build.settings().token("unk_token"));
        build.normalizer(List.of(TokenizerBuild.replace("String", " ", mark())));
        ObjectNode split = TokenizerBuild.step("Split").put("behavior", "MergedWithPrevious").put("invert", false);
        split.putObject("pattern").put("String", " ");
        build.preTokenizer(split);
        spacesAndBytes(build, false);
        build.addTokens();
    }

    private static void spacesAndBytes(TokenizerBuild build, boolean prefix) {
        ObjectNode spaces = TokenizerBuild.replace("String", mark(), " ");
        ObjectNode strip = TokenizerBuild.step("Strip").put("content", " ").put("start", 1).put("stop", 0);
        ObjectNode bytes = TokenizerBuild.step("ByteFallback");
        ObjectNode fuse = TokenizerBuild.step("Fuse");
        build.decoder(prefix ? List.of(spaces, bytes, fuse, strip) : List.of(spaces, bytes, fuse));
    }

    /** BPE of sentencepiece, spaces collapsed; tokens are looked for as they are. */
    static void reformer(TokenizerBuild build) {
        build.roles("eos_token", "</s>", "unk_token", "<unk>");
        build.bpe().put("fuse_unk", true).put("unk_token", build.settings().token("unk_token"));
        build.precompiled(step -> build.normalizer(
                List.of(step, TokenizerBuild.replace("Regex", " {2,}", " "))));
        build.preTokenizer(TokenizerBuild.metaspace("always", true));
        build.decoder(List.of(TokenizerBuild.metaspace("always", true)));
        build.addTokens();
    }

    private static String mark() {
        return Character.toString(Metaspace.DEFAULT);
    }
}
