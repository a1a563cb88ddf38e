package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Model folders from before tokenizer.json: their vocabulary files, put into the form of one. */
final class LegacyTokenizers {

    private LegacyTokenizers() {}

    static Tokenizer load(Path folder, ObjectNode config) {
        if (SentencePieceFolders.recognizes(folder)) {
            return SentencePieceFolders.load(folder, config, false);
        }
        if (config.path("tokenizer_class").asText().startsWith("CTRL")) {
            return CtrlPieces.load(folder, config);
        }
        if (Files.isRegularFile(folder.resolve("vocab.json")) && Files.isRegularFile(folder.resolve("merges.txt"))) {
            String tokenizerClass = config.path("tokenizer_class").asText();
            if (tokenizerClass.startsWith("CLIP")) {
                return clip(folder, config);
            }
            if (tokenizerClass.startsWith("XLM") || tokenizerClass.startsWith("Flaubert")) {
                return WordTokenizers.xlm(folder, config);
            }
            return tokenizerClass.startsWith("OpenAIGPT") ? openAiGpt(folder, config) : byteLevel(folder, config);
        }
        if (config.path("tokenizer_class").asText().startsWith("TransfoXL")) {
            return WordTokenizers.transfoXl(folder, config);
        }
        if (Files.isRegularFile(folder.resolve("vocab.txt"))) {
            return bert(folder, config);
        }
        return onlyFile(folder, config);
    }

    /** The one file of a folder that holds a whole tokenizer. */
    private static Tokenizer onlyFile(Path folder, ObjectNode config) {
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.filter(file -> file.toString().matches(".*\\.(gguf|tiktoken)|.*[\\\\/]tok[a-z0-9]*\\.bin"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + folder + ": " + e.getMessage(), e);
        }
        if (files.size() == 1) {
            return loadFile(files.get(0), config);
        }
        if (files.size() > 1) {
            throw new TokenizerException("more than one tokenizer, choose one of the files: "
                    + files.stream().map(file -> file.getFileName().toString()).collect(Collectors.joining(", ")));
        }
        throw new TokenizerException(
                "no tokenizer found: looked for tokenizer.json, vocab.json with merges.txt, vocab.txt,"
                        + " sentencepiece models, .gguf, .tiktoken and tok*.bin");
    }

