package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Tokenizer classes over scored pieces: the families of sentencepiece's unigram models. */
final class UnigramClasses {
    private static final List<String> MBART_LANGUAGES = List.of(
            ("ar_AR cs_CZ de_DE en_XX es_XX et_EE fi_FI fr_XX gu_IN hi_IN it_IT ja_XX kk_KZ ko_KR lt_LT lv_LV my_MM"
                    + " ne_NP nl_XX ro_RO ru_RU si_LK tr_TR vi_VN zh_CN").split(" "));
    private static final List<String> MBART50_LANGUAGES = concat(MBART_LANGUAGES, List.of(
            ("af_ZA az_AZ bn_IN fa_IR he_IL hr_HR id_ID ka_GE km_KH mk_MK ml_IN mn_MN mr_IN pl_PL ps_AF pt_XX sv_SE"
                    + " sw_KE ta_IN te_IN th_TH tl_XX uk_UA ur_PK xh_ZA gl_ES sl_SI").split(" ")));
    private static final String[] FAIRSEQ = {
        "bos_token", "<s>", "eos_token", "</s>", "sep_token", "</s>", "cls_token", "<s>", "unk_token", "<unk>",
        "pad_token", "<pad>", "mask_token", "<mask>"};
    private static final String LINES = "\\s{2,}|[\\n\\r\\t]";
    private static final String SPACES = " {2,}";

    private UnigramClasses() {}

    private static List<String> concat(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return List.copyOf(all);
    }

    static void t5(TokenizerBuild build) {
        TokenizerSettings settings = build.settings();
        build.roles("eos_token", "</s>", "unk_token", "<unk>", "pad_token", "<pad>");
        int extraIds = settings.config().path("extra_ids").asInt(100);
        List<String> ids = IntStream.range(0, extraIds).mapToObj(i -> "<extra_id_" + i + ">").toList();
        List<JsonNode> additional = new ArrayList<>(settings.additional() == null ? List.of() : settings.additional());
        if (additional.stream().noneMatch(token -> TokenizerSettings.content(token).contains("<extra_id_"))) {
            additional.addAll(TokenizerBuild.texts(ids));
        }
        settings.additional(additional);
        ArrayNode pieces = build.source().pieces();
        if (build.source().sentencePiece() != null) {
            List<String> reversed = new ArrayList<>(ids);
            Collections.reverse(reversed);
            reversed.forEach(token -> add(pieces, token));
        }
        build.unigram(pieces, 2);
        build.precompiled(step -> build.normalizer(List.of(step)));
        words(build, "always");
        build.addTokens();
        build.template("$A eos_token", "$A eos_token $B eos_token");
    }

    private static void words(TokenizerBuild build, String scheme) {
        build.preTokenizer(TokenizerBuild.step("WhitespaceSplit"), TokenizerBuild.metaspace(scheme, true));
        build.decoder(List.of(TokenizerBuild.metaspace(scheme, true)));
    }

    private static void metaspace(TokenizerBuild build, String scheme) {
        build.preTokenizer(TokenizerBuild.metaspace(scheme, true));
        build.decoder(List.of(TokenizerBuild.metaspace(scheme, true)));
    }

    private static String scheme(TokenizerBuild build) {
        return build.settings().flag("add_prefix_space", true) ? "always" : "never";
    }

    private static void add(ArrayNode pieces, String piece) {
        add(pieces, piece, 0);
    }

    private static void add(ArrayNode pieces, String piece, double score) {
        pieces.addArray().add(piece).add(score);
    }

    static void albert(TokenizerBuild build) {
        build.roles("bos_token", "[CLS]", "eos_token", "[SEP]", "unk_token", "<unk>", "sep_token", "[SEP]",
                "pad_token", "<pad>", "cls_token", "[CLS]", "mask_token", "[MASK]");
        build.unigram(build.source().pieces(), 1);
        quotesAndAccents(build, !build.settings().flag("keep_accents", false), true);
        words(build, scheme(build));
        build.addTokens();
        if (build.source().part("post_processor").isEmpty() && !build.settings().asksForEnds()) {
            build.template("cls_token:0 $A:0 sep_token:0", "cls_token:0 $A:0 sep_token:0 $B:1 sep_token:1");
        }
    }

