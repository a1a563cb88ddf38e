package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are named or made to do more than hold rows: each is read as what it is, or is one clear error. */
final class HostileDataTest {
    @TempDir
    private Path folder;

    /** Within 5 s of processor time and 256 MB that Java allocates, what it frees on the way included. */
    private static void hostile(Runnable call) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long nanos = threads.getCurrentThreadCpuTime();
        long bytes = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        call.run();
        assertThat(threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - bytes).isLessThan(256L << 20);
        assertThat((threads.getCurrentThreadCpuTime() - nanos) / 1e9).isLessThan(5);
    }

    private static List<List<String>> rows(DataSource source) {
        try (Stream<List<String>> rows = source.rows(source.columns())) {
            return rows.toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[ab].csv", "q?.csv", "*.csv", "{a,b}.csv", "it's.csv", "a b;c.csv", "x=1.csv",
        "ä漢.csv"})
    void takesNamesLiterally(String name) throws IOException {
        for (String other : List.of("a.csv", "b.csv", "qa.csv", "qb.csv")) {
            Files.writeString(folder.resolve(other), "t\nwrong\n");
        }
        Path file = Files.writeString(folder.resolve(name), "t\nright\n");
        assertThat(rows(DataSource.of(file))).containsExactly(List.of("right"));
        Path json = Files.writeString(folder.resolve(name.replace(".csv", ".jsonl")), "{\"t\": \"right\"}\n");
        assertThat(rows(DataSource.of(json))).containsExactly(List.of("right"));
        Path inside = Files.createDirectory(folder.resolve(name + ".d")).resolve(name);
        Files.copy(file, inside);
        assertThat(rows(DataSource.of(inside))).containsExactly(List.of("right"));
        assertThat(rows(DataSource.of(folder.resolve(name + ".d/../" + name)))).containsExactly(List.of("right"));
    }

    /** A folder named as a partition adds no column. */
    @Test
    void readsNoColumnsOutOfFolderNames() throws IOException, SQLException {
        Path partition = Files.createDirectory(folder.resolve("year=2024"));
        Path file = Files.writeString(partition.resolve("a.csv"), "t\nx\n");
        assertThat(DataSource.of(file).columns()).containsExactly("t");
        Path parquet = partition.resolve("a.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement()) {
            statement.execute("COPY (SELECT 'x' AS t) TO " + DuckDb.literal(parquet.toString()) + " (FORMAT parquet)");
        }
        assertThat(DataSource.of(parquet).columns()).containsExactly("t");
        assertThat(rows(DataSource.of(parquet))).containsExactly(List.of("x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "SELECT * FROM read_csv('/etc/hostname', auto_detect=false, header=false, columns={'a': 'VARCHAR'})",
        "SELECT * FROM 'https://example.org/a.csv'", "SELECT * FROM glob('/*')", "COPY (SELECT 1) TO '/tmp/x.csv'",
        "INSTALL httpfs", "LOAD httpfs", "ATTACH '/tmp/x.db'", "SET enable_external_access=true",
        "SET allowed_paths=['/etc/hostname']", "SET autoload_known_extensions=true", "RESET lock_configuration"
    })
    void opensTheNamedFileAlone(String sql) throws IOException {
        Path file = Files.writeString(folder.resolve("a.csv"), "t\nx\n").toAbsolutePath();
        try (DuckDb database = DuckDb.over("test", file)) {
            assertThatThrownBy(() -> database.query(sql)).isInstanceOf(DataException.class)
                    .satisfies(e -> assertThat(e.getMessage())
                            .containsAnyOf("disabled by configuration", "has been locked", "disabled through"));
        }
    }

    @Test
    void neverLoadsExtensionsByItself() {
        assertThat(rows(SqlSource.query("settings", """
                SELECT value FROM duckdb_settings() WHERE name IN ('autoinstall_known_extensions',
                'autoload_known_extensions', 'allow_community_extensions', 'allow_unsigned_extensions')""")))
                .hasSize(4).containsOnly(List.of("false"));
        assertThatThrownBy(() -> rows(SqlSource.query("lock", "SELECT * FROM 'https://example.org/a.parquet'")))
                .isInstanceOf(DataException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "tsv", "jsonl", "parquet", "txt", "csv.gz"})
    void refusesPipes(String ending) throws Exception {
        Path pipe = folder.resolve("pipe." + ending);
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
        assertThatThrownBy(() -> DataSource.of(pipe)).isInstanceOf(DataException.class)
                .hasMessage(pipe + ": is a pipe or a device, a file is needed");
    }

    @Test
    void refusesFiftyThousandColumns() throws IOException {
        String names = IntStream.range(0, 50_000).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
        Path csv = Files.writeString(folder.resolve("a.csv"), names + "\n" + names + "\n");
        hostile(() -> assertThatThrownBy(() -> DataSource.of(csv)).isInstanceOf(DataException.class)
                .hasMessage(csv + ": got 50000 columns, allowed at most 10000"));
        Path json = Files.writeString(folder.resolve("a.jsonl"),
                "{" + names.replaceAll("(c\\d+)", "\"$1\": 1") + "}\n");
        hostile(() -> assertThatThrownBy(() -> DataSource.of(json))
                .hasMessage(json + ": got 50000 columns, allowed at most 10000"));
        Path wide = Files.writeString(folder.resolve("w.csv"), names.substring(0, names.indexOf(",c1000,")) + "\n1\n");
        assertThatThrownBy(() -> DataSource.of(wide).rows(List.of("x")))
                .hasMessageEndingWith("c18, c19 and 980 more");
    }

    @Test
    void refusesAHeaderOfAHundredMegabytes() throws IOException {
        Path csv = folder.resolve("a.csv");
        byte[] part = new byte[1_000_000];
        Arrays.fill(part, (byte) 'x');
        try (OutputStream out = Files.newOutputStream(csv)) {
            for (int i = 0; i < 100; i++) {
                out.write(part);
            }
            out.write("\n1\n".getBytes(StandardCharsets.US_ASCII));
        }
        hostile(() -> assertThatThrownBy(() -> DataSource.of(csv)).isInstanceOf(DataException.class)
                .hasMessage(csv + ": line 1: longer than 16777216 bytes, which are allowed"));
        Files.writeString(csv, "x".repeat(20_000) + "\n1\n");
        assertThatThrownBy(() -> DataSource.of(csv)).hasMessageContaining(
                "a column name has 20000 characters, allowed at most 10000, it begins with xxx");
    }

    @Test
    void refusesNul() throws IOException {
        Path header = Files.writeString(folder.resolve("h.csv"), "a\0b,c\n1,2\n");
        assertThatThrownBy(() -> DataSource.of(header))
                .hasMessage(header + ": line 1: holds a NUL byte, text is needed");
        Path row = Files.writeString(folder.resolve("r.csv"), "a,b\n1,2\n3\0,4\n");
        assertThatThrownBy(() -> rows(DataSource.of(row)))
                .hasMessage(row + ": line 3: holds a NUL byte, text is needed");
        Path lines = Files.writeString(folder.resolve("t.txt"), "one\ntwo\0\n");
        assertThatThrownBy(() -> rows(DataSource.of(lines)))
                .hasMessage(lines + ": line 2: holds a NUL byte, text is needed");
        Path key = Files.writeString(folder.resolve("k.jsonl"), "{\"a\\u0000\": 1}\n");
        assertThatThrownBy(() -> DataSource.of(key)).isInstanceOf(DataException.class).hasMessageContaining("NUL");
    }

    @ParameterizedTest
    @ValueSource(ints = {2_100_000, 5_000_000, 20_000_000})
    void readsLargeFields(int length) throws IOException {
        String quoted = "y\"\"\n".repeat(length / 4);
        Path csv = Files.writeString(
                folder.resolve("a.csv"), "a,b\n" + "x".repeat(length) + ",2\n\"" + quoted + "\",3\nz,4\n");
        List<List<String>> rows = rows(DataSource.of(csv));
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).get(0)).hasSize(length);
        assertThat(rows.get(1).get(0)).isEqualTo(quoted.replace("\"\"", "\""));
        assertThat(rows.get(2)).containsExactly("z", "4");
    }

    @Test
    void saysHowLargeAFieldMayBe() throws IOException {
        Path csv = folder.resolve("a.csv");
        byte[] part = new byte[1 << 20];
        Arrays.fill(part, (byte) 'x');
        try (OutputStream out = Files.newOutputStream(csv)) {
            out.write("a,b\n".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 70; i++) {
                out.write(part);
            }
        }
        hostile(() -> assertThatThrownBy(() -> rows(DataSource.of(csv))).isInstanceOf(DataException.class)
                .hasMessage(csv + ": line 2: longer than 67108864 bytes, which are allowed"));
    }

    @Test
    void readsPlainText() throws IOException {
        Path txt = Files.writeString(folder.resolve("notes.txt"), "one\n\n two, \"three\"\r\n");
        DataSource source = DataSource.of(txt);
        assertThat(source.columns()).containsExactly("text");
        assertThat(rows(source)).containsExactly(List.of("one"), List.of(""), List.of(" two, \"three\""));
        assertThat(Table.read(source, "text").dropped()).isEqualTo(1);
        assertThatThrownBy(() -> DataSource.of(folder.resolve("a.doc")))
                .hasMessageEndingWith("allowed: .csv, .tsv, .jsonl, .ndjson, .parquet and .txt, each also with .gz");
    }
}
