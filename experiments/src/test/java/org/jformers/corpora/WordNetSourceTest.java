package org.jformers.corpora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jformers.data.DataException;
import org.jformers.data.DataFile;
import org.jformers.data.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WordNetSourceTest {
    private static final String LICENCE = "  1 May be used  \n  2 by all.  \n";

    @TempDir
    private Path folder;

    @Test
    void writesWordsThenGlossAndExamples() throws IOException {
        Table table = Table.read(source(LICENCE
                + "00020447 00 s 03 out_of_reach(p) 0 galore(ip) 1 Old_(A)_x 0 001 & 00019912 a 0000 | "
                + "far | away; \"an (a) b\"  \n"), "text", "synset");

        assertThat(table.column("text")).containsExactly("out of reach, galore, Old (A) x: far | away; \"an (a) b\"");
        assertThat(table.column("synset")).containsExactly("00020447s");
    }

    @Test
    void countsWordsInHexadecimal() throws IOException {
        String words = "w 0 ".repeat(17);
        Table table = Table.read(source("00000001 03 n 11 " + words + "000 | gloss\n"), "text");

        assertThat(table.column("text")).containsExactly("w, ".repeat(16) + "w: gloss");
    }

    @Test
    void keepsTheLicence() throws IOException {
        assertThat(source(LICENCE + "00000001 03 n 01 w 0 000 | gloss\n").licence()).isEqualTo("May be used\nby all.");
    }

    @Test
    void rejectsOtherLines() throws IOException {
        for (String line : List.of(
                "nonsense", "00000001 03 n 09 w 0 000 | gloss", "00000001 03 n 01 w 0 000 no gloss")) {
            WordNetSource source = source(line);
            assertThatThrownBy(source::count).isInstanceOf(DataException.class)
                    .hasMessage(folder.resolve("data.adj") + ": not a WordNet data line: " + line);
        }
    }

    private WordNetSource source(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("data.adj"), content);
        return new WordNetSource("WordNet", List.of(DataFile.of(file)));
    }
}
