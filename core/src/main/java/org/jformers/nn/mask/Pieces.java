package org.jformers.nn.mask;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.mask.Documents.Run;
import org.jformers.nn.mask.Piece.Cover;

/**
 * Cuts an attention under a mask of distances into pieces, so that little more is computed than is seen: documents, and
 * in long ones some queries with the keys that are near.
 */
final class Pieces {
    /** Documents share a piece up to this length, and rows that are no longer are one piece. */
    static final long SHORT = 256;
    /** Queries of a piece under a window: a quarter of the window, in these units, and no more. */
    private static final long UNIT = 64;
    private static final long MOST = 256;
    /** So many documents of one length are computed below each other. */
    private static final int FEW = 3;
    /** From so many queries on, cutting is worth its while even where it saves little. */
    private static final long LONG = 512;

    private final Pairs pairs;
    private final ScalarType type;
    private final Map<List<Long>, Tensor> shared = new HashMap<>();
    private final List<Piece> pieces = new ArrayList<>();
    private long room = Bias.CELLS;

    private Pieces(Pairs pairs, ScalarType type) {
        this.pairs = pairs;
        this.type = type;
    }

    /** Those of a window; one where cutting them would save too little. */
    static List<Piece> ofWindow(Pairs pairs, ScalarType type, long queries, long keys) {
        Pieces cut = new Pieces(pairs, type);
        cut.add(Span.ALL, new Span(0, queries), new Span(0, keys));
        return cut.pieces;
    }

    /**
     * Those of documents that see themselves; empty if a document is in two places.
     *
     * @param mask of distances
     * @param documents with padding apart
     * @param rows their documents
     */
    static Optional<List<Piece>> ofDocuments(
            Mask mask, ScalarType type, BatchMasks batch, List<List<Run>> rows) {
        if (rows.stream().anyMatch(row -> row.stream().mapToLong(Run::number).distinct().count() < row.size())) {
            return Optional.empty();
        }
        boolean alike = rows.stream().allMatch(row -> spans(row).equals(spans(rows.get(0))));
        Pieces cut = new Pieces(Pairs.of(mask, 0), type);
        Bias.Made made = new Bias.Made(new Pairs(mask, 0, batch, batch.documents(), false), type);
        for (int i = 0; i < (alike ? 1 : rows.size()); i++) {
            Span row = new Span(i, 1);
            for (Group group : cut.groups(rows.get(i), rows.size() == 1)) {
                Span places = group.places();
                if (group.cover().isPresent()) {
                    cut.pieces.add(new Piece(row, places, places, group.cover().get(), new Bias.Made(cut.pairs, type),
                            group.documents()));
                } else if (group.documents() == 1) {
                    cut.add(alike ? Span.ALL : row, places, places);
                } else {
                    Tensor bias = made.of(row, places, places);
                    cut.pieces.add(new Piece(alike ? Span.ALL : row, places, places, Cover.SOME,
                            new Bias.Whole(bias, places, places)));
                }
            }
        }
        return Optional.of(cut.pieces);
    }

    private static List<Span> spans(List<Run> row) {
        return row.stream().map(Run::places).toList();
    }

    /**
     * Documents of a row that share a piece.
     *
     * @param cover what each sees of itself, where all have one length and are computed below each other; otherwise
     *     they are computed as one, and what hides them from each other says so
     */
    private record Group(Span places, int documents, Optional<Cover> cover) {}

    /** @param alone whether the row is the only one */
    private List<Group> groups(List<Run> row, boolean alone) {
        List<Group> groups = new ArrayList<>();
        int begin = 0;
        while (begin < row.size()) {
            int end = alone ? endOfLength(row, begin) : begin;
            Optional<Cover> cover = end - begin < FEW ? Optional.empty() : cover(row.get(begin).places());
            if (cover.isEmpty()) {
                end = begin + 1;
                while (end < row.size() && row.get(end).places().end() - row.get(begin).places().start() <= SHORT) {
                    end++;
                }
            }
            Span places = Span.of(row.get(begin).places().start(), row.get(end - 1).places().end());
            groups.add(new Group(places, end - begin, cover));
            begin = end;
        }
        return groups;
    }