    /** Loads a file by its name. */
    static Tokenizer loadFile(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return loadFile(file, TokenizerFolder.readConfig(folder));
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

    /** GPT-2 and RoBERTa. */
    private static Tokenizer byteLevel(Path folder, ObjectNode config) {
        ObjectNode vocabulary = TokenizerFolder.read(folder.resolve("vocab.json"));
        boolean roberta = config.path("tokenizer_class").asText().startsWith("Roberta")
                || (!config.has("tokenizer_class") && vocabulary.has("<mask>"));
        boolean prefixSpace = config.path("add_prefix_space").asBoolean(false);
        if (roberta) {
            roles(config, "bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>", "sep_token", "</s>",
                    "pad_token", "<pad>", "cls_token", "<s>", "mask_token", "<mask>");
        } else {
            roles(config, "bos_token", "<|endoftext|>", "eos_token", "<|endoftext|>", "unk_token", "<|endoftext|>");
        }
        ObjectNode json = TokenizerJson.empty();
        for (String role : TokenizerFolder.ROLES) {
            boolean mask = role.equals("mask_token");
            addSpecial(json, vocabulary, TokenizerFolder.roleToken(config, role), mask, !mask);
        }
        byteLevelPart(json.putObject("pre_tokenizer"), prefixSpace, true);
        byteLevelPart(json.putObject("decoder"), true, true);
        ObjectNode post = json.putObject("post_processor");
        if (roberta) {
            post.put("type", "RobertaProcessing");
            separators(post, vocabulary, config, "sep_token", "cls_token");
            post.put("trim_offsets", true).put("add_prefix_space", prefixSpace);
        } else {
            byteLevelPart(post, true, false);
        }
        bpe(json, folder, vocabulary).putNull("unk_token").put("end_of_word_suffix", "");
        return TokenizerJson.of(json, config);
    }

    /** The model of vocab.json and merges.txt. */
    static ObjectNode bpe(ObjectNode json, Path folder, ObjectNode vocabulary) {
        ObjectNode model = json.putObject("model");
        model.put("type", "BPE").putNull("dropout").put("continuing_subword_prefix", "");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        model.set("vocab", vocabulary);
        ArrayNode merges = model.putArray("merges");
        List<String> lines = lines(folder.resolve("merges.txt"));
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isEmpty() && !(i == 0 && lines.get(i).startsWith("#version"))) {
                merges.add(lines.get(i));
            }
        }
        return model;
    }

    /** CLIP: lower case, bytes, and the end of a word marked (arXiv:2103.00020). */
    private static Tokenizer clip(Path folder, ObjectNode config) {
        ObjectNode vocabulary = TokenizerFolder.read(folder.resolve("vocab.json"));
        roles(config, "bos_token", "<|startoftext|>", "eos_token", "<|endoftext|>", "unk_token", "<|endoftext|>",
                "pad_token", "<|endoftext|>");
        ObjectNode json = TokenizerJson.empty();
        for (String role : TokenizerFolder.ROLES) {
            addSpecial(json, vocabulary, TokenizerFolder.roleToken(config, role), false, true);
        }
        ArrayNode steps = json.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        steps.addObject().put("type", "NFC");
        steps.addObject().put("type", "Replace").put("content", " ").putObject("pattern").put("Regex", "\\s+");
        steps.addObject().put("type", "Lowercase");
        ArrayNode cuts = json.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        ObjectNode split = cuts.addObject().put("type", "Split").put("behavior", "Removed").put("invert", true);
        split.putObject("pattern").put("Regex", "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+");
        byteLevelPart(cuts.addObject(), false, true);
        byteLevelPart(json.putObject("decoder"), true, true);
        ObjectNode post = json.putObject("post_processor").put("type", "RobertaProcessing");
        separators(post, vocabulary, config, "eos_token", "bos_token");
        post.put("trim_offsets", false).put("add_prefix_space", false);
        bpe(json, folder, vocabulary)
                .put("unk_token", TokenizerFolder.roleToken(config, "unk_token"))
                .put("end_of_word_suffix", "</w>");
        return TokenizerJson.of(json, config);
    }

    /** The first GPT: BERT's clean-up, the end of a word marked. */
    private static Tokenizer openAiGpt(Path folder, ObjectNode config) {
        ObjectNode vocabulary = TokenizerFolder.read(folder.resolve("vocab.json"));
        roles(config, "unk_token", "<unk>");
        String unknown = TokenizerFolder.roleToken(config, "unk_token");
        ObjectNode json = TokenizerJson.empty();
        addSpecial(json, vocabulary, unknown, false, false);
        ObjectNode normalizer = json.putObject("normalizer").put("type", "BertNormalizer").put("clean_text", true);
        normalizer.put("handle_chinese_chars", true).putNull("strip_accents").put("lowercase", true);
        json.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        json.putObject("decoder").put("type", "BPEDecoder").put("suffix", "</w>");
        bpe(json, folder, vocabulary).put("unk_token", unknown).put("end_of_word_suffix", "</w>");
        return TokenizerJson.of(json, config);
    }

    private static void separators(
            ObjectNode post, ObjectNode vocabulary, ObjectNode config, String sepRole, String clsRole) {
        post.putArray("sep")
                .add(TokenizerFolder.roleToken(config, sepRole))
                .add(idOf(vocabulary, config, sepRole));
        post.putArray("cls")
                .add(TokenizerFolder.roleToken(config, clsRole))
                .add(idOf(vocabulary, config, clsRole));
    }

    private static Tokenizer bert(Path folder, ObjectNode config) {
        roles(config, "unk_token", "[UNK]", "sep_token", "[SEP]", "pad_token", "[PAD]", "cls_token", "[CLS]",
                "mask_token", "[MASK]");
        ObjectNode json = TokenizerJson.empty();
        ObjectNode model = json.putObject("model");
        model.put("type", "WordPiece").put("unk_token", TokenizerFolder.roleToken(config, "unk_token"));
        model.put("continuing_subword_prefix", "##").put("max_input_chars_per_word", 100);
        ObjectNode vocabulary = model.putObject("vocab");
        List<String> lines = lines(folder.resolve("vocab.txt"));
        for (int id = 0; id < lines.size(); id++) {
            vocabulary.put(lines.get(id), id);
        }
        for (String role : TokenizerFolder.ROLES) {
            addSpecial(json, vocabulary, TokenizerFolder.roleToken(config, role), false, false);
        }
        ObjectNode normalizer = json.putObject("normalizer");
        normalizer.put("type", "BertNormalizer").put("clean_text", true);
        normalizer.put("handle_chinese_chars", config.path("tokenize_chinese_chars").asBoolean(true));
        normalizer.set("strip_accents", config.get("strip_accents"));
        normalizer.put("lowercase", config.path("do_lower_case").asBoolean(true));
        json.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        ObjectNode post = json.putObject("post_processor").put("type", "BertProcessing");
        separators(post, vocabulary, config, "sep_token", "cls_token");
        json.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        return TokenizerJson.of(json, config);
    }

    /** Roles that the files do not give get their usual token. */
    static void roles(ObjectNode config, String... roleAndToken) {
        for (int i = 0; i < roleAndToken.length; i += 2) {
            if (!config.has(roleAndToken[i])) {
                config.put(roleAndToken[i], roleAndToken[i + 1]);
            }
        }
    }

    private static int idOf(ObjectNode vocabulary, ObjectNode config, String role) {
        String token = TokenizerFolder.roleToken(config, role);
        if (!vocabulary.has(token)) {
            throw new TokenizerException(role + " \"" + token + "\" is not in the vocabulary");
        }
        return vocabulary.get(token).asInt();
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

    private static void byteLevelPart(ObjectNode node, boolean prefixSpace, boolean trimOffsets) {
        node.put("type", "ByteLevel").put("add_prefix_space", prefixSpace).put("trim_offsets", trimOffsets);
        node.put("use_regex", true);
    }

    static List<String> lines(Path file) {
        try {
            String text = Files.readString(file);
            String body = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
            return List.of(body.split("\r?\n", -1));
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
