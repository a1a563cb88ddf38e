package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.SentencePieceModel.Piece;
import org.jformers.text.tokenizer.SentencePieceModel.Type;

/** Model folders whose tokenizer is run by sentencepiece itself: a bare model, SpeechT5's, or Marian's two. */
final class SentencePieceFolders {
    private static final List<String> FILES =
            List.of("spiece.model", "tokenizer.model", "sentencepiece.bpe.model", "spm.model", "spm_char.model");

    private static final int PEGASUS_OFFSET = 103;

    private SentencePieceFolders() {}

    static boolean recognizes(Path folder) {
        return FILES.stream().anyMatch(file -> Files.isRegularFile(folder.resolve(file)));
    }

    /** The model of a folder that says no class. */
    static Tokenizer load(Path folder, ObjectNode config) {
        Path file = file(folder);
        return bare(SentencePieceModel.read(file), config, file.getFileName().toString(),
                OptionalInt.empty(), OptionalInt.empty());
    }

    /** SpeechT5: the model's pieces between special tokens, the end behind a text. */
    static Tokenizer speechT5(Path folder, TokenizerSettings settings) {
        Path file = file(folder);
        SentencePieceModel model = SentencePieceModel.read(file);
        settings.roleTexts("bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>", "pad_token", "<pad>");
        if (settings.flag("normalize", false)) {
            throw new TokenizerException("normalize must be false, got true: numbers are not written out as words,"
                    + " in tokenizer_config.json");
        }
        // A listed token stands for the piece that has its id; further ones are numbered behind all that are left.
        Set<String> known = new HashSet<>();
        IntStream.range(0, model.pieces().size())
                .filter(id -> !settings.listed().containsKey(id))
                .forEach(id -> known.add(model.pieces().get(id).text()));
        settings.listed().values().forEach(token -> known.add(token.content()));
        List<AddedToken> added = List.copyOf(AddedTokenList.asListed(
                model.ids(), settings, settings.specialTokens(), known.size()).values());
        Map<String, Integer> ids = new HashMap<>(model.ids());
        added.forEach(token -> ids.put(token.content(), token.id()));
        SentencePiece encoder = new SentencePiece(model);
        return new PieceTokenizer(new PieceTokenizer.Settings(
                PieceTokenizer.byId(ids, settings.token("unk_token")),
                ids,
                model.unknown(),
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.of(settings.id("eos_token", ids)),
                added,
                new SentencePiecePieces(encoder, null, false, "", true),
                settings.config(),
                Map.of(file.getFileName().toString(), model.file())));
    }

    private static Path file(Path folder) {
        return FILES.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new TokenizerException("no sentencepiece model, looked for " + FILES));
    }

    /** A single model file. */
    static Tokenizer loadBare(Path file) {
        return bare(
                SentencePieceModel.read(file), JsonNodeFactory.instance.objectNode(), file.getFileName().toString(),
                OptionalInt.empty(), OptionalInt.empty());
    }

    /**
     * The model by itself, as its own library runs it: control pieces never come from text and never show.
     *
     * @param begin the token before every text
     * @param end the token that follows every text
     */
    static Tokenizer bare(
            SentencePieceModel model, ObjectNode config, String file, OptionalInt begin, OptionalInt end) {
        SentencePiece sentencePiece = new SentencePiece(model);
        List<Piece> pieces = model.pieces();
        if (!config.has("unk_token")) {
            config.put("unk_token", pieces.get(model.unknown()).text());
            for (Piece piece : pieces) {
                String role = piece.type() != Type.CONTROL
                        ? ""
                        : Map.of("<s>", "bos_token", "</s>", "eos_token", "<pad>", "pad_token")
                                .getOrDefault(piece.text(), "");
                if (!role.isEmpty()) {
                    config.put(role, piece.text());
                }
            }
        }
        return new PieceTokenizer(new PieceTokenizer.Settings(
                pieces.stream().map(Piece::text).toList(),
                model.ids(),
                model.unknown(),
                true,
                begin,
                OptionalInt.empty(),
                end,
                List.of(),
                new SentencePiecePieces(sentencePiece, sentencePiece, false, "", false),
                config,
                Map.of(file, model.file())));
    }

    /**
     * Pegasus with sentencepiece itself, as transformers ran it up to version 4: spaces at the ends of a text and runs
     * of them do not count. Version 5 runs the same pieces as a unigram model, for which they do.
     */
    static Tokenizer pegasus(Path folder, ObjectNode config) {
        Path file = file(folder);
        SentencePieceModel model = SentencePieceModel.read(file);
        LegacyTokenizers.roles(
                config, "pad_token", "<pad>", "eos_token", "</s>", "unk_token", "<unk>", "mask_token", "<mask_2>");
        List<String> tokens = new ArrayList<>(List.of("<pad>", "</s>", "<mask_1>", "<mask_2>"));
        IntStream.range(2, PEGASUS_OFFSET).forEach(i -> tokens.add("<unk_" + i + ">"));
        List<String> own = new ArrayList<>(tokens);
        own.add("<unk>");
        model.pieces().stream().skip(2).forEach(piece -> tokens.add(piece.text()));
        Map<String, Integer> ids = new HashMap<>();
        for (int id = tokens.size() - 1; id >= 0; id--) {
            ids.put(tokens.get(id), id);
        }
        if (!ids.containsKey("<unk>")) {
            throw new TokenizerException("Pegasus needs a piece <unk> behind the first two, in " + file);
        }
        SentencePiece sentencePiece = new SentencePiece(model);
        return new PieceTokenizer(new PieceTokenizer.Settings(
                tokens,
                ids,
                ids.get("<unk>"),
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.of(1),
                own.stream().map(token -> special(token, Objects.requireNonNull(ids.get(token)))).toList(),
                new SentencePiecePieces(sentencePiece, sentencePiece, false, "", true),
                config,
                Map.of(file.getFileName().toString(), model.file())));
    }

    private static AddedToken special(String token, int id) {
        return new AddedToken(id, token, false, false, false, false, true);
    }
}