    /** Behind the documents from one on that are as long as it. */
    private static int endOfLength(List<Run> row, int begin) {
        int end = begin + 1;
        while (end < row.size() && row.get(end).places().length() == row.get(begin).places().length()) {
            end++;
        }
        return end;
    }

    /**
     * What a document sees of itself, if the kernel knows it without being told which; gradients keep what they had.
     */
    private Optional<Cover> cover(Span places) {
        Band band = pairs.mask().band().orElseThrow().among(places.start(), places.length(), places);
        if (GradMode.is_enabled() || !band.isEverything() && !band.isCausal()) {
            return Optional.empty();
        }
        return Optional.of(band.isEverything() ? Cover.ALL : Cover.CAUSAL);
    }

    /**
     * Those of documents that see the documents of the same number in a memory; empty if one is in two places, or there
     * is none for some queries.
     */
    static Optional<List<Piece>> ofMemory(List<List<Run>> queries, List<List<Run>> keys) {
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < queries.size(); i++) {
            Map<Long, Span> byNumber = new HashMap<>();
            for (Run run : keys.get(i)) {
                if (byNumber.put(run.number(), run.places()) != null) {
                    return Optional.empty();
                }
            }
            for (Run run : queries.get(i)) {
                Span read = byNumber.get(run.number());
                if (read == null) {
                    return Optional.empty();
                }
                pieces.add(new Piece(new Span(i, 1), run.places(), read, Cover.ALL, Piece.NO_BIAS));
            }
        }
        return Optional.of(pieces);
    }

    private void add(Span rows, Span queries, Span keys) {
        Band band = pairs.mask().band().orElseThrow().among(pairs.first() + queries.start(), queries.length(), keys);
        boolean square = pairs.first() + queries.start() == keys.start() && queries.length() == keys.length();
        if (band.isCausal() && square && pairs.padding().isEmpty()) {
            // The fused kernel knows a triangle; only where scores are written out is it read.
            Bias triangle = GradMode.is_enabled() ? held(queries, keys) : new Bias.Made(pairs, type);
            pieces.add(new Piece(rows, queries, keys, Cover.CAUSAL, triangle));
            return;
        }
        long width = near(new Span(queries.start() + queries.length() / 2, 1), keys, band).length();
        long most = Math.min(Math.max(UNIT, width / 4 / UNIT * UNIT), MOST);
        boolean halves = 2 * (Math.min(most, queries.length()) + width) <= keys.length();
        boolean cuts = halves || queries.length() > LONG;
        long step = cuts ? most : queries.length();
        for (long from = queries.start(); from < queries.end(); from += step) {
            Span some = Span.of(from, Math.min(from + step, queries.end()));
            Span seen = cuts ? near(some, keys, band) : keys;
            boolean all = pairs.isEverything(some, seen);
            pieces.add(new Piece(
                    rows, some, seen, all ? Cover.ALL : Cover.SOME, all ? Piece.NO_BIAS : held(some, seen)));
        }
    }

    private Span near(Span queries, Span keys, Band band) {
        long place = pairs.first() + queries.start();
        return Span.of(
                Math.max(keys.start(), place - band.behind()),
                Math.min(keys.end(), place + queries.length() + band.ahead()));
    }

    /** There at once, unless it would be too much; without padding it depends on distances alone. */
    private Bias held(Span queries, Span keys) {
        Bias.Made made = new Bias.Made(pairs, type);
        boolean padded = pairs.padding().isPresent();
        List<Long> shape = List.of(
                padded ? queries.start() : 0, keys.start() - pairs.first() - queries.start(), queries.length(),
                keys.length());
        if (!shared.containsKey(shape)) {
            room -= pairs.cells(queries, keys);
            if (room < 0) {
                return made;
            }
            shared.put(shape, made.of(Span.ALL, queries, keys));
        }
        return new Bias.Whole(shared.get(shape), queries, keys);
    }
}
