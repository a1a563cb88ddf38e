package org.jformers.data;

import java.util.List;
import java.util.Optional;

/**
 * How a delimited text file is written. Doubled quotes inside a quoted field stand for one (RFC 4180).
 *
 * @param delimiter what stands between two fields
 * @param quote what may stand around a field; empty: quotes are ordinary characters
 * @param columns names of the columns of a file without a header; empty: the first line names them
 */
public record Delimited(char delimiter, Optional<Character> quote, List<String> columns) {
    /** Comma-separated values with quotes and a header line (RFC 4180). */
    public static final Delimited CSV = new Delimited(',', Optional.of('"'), List.of());

    /** Tab-separated values with a header line; quotes are ordinary characters (text/tab-separated-values). */
    public static final Delimited TSV = new Delimited('\t', Optional.empty(), List.of());

    public Delimited {
        columns = List.copyOf(columns);
        if (quote.isPresent() && quote.get() == delimiter) {
            throw new DataException("delimited file: delimiter and quote are both " + delimiter);
        }
    }

    /** With another delimiter. */
    public Delimited withDelimiter(char newDelimiter) {
        return new Delimited(newDelimiter, quote, columns);
    }

    /** For a file without a header line: with these names for its columns. */
    public Delimited withColumns(String... names) {
        return new Delimited(delimiter, quote, List.of(names));
    }

    /** With quotes as ordinary characters. */
    public Delimited withoutQuotes() {
        return new Delimited(delimiter, Optional.empty(), columns);
    }
}