    static void xlnet(TokenizerBuild build) {
        TokenizerSettings settings = build.settings();
        build.roles("bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>", "sep_token", "<sep>",
                "pad_token", "<pad>", "cls_token", "<cls>", "mask_token", "<mask>");
        build.stripBeforeMask();
        if (settings.additional() == null) {
            settings.additional(TokenizerBuild.texts(List.of("<eop>", "<eod>")));
        }
        build.unigram(build.source().pieces(), unknown(build, 0));
        quotesAndAccents(build, true, false);
        words(build, "always");
        build.addTokens();
        build.template("$A:0 sep_token:0 cls_token:2", "$A:0 sep_token:0 $B:1 sep_token:1 cls_token:2");
    }

    private static void quotesAndAccents(TokenizerBuild build, boolean stripAccents, boolean lower) {
        List<ObjectNode> steps = new ArrayList<>();
        steps.add(TokenizerBuild.replace("String", "``", "\""));
        steps.add(TokenizerBuild.replace("String", "''", "\""));
        if (stripAccents) {
            steps.add(TokenizerBuild.step("NFKD"));
            steps.add(TokenizerBuild.step("StripAccents"));
        }
        if (build.settings().flag("do_lower_case", lower)) {
            steps.add(TokenizerBuild.step("Lowercase"));
        }
        build.precompiled(steps::add);
        build.normalizer(steps);
    }

    /** The unknown piece that the model, or the configuration, names. */
    private static int unknown(TokenizerBuild build, int otherwise) {
        SentencePieceModel model = build.source().sentencePiece();
        return model != null ? model.unknown() : build.settings().config().path("unk_id").asInt(otherwise);
    }

    static void xlmRoberta(TokenizerBuild build) {
        build.roles(FAIRSEQ);
        build.unigram(fairseq(build, "bos_token", List.of()), 3);
        build.precompiled(step -> build.normalizer(List.of(step)));
        words(build, scheme(build));
        build.addTokens();
        build.template("bos_token $A eos_token", "bos_token $A eos_token eos_token $B eos_token");
    }

    /** The pieces behind four tokens of their own, languages and a mask behind them. */
    private static ArrayNode fairseq(TokenizerBuild build, String beginRole, List<String> languages) {
        if (build.source().sentencePiece() == null) {
            return build.source().pieces();
        }
        ArrayNode pieces = JsonNodeFactory.instance.arrayNode();
        for (String role : List.of(beginRole, "pad_token", "eos_token", "unk_token")) {
            add(pieces, build.settings().token(role));
        }
        rest(build, 3).forEach(pieces::add);
        languages.forEach(language -> add(pieces, language));
        add(pieces, build.settings().token("mask_token"));
        return pieces;
    }

    private static List<JsonNode> rest(TokenizerBuild build, int from) {
        List<JsonNode> all = new ArrayList<>();
        build.source().pieces().forEach(all::add);
        return all.subList(Math.min(from, all.size()), all.size());
    }

    static void camembert(TokenizerBuild build) {
        build.roles(FAIRSEQ);
        build.stripBeforeMask();
        TokenizerSettings settings = build.settings();
        if (settings.additional() == null) {
            settings.additional(TokenizerBuild.texts(List.of("<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED")));
        }
        ArrayNode pieces = build.source().pieces();
        if (build.source().sentencePiece() != null) {
            pieces = JsonNodeFactory.instance.arrayNode();
            add(pieces, "<s>NOTUSED");
            add(pieces, settings.token("pad_token"));
            add(pieces, "</s>NOTUSED");
            add(pieces, settings.token("unk_token"));
            add(pieces, "<unk>NOTUSED", -100);
            rest(build, 1).forEach(pieces::add);
            add(pieces, settings.token("mask_token"));
        }
        build.unigram(pieces, index(pieces, settings.token("unk_token"), 0, false, 0));
        build.precompiled(step -> build.normalizer(List.of(step)));
        words(build, scheme(build));
        build.addTokens();
        build.template("bos_token $A eos_token", "bos_token $A eos_token eos_token $B eos_token");
    }

