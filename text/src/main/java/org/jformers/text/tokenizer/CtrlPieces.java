package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * BPE as CTRL writes it (arXiv:1909.05858): a piece that does not end its word carries {@code @@}. Inside, the end of a
 * word is marked instead, as the merges have it.
 */
final class CtrlPieces implements PieceTokenizer.Pieces {
    private static final String CONTINUED = "@@";
    private static final String END = "</w>";

    private final Bpe bpe;
    private final TextPattern words = TextPattern.regex(TextPattern.compile("\\S+\\n?"));

    private CtrlPieces(Bpe bpe) {
        this.bpe = bpe;
    }

    static Tokenizer load(Path folder, TokenizerSettings settings) {
        ObjectNode config = settings.config();
        ObjectNode vocabulary = TokenizerFolder.read(folder.resolve("vocab.json"));
        Path file = folder.resolve("merges.txt");
        List<String[]> merges = LegacyTokenizers.rankedMerges(file);
        settings.roleTexts("unk_token", "<unk>");
        String unknown = TokenizerFolder.roleToken(config, "unk_token");
        ObjectNode model = config.objectNode();
        ObjectNode marked = model.putObject("vocab");
        Vocabulary listed = Vocabulary.of(vocabulary);
        vocabulary.properties().forEach(entry -> {
            String token = entry.getKey();
            boolean asIs = token.equals(unknown);
            marked.set(asIs ? token : token.endsWith(CONTINUED) ? token.substring(0, token.length() - 2) : token + END,
                    entry.getValue());
        });
        LegacyTokenizers.merges(model, marked, merges.subList(Math.min(1, merges.size()), merges.size()));
        model.put("unk_token", unknown).put("end_of_word_suffix", END);
        int unknownId = listed.id(unknown);
        if (unknownId == Vocabulary.NONE) {
            throw new TokenizerException("unk_token \"" + unknown + "\" is not in vocab.json");
        }
        List<AddedToken> added = List.copyOf(
                AddedTokenList.asListed(listed.ids(), settings, settings.specialTokens()).values());
        Map<String, Integer> ids = new HashMap<>(listed.ids());
        added.forEach(token -> ids.put(token.content(), token.id()));
        return new PieceTokenizer(new PieceTokenizer.Settings(
                PieceTokenizer.byId(ids, unknown),
                ids,
                unknownId,
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                added,
                new CtrlPieces(Bpe.of(new Component("model CTRL", model))),
                config,
                Map.of(
                        "vocab.json", vocabulary.toString().getBytes(StandardCharsets.UTF_8),
                        "merges.txt", LegacyTokenizers.bytes(file))));
    }

    @Override
    public List<PieceTokenizer.Piece> split(Text text) {
        List<PieceTokenizer.Piece> pieces = new ArrayList<>();
        Spans spans = words.find(text);
        for (int s = 0; s < spans.size(); s++) {
            if (!spans.isMatch(s)) {
                continue;
            }
            Text word = text.slice(spans.start(s), spans.end(s));
            TokenSink sink = new TokenSink();
            bpe.tokenize(word, sink);
            TokenSink.WordTokens found = sink.tokens();
            for (int i = 0; i < found.ids().length; i++) {
                int start = found.starts()[i];
                int end = found.ends()[i];
                String piece = word.slice(start, end) + (end < word.length() ? CONTINUED : "");
                pieces.add(new PieceTokenizer.Piece(piece, word.start(start), word.end(end - 1), i == 0));
            }
        }
        return pieces;
    }

    @Override
    public String join(List<String> tokens, Predicate<String> special) {
        return SentencePiecePieces.trimmed(String.join(" ", tokens).replace(CONTINUED + " ", ""));
    }

    @Override
    public String unfinished() {
        return CONTINUED;
    }
}
