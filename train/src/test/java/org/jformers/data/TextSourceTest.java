package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TextSourceTest {
    @TempDir
    private Path folder;

    @Test
    void readsLines() throws IOException {
        DataSource source = TextSource.lines(file("a.txt", "\uFEFFone\r\n\ntwo\u2028half\nlast"));

        assertThat(rows(source, "text")).containsExactly(List.of("one"), List.of(""), List.of("two\u2028half"),
                List.of("last"));
        assertThat(source.count()).isEqualTo(4);
    }

    @Test
    void readsDocumentsBetweenBlankLines() throws IOException {
        DataSource source = TextSource.of(file("a.txt", "\n\na\nb\n \t\n\nc\n\n"), TextSource.Document.PARAGRAPH);

        assertThat(rows(source, "text")).containsExactly(List.of("a\nb"), List.of("c"));
    }

    @Test
    void readsGzip() throws IOException {
        assertThat(rows(TextSource.lines(gzip("a.txt.gz", "x\ny\n")), "text"))
                .containsExactly(List.of("x"), List.of("y"));
    }

    @Test
    void rejectsMissingAndEmptyFiles() throws IOException {
        Path missing = folder.resolve("missing.txt");
        assertThatThrownBy(() -> TextSource.lines(DataFile.of(missing)))
                .isInstanceOf(DataException.class).hasMessage(missing + ": no such file");
        assertThatThrownBy(() -> TextSource.lines(DataFile.of(folder))).hasMessageContaining("is a folder");
        assertThatThrownBy(() -> TextSource.lines(DataFile.resource("no/such/file"))).isInstanceOf(DataException.class)
                .hasMessageContaining("no/such/file");
        DataFile empty = file("empty.txt", "");
        assertThatThrownBy(() -> TextSource.lines(empty)).hasMessage(empty.name() + ": the file is empty");
        DataFile emptyGzip = gzip("empty.txt.gz", "");
        assertThatThrownBy(() -> TextSource.lines(emptyGzip)).hasMessage(emptyGzip.name() + ": the file is empty");
    }

    @Test
    void namesTheLineThatIsNotUtf8() throws IOException {
        Path path = folder.resolve("latin1.txt");
        Files.write(path, "good\nna\u00EFve\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> TextSource.lines(DataFile.of(path)).count())
                .isInstanceOf(DataException.class).hasMessage(path + ": line 2: not UTF-8");
    }

    @Test
    void rejectsGzipThatIsNone() throws IOException {
        DataFile file = file("a.gz", "plain text");
        assertThatThrownBy(() -> TextSource.lines(file)).isInstanceOf(DataException.class)
                .hasMessageContaining("not a gzip file");
    }

    @Test
    void rejectsTruncatedGzip() throws IOException {
        gzip("a.gz", "some text\n".repeat(1000) + Math.PI);
        Path path = folder.resolve("a.gz");
        byte[] bytes = Files.readAllBytes(path);
        Files.write(path, Arrays.copyOf(bytes, bytes.length - 12));

        assertThatThrownBy(() -> TextSource.lines(DataFile.of(path)).count()).isInstanceOf(DataException.class)
                .hasMessageContaining("a.gz: line ");
    }

    @Test
    void readsParallelFiles() throws IOException {
        DataSource source = parallel(file("a.en", "one\ntwo\n"), gzip("a.de.gz", "eins\nzwei\n"));

        assertThat(source.columns()).containsExactly("en", "de");
        assertThat(rows(source, "de", "en")).containsExactly(List.of("eins", "one"), List.of("zwei", "two"));
        assertThat(rows(source, "de")).containsExactly(List.of("eins"), List.of("zwei"));
    }

    @Test
    void rejectsParallelFilesOfDifferentLength() throws IOException {
        DataFile english = file("a.en", "one\ntwo\nthree");
        DataFile german = file("a.de", "eins\nzwei\n");

        assertThatThrownBy(() -> parallel(english, german).count()).isInstanceOf(DataException.class).hasMessage(
                "parallel text: different numbers of lines: " + english.name() + " has 3, " + german.name() + " has 2");
    }

    @Test
    void namesTheColumnsThereAre() throws IOException {
        DataFile file = file("a.txt", "one\n");
        DataSource source = parallel(file, file);

        assertThatThrownBy(() -> source.rows(List.of("en", "fr"))).isInstanceOf(DataException.class)
                .hasMessage(source.name() + ": no column \"fr\", there are: en, de");
    }

    @Test
    void dropsAndCountsRowsWithBlankNeededFields() throws IOException {
        DataSource source = parallel(file("a.en", "one\n \nthree\n"), file("a.de", "eins\nzwei\n\n"));

        Table table = Table.read(source, "en", "de");
        assertThat(table.column("en")).containsExactly("one");
        assertThat(table.dropped()).isEqualTo(2);
        assertThat(Table.read(source, "de").column("de")).containsExactly("eins", "zwei");
        assertThatThrownBy(() -> table.column("fr")).hasMessageContaining("no column \"fr\", there are: en, de");
    }

    @Test
    void rejectsDataWithoutUsableRows() throws IOException {
        DataSource source = TextSource.lines(file("a.txt", "\n \n"));

        assertThatThrownBy(() -> Table.read(source, "text"))
                .hasMessage(source.name() + ": no usable rows: all 2 have a blank text");
    }

    @Test
    void copiesResourcesToDiskOnlyForAsLongAsNeeded() throws IOException {
        DataFile.LocalFile local = DataFile.resource("marytts/language/en_US/lexicon/COPYING").local();
        assertThat(local.path()).content().contains("CMUDICT");
        local.close();
        assertThat(local.path()).doesNotExist();

        DataFile file = file("a.txt", "mine");
        file.local().close();
        assertThat(folder.resolve("a.txt")).exists();
    }

    @Test
    void changesTheValuesOfOneColumn() throws IOException {
        DataSource source = parallel(file("a.en", "one\n"), file("a.de", "eins\n")).map("de", String::toUpperCase);

        assertThat(rows(source, "en", "de")).containsExactly(List.of("one", "EINS"));
        assertThat(rows(source, "en")).containsExactly(List.of("one"));
        assertThatThrownBy(() -> source.map("fr", String::strip)).isInstanceOf(DataException.class);
    }

    private static DataSource parallel(DataFile english, DataFile german) {
        Map<String, DataFile> files = new LinkedHashMap<>();
        files.put("en", english);
        files.put("de", german);
        return new ParallelTextSource(files);
    }

    private static List<List<String>> rows(DataSource source, String... columns) {
        try (Stream<List<String>> rows = source.rows(List.of(columns))) {
            return rows.toList();
        }
    }

    private DataFile file(String name, String content) throws IOException {
        return DataFile.of(Files.writeString(folder.resolve(name), content));
    }

    private DataFile gzip(String name, String content) throws IOException {
        Path path = folder.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(path))) {
            out.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return DataFile.of(path);
    }
}
