package org.jformers.data;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jformers.data.TaggedSentences.Unit;

/**
 * Files of the CoNLL shared tasks on chunks and entities (Tjong Kim Sang and De Meulder 2003): a word a line with its
 * tags in further columns, and blank lines between sentences.
 */
final class ConllFile {
    private static final String NEW_DOCUMENT = "-DOCSTART-";

    private final DataFile file;
    private final List<List<String>> words = new ArrayList<>();
    private final List<List<String>> tags = new ArrayList<>();
    private final LongStream.Builder places = LongStream.builder();
    private List<String> sentence = new ArrayList<>();
    private List<String> sentenceTags = new ArrayList<>();
    private long line;
    private long firstLine;
    private int columns;
    private int wordColumn;
    private int tagColumn;

    private ConllFile(DataFile file) {
        this.file = file;
    }

    /**
     * @param wordColumn its number from 1; the first one if empty
     * @param tagColumn the same; the last one if empty
     */
    static TaggedSentences read(DataFile file, String wordColumn, String tagColumn) {
        file.requireContent();
        return new ConllFile(file).read(wordColumn, tagColumn);
    }

    private TaggedSentences read(String askedWords, String askedTags) {
        try (Lines lines = new Lines(file)) {
            while (lines.hasNext()) {
                String text = lines.next();
                line++;
                if (text.isBlank() || text.startsWith(NEW_DOCUMENT)) {
                    endSentence();
                    continue;
                }
                List<String> fields = fields(text);
                if (columns == 0) {
                    columns = fields.size();
                    firstLine = line;
                    wordColumn = column(askedWords.isEmpty() ? "1" : askedWords);
                    tagColumn = column(askedTags.isEmpty() ? Integer.toString(columns) : askedTags);
                }
                add(fields);
            }
        }
        endSentence();
        if (words.isEmpty()) {
            throw new DataException(file.name() + ": no words");
        }
        return new TaggedSentences(file.name(), words, tags, places.build().toArray(), Unit.LINE, 0);
    }

    private void add(List<String> fields) {
        if (fields.size() != columns || columns < 2) {
            throw new DataException(file.name() + ": line " + line + ": got " + fields.size() + " columns, allowed "
                    + (columns < 2 ? "two or more: a word and its tag" : columns + " as in line " + firstLine));
        }
        if (fields.get(tagColumn).isEmpty()) {
            throw new DataException(file.name() + ": line " + line + ": the tag is blank");
        }
        if (sentence.isEmpty()) {
            places.add(line);
        }
        sentence.add(fields.get(wordColumn));
        sentenceTags.add(fields.get(tagColumn));
    }

    private void endSentence() {
        if (!sentence.isEmpty()) {
            words.add(List.copyOf(sentence));
            tags.add(List.copyOf(sentenceTags));
            sentence = new ArrayList<>();
            sentenceTags = new ArrayList<>();
        }
    }

    /** Columns stand between tabs where there are any, for then words may hold blanks. */
    private static List<String> fields(String text) {
        return text.indexOf('\t') >= 0
                ? List.of(text.split("\t", -1)).stream().map(String::strip).toList()
                : List.of(text.strip().split(" +"));
    }

    private int column(String number) {
        for (int i = 1; i <= columns; i++) {
            if (number.equals(Integer.toString(i))) {
                return i - 1;
            }
        }
        throw new DataException(file.name() + ": no column \"" + number + "\", there are: 1 to " + columns);
    }
}
