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
import java.util.stream.Stream;
import org.jformers.text.tokenizer.SentencePieceModel.Piece;
import org.jformers.text.tokenizer.SentencePieceModel.Type;

/** Model folders whose tokenizer is a sentencepiece model: bare, Pegasus', or Marian's two. */
final class SentencePieceFolders {
    private static final List<String> FILES =
            List.of("spiece.model", "tokenizer.model", "sentencepiece.bpe.model", "spm.model", "spm_char.model");
    /**
     * Pegasus has tokens of its own before the pieces: padding, end, two masks, and unused ones from 2 to this number.
     */
    private static final int PEGASUS_UNUSED = 102;

    private SentencePieceFolders() {}

    static boolean recognizes(Path folder) {
        return hasTwoSides(folder) || FILES.stream().anyMatch(file -> Files.isRegularFile(folder.resolve(file)));
    }

    static boolean hasTwoSides(Path folder) {
        return Files.isRegularFile(folder.resolve("source.spm")) && Files.isRegularFile(folder.resolve("target.spm"));
    }

    static Tokenizer load(Path folder, ObjectNode config, boolean target) {
        if (hasTwoSides(folder)) {
            return marian(folder, config, target);
        }
        String file = FILES.stream()
                .filter(name -> Files.isRegularFile(folder.resolve(name)))
                .findFirst()
                .orElseThrow();
        SentencePieceModel model = SentencePieceModel.read(folder.resolve(file));
        String tokenizerClass = config.path("tokenizer_class").asText();
        if (tokenizerClass.startsWith("Pegasus")) {
            return pegasus(model, config, file);
        }
        if (tokenizerClass.startsWith("SpeechT5")) {
            return bare(model, config, file, OptionalInt.empty(), OptionalInt.of(endOf(model)));
        }
        return tokenizerClass.isEmpty()
                ? bare(model, config, file, OptionalInt.empty(), OptionalInt.empty())
                : SentencePieceConverter.convert(model, config);
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

    private static Tokenizer pegasus(SentencePieceModel model, ObjectNode config, String file) {
        LegacyTokenizers.roles(
                config, "pad_token", "<pad>", "eos_token", "</s>", "unk_token", "<unk>", "mask_token", "<mask_2>");
        List<String> tokens = new ArrayList<>(List.of("<pad>", "</s>", "<mask_1>", "<mask_2>"));
        for (int i = 2; i <= PEGASUS_UNUSED; i++) {
            tokens.add("<unk_" + i + ">");
        }
        List<String> own = List.copyOf(tokens);
        model.pieces().stream().skip(2).forEach(piece -> tokens.add(piece.text()));
        Map<String, Integer> ids = new HashMap<>();
        for (int id = tokens.size() - 1; id >= 0; id--) {
            ids.put(tokens.get(id), id);
        }
        List<AddedToken> added = new ArrayList<>();
        Stream.concat(own.stream(), Stream.of("<unk>")).forEach(token -> added.add(special(token, ids.get(token))));
        SentencePiece sentencePiece = new SentencePiece(model);
        return new PieceTokenizer(new PieceTokenizer.Settings(
                tokens,
                ids,
                ids.get("<unk>"),
                false,
                OptionalInt.empty(),
                OptionalInt.of(1),
                added,
                new SentencePiecePieces(sentencePiece, sentencePiece, false, "", true),
                config,
                Map.of(file, model.file())));
    }

    private static Tokenizer marian(Path folder, ObjectNode config, boolean target) {
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
