package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Marian's sentencepiece models, one for each side, whose pieces get their ids from a table that both share, or from
 * one of each side ({@code separate_vocabs}). Special tokens have the ids of the source's table on both sides.
 *
 * <p>Reference: MarianTokenizer of transformers 5.18, without the Moses normalization of punctuation.
 */
final class MarianTokenizers {

    private MarianTokenizers() {}

    static boolean recognizes(Path folder) {
        return Files.isRegularFile(folder.resolve("source.spm")) && Files.isRegularFile(folder.resolve("target.spm"));
    }

    /** The tokenizer of source texts; what it decodes are target texts where the tables are apart. */
    static Tokenizer source(Path folder, TokenizerSettings settings) {
        return load(folder, settings, false, settings.flag("separate_vocabs", false));
    }

    /** The tokenizer of target texts. */
    static Tokenizer target(Path folder, TokenizerSettings settings) {
        return load(folder, settings, true, true);
    }

    /** The tokenizer of source texts as up to version 4 of transformers: the target's model joins pieces always. */
    static Tokenizer plain(Path folder, TokenizerSettings settings) {
        return load(folder, settings, false, true);
    }

    private static Tokenizer load(Path folder, TokenizerSettings settings, boolean target, boolean targetJoins) {
        settings.roleTexts("pad_token", "<pad>", "eos_token", "</s>", "unk_token", "<unk>");
        ObjectNode sourceTable = TokenizerFolder.read(folder.resolve("vocab.json"));
        boolean separate = settings.flag("separate_vocabs", false);
        ObjectNode targetTable = separate ? TokenizerFolder.read(folder.resolve("target_vocab.json")) : sourceTable;
        Vocabulary source = Vocabulary.of(sourceTable);
        Vocabulary decoded = Vocabulary.of(targetTable);
        SentencePieceModel sourceModel = SentencePieceModel.read(folder.resolve("source.spm"));
        SentencePieceModel targetModel = SentencePieceModel.read(folder.resolve("target.spm"));
        Map<String, AddedToken> added =
                AddedTokenList.asListed(source.ids(), settings, settings.specialTokens());
        String unknown = settings.token("unk_token");
        if (source.id(unknown) == Vocabulary.NONE) {
            throw new TokenizerException("vocab.json has no unk_token \"" + unknown + "\"");
        }
        Map<String, Integer> ids = new HashMap<>(target ? decoded.ids() : source.ids());
        added.values().forEach(token -> ids.put(token.content(), token.id()));
        Map<String, byte[]> files = new HashMap<>();
        files.put("source.spm", sourceModel.file());
        files.put("target.spm", targetModel.file());
        files.put("vocab.json", sourceTable.toString().getBytes(StandardCharsets.UTF_8));
        if (separate) {
            files.put("target_vocab.json", targetTable.toString().getBytes(StandardCharsets.UTF_8));
        }
        SentencePiece encoder = new SentencePiece(target ? targetModel : sourceModel);
        SentencePiece decoder = new SentencePiece(targetJoins ? targetModel : sourceModel);
        return new PieceTokenizer(new PieceTokenizer.Settings(
                tokens(ids, decoded, added, unknown, targetJoins ? targetModel : sourceModel),
                ids,
                settings.id("unk_token", ids),
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.of(settings.id("eos_token", ids)),
                List.copyOf(added.values()),
                new SentencePiecePieces(encoder, decoder, true, " ", true),
                settings.config(),
                files));
    }

    /** Tokens by id: added ones, those of the table that decodes, and where it has none the model's piece. */
    private static List<String> tokens(Map<String, Integer> ids, Vocabulary decoded, Map<String, AddedToken> added,
            String unknown, SentencePieceModel model) {
        int limit = ids.values().stream().mapToInt(id -> id + 1).max().orElse(0);
        String[] tokens = new String[Math.max(limit, decoded.limit())];
        Arrays.setAll(tokens, id -> decoded.token(id) != null
                ? decoded.token(id)
                : id < model.pieces().size() ? model.pieces().get(id).text() : unknown);
        added.values().forEach(token -> tokens[token.id()] = token.content());
        return List.of(tokens);
    }
}
