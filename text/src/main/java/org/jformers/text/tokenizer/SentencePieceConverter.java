package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jformers.text.tokenizer.SentencePieceModel.Algorithm;
import org.jformers.text.tokenizer.SentencePieceModel.Piece;
import org.jformers.text.tokenizer.SentencePieceModel.Type;

/** Puts the sentencepiece model of a known family into the form of a tokenizer.json, as Python does on loading. */
final class SentencePieceConverter {
    private static final double DISCOURAGED = 100;
    private static final String MBART_LANGUAGES = "ar_AR cs_CZ de_DE en_XX es_XX et_EE fi_FI fr_XX gu_IN hi_IN it_IT"
            + " ja_XX kk_KZ ko_KR lt_LT lv_LV my_MM ne_NP nl_XX ro_RO ru_RU si_LK tr_TR vi_VN zh_CN";

    private final SentencePieceModel model;
    private final ObjectNode config;
    private final Family family;
    private final ObjectNode json = TokenizerJson.empty();
    private final List<Entry> vocabulary = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();

    private record Entry(String piece, double score) {}

    /** What the families differ in. */
    private enum Family {
        T5("</s>"),
        ALBERT(""),
        XLNET(""),
        XLM_ROBERTA("<s> <pad> </s> <unk>"),
        MBART("<s> <pad> </s> <unk>"),
        LLAMA("<unk> <s> </s>");

        private final String firstTokens;

        Family(String firstTokens) {
            this.firstTokens = firstTokens;
        }

        static Family of(String tokenizerClass) {
            String name = tokenizerClass.replaceFirst("Tokenizer(Fast)?$", "").toLowerCase(Locale.ROOT);
            return switch (name) {
                case "t5" -> T5;
                case "albert" -> ALBERT;
                case "xlnet" -> XLNET;
                case "xlmroberta" -> XLM_ROBERTA;
                case "mbart" -> MBART;
                case "llama" -> LLAMA;
                default -> throw new TokenizerException("tokenizer_class \"" + tokenizerClass
                        + "\" with a sentencepiece model is not known, known: AlbertTokenizer, LlamaTokenizer,"
                        + " MBartTokenizer, MarianTokenizer, PegasusTokenizer, T5Tokenizer, XLMRobertaTokenizer,"
                        + " XLNetTokenizer");
            };
        }
    }

    private SentencePieceConverter(SentencePieceModel model, ObjectNode config) {
        this.model = model;
        this.config = config;
        family = Family.of(config.path("tokenizer_class").asText());
    }

    static Tokenizer convert(SentencePieceModel model, ObjectNode config) {
        return new SentencePieceConverter(model, config).convert();
    }

    private Tokenizer convert() {
        roles();
        listVocabulary();
        addedTokens();
        model();
        normalizer();
        if (family != Family.LLAMA) {
            metaspace(json.putObject("pre_tokenizer"), true);
            metaspace(json.putObject("decoder"), true);
        } else {
            llamaDecoder();
        }
        template();
        return TokenizerJson.of(json, config);
    }

    private void roles() {
        switch (family) {
            case T5 -> LegacyTokenizers.roles(config, "eos_token", "</s>", "unk_token", "<unk>", "pad_token", "<pad>");
            case ALBERT -> LegacyTokenizers.roles(config, "bos_token", "[CLS]", "eos_token", "[SEP]",
                    "unk_token", "<unk>",
                    "sep_token", "[SEP]", "pad_token", "<pad>", "cls_token", "[CLS]", "mask_token", "[MASK]");
            case XLNET -> LegacyTokenizers.roles(config, "bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>",
                    "sep_token", "<sep>", "pad_token", "<pad>", "cls_token", "<cls>", "mask_token", "<mask>");
            case XLM_ROBERTA, MBART -> LegacyTokenizers.roles(config, "bos_token", "<s>", "eos_token", "</s>",
                    "unk_token", "<unk>", "sep_token", "</s>", "pad_token", "<pad>", "cls_token", "<s>",
                    "mask_token", "<mask>");
            case LLAMA -> LegacyTokenizers.roles(config, "bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>");
        }
    }