    /** Where a piece is, of score 0 if that is asked for. */
    private static int index(ArrayNode pieces, String piece, int from, boolean zero, int otherwise) {
        for (int id = from; id < pieces.size(); id++) {
            JsonNode entry = pieces.get(id);
            if (entry.path(0).asText().equals(piece) && !(zero && entry.path(1).asDouble() != 0)) {
                return id;
            }
        }
        return otherwise;
    }

    static void debertaV2(TokenizerBuild build) {
        TokenizerSettings settings = build.settings();
        build.roles("bos_token", "[CLS]", "eos_token", "[SEP]", "unk_token", "[UNK]", "sep_token", "[SEP]",
                "pad_token", "[PAD]", "cls_token", "[CLS]", "mask_token", "[MASK]");
        ArrayNode pieces = build.source().pieces();
        build.unigram(pieces, index(pieces, settings.token("unk_token"), 0, true, unknown(build, 1)));
        List<ObjectNode> steps = new ArrayList<>();
        if (settings.flag("do_lower_case", false)) {
            steps.add(TokenizerBuild.step("Lowercase"));
        }
        steps.addAll(oneLine());
        build.normalizer(steps);
        String scheme = settings.flag("add_prefix_space", true) ? "always" : "first";
        ObjectNode metaspace = TokenizerBuild.metaspace(scheme, true);
        ObjectNode punctuation = TokenizerBuild.step("Punctuation").put("behavior", "Isolated");
        if (settings.flag("split_by_punct", false)) {
            build.preTokenizer(punctuation, metaspace);
        } else {
            build.preTokenizer(metaspace);
        }
        build.decoder(List.of(metaspace.deepCopy()));
        build.addTokens();
        build.template("cls_token:0 $A:0 sep_token:0", "cls_token:0 $A:0 sep_token:0 $B:1 sep_token:1");
    }

    private static List<ObjectNode> oneLine() {
        return List.of(
                TokenizerBuild.replace("Regex", LINES, " "),
                TokenizerBuild.step("NFC"),
                TokenizerBuild.step("Strip").put("strip_left", false).put("strip_right", true));
    }

    static void barthez(TokenizerBuild build) {
        build.roles(FAIRSEQ);
        build.stripBeforeMask();
        build.unigram(build.source().pieces(), 3);
        build.normalizer(oneLine());
        metaspace(build, scheme(build));
        build.addTokens();
    }

    static void mbart(TokenizerBuild build) {
        build.roles(FAIRSEQ);
        build.stripBeforeMask();
        build.settings().additional(languages(build, MBART_LANGUAGES));
        build.unigram(fairseq(build, "bos_token", MBART_LANGUAGES), 3);
        words(build, "always");
        build.addTokens();
        String language = language(build, "en_XX");
        build.template("$A eos_token " + language, "$A $B eos_token " + language);
    }

    private static List<JsonNode> languages(TokenizerBuild build, List<String> codes) {
        List<JsonNode> additional = new ArrayList<>(TokenizerBuild.texts(codes));
        if (build.settings().additional() != null) {
            additional.addAll(build.settings().additional());
        }
        return additional;
    }

    private static String language(TokenizerBuild build, String usual) {
        String language = build.settings().config().path("src_lang").asText(usual);
        language = language.equals("null") ? usual : language;
        return build.has(language) ? language : "unk_token";
    }

    static void mbart50(TokenizerBuild build) {
        build.roles("eos_token", "</s>", "sep_token", "</s>", "cls_token", "<s>", "unk_token", "<unk>",
                "pad_token", "<pad>", "mask_token", "<mask>");
        build.stripBeforeMask();
        build.settings().additional(languages(build, MBART50_LANGUAGES));
        build.unigram(fairseq(build, "cls_token", MBART50_LANGUAGES), 3);
        List<ObjectNode> steps = new ArrayList<>();
        build.precompiled(steps::add);
        steps.add(TokenizerBuild.replace("Regex", SPACES, " "));
        build.normalizer(steps);
        metaspace(build, "always");
        build.addTokens();
        String language = language(build, "en_XX");
        build.template(language + " $A eos_token", language + " $A $B eos_token");
    }

