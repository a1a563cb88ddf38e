package org.jformers.task;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.data.DataException;
import org.jformers.data.DataSource;
import org.jformers.data.ImageFolder;
import org.jformers.data.Table;
import org.jformers.vision.ImageFile;

/** Tables of image files. */
final class ImageTables {
    private ImageTables() {}

    /**
     * Reads a table with a column of paths, which become absolute ones, relative to the folder of the file.
     *
     * @param image the column of paths; it becomes {@link ImageFolder#IMAGE}
     * @param others further columns, and what they become
     */
    static Table read(Path source, String image, Map<String, String> others) {
        Table read = Table.read(DataSource.of(source),
                Stream.concat(Stream.of(image), others.keySet().stream()).toArray(String[]::new));
        Path file = source.toAbsolutePath();
        Map<String, List<String>> columns = new LinkedHashMap<>();
        columns.put(ImageFolder.IMAGE,
                read.column(image).stream().map(path -> file.resolveSibling(path).toString()).toList());
        others.forEach((column, name) -> columns.put(name, read.column(column)));
        return new Table(read.name(), columns, read.rows(), read.blanks());
    }

    /** The files of a table. */
    static List<Path> files(Table table) {
        return table.column(ImageFolder.IMAGE).stream().map(Path::of).toList();
    }

    /** Looks at all headers, so that a file that is no image ends the run before it begins. */
    static void requireImages(Table table) {
        List<Path> files = files(table);
        IntStream.range(0, files.size()).parallel().mapToObj(row -> problem(table, row, files.get(row)))
                .flatMap(Optional::stream).findFirst()
                .ifPresent(problem -> {
                    throw problem;
                });
    }

    private static Optional<DataException> problem(Table table, int row, Path file) {
        try {
            ImageFile.size(file);
            return Optional.empty();
        } catch (JformersException e) {
            return Optional.of(new DataException(table.row(row) + ": " + e.getMessage(), e));
        }
    }
}