    private void listVocabulary() {
        boolean ownFirst = family == Family.XLM_ROBERTA || family == Family.MBART || family == Family.LLAMA;
        if (ownFirst) {
            for (String token : family.firstTokens.split(" ")) {
                add(token, 0);
            }
        }
        for (Piece piece : model.pieces().subList(ownFirst ? 3 : 0, model.pieces().size())) {
            boolean discouraged = (family == Family.ALBERT || family == Family.XLNET) && digitAndComma(piece.text());
            add(piece.text(), piece.score() - (discouraged ? DISCOURAGED : 0));
        }
        if (family == Family.T5) {
            for (int i = config.path("extra_ids").asInt(100) - 1; i >= 0; i--) {
                add("<extra_id_" + i + ">", 0);
            }
        }
        if (family == Family.MBART) {
            for (String code : MBART_LANGUAGES.split(" ")) {
                add(code, 0);
            }
        }
        if (family == Family.XLM_ROBERTA || family == Family.MBART) {
            add("<mask>", 0);
        }
    }

    private void add(String piece, double score) {
        ids.put(piece, vocabulary.size());
        vocabulary.add(new Entry(piece, score));
    }

    private static boolean digitAndComma(String piece) {
        int length = piece.length();
        return length >= 2 && piece.charAt(length - 1) == ',' && Character.isDigit(piece.charAt(length - 2));
    }

    /** As the configuration lists them; otherwise the tokens with a role, control pieces and user-defined ones. */
    private void addedTokens() {
        TreeMap<Integer, ObjectNode> tokens = new TreeMap<>();
        TokenizerFolder.addedTokens(config).forEach((id, token) -> tokens.put(id, token.deepCopy().put("id", id)));
        if (tokens.isEmpty()) {
            for (String role : TokenizerFolder.ROLES) {
                String token = TokenizerFolder.roleToken(config, role);
                added(tokens, token, role.equals("mask_token"), true);
            }
            model.pieces().stream()
                    .filter(piece -> piece.type() == Type.CONTROL || piece.type() == Type.USER_DEFINED)
                    .forEach(piece -> added(tokens, piece.text(), false, piece.type() == Type.CONTROL));
            vocabulary.subList(Math.min(model.pieces().size(), vocabulary.size()), vocabulary.size()).stream()
                    .filter(entry -> entry.score() == 0 && entry.piece().matches("<extra_id_\\d+>|[a-z]{2}_[A-Z]{2}"))
                    .forEach(entry -> added(tokens, entry.piece(), false, true));
        }
        tokens.values().forEach(json.withArray("added_tokens")::add);
    }

    private void added(TreeMap<Integer, ObjectNode> tokens, String token, boolean lstrip, boolean special) {
        Integer id = ids.get(token);
        if (id != null && !tokens.containsKey(id)) {
            ObjectNode node = config.objectNode().put("id", id).put("content", token).put("single_word", false);
            node.put("lstrip", lstrip).put("rstrip", false).put("normalized", false).put("special", special);
            tokens.put(id, node);
        }
    }

    private void model() {
        ObjectNode node = json.putObject("model");
        String unknown = TokenizerFolder.roleToken(config, "unk_token");
        int unknownId = ids.getOrDefault(unknown, model.unknown());
        boolean byteFallback = family == Family.LLAMA;
        if (model.algorithm() == Algorithm.UNIGRAM) {
            node.put("type", "Unigram").put("unk_id", unknownId);
            ArrayNode list = node.putArray("vocab");
            vocabulary.forEach(entry -> list.addArray().add(entry.piece()).add(entry.score()));
            node.put("byte_fallback", byteFallback);
            return;
        }
        if (model.algorithm() != Algorithm.BPE) {
            throw new TokenizerException(
                    "a sentencepiece model of the kind " + model.algorithm() + " has no tokenizer.json form");
        }
        node.put("type", "BPE").putNull("dropout").put("unk_token", unknown);
        node.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        node.put("fuse_unk", true).put("byte_fallback", byteFallback).put("ignore_merges", false);
        ObjectNode vocab = node.putObject("vocab");
        ids.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .forEach(entry -> vocab.put(entry.getKey(), entry.getValue()));
        node.putArray("merges");
        Map<String, Double> scores = new LinkedHashMap<>();
        vocabulary.forEach(entry -> scores.put(entry.piece(), entry.score()));
        SentencePieceMerge.all(scores, model.ids()).forEach(merge -> node.withArray("merges")
                .addArray()
                .add(merge.left())
                .add(merge.right()));
    }

