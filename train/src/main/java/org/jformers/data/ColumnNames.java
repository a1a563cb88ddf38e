package org.jformers.data;

import java.util.HashSet;
import java.util.List;

/** What the names of columns may be. */
final class ColumnNames {
    private static final int MOST = 10_000;
    private static final int LONGEST = 10_000;

    private ColumnNames() {}

    /** @throws DataException if there are too many, or one occurs twice, is too long or no text */
    static void require(String file, List<String> columns) {
        if (columns.size() > MOST) {
            throw new DataException(file + ": got " + columns.size() + " columns, allowed at most " + MOST);
        }
        for (String column : columns) {
            if (column.length() > LONGEST || column.indexOf('\0') >= 0) {
                throw new DataException(file + ": a column name "
                        + (column.indexOf('\0') >= 0
                                ? "holds the character NUL"
                                : "has " + column.length() + " characters, allowed at most " + LONGEST)
                        + ", it begins with " + column.substring(0, Math.min(40, column.length())));
            }
        }
        if (new HashSet<>(columns).size() < columns.size()) {
            throw new DataException(file + ": a column name occurs twice: " + String.join(", ", columns));
        }
    }
}
