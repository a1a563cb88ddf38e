package org.jformers.nn.stack;

import java.util.ArrayList;
import java.util.List;
import org.jformers.nn.attention.CachedRow;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.attention.LayerCache;
import org.jformers.nn.mask.Span;
import org.jformers.tensor.ShapeException;

/**
 * The rows of a cache that the tokens of a pass continue: one in each row of the batch, or one behind the other in a
 * single row, in any lengths.
 *
 * @param places where the tokens of each row stand, in order
 */
public record Continued(List<LayerCache.Place> places) {
    public Continued {
        places = List.copyOf(places);
    }

    /** Row by row. */
    static Continued of(KeyValueCache cache, long batch, long length) {
        if (cache.rows().isEmpty()) {
            for (long row = 0; row < batch; row++) {
                cache.add();
            }
        }
        List<CachedRow> rows = cache.rows();
        if (rows.size() != batch) {
            throw new ShapeException("cache: got " + batch + " rows to continue " + rows.size()
                    + ", allowed as many");
        }
        return ofBatch(rows, length);
    }

    /** Rows of a batch, each as long. */
    public static Continued ofBatch(List<CachedRow> rows, long length) {
        List<LayerCache.Place> places = new ArrayList<>();
        for (CachedRow row : rows) {
            places.add(new LayerCache.Place(row, new Span(places.size(), 1), new Span(0, length)));
        }
        return new Continued(places);
    }

    /** Rows one behind the other. */
    public static Continued ofLine(List<CachedRow> rows, int[] lengths) {
        List<LayerCache.Place> places = new ArrayList<>();
        long start = 0;
        for (int i = 0; i < lengths.length; i++) {
            places.add(new LayerCache.Place(rows.get(i), new Span(0, 1), new Span(start, lengths[i])));
            start += lengths[i];
        }
        return new Continued(places);
    }

    /** Tokens that were read before, of the first row. */
    long seen() {
        return places.get(0).row().length();
    }

    void prepare() {
        places.forEach(place -> place.row().prepare(place.tokens().length()));
    }

    void finish() {
        places.forEach(place -> place.row().finish());
    }
}