    private void normalizer() {
        List<ObjectNode> steps = new ArrayList<>();
        boolean strict = family == Family.ALBERT || family == Family.XLNET;
        if (family == Family.LLAMA) {
            if (!config.path("legacy").asBoolean(true)) {
                metaspace(json.putObject("pre_tokenizer"), false);
                return;
            }
            if (config.path("add_prefix_space").asBoolean(true)) {
                steps.add(step("Prepend").put("prepend", "\u2581"));
            }
            steps.add(replace("String", " ", "\u2581"));
        } else if (strict) {
            steps.add(replace("String", "``", "\""));
            steps.add(replace("String", "''", "\""));
            if (!config.path("keep_accents").asBoolean(false)) {
                steps.add(step("NFKD"));
                steps.add(step("StripAccents"));
            }
            if (config.path("do_lower_case").asBoolean(family == Family.ALBERT)) {
                steps.add(step("Lowercase"));
            }
        }
        if (family != Family.LLAMA) {
            if (model.charsmap().length > 0) {
                String table = Base64.getEncoder().encodeToString(model.charsmap());
                steps.add(step("Precompiled").put("precompiled_charsmap", table));
            }
            if (!strict) {
                steps.add(step("Strip").put("strip_left", false).put("strip_right", true));
            }
            steps.add(replace("Regex", " {2,}", strict ? " " : "\u2581"));
        }
        ObjectNode sequence = json.putObject("normalizer").put("type", "Sequence");
        steps.forEach(sequence.putArray("normalizers")::add);
    }

    private ObjectNode step(String type) {
        return config.objectNode().put("type", type);
    }

    private ObjectNode replace(String kind, String pattern, String content) {
        ObjectNode node = step("Replace");
        node.putObject("pattern").put(kind, pattern);
        return node.put("content", content);
    }

    private void metaspace(ObjectNode node, boolean split) {
        boolean prefix = config.path("add_prefix_space").asBoolean(true);
        boolean legacy = config.path("legacy").asBoolean(true);
        node.put("type", "Metaspace").put("replacement", "\u2581");
        node.put("prepend_scheme", !prefix ? "never" : legacy ? "always" : "first").put("split", split);
    }

    private void llamaDecoder() {
        ArrayNode decoders = json.putObject("decoder").put("type", "Sequence").putArray("decoders");
        decoders.add(replace("String", "\u2581", " ")).add(step("ByteFallback")).add(step("Fuse"));
        if (config.path("add_prefix_space").asBoolean(true)) {
            decoders.add(step("Strip").put("content", " ").put("start", 1).put("stop", 0));
        }
    }

    private void template() {
        switch (family) {
            case T5 -> template("$A:0 </s>:0", "$A:0 </s>:0 $B:0 </s>:0");
            case ALBERT -> template("[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1");
            case XLNET -> template("$A:0 <sep>:0 <cls>:2", "$A:0 <sep>:0 $B:1 <sep>:1 <cls>:2");
            case XLM_ROBERTA -> template("<s>:0 $A:0 </s>:0", "<s>:0 $A:0 </s>:0 </s>:0 $B:0 </s>:0");
            case MBART -> {
                String code = config.path("src_lang").asText("en_XX");
                template("$A:0 </s>:0 " + code + ":0", "$A:0 $B:0 </s>:0 " + code + ":0");
            }
            case LLAMA -> {
                String bos = config.path("add_bos_token").asBoolean(true) ? "<s>:%d " : "";
                String eos = config.path("add_eos_token").asBoolean(false) ? " </s>:%d" : "";
                String first = bos.formatted(0) + "$A:0" + eos.formatted(0);
                template(first, first + " " + bos.formatted(1) + "$B:1" + eos.formatted(1));
            }
        }
    }

    private void template(String single, String pair) {
        ObjectNode node = json.putObject("post_processor").put("type", "TemplateProcessing");
        ObjectNode special = config.objectNode();
        pieces(node.putArray("single"), single, special);
        pieces(node.putArray("pair"), pair, special);
        node.set("special_tokens", special);
    }

    private void pieces(ArrayNode out, String template, ObjectNode special) {
        for (String part : template.split(" ")) {
            int colon = part.lastIndexOf(':');
            String name = part.substring(0, colon);
            int type = Integer.parseInt(part.substring(colon + 1));
            boolean text = name.startsWith("$");
            out.addObject()
                    .putObject(text ? "Sequence" : "SpecialToken")
                    .put("id", text ? name.substring(1) : name)
                    .put("type_id", type);
            if (!text) {
                if (!ids.containsKey(name)) {
                    throw new TokenizerException("template token \"" + name + "\" is not in the vocabulary");
                }
                ObjectNode entry = special.putObject(name).put("id", name);
                entry.putArray("ids").add(ids.get(name));
                entry.putArray("tokens").add(name);
            }
        }
    }
}
