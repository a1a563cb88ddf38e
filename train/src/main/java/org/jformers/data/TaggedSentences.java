package org.jformers.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Sentences whose words have tags, such as those of named entities.
 *
 * @param name where they come from, for messages
 * @param words the words of each sentence, one or more
 * @param tags the tag of each word
 * @param places where each sentence begins: its row, or the line of its first word
 * @param unit what places count: row or line
 * @param dropped rows of the source that were left out because they had no words
 */
public record TaggedSentences(
        String name, List<List<String>> words, List<List<String>> tags, long[] places, Unit unit, long dropped) {
    /** What places in a file count; a sentence is a row, or stands on as many lines as it has words. */
    public enum Unit {
        ROW,
        LINE
    }

    public TaggedSentences {
        words = List.copyOf(words);
        tags = List.copyOf(tags);
    }

    /**
     * Reads a file whose name does not say that it is a table as CoNLL: a word a line, columns between tabs or blanks,
     * the word in the first and its tag in the last; blank lines and those that begin with -DOCSTART- end a sentence.
     *
     * @param path also with {@code .gz} behind
     * @throws DataException if the file is a table, is broken or has no words
     */
    public static TaggedSentences read(Path path) {
        if (isTable(path)) {
            throw new DataException(path + ": is a table, whose columns of words and of tags must be named; there are: "
                    + String.join(", ", DataSource.of(path).columns()));
        }
        return ConllFile.read(DataFile.of(path), "", "");
    }

    /**
     * Reads two columns of a file: of a table in JSON lines or Parquet, where words and tags are lists or texts with
     * blanks between them, or in CSV or TSV, where they are such texts; or of CoNLL, see {@link #read(Path)}, whose
     * columns are 1, 2 and so on.
     *
     * @param path a file; its name says what it is: csv, tsv, jsonl, ndjson, parquet, otherwise CoNLL, each also with
     *     {@code .gz} behind
     * @throws DataException if a column does not exist, the file is broken or has no words, or a row has another number
     *     of tags than of words
     */
    public static TaggedSentences read(Path path, String wordsColumn, String tagsColumn) {
        return isTable(path)
                ? read(DataSource.of(path), wordsColumn, tagsColumn, isDelimited(path))
                : ConllFile.read(DataFile.of(path), wordsColumn, tagsColumn);
    }

    private static String format(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.replaceFirst("\\.gz$", "").replaceFirst(".*\\.", "");
    }

    private static boolean isTable(Path path) {
        return isDelimited(path) || List.of("jsonl", "ndjson", "parquet").contains(format(path));
    }

    private static boolean isDelimited(Path path) {
        return List.of("csv", "tsv").contains(format(path));
    }

    private static TaggedSentences read(DataSource source, String wordsColumn, String tagsColumn, boolean delimited) {
        List<List<String>> words = new ArrayList<>();
        List<List<String>> tags = new ArrayList<>();
        LongStream.Builder places = LongStream.builder();
        long[] number = {0};
        try (Stream<List<String>> rows = source.rows(List.of(wordsColumn, tagsColumn))) {
            rows.forEach(row -> {
                String where = source.name() + ": row " + ++number[0];
                List<String> rowWords = elements(row.get(0), delimited, where + ": " + wordsColumn);
                List<String> rowTags = elements(row.get(1), delimited, where + ": " + tagsColumn);
                if (rowWords.size() != rowTags.size()) {
                    throw new DataException(where + ": got " + rowWords.size() + " words and " + rowTags.size()
                            + " tags, allowed: one tag for each word");
                }
                int blank = rowTags.indexOf("");
                if (blank >= 0) {
                    throw new DataException(where + ": " + tagsColumn + ": tag " + (blank + 1) + " is blank");
                }
                if (!rowWords.isEmpty()) {
                    words.add(rowWords);
                    tags.add(rowTags);
                    places.add(number[0]);
                }
            });
        }
        if (words.isEmpty()) {
            throw new DataException(source.name()
                    + (number[0] == 0 ? ": no rows" : ": no usable rows: all " + number[0] + " have no words"));
        }
        return new TaggedSentences(
                source.name(), words, tags, places.build().toArray(), Unit.ROW, number[0] - words.size());
    }

    /** The elements of a list in JSON, or of a text with blanks between them. */
    private static List<String> elements(String value, boolean delimited, String where) {
        String text = value.strip();
        List<String> words = text.isEmpty() ? List.of() : List.of(text.split("\\s+"));
        return delimited ? words : JsonList.elements(text, where).orElse(words);
    }

    /** Number of sentences. */
    public int size() {
        return words.size();
    }

    /** Number of words of all sentences. */
    public long wordCount() {
        return words.stream().mapToLong(List::size).sum();
    }

    /** How messages call word {@code word} of sentence {@code i}: by the source and its place there. */
    public String word(int i, int word) {
        return unit == Unit.LINE
                ? name + ": line " + (places[i] + word)
                : name + ": row " + places[i] + ": word " + (word + 1);
    }

    /** The words of each sentence with blanks between them. */
    public List<String> texts() {
        return words.stream().map(sentence -> String.join(" ", sentence)).toList();
    }

    /** The sentences with these indices, in this order; what was left out is not theirs. */
    public TaggedSentences select(int[] indices) {
        return new TaggedSentences(
                name,
                Arrays.stream(indices).mapToObj(words::get).toList(),
                Arrays.stream(indices).mapToObj(tags::get).toList(),
                Arrays.stream(indices).mapToLong(i -> places[i]).toArray(),
                unit,
                0);
    }
}
