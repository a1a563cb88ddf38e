package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library that reads JSONL and Parquet need not be there. */
final class WithoutDuckDbTest {
    @TempDir
    private Path folder;

    @Test
    void saysWhatToAdd() throws IOException, InterruptedException {
        Path table = Files.writeString(folder.resolve("t.csv"), "a,b\n1,2\n3,4\n");
        Path lines = Files.writeString(folder.resolve("t.jsonl"), "{\"a\": 1}\n");
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("duckdb"))
                .collect(Collectors.joining(File.pathSeparator));
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", classPath,
                        Rows.class.getName(), table.toString(), lines.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor()).as(said).isZero();
        assertThat(said).contains("2 rows", lines
                + ": JSONL, Parquet and SQL are read by DuckDB, which is not on the class"
                + " path; add the dependency org.duckdb:duckdb_jdbc");
    }

    /** Counts the rows of files. */
    static final class Rows {
        private Rows() {}

        public static void main(String[] files) {
            for (String file : files) {
                try {
                    System.out.println(DataSource.of(Path.of(file)).count() + " rows");
                } catch (DataException e) {
                    System.out.println(e.getMessage());
                }
            }
        }
    }
}
