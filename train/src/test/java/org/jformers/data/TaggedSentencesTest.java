package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TaggedSentencesTest {
    @TempDir
    private Path folder;

    @Test
    void readsWordsAndTheLastColumnOfConll() throws IOException {
        Path file = file("train.txt", """
                -DOCSTART- -X- -X- O

                EU NNP B-NP B-ORG
                rejects VBZ B-VP O
                -DOCSTART-
                Peter NNP B-NP B-PER


                . . O O""");

        TaggedSentences sentences = TaggedSentences.read(file);

        assertThat(sentences.words()).containsExactly(List.of("EU", "rejects"), List.of("Peter"), List.of("."));
        assertThat(sentences.tags()).containsExactly(List.of("B-ORG", "O"), List.of("B-PER"), List.of("O"));
        assertThat(sentences.word(0, 1)).isEqualTo(file + ": line 4");
        assertThat(sentences.word(2, 0)).isEqualTo(file + ": line 9");
        assertThat(sentences.wordCount()).isEqualTo(4);
        assertThat(TaggedSentences.read(file, "1", "2").tags().get(0)).containsExactly("NNP", "VBZ");
        assertThatThrownBy(() -> TaggedSentences.read(file, "1", "ner")).isInstanceOf(DataException.class)
                .hasMessage(file + ": no column \"ner\", there are: 1 to 4");
    }

    @Test
    void readsTabsBlankFieldsAndGzip() throws IOException {
        Path file = gzip("a.conll.gz", "New York\tB-LOC\r\n\t\r\n\u00a0\tO\n");

        TaggedSentences sentences = TaggedSentences.read(file);

        assertThat(sentences.words()).containsExactly(List.of("New York"), List.of("\u00a0"));
        assertThat(sentences.tags()).containsExactly(List.of("B-LOC"), List.of("O"));
    }

    @Test
    void namesTheLineOfBrokenConll() throws IOException {
        Path columns = file("a.conll", "a O\n\nb I X\n");
        assertThatThrownBy(() -> TaggedSentences.read(columns)).isInstanceOf(DataException.class)
                .hasMessage(columns + ": line 3: got 3 columns, allowed 2 as in line 1");
        Path words = file("b.conll", "a\nb\n");
        assertThatThrownBy(() -> TaggedSentences.read(words))
                .hasMessage(words + ": line 1: got 1 columns, allowed two or more: a word and its tag");
        Path tag = file("c.conll", "a\tO\nb\t\n");
        assertThatThrownBy(() -> TaggedSentences.read(tag)).hasMessage(tag + ": line 2: the tag is blank");
        Path empty = file("d.conll", "");
        assertThatThrownBy(() -> TaggedSentences.read(empty)).hasMessage(empty + ": the file is empty");
        Path blank = file("e.conll", "\n-DOCSTART- O\n\n");
        assertThatThrownBy(() -> TaggedSentences.read(blank)).hasMessage(blank + ": no words");
    }

    @Test
    void readsListsOfJsonLines() throws IOException {
        Path file = file("a.jsonl", """
                {"tokens": ["New York", "a, b", "\\"]"], "tags": ["B-LOC", "O", "O"]}
                {"tokens": [], "tags": []}
                {"tokens": "[1] a", "tags": "O 1"}
                {"tokens": ["x", 5], "tags": [0, 1]}
                """);

        TaggedSentences sentences = TaggedSentences.read(file, "tokens", "tags");

        assertThat(sentences.words())
                .containsExactly(List.of("New York", "a, b", "\"]"), List.of("[1]", "a"), List.of("x", "5"));
        assertThat(sentences.tags()).containsExactly(List.of("B-LOC", "O", "O"), List.of("O", "1"), List.of("0", "1"));
        assertThat(sentences.dropped()).isEqualTo(1);
        assertThat(sentences.word(1, 0)).isEqualTo(file + ": row 3: word 1");
    }

    @Test
    void readsListsOfParquet() throws SQLException {
        Path file = folder.resolve("a.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT ['a, b', 'it''s \"c\"'] AS words, [1, 0] AS tags, 1 AS id UNION ALL"
                    + " SELECT ['x'], [2], 2 ORDER BY id) TO '" + file + "' (FORMAT parquet)");
        }

        TaggedSentences sentences = TaggedSentences.read(file, "words", "tags");

        assertThat(sentences.words()).containsExactly(List.of("a, b", "it's \"c\""), List.of("x"));
        assertThat(sentences.tags()).containsExactly(List.of("1", "0"), List.of("2"));
    }

    @Test
    void readsTextsWithBlanksOfDelimitedFiles() throws IOException {
        Path file = gzip("a.csv.gz", "id,words,tags\n1,\"[1] says,  he\",O O O\n");

        TaggedSentences sentences = TaggedSentences.read(file, "words", "tags");

        assertThat(sentences.words()).containsExactly(List.of("[1]", "says,", "he"));
        assertThat(sentences.texts()).containsExactly("[1] says, he");
    }

    @Test
    void namesTheRowOfBrokenTables() throws IOException {
        Path unlike = file("a.jsonl", "{\"w\":[\"a\"],\"t\":[\"O\"]}\n{\"w\":[\"a\",\"b\"],\"t\":[\"O\"]}\n");
        assertThatThrownBy(() -> TaggedSentences.read(unlike, "w", "t")).isInstanceOf(DataException.class)
                .hasMessage(unlike + ": row 2: got 2 words and 1 tags, allowed: one tag for each word");
        assertThatThrownBy(() -> TaggedSentences.read(unlike, "words", "t"))
                .hasMessage(unlike + ": no column \"words\", there are: t, w");
        assertThatThrownBy(() -> TaggedSentences.read(unlike)).hasMessage(
                unlike + ": is a table, whose columns of words and of tags must be named; there are: t, w");
        Path nested = file("b.jsonl", "{\"w\":[\"a\",null],\"t\":[\"O\",\"O\"]}\n");
        assertThatThrownBy(() -> TaggedSentences.read(nested, "w", "t"))
                .hasMessage(nested + ": row 1: w: element 2 is null, allowed: text");
        Path blank = file("c.jsonl", "{\"w\":[\"a\"],\"t\":[\"\"]}\n");
        assertThatThrownBy(() -> TaggedSentences.read(blank, "w", "t"))
                .hasMessage(blank + ": row 1: t: tag 1 is blank");
        Path none = file("d.tsv", "w\tt\n\t\n \t\n");
        assertThatThrownBy(() -> TaggedSentences.read(none, "w", "t"))
                .hasMessage(none + ": no usable rows: all 2 have no words");
        Path header = file("e.tsv", "w\tt\n");
        assertThatThrownBy(() -> TaggedSentences.read(header, "w", "t")).hasMessage(header + ": no rows");
    }

    @Test
    void numbersTags() throws IOException {
        TaggedSentences train = TaggedSentences.read(file("train.conll", "a O\nb I-PER\n\nc B-PER\n"));
        Path other = file("dev.conll", "x O\ny B-ORG\n");

        LabelSet tags = LabelSet.ofTags(train);

        assertThat(tags.labels()).containsExactly("B-PER", "I-PER", "O");
        assertThat(tags.ids(train)).isDeepEqualTo(new int[][] {{2, 1}, {0}});
        assertThat(tags.ids(train.select(new int[] {1}))).isDeepEqualTo(new int[][] {{0}});
        assertThatThrownBy(() -> tags.ids(TaggedSentences.read(other))).hasMessage(other
                + ": line 2: label \"B-ORG\" is unknown, allowed: B-PER, I-PER, O");
        Path single = file("single.conll", "a O\nb O\n");
        assertThatThrownBy(() -> LabelSet.ofTags(TaggedSentences.read(single)))
                .hasMessage(single + ": one tag only, \"O\" at all 2 words, allowed: two or more");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private Path gzip(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }
}
