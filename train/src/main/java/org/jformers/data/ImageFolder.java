package org.jformers.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A folder with a folder of images for each class, which its name names; folders below those count for it too. Or a
 * folder of images without classes.
 *
 * @param images what was found: the files as column {@link #IMAGE}, their classes as column {@link #LABEL}
 * @param hidden files left out because their name begins with a dot
 * @param outside files left out because they are in no class's folder
 */
public record ImageFolder(Table images, long hidden, long outside) {
    /** The column of files. */
    public static final String IMAGE = "image";
    /** The column of classes. */
    public static final String LABEL = "label";

    /**
     * Lists a folder; no file is opened.
     *
     * @throws DataException if it cannot be listed or has no class with files
     */
    public static ImageFolder list(Path folder) {
        List<String> images = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        long[] left = new long[2];
        walk(folder, file -> {
            Path below = folder.relativize(file);
            if (isHidden(file)) {
                left[0]++;
            } else if (below.getNameCount() == 1) {
                left[1]++;
            } else {
                images.add(file.toString());
                labels.add(below.getName(0).toString());
            }
        });
        if (images.isEmpty()) {
            throw new DataException("image folder: got no folder with files in it, allowed one for each class, in "
                    + folder);
        }
        Map<String, List<String>> columns = new LinkedHashMap<>();
        columns.put(IMAGE, images);
        columns.put(LABEL, labels);
        return new ImageFolder(Table.of(folder.toString(), columns), left[0], left[1]);
    }

    /**
     * Lists all files of a folder and of those below it, without classes; no file is opened.
     *
     * @throws DataException if it cannot be listed or has no files
     */
    public static ImageFolder listAll(Path folder) {
        List<String> images = new ArrayList<>();
        long[] hidden = new long[1];
        walk(folder, file -> {
            if (isHidden(file)) {
                hidden[0]++;
            } else {
                images.add(file.toString());
            }
        });
        if (images.isEmpty()) {
            throw new DataException("image folder: got no files, allowed images, in " + folder);
        }
        return new ImageFolder(Table.of(folder.toString(), Map.of(IMAGE, images)), hidden[0], 0);
    }

    private static boolean isHidden(Path file) {
        return file.getFileName().toString().startsWith(".");
    }

    private static void walk(Path folder, Consumer<Path> use) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(file -> !Files.isDirectory(file)).sorted().forEach(use);
        } catch (IOException | UncheckedIOException e) {
            throw new DataException("image folder: cannot be listed, " + e.getMessage() + ", " + folder, e);
        }
    }
}
