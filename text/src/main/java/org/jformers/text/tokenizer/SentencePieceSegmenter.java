package org.jformers.text.tokenizer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jformers.text.WorkBudget;
import org.jformers.text.tokenizer.SentencePieceModel.Algorithm;
import org.jformers.text.tokenizer.SentencePieceModel.Piece;
import org.jformers.text.tokenizer.SentencePieceModel.Type;

/** Cuts normalized text into pieces as sentencepiece does, in single precision where it does. */
final class SentencePieceSegmenter {
    private static final float UNKNOWN_PENALTY = 10;
    private static final float LOWEST_SUM = -100_000;

    private final List<Piece> pieces;
    private final Algorithm algorithm;
    private final Map<String, Integer> ids = new HashMap<>();
    private final PieceTrie trie;
    private final PieceTrie userDefined;
    private final int unknown;
    private final float minScore;
    private final Map<Integer, Integer> characterIds = new HashMap<>();
    private final boolean hasUnused;
    /** Of characters by pairs; empty where the model does not merge. */
    private final PairTable merges;

    SentencePieceSegmenter(SentencePieceModel model) {
        pieces = model.pieces();
        algorithm = model.algorithm();
        hasUnused = pieces.stream().anyMatch(piece -> piece.type() == Type.UNUSED);
        unknown = model.unknown();
        int characters = 0;
        for (int id = 0; id < pieces.size(); id++) {
            if (pieces.get(id).inText()) {
                ids.put(pieces.get(id).text(), id);
                characters += pieces.get(id).text().length();
            }
        }
        trie = new PieceTrie(characters);
        userDefined = new PieceTrie(characters);
        ids.forEach(trie::add);
        float min = Float.MAX_VALUE;
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = pieces.get(id);
            if (piece.type() == Type.USER_DEFINED) {
                userDefined.add(piece.text(), id);
            }
            if (piece.type() == Type.NORMAL) {
                min = Math.min(min, piece.score());
            }
        }
        minScore = min;
        merges = algorithm == Algorithm.BPE ? merges() : new PairTable(0);
    }

    PieceTrie userDefined() {
        return userDefined;
    }

    /** Appends pieces; what the vocabulary does not cover has the unknown id, character by character. */
    void segment(Text text, TokenSink out) {
        int[] chars = new int[text.length()];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = text.at(i);
        }
        switch (algorithm) {
            case UNIGRAM -> unigram(chars, text.budget, out);
            case BPE -> bpe(chars, text.budget, out);
            case CHAR -> characters(chars, text.budget, out);
            case WORD -> words(chars, out);
        }
    }

    private void unigram(int[] chars, WorkBudget budget, TokenSink out) {
        int[] best = new int[chars.length + 1];
        int[] starts = new int[chars.length + 1];
        float[] scores = new float[chars.length + 1];
        Arrays.fill(starts, -1);
        float unknownScore = minScore - UNKNOWN_PENALTY;
        int reached = 0;
        for (int start = 0; start < chars.length; start++) {
            if (scores[start] < LOWEST_SUM) { // where single precision gets coarse, sums begin anew
                float past = scores[start];
                budget.spend(reached - start);
                for (int end = start; end <= reached; end++) {
                    scores[end] -= past;
                }
            }
            boolean single = false;
            int node = 0;
            int bytes = 0;
            int looked = start;
            for (int end = start; end < chars.length; ) {
                looked = end + 1;
                bytes += utf8Length(chars[end]);
                node = trie.child(node, chars[end++]);
                if (node < 0) {
                    break;
                }
                int id = trie.id(node);
                if (id == Vocabulary.NONE || pieces.get(id).type() == Type.UNUSED) {
                    continue;
                }
                single |= end == start + 1;
                // A user-defined piece gets more than any other, so that it is always taken, the longest one first.
                float score = pieces.get(id).type() == Type.USER_DEFINED
                        ? (float) (0.1 * bytes - 0.1)
                        : pieces.get(id).score();
                float candidate = score + scores[start];
                if (starts[end] < 0 || candidate > scores[end]) {
                    best[end] = id;
                    scores[end] = candidate;
                    starts[end] = start;
                    reached = Math.max(reached, end);
                }
            }
            budget.spend(looked - start);
            float candidate = unknownScore + scores[start];
            if (!single && (starts[start + 1] < 0 || candidate > scores[start + 1])) {
                best[start + 1] = unknown;
                scores[start + 1] = candidate;
                starts[start + 1] = start;
                reached = Math.max(reached, start + 1);
            }
        }
        List<Integer> ends = new ArrayList<>();
        for (int end = chars.length; end > 0; end = starts[end]) {
            ends.add(end);
        }
        for (int i = ends.size() - 1; i >= 0; i--) {
            out.add(best[ends.get(i)], starts[ends.get(i)], ends.get(i));
        }
    }

    /** Characters merge whenever they form a piece, the best score first. */
    private void bpe(int[] chars, WorkBudget budget, TokenSink out) {
        MergeSequence symbols = new MergeSequence(chars.length + 1);
        for (int i = 0; i < chars.length; ) {
            int matched = SentencePieceNormalizer.longest(userDefined, chars, i, budget);
            int length = Math.max(matched, 1);
            String symbol = new String(chars, i, length);
            int id = matched > 0
                    ? pieces.size() + Objects.requireNonNull(ids.get(symbol)) // apart from the ids that merge
                    : characterIds.getOrDefault(chars[i], unknown);
            symbols.add(id, i, i + length);
            i += length;
        }
        Map<Integer, int[]> splits = new HashMap<>();
        if (hasUnused) {
            symbols.mergeAll(merges, (left, right, merged) -> {
                if (isUnused(merged)) {
                    splits.put(merged, new int[] {left, right});
                }
            });
        } else {
            symbols.mergeAll(merges);
        }
        TokenSink merged = new TokenSink();
        symbols.emit(merged);
        TokenSink.WordTokens tokens = merged.tokens();
        for (int i = 0; i < tokens.ids().length; i++) {
            int id = tokens.ids()[i];
            if (splits.containsKey(id)) {
                addParts(id, tokens.starts()[i], tokens.ends()[i], splits, out);
            } else {
                out.add(known(id), tokens.starts()[i], tokens.ends()[i]);
            }
        }
    }

    private boolean isUnused(int id) {
        return id < pieces.size() && pieces.get(id).type() == Type.UNUSED;
    }

    /** The id of a symbol's piece: characters that are none have pseudo ids, user-defined pieces have theirs twice. */
    private int known(int symbol) {
        return symbol >= 2 * pieces.size() ? unknown : symbol % pieces.size();
    }

    /** Appends an unused piece cut again where it was last put together, and so its parts. */
    private void addParts(int symbol, int start, int end, Map<Integer, int[]> splits, TokenSink out) {
        Deque<Integer> open = new ArrayDeque<>(List.of(symbol));
        int at = start;
        while (!open.isEmpty()) {
            int id = open.pop();
            int[] parts = splits.get(id);
            if (parts != null) {
                open.push(parts[1]);
                open.push(parts[0]);
                continue;
            }
            int length = id < pieces.size() ? characters(pieces.get(id).text()) : 1;
            int last = open.isEmpty() ? end : at + length;
            out.add(known(id), at, last);
            at = last;
        }
    }

    private static int characters(String text) {
        return text.codePointCount(0, text.length());
    }

    private void characters(int[] chars, WorkBudget budget, TokenSink out) {
        for (int i = 0; i < chars.length; ) {
            int length = Math.max(SentencePieceNormalizer.longest(userDefined, chars, i, budget), 1);
            out.add(ids.getOrDefault(new String(chars, i, length), unknown), i, i + length);
            i += length;
        }
    }

    private void words(int[] chars, TokenSink out) {
        int start = 0;
        for (int i = 1; i <= chars.length; i++) {
            if (i == chars.length || chars[i] == Metaspace.DEFAULT) {
                out.add(ids.getOrDefault(new String(chars, start, i - start), unknown), start, i);
                start = i;
            }
        }
    }

    /** Every way to put a piece together from two others, ranked by the score of the piece. */
    private PairTable merges() {
        int pseudo = 2 * pieces.size();
        for (String piece : ids.keySet()) {
            for (int c : piece.codePoints().toArray()) {
                Integer known = ids.get(Character.toString(c));
                if (known != null) {
                    characterIds.put(c, known);
                } else if (!characterIds.containsKey(c)) {
                    characterIds.put(c, pseudo++); // not a piece itself, but part of one
                }
            }
        }
        TreeMap<Float, Integer> ranks = new TreeMap<>((a, b) -> Float.compare(b, a));
        ids.values().forEach(id -> ranks.put(pieces.get(id).score(), 0));
        int rank = 0;
        for (Map.Entry<Float, Integer> entry : ranks.entrySet()) {
            entry.setValue(rank++);
        }
        Work.payForCuts(ids.keySet());
        PairTable merges = new PairTable(ids.keySet().stream().mapToInt(String::length).sum());
        ids.forEach((piece, id) -> {
            int rankOfPiece = Objects.requireNonNull(ranks.get(pieces.get(id).score()));
            for (int cut = 1; cut < piece.length(); cut++) {
                int left = part(piece.substring(0, cut));
                int right = part(piece.substring(cut));
                if (left >= 0 && right >= 0) {
                    merges.put(left, right, rankOfPiece, id);
                }
            }
        });
        return merges;
    }

    private int part(String text) {
        Integer id = ids.get(text);
        if (id != null) {
            return id;
        }
        return text.codePointCount(0, text.length()) == 1 ? characterIds.getOrDefault(text.codePointAt(0), -1) : -1;
    }

    private static int utf8Length(int c) {
        return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
}
