package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
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
        return hasTwoSides(folder) || FILES.stream().anyMatch(file -> Files.isRegularFile(folder.resolve(file)));
    }

    static boolean hasTwoSides(Path folder) {
        return Files.isRegularFile(folder.resolve("source.spm")) && Files.isRegularFile(folder.resolve("target.spm"));
    }

    /** The model of a folder that says no class. */
    static Tokenizer load(Path folder, ObjectNode config) {
        Path file = file(folder);
        return bare(SentencePieceModel.read(file), config, file.getFileName().toString(),
                OptionalInt.empty(), OptionalInt.empty());
    }

    static Tokenizer speechT5(Path folder, ObjectNode config) {
        Path file = file(folder);
        SentencePieceModel model = SentencePieceModel.read(file);
        return bare(model, config, file.getFileName().toString(), OptionalInt.empty(), OptionalInt.of(endOf(model)));
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
                end,
                List.of(),
                new SentencePiecePieces(sentencePiece, sentencePiece, false, "", false),
                config,
                Map.of(file, model.file())));
    }

    private static int endOf(SentencePieceModel model) {
        Integer id = model.ids().get("</s>");
        if (id == null) {
            throw new TokenizerException("the sentencepiece model has no piece </s> to end a text with");
        }
        return id;
    }

    /**
     * Pegasus with sentencepiece itself, as transformers ran it up to version 4: spaces at the ends of a text and runs of
     * them do not count. Version 5 runs the same pieces as a unigram model, for which they do.
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
                OptionalInt.of(1),
                own.stream().map(token -> special(token, ids.get(token))).toList(),
                new SentencePiecePieces(sentencePiece, sentencePiece, false, "", true),
                config,
                Map.of(file.getFileName().toString(), model.file())));
    }

    /** Marian's two models, and the table of ids that they share, or one for each side. */
    static Tokenizer marian(Path folder, ObjectNode config, boolean target) {
        LegacyTokenizers.roles(config, "pad_token", "<pad>", "eos_token", "</s>", "unk_token", "<unk>");
        boolean separate = config.path("separate_vocabs").asBoolean(false);
        ObjectNode source = TokenizerFolder.read(folder.resolve("vocab.json"));
        Vocabulary listed =
                Vocabulary.of(target && separate ? TokenizerFolder.read(folder.resolve("target_vocab.json")) : source);
        Map<String, Integer> ids = listed.ids();
        String[] tokens = new String[listed.limit()];
        Arrays.setAll(tokens, id -> listed.token(id) == null ? "<unk>" : listed.token(id));
        List<AddedToken> added = new ArrayList<>();
        for (String token : List.of("</s>", "<unk>", "<pad>")) {
            if (!ids.containsKey(token)) {
                throw new TokenizerException("vocab.json has no \"" + token + "\"");
            }
            added.add(special(token, ids.get(token)));
        }
        SentencePieceModel sourceModel = SentencePieceModel.read(folder.resolve("source.spm"));
        SentencePieceModel targetModel = SentencePieceModel.read(folder.resolve("target.spm"));
        Map<String, byte[]> files = new HashMap<>();
        files.put("source.spm", sourceModel.file());
        files.put("target.spm", targetModel.file());
        files.put("vocab.json", source.toString().getBytes(StandardCharsets.UTF_8));
        if (separate) {
            files.put(
                    "target_vocab.json",
                    TokenizerFolder.read(folder.resolve("target_vocab.json"))
                            .toString()
                            .getBytes(StandardCharsets.UTF_8));
        }
        SentencePiece decoder = new SentencePiece(targetModel);
        return new PieceTokenizer(new PieceTokenizer.Settings(
                List.of(tokens),
                ids,
                ids.get("<unk>"),
                false,
                OptionalInt.empty(),
                OptionalInt.of(ids.get("</s>")),
                added,
                new SentencePiecePieces(target ? decoder : new SentencePiece(sourceModel), decoder, true, " ", true),
                config,
                files));
    }

    private static AddedToken special(String token, int id) {
        return new AddedToken(id, token, false, false, false, false, true);
    }
}