    static void bigBird(TokenizerBuild build) {
        build.roles("unk_token", "<unk>", "bos_token", "<s>", "eos_token", "</s>", "pad_token", "<pad>",
                "sep_token", "[SEP]", "mask_token", "[MASK]", "cls_token", "[CLS]");
        build.stripBeforeMask();
        ArrayNode pieces = build.source().pieces();
        build.unigram(pieces, index(pieces, build.settings().token("unk_token"), 0, true, 100));
        build.normalizer(List.of(
                TokenizerBuild.step("Strip").put("strip_left", false).put("strip_right", false),
                TokenizerBuild.replace("Regex", SPACES, Character.toString(Metaspace.DEFAULT))));
        metaspace(build, scheme(build));
        build.addTokens();
        build.template("cls_token:0 $A:0 sep_token:0", "cls_token:0 $A:0 sep_token:0 $B:1 sep_token:1");
    }

    /** Pegasus has tokens of its own before the pieces: padding, end, two masks, and unused ones up to an offset. */
    static void pegasus(TokenizerBuild build) {
        TokenizerSettings settings = build.settings();
        List<String> masks = pegasusMasks(settings.config());
        build.roles("pad_token", "<pad>", "eos_token", "</s>", "unk_token", "<unk>", "mask_token", "<mask_2>");
        String sentence = sentenceMask(settings.config(), "<mask_1>");
        List<String> unused = IntStream.range(2, settings.config().path("offset").asInt(103))
                .mapToObj(i -> "<unk_" + i + ">")
                .toList();
        List<JsonNode> own = new ArrayList<>();
        boolean given = settings.additional() != null
                && settings.additional().contains(JsonNodeFactory.instance.textNode(sentence));
        if (!given && !sentence.isEmpty()) {
            own.addAll(TokenizerBuild.texts(List.of(sentence)));
        }
        own.addAll(TokenizerBuild.texts(unused));
        settings.additional(own);
        ArrayNode pieces = build.source().pieces();
        if (build.source().sentencePiece() != null) {
            pieces = pegasusPieces(build, masks, unused);
        }
        int unknown = index(pieces, settings.token("unk_token"), 1, true, -1);
        if (unknown < 0) {
            throw new TokenizerException("Pegasus' unk_token \"" + settings.token("unk_token")
                    + "\" must be a piece of score 0 behind the first, the vocabulary has none");
        }
        build.unigram(pieces, unknown);
        List<ObjectNode> steps = new ArrayList<>();
        build.precompiled(steps::add);
        if (steps.isEmpty()) {
            steps.add(TokenizerBuild.replace("Regex", "\\n", " "));
        }
        steps.add(TokenizerBuild.replace("Regex", SPACES, " "));
        build.normalizer(steps);
        metaspace(build, "always");
        build.addTokens();
        build.template("$A eos_token", "$A $B eos_token");
    }

    private static ArrayNode pegasusPieces(TokenizerBuild build, List<String> masks, List<String> unused) {
        ArrayNode pieces = JsonNodeFactory.instance.arrayNode();
        add(pieces, build.settings().token("pad_token"));
        add(pieces, build.settings().token("eos_token"));
        masks.forEach(mask -> add(pieces, mask));
        unused.forEach(token -> add(pieces, token, -100));
        rest(build, 2).forEach(pieces::add);
        return pieces;
    }

    /** The masks in the vocabulary have other names by default than those that are looked for. */
    private static List<String> pegasusMasks(ObjectNode config) {
        String word = config.has("mask_token") ? TokenizerFolder.roleToken(config, "mask_token") : "<mask_1>";
        String sentence = sentenceMask(config, "<mask_2>");
        return word.equals(sentence) || sentence.isEmpty() ? List.of(word) : List.of(word, sentence);
    }

    /** The mask for sentences; empty where the configuration gives it up by a null. */
    private static String sentenceMask(ObjectNode config, String usual) {
        return config.has("mask_token_sent") ? config.get("mask_token_sent").asText("") : usual;
    }
}
