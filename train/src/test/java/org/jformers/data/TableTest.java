package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TableTest {
    @TempDir
    private Path folder;

    @Test
    void countsWhatIsLeftOutByTheColumnThatIsBlank() throws IOException {
        Path file = folder.resolve("a.tsv");
        Files.writeString(file, "text\tlabel\ttopics\ngood\t1\ta\n \t0\tb\nbad\t\tc\nfine\t1\t\n\t\t\n");

        Table table = Table.read(DataSource.of(file), List.of("text", "label"), List.of("topics"));

        assertThat(table.column("text")).containsExactly("good", "fine");
        assertThat(table.column("topics")).containsExactly("a", "");
        assertThat(table.blanks()).isEqualTo(Map.of("text", 2L, "label", 1L));
        assertThat(table.dropped()).isEqualTo(3);
        assertThat(table.row(1)).isEqualTo(file + ": row 4");
        assertThat(table.select(new int[] {1}).row(0)).isEqualTo(file + ": row 4");
        assertThat(table.select(new int[] {1}).dropped()).isZero();
    }

    @Test
    void readsNumbers() {
        assertThat(numbers("2.5", " -1e-3 ", "4", ".5", "1.", "+3")).containsExactly(2.5f, -1e-3f, 4, 0.5f, 1, 3);
    }

    @Test
    void namesTheRowOfWhatIsNoNumber() {
        for (String bad : List.of("NaN", "1f", "0x1p3", "two", "1,5", "1e99", "Infinity")) {
            assertThatThrownBy(() -> numbers("1", bad)).isInstanceOf(DataException.class).hasMessage("sts.csv: row 2:"
                    + " score is \"" + bad + "\", allowed: numbers such as 2.5 or -1e-3, up to 3.4028235E38");
        }
    }

    private static float[] numbers(String... values) {
        return Table.of("sts.csv", Map.of("score", List.of(values))).numbers("score");
    }
}
