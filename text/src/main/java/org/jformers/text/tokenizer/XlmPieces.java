package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * BPE of XLM (arXiv:1901.07291) and FlauBERT: lower case without accents where asked for, the end of a word marked. The
 * reference has Moses cut the text first; here words are cut at spaces and punctuation, without the rules that Moses
 * has for each language, so that text that Moses has cut already gives the reference's ids.
 */
final class XlmPieces implements PieceTokenizer.Pieces {
    private static final String END = "</w>";

    private final Normalizer normalizer;
    private final PreTokenizer words;
    private final Bpe bpe;

    private XlmPieces(Normalizer normalizer, PreTokenizer words, Bpe bpe) {
        this.normalizer = normalizer;
        this.words = words;
        this.bpe = bpe;
    }

    static Tokenizer load(Path folder, TokenizerSettings settings, boolean flaubert) {
        ObjectNode vocabulary = TokenizerFolder.read(folder.resolve("vocab.json"));
        settings.roleTexts("unk_token", "<unk>", "bos_token", "<s>", "sep_token", "</s>", "pad_token", "<pad>",
                "cls_token", "</s>", "mask_token", "<special1>");
        String unknown = settings.token("unk_token");
        ObjectNode model = vocabulary.objectNode();
        model.set("vocab", vocabulary.deepCopy());
        LegacyTokenizers.merges(
                model, (ObjectNode) model.get("vocab"), LegacyTokenizers.rankedMerges(folder.resolve("merges.txt")));
        model.put("unk_token", unknown).put("end_of_word_suffix", END);
        ObjectNode steps = vocabulary.objectNode().put("type", "Sequence");
        ArrayNode normalizers = steps.putArray("normalizers");
        boolean lower = settings.flag(flaubert ? "do_lowercase" : "do_lowercase_and_remove_accent", !flaubert);
        if (lower) {
            normalizers.addObject().put("type", "Lowercase");
        }
        if (lower && !flaubert) {
            normalizers.addObject().put("type", "NFD");
            normalizers.addObject().put("type", "StripAccents");
        }
        Vocabulary listed = Vocabulary.of(vocabulary);
        List<AddedToken> added = List.copyOf(
                AddedTokenList.asListed(listed.ids(), settings, settings.specialTokens()).values());
        Map<String, Integer> ids = new LinkedHashMap<>(listed.ids());
        added.forEach(token -> ids.put(token.content(), token.id()));
        PreTokenizer words = PreTokenizers.stages(vocabulary.objectNode().put("type", "BertPreTokenizer")).splitter();
        int separator = settings.id("sep_token", ids);
        return new PieceTokenizer(new PieceTokenizer.Settings(
                PieceTokenizer.byId(ids, unknown),
                ids,
                settings.id("unk_token", ids),
                false,
                OptionalInt.of(settings.id(flaubert ? "cls_token" : "bos_token", ids)),
                OptionalInt.of(separator),
                OptionalInt.of(separator),
                added,
                new XlmPieces(Normalizers.of(steps), words, Bpe.of(new Component("model XLM", model))),
                settings.config(),
                Map.of(
                        "vocab.json", vocabulary.toString().getBytes(StandardCharsets.UTF_8),
                        "merges.txt", LegacyTokenizers.bytes(folder.resolve("merges.txt")))));
    }

    @Override
    public List<PieceTokenizer.Piece> split(Text text) {
        List<PieceTokenizer.Piece> pieces = new ArrayList<>();
        words.split(normalizer.normalize(text), word -> {
            TokenSink sink = new TokenSink();
            bpe.tokenize(word, sink);
            TokenSink.WordTokens found = sink.tokens();
            for (int i = 0; i < found.ids().length; i++) {
                int end = found.ends()[i];
                String piece = word.slice(found.starts()[i], end) + (end < word.length() ? "" : END);
                pieces.add(new PieceTokenizer.Piece(
                        piece, word.start(found.starts()[i]), word.end(end - 1), i == 0));
            }
        });
        return pieces;
    }

    @Override
    public String join(List<String> tokens, Predicate<String> special) {
        return SentencePiecePieces.trimmed(String.join("", tokens).replace(END, " "));
    }
}
