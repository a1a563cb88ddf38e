package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.data.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls from files and results into files: columns, order, and files that are there whole or not at all. */
@Timeout(300)
class RunFilesTest {
    private static final Path FOLDER = Path.of("src/test/resources/pipelines");

    @TempDir
    private Path folder;

    private static Run run(String task, String model, Object... more) {
        List<String> arguments = new ArrayList<>(List.of("run", task, "--model", FOLDER.resolve(model).toString()));
        Stream.of(more).map(Object::toString).forEach(arguments::add);
        return StandardInput.jformers("", arguments.toArray(String[]::new));
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static List<List<String>> rows(Path file) {
        DataSource source = DataSource.of(file);
        try (Stream<List<String>> rows = source.rows(source.columns())) {
            return Stream.concat(Stream.of(source.columns()), rows).toList();
        }
    }

    @Test
    void readsAColumnAndWritesInputsAndResultsInOrder() throws IOException {
        List<String> texts = IntStream.range(0, 700).mapToObj(i -> "dull ".repeat(1 + i % 7) + i).toList();
        Path in = file("in.csv", "id,said\n"
                + String.join("", texts.stream().map(text -> "1,\"" + text + "\"\n").toList()));
        Path out = folder.resolve("out.csv");
        Run run = run("text-classification", "bert-classes", "--input", in, "--column", "said", "--output", out);
        assertThat(run).isEqualTo(new Run(0, "", ""));
        List<List<String>> rows = rows(out);
        assertThat(rows.get(0)).containsExactly("row", "inputs", "label", "score");
        assertThat(rows).hasSize(701);
        assertThat(rows.stream().skip(1).map(row -> row.get(1))).isEqualTo(texts);
        assertThat(rows.stream().skip(1).map(row -> Integer.valueOf(row.get(0)))).isSorted().last().isEqualTo(700);
        JsonNode alone = Json.read(run("text-classification", "bert-classes", "--json", texts.get(333)).out(),
                JsonNode.class, "the result").get(0);
        assertThat(rows.get(334).get(2)).isEqualTo(alone.get("label").textValue());
        assertThat(Double.parseDouble(rows.get(334).get(3))).isEqualTo(alone.get("score").doubleValue(),
                within(1e-6));
    }

    @Test
    void aListOfResultsHasARowForEach() throws IOException {
        Path in = file("in.csv", "first,second\n\"a, \"\"film\"\"\",about a town\n");
        Path out = folder.resolve("out.csv");
        run("text-classification", "bert-classes", "--input", in, "--column", "text=first,text_pair=second",
                "--top-k", "all", "--output", out);
        List<List<String>> rows = rows(out);
        assertThat(rows.get(0)).containsExactly("row", "text", "text_pair", "label", "score");
        assertThat(rows).hasSize(4);
        assertThat(rows.get(3).subList(0, 3)).containsExactly("1", "a, \"film\"", "about a town");
        Path vectors = folder.resolve("vectors.csv");
        run("embeddings", "bert-vectors", "--input", file("in.txt", "dull\na film\n"), "--output", vectors);
        assertThat(rows(vectors).get(0)).containsExactly("row", "inputs", "result");
        assertThat(rows(vectors).get(2).get(2)).startsWith("[").endsWith("]");
    }

    @Test
    void readsCallsAndWritesOneValueForEachAlsoForThoseThatFail() throws IOException {
        Path in = file("in.jsonl", "\"dull\"\n{\"inputs\":\"a film\",\"top_k\":null}\n{\"inputs\":3}\n");
        Path out = folder.resolve("out.jsonl");
        Run run = run("text-classification", "bert-classes", "--input", in, "--output", out);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(Files.readAllLines(out)).hasSize(3).last().asString().startsWith("{\"error\":");
        Run printed = run("text-classification", "bert-classes", "--input", in, "--json");
        assertThat(printed.out()).isEqualTo(Files.readString(out));
        Path column = file("rows.jsonl", "{\"said\":\"dull\"}\n{\"said\":\"a film\"}\n");
        assertThat(run("text-classification", "bert-classes", "--input", column, "--column", "said").out())
                .isEqualTo(run("text-classification", "bert-classes", "dull", "a film").out());
    }

    @Test
    void aRowThatFailsLeavesNoTableAndNoFileIsReplacedUnlessItIsSaid() throws IOException {
        Path out = file("out.csv", "old");
        Path in = file("in.csv", "said\ndull\n\"" + "dull ".repeat(60) + "\"\n");
        Run guarded = run("text-classification", "bert-classes", "--input", in, "--output", out);
        assertThat(guarded.exitCode()).isEqualTo(1);
        assertThat(guarded.err()).contains("is there already, allowed with --overwrite");
        Run failed = run("text-classification", "bert-classes", "--input", in, "--output", out, "--overwrite");
        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.err()).contains("tokens, allowed up to 40");
        assertThat(out).hasContent("old");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("in.csv", "out.csv");
        }
        Run done = run("text-classification", "bert-classes", "--input", in, "--output", out, "--overwrite",
                "--truncation");
        assertThat(done.exitCode()).isZero();
        assertThat(rows(out)).hasSize(3);
    }

    @Test
    void ranksTheRowsOfAColumn() throws IOException {
        Path in = file("in.tsv", "id\tsaid\n1\tdull\n2\ta film\n3\tthe old town\n");
        Run run = run("reranking", "bert-ranks", "--input", in, "--column", "said", "--query", "a film");
        assertThat(run)
                .isEqualTo(run("reranking", "bert-ranks", "--query", "a film", "dull", "a film", "the old town"));
    }

    @Test
    void saysWhichColumnsAndNamesAreAllowed() throws IOException {
        Path in = file("in.csv", "a,b\n1,2\n");
        assertThat(run("fill-mask", "bert-gaps", "--input", in).err())
                .contains("--column: got none for", "allowed a, b");
        assertThat(run("fill-mask", "bert-gaps", "--input", in, "--column", "c").err()).contains("no column \"c\"");
        assertThat(run("fill-mask", "bert-gaps", "--input", in, "--column", "a", "text").err())
                .contains("--input: got texts");
        assertThat(run("fill-mask", "bert-gaps", "--output", "x.xml", "[MASK]").err())
                .contains("allowed names that end in .csv, .jsonl, .txt");
        assertThat(run("fill-mask", "bert-gaps", "--input", folder.resolve("none.jsonl")).err()).contains("none.jsonl");
    }
}
