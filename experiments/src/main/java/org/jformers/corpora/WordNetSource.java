package org.jformers.corpora;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jformers.data.DataException;
import org.jformers.data.DataFile;
import org.jformers.data.DataSource;

/**
 * The synsets of a WordNet database: one row per synset with the columns {@code synset} (offset and part of speech,
 * such as {@code 09495848n}) and {@code text}, written {@code volcano: gloss; "example"}.
 *
 * <p>Format: wndb(5WN), "data.pos" files. In {@code text} the words are joined by commas, underscores are spaces, and
 * the syntactic markers of adjectives, such as {@code (p)}, are left out.
 */
public final class WordNetSource implements DataSource {
    /** Offset, lexicographer file, part of speech, number of words, then each word with its number, pointers, gloss. */
    private static final Pattern DATA_LINE = Pattern.compile("(?<offset>\\d{8}) \\d\\d (?<pos>[nvasr]) "
            + "(?<count>[0-9a-f]{2}) (?<words>.*?) \\| (?<gloss>.*)");

    private static final Pattern MARKER = Pattern.compile("\\((a|p|ip)\\)$");
    private static final String LICENCE_INDENT = "  ";

    private final String name;
    private final List<DataFile> files;

    /** @param files the data files of the database, one per part of speech */
    public WordNetSource(String name, List<DataFile> files) {
        files.forEach(DataFile::requireContent);
        this.name = name;
        this.files = List.copyOf(files);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> columns() {
        return List.of("synset", "text");
    }

    @Override
    public Stream<List<String>> rows(List<String> columns) {
        int[] asked = indices(columns);
        return files.stream().flatMap(file -> file.lines()
                .filter(line -> !line.startsWith(LICENCE_INDENT))
                .map(line -> synset(file, line)))
                .map(synset -> {
                    List<String> row = new ArrayList<>(asked.length);
                    for (int column : asked) {
                        row.add(synset.get(column));
                    }
                    return row;
                });
    }

    /** The lines above the data, which hold the licence. */
    public String licence() {
        try (Stream<String> lines = files.get(0).lines()) {
            return String.join("\n", lines.takeWhile(line -> line.startsWith(LICENCE_INDENT))
                    .map(line -> line.replaceFirst("^ +\\d+ ", "").stripTrailing()).toList());
        }
    }

    private static List<String> synset(DataFile file, String line) {
        Matcher parts = DATA_LINE.matcher(line);
        if (!parts.matches()) {
            throw malformed(file, line);
        }
        String[] fields = parts.group("words").split(" ");
        int words = Integer.parseInt(parts.group("count"), 16);
        if (fields.length < 2 * words) {
            throw malformed(file, line);
        }
        List<String> spelled = new ArrayList<>(words);
        for (int word = 0; word < words; word++) {
            spelled.add(MARKER.matcher(fields[2 * word]).replaceFirst("").replace('_', ' '));
        }
        String text = String.join(", ", spelled) + ": " + parts.group("gloss").strip();
        return List.of(parts.group("offset") + parts.group("pos"), text);
    }

    private static DataException malformed(DataFile file, String line) {
        return new DataException(
                file.name() + ": not a WordNet data line: " + line.substring(0, Math.min(60, line.length())));
    }
}
