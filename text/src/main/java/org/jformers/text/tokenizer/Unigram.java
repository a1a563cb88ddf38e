package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The most probable segmentation under a unigram language model of pieces, found by Viterbi. Source: Kudo,
 * arXiv:1804.10959. A character that no piece covers is unknown, at a score below all others; neighbours fuse.
 */
final class Unigram implements Model {
    private static final double UNKNOWN_PENALTY = 10;

    private final String[] pieces;
    private final double[] scores;
    private final Map<String, Integer> ids = new HashMap<>();
    private final PieceTrie trie;
    private final int unknown;
    private final double unknownScore;
    /** Of every byte; empty where bytes stand for nothing. */
    private final int[] byteIds;

    private Unigram(Component component) {
        List<JsonNode> vocabulary = component.list("vocab");
        pieces = new String[vocabulary.size()];
        scores = new double[pieces.length];
        int characters = 0;
        for (int id = 0; id < pieces.length; id++) {
            JsonNode entry = vocabulary.get(id);
            if (entry.size() != 2 || !entry.path(0).isTextual() || !entry.path(1).isNumber()) {
                throw component.error("vocab entry " + id + " must be [piece, score], got " + entry);
            }
            pieces[id] = entry.get(0).textValue();
            scores[id] = entry.get(1).doubleValue();
            ids.put(pieces[id], id);
            characters += pieces[id].length();
        }
        trie = new PieceTrie(characters);
        for (int id = 0; id < pieces.length; id++) {
            trie.add(pieces[id], id);
        }
        unknown = component.has("unk_id") ? component.integer("unk_id") : Vocabulary.NONE;
        if (unknown >= pieces.length) {
            throw component.error("unk_id must be below the " + pieces.length + " pieces, got " + unknown);
        }
        unknownScore = Arrays.stream(scores).min().orElse(0) - UNKNOWN_PENALTY;
        byteIds = component.flag("byte_fallback", false) ? byteIds() : new int[0];
    }

    static Unigram of(Component component) {
        return new Unigram(component);
    }

    @Override
    public void tokenize(Text word, TokenSink out) {
        int[] starts = new int[word.length() + 1];
        int[] best = bestPath(word, starts);
        int[] ends = new int[word.length()];
        int count = 0;
        for (int end = word.length(); end > 0; end = starts[end]) {
            ends[count++] = end;
        }
        int start = 0;
        while (count > 0) {
            int end = ends[--count];
            boolean unknownPiece = best[end] == unknown;
            while (unknownPiece && count > 0 && best[ends[count - 1]] == unknown) {
                end = ends[--count];
            }
            if (unknownPiece) {
                addUnknown(word, start, end, out);
            } else {
                out.add(best[end], start, end);
            }
            start = end;
        }
    }

    /** The piece that ends at each place on the best path to it, and in {@code starts} where that piece begins. */
    private int[] bestPath(Text word, int[] starts) {
        int length = word.length();
        int[] best = new int[length + 1];
        double[] bestScores = new double[length + 1];
        Arrays.fill(starts, -1);
        for (int start = 0; start < length; start++) {
            double soFar = bestScores[start];
            boolean single = false;
            int node = 0;
            int looked = start;
            for (int end = start; end < length; ) {
                looked = end + 1;
                node = trie.child(node, word.at(end++));
                if (node < 0) {
                    break;
                }
                int id = trie.id(node);
                if (id == Vocabulary.NONE) {
                    continue;
                }
                single |= end == start + 1;
                double score = soFar + scores[id];
                if (starts[end] < 0 || score > bestScores[end]) {
                    best[end] = id;
                    bestScores[end] = score;
                    starts[end] = start;
                }
            }
            int next = start + 1;
            word.budget.spend(looked - start);
            if (!single && (starts[next] < 0 || soFar + unknownScore > bestScores[next])) {
                if (unknown == Vocabulary.NONE) {
                    throw new TokenizerException(
                            "\"" + word + "\" is not covered by the vocabulary, and the model has no unk_id");
                }
                best[next] = unknown;
                bestScores[next] = soFar + unknownScore;
                starts[next] = start;
            }
        }
        return best;
    }

    private void addUnknown(Text word, int start, int end, TokenSink out) {
        String surface = word.slice(start, end).toString();
        Integer known = ids.get(surface);
        if (known != null) {
            out.add(known, start, end);
            return;
        }
        byte[] bytes = byteIds.length == 0 ? new byte[0] : surface.getBytes(StandardCharsets.UTF_8);
        boolean covered = bytes.length > 0;
        for (byte b : bytes) {
            covered &= byteIds[b & 0xFF] != Vocabulary.NONE;
        }
        if (!covered) {
            out.add(unknown, start, end, surface);
            return;
        }
        for (byte b : bytes) {
            out.add(byteIds[b & 0xFF], start, end);
        }
    }

    private int[] byteIds() {
        int[] result = new int[256];
        for (int b = 0; b < result.length; b++) {
            result[b] = id(String.format("<0x%02X>", b));
        }
        return result;
    }

    @Override
    public int id(String token) {
        return ids.getOrDefault(token, Vocabulary.NONE);
    }

    @Override
    public @Nullable String token(int id) {
        return id >= 0 && id < pieces.length ? pieces[id] : null;
    }

    @Override
    public int limit() {
        return pieces.length;
    }

    @Override
    public int size() {
        return pieces.length;
    }

    @Override
    public void write(ObjectNode model) {
        model.put("type", "Unigram");
        ArrayNode vocabulary = model.putArray("vocab");
        for (int id = 0; id < pieces.length; id++) {
            vocabulary.addArray().add(pieces[id]).add(scores[id]);
        }
    }
}
