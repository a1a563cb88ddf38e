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
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqlSourceTest {
    @TempDir
    private Path folder;

    @Test
    void readsCsvWithQuotesAndNewlinesInFields() throws IOException {
        DataSource source = SqlSource.of(file("a.csv", 
                "word,\"the \"\"gloss\"\"\"\n\"a, b\",\"say \"\"hi\"\"\n!\"\n007,NULL\n"));

        assertThat(source.columns()).containsExactly("word", "the \"gloss\"");
        assertThat(rows(source)).containsExactly(List.of("a, b", "say \"hi\"\n!"), List.of("007", "NULL"));
        assertThat(source.count()).isEqualTo(2);
    }

    @Test
    void readsColumnsInTheOrderAsked() throws IOException {
        DataSource source = SqlSource.of(file("a.csv", "a,b,c\n1,2,3\n4,,6\n"));

        try (Stream<List<String>> rows = source.rows(List.of("c", "b"))) {
            assertThat(rows).containsExactly(List.of("3", "2"), List.of("6", ""));
        }
    }

    @Test
    void readsTsvWithLooseQuotes() throws IOException {
        assertThat(rows(SqlSource.of(file("a.tsv", "a\tb\n\"x\ty'\n"))))
                .containsExactly(List.of("\"x", "y'"));
    }

    @Test
    void readsDelimitedTextWithoutHeader() throws IOException {
        DataFile file = DataFile.of(file("lexicon", "it's|' I t s\nquote|\" k\n"));
        Delimited format = Delimited.CSV.withDelimiter('|').withoutQuotes().withColumns("word", "phonemes");

        assertThat(rows(DelimitedSource.of(file, format)))
                .containsExactly(List.of("it's", "' I t s"), List.of("quote", "\" k"));
    }

    @Test
    void readsGzip() throws IOException {
        assertThat(rows(SqlSource.of(gzip("a.csv.gz", "a,b\n1,2\n")))).containsExactly(List.of("1", "2"));
        assertThat(rows(SqlSource.of(gzip("a.jsonl.gz", "{\"a\":1}\n")))).containsExactly(List.of("1"));
    }

    @Test
    void readsJsonLinesBehindAByteOrderMark() throws IOException {
        String text = "\uFEFF{\"a\":1}\n{\"a\":2}\n";
        for (Path path : List.of(file("m.jsonl", text), gzip("m.jsonl.gz", text))) {
            DataSource source = SqlSource.of(path);
            assertThat(rows(source)).containsExactly(List.of("1"), List.of("2"));
            assertThat(source.count()).isEqualTo(2);
        }
    }

    @Test
    void readsJsonLinesWithKeysThatComeAndGo() throws IOException {
        DataSource source = SqlSource.of(file("a.jsonl",
                "{\"b\":\"2020-01-01\",\"n\":12}\n\n{\"a/b~c \\\"d\":\"\u00E9\",\"b\":null,\"l\":[1,\"x\"]}\n"));

        assertThat(source.columns()).containsExactly("a/b~c \"d", "b", "l", "n");
        assertThat(rows(source)).containsExactly(
                List.of("", "2020-01-01", "", "12"), List.of("\u00E9", "", "[1,\"x\"]", ""));
    }

    @Test
    void readsParquetPlainAndZipped() throws IOException, SQLException {
        Path parquet = folder.resolve("it's [a].parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT i AS id, 'row ' || i AS text FROM range(3000) t(i) ORDER BY i) TO '"
                    + parquet.toString().replace("'", "''") + "' (FORMAT parquet)");
        }
        DataSource source = SqlSource.of(parquet);

        assertThat(source.columns()).containsExactly("id", "text");
        assertThat(rows(source)).hasSize(3000).startsWith(List.of("0", "row 0")).endsWith(List.of("2999", "row 2999"));
        assertThat(rows(SqlSource.of(gzip("a.parquet.gz", Files.readAllBytes(parquet))))).isEqualTo(rows(source));
    }

    @Test
    void readsAnySql() throws IOException {
        Path csv = file("a.csv", "word,count\nb,2\na,1\n");
        DataSource source = SqlSource.query("counts", "SELECT upper(word) AS word, count + 1 AS more FROM '" + csv
                + "' ORDER BY word");

        assertThat(source.columns()).containsExactly("word", "more");
        assertThat(rows(source)).containsExactly(List.of("A", "2"), List.of("B", "3"));
        assertThatThrownBy(() -> SqlSource.query("counts", "SELEC 1")).isInstanceOf(DataException.class)
                .hasMessage("counts: Parser Error: syntax error at or near \"SELEC\"");
    }

    @Test
    void namesTheColumnsThereAre() throws IOException {
        Path csv = file("a.csv", "word,phonemes\na,b\n");

        assertThatThrownBy(() -> Table.read(SqlSource.of(csv), "word", "phones")).isInstanceOf(DataException.class)
                .hasMessage(csv + ": no column \"phones\", there are: word, phonemes");
    }

    @Test
    void rejectsMissingEmptyAndUnknownFiles() throws IOException {
        Path missing = folder.resolve("a.csv");
        assertThatThrownBy(() -> SqlSource.of(missing)).hasMessage(missing + ": no such file");
        for (String name : List.of("empty.csv", "empty.tsv", "empty.jsonl", "empty.parquet")) {
            Path empty = file(name, "");
            assertThatThrownBy(() -> SqlSource.of(empty)).hasMessage(empty + ": the file is empty");
        }
        Path header = file("header.csv", "a,b\n");
        assertThatThrownBy(() -> Table.read(SqlSource.of(header), "a")).hasMessage(header + ": no rows");
        assertThatThrownBy(() -> SqlSource.of(folder.resolve("a.xlsx"))).hasMessageContaining("allowed: .csv, .tsv");
        Path twice = file("twice.csv", "a,a\n1,2\n");
        assertThatThrownBy(() -> SqlSource.of(twice)).hasMessageContaining("occurs twice");
    }

    @Test
    void saysOnOneLineWhatIsBrokenAndWhere() throws IOException {
        Path ragged = file("ragged.csv", "a,b\n1,2\n1,2,3\n");
        assertThatThrownBy(() -> rows(SqlSource.of(ragged))).isInstanceOf(DataException.class)
                .hasMessage(ragged + ": line 3: got 3 fields, allowed 2, as many as there are columns");
        Path latin1 = folder.resolve("latin1.csv");
        Files.write(latin1, "a,b\n1,2\n\u00E9,3\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> rows(SqlSource.of(latin1))).isInstanceOf(DataException.class)
                .hasMessage(latin1 + ": line 3: not UTF-8");
        Path json = file("bad.jsonl", "{\"a\":1}\n{\"a\":\n{\"a\":3}\n");
        assertThatThrownBy(() -> SqlSource.of(json)).isInstanceOf(DataException.class)
                .hasMessageMatching("[^\\n]*Malformed JSON[^\\n]* in line 2: [^\\n]*");
        Path text = file("text.parquet", "no parquet at all, but long enough");
        assertThatThrownBy(() -> SqlSource.of(text)).isInstanceOf(DataException.class)
                .hasMessageMatching("[^\\n]*No magic bytes[^\\n]*");
    }

    private static List<List<String>> rows(DataSource source) {
        try (Stream<List<String>> rows = source.rows(source.columns())) {
            return rows.toList();
        }
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private Path gzip(String name, String content) throws IOException {
        return gzip(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private Path gzip(String name, byte[] content) throws IOException {
        Path path = folder.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(path))) {
            out.write(content);
        }
        return path;
    }
}
