package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.text.tokenizer.SentencePieceModel.Piece;
import org.jformers.text.tokenizer.SentencePieceModel.Type;
import org.jspecify.annotations.Nullable;

/**
 * Where a tokenizer class takes its vocabulary from: tokenizer.json, or the older files of its family. Each can give a
 * table of ids or a list of scored pieces, whatever form it has itself.
 */
final class VocabularySource {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** A tokenizer.json; empty without one. */
    private final ObjectNode definition;
    private final @Nullable SentencePieceModel sentencePiece;
    private final @Nullable Path table;
    private final @Nullable Path merges;

    private VocabularySource(
            ObjectNode definition,
            @Nullable SentencePieceModel sentencePiece,
            @Nullable Path table,
            @Nullable Path merges) {
        this.definition = definition;
        this.sentencePiece = sentencePiece;
        this.table = table;
        this.merges = merges;
    }

    /** The vocabulary of a tokenizer.json. */
    static VocabularySource of(ObjectNode definition) {
        return new VocabularySource(definition, null, null, null);
    }

    /** The vocabulary of a sentencepiece model. */
    static VocabularySource of(SentencePieceModel model) {
        return new VocabularySource(NODES.objectNode(), model, null, null);
    }

    /** The vocabulary of vocab.txt, or of vocab.json with merges.txt; empty if the folder lacks a file. */
    static Optional<VocabularySource> of(Path folder, String file) {
        Path table = folder.resolve(file);
        Path merges = file.equals("vocab.json") ? folder.resolve("merges.txt") : null;
        boolean complete = Files.isRegularFile(table) && (merges == null || Files.isRegularFile(merges));
        return complete
                ? Optional.of(new VocabularySource(NODES.objectNode(), null, table, merges))
                : Optional.empty();
    }

    /** The sentencepiece model; null if the vocabulary is in another file. */
    @Nullable SentencePieceModel sentencePiece() {
        return sentencePiece;
    }

    /** Whether this has a score for each piece. */
    boolean hasScores() {
        return sentencePiece != null || definition.path("model").path("vocab").isArray();
    }

    /** Tokens and their ids. */
    ObjectNode ids() {
        if (definition.path("model").path("vocab") instanceof ObjectNode ids) {
            return ids;
        }
        if (table != null && merges != null) {
            return TokenizerFolder.read(table);
        }
        ObjectNode ids = NODES.objectNode();
        int id = 0;
        for (String token : table != null ? LegacyTokenizers.words(table) : texts()) {
            ids.put(token, id++);
        }
        return ids;
    }

    private List<String> texts() {
        if (sentencePiece != null) {
            return sentencePiece.pieces().stream().map(Piece::text).toList();
        }
        List<String> texts = new ArrayList<>();
        definition.path("model").path("vocab").forEach(entry -> texts.add(
                entry.isArray() ? entry.path(0).asText() : entry.asText()));
        return texts;
    }

    /** Pieces and their scores, in the order of their ids. */
    ArrayNode pieces() {
        if (sentencePiece == null) {
            return (ArrayNode) definition.path("model").path("vocab");
        }
        ArrayNode pieces = NODES.arrayNode();
        sentencePiece.pieces().forEach(piece -> pieces.addArray().add(piece.text()).add((double) piece.score()));
        return pieces;
    }

    /** Merges of pairs in the order in which they are applied; none from a tokenizer.json that lists none. */
    ArrayNode merges() {
        if (merges != null) {
            return LegacyTokenizers.merges(merges);
        }
        if (sentencePiece != null) {
            return mergesOf(ids());
        }
        return definition.path("model").path("merges") instanceof ArrayNode listed ? listed : NODES.arrayNode();
    }

    private record Merge(int id, String left, String right, int leftId, int rightId) {
        int leftLength() {
            return left.codePointCount(0, left.length());
        }

        int rightLength() {
            return right.codePointCount(0, right.length());
        }
    }

    /** Every way to put a token together from two others, tokens with smaller ids first. */
    private static ArrayNode mergesOf(ObjectNode ids) {
        List<Merge> found = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : ids.properties()) {
            String token = entry.getKey();
            for (int cut = 1; cut < token.length(); cut++) {
                String left = token.substring(0, cut);
                String right = token.substring(cut);
                if (ids.has(left) && ids.has(right)) {
                    found.add(new Merge(entry.getValue().asInt(), left, right, ids.get(left).asInt(),
                            ids.get(right).asInt()));
                }
            }
        }
        found.sort(Comparator.comparingInt(Merge::id).thenComparingInt(Merge::leftLength)
                .thenComparingInt(Merge::rightLength).thenComparingInt(Merge::leftId)
                .thenComparingInt(Merge::rightId));
        ArrayNode out = NODES.arrayNode();
        found.forEach(merge -> out.addArray().add(merge.left).add(merge.right));
        return out;
    }

    /** The table by which a sentencepiece model normalizes, in base64; empty if there is none. */
    Optional<String> charsmap() {
        if (sentencePiece != null) {
            byte[] table = sentencePiece.charsmap();
            return table.length == 0 ? Optional.empty() : Optional.of(Base64.getEncoder().encodeToString(table));
        }
        JsonNode normalizer = definition.path("normalizer");
        Iterable<JsonNode> steps = normalizer.path("type").asText().equals("Sequence")
                ? normalizer.path("normalizers")
                : List.of(normalizer);
        for (JsonNode step : steps) {
            if (step.path("type").asText().equals("Precompiled") && step.path("precompiled_charsmap").isTextual()) {
                return Optional.of(step.get("precompiled_charsmap").asText());
            }
        }
        return Optional.empty();
    }

    /** Control pieces, which are special, and those that a user defined, which are not; empty without a model file. */
    Optional<List<JsonNode>> markedPieces() {
        return Optional.ofNullable(sentencePiece).map(model -> model.pieces().stream()
                .filter(piece -> piece.type() == Type.CONTROL || piece.type() == Type.USER_DEFINED)
                .map(piece -> (JsonNode) new AddedToken(-1, piece.text(), false, false, false, false,
                        piece.type() == Type.CONTROL).asRole())
                .toList());
    }

    /** What tokenizer.json has under a name. */
    Optional<JsonNode> part(String name) {
        return definition.hasNonNull(name) ? Optional.of(definition.get(name)) : Optional.empty();
    }
}
