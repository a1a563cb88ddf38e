package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.data.TextSource;
import org.jformers.experiment.ExperimentException;
import org.jformers.task.SequenceToSequence.Data;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HeldOutTest {
    @TempDir
    private Path folder;

    private void part(String name, String... lines) throws IOException {
        for (String language : List.of("en", "de")) {
            Files.writeString(folder.resolve(name + "." + language), String.join("\n", lines) + "\n");
        }
    }

    private static Data data(String train, String dir, String source, String target, int validation, int test) {
        return new Data(train, null, null, dir, source, target, null, null, null, validation, test);
    }

    private HeldOut parallel() {
        return HeldOut.pairs(data("parallel", folder.toString(), "en", "de", 0, 0), 1);
    }

    @ParameterizedTest
    @CsvSource({"val, test", "val, test_2016_flickr", "valid, newstest2014", "dev, tst2013", "validation, eval.v2",
        "val, held out"})
    void takesTestFilesOfAnyName(String validation, String test) throws IOException {
        part("train", "a", "b", "c");
        part(validation, "d", "e");
        part(test, "f");
        Files.writeString(folder.resolve("other.en"), "of one language alone\n");
        HeldOut rows = parallel();
        assertThat(rows.training().column("en")).containsExactly("a", "b", "c");
        assertThat(rows.validation().column("de")).containsExactly("d", "e");
        assertThat(rows.test().column("de")).containsExactly("f");
        assertThat(rows).hasToString("3 rows to train on, 2 to validate on, 1 held out for the result;"
                + " left out without text: 0 of train, 0 of " + validation + ", 0 of " + test);
    }

    @Test
    void takesTheFirstOfSeveralTests() throws IOException {
        part("train", "a");
        part("val", "b");
        part("test_2017_mscoco", "c");
        part("test_2016_flickr", "d");
        part("another", "e");
        assertThat(parallel().test().column("en")).containsExactly("d");
    }

    @Test
    void asksWhichOfSeveralIsHeldOut() throws IOException {
        part("train", "a");
        part("val", "b");
        assertThatThrownBy(this::parallel).isInstanceOf(ExperimentException.class)
                .hasMessageStartingWith("task.data.dir: no test.en or test.en.gz in " + folder);
        part("news13", "c");
        part("news14", "d");
        assertThatThrownBy(this::parallel).isInstanceOf(ExperimentException.class)
                .hasMessage("task.data.dir: got news13, news14 besides train and val, allowed one that is held"
                + " out for the"
                        + " result, or names that begin with test, in " + folder);
    }

    @Test
    void countsBlankRowsInEveryPart() throws IOException {
        part("train", "a", "", "b", " ");
        part("val", "", "c");
        part("test", "d", "", "", "");
        assertThat(parallel()).asString().endsWith("left out without text: 2 of train, 1 of val, 3 of test");
        List<String> lines = new ArrayList<>(List.of("x,y"));
        IntStream.range(0, 20).forEach(i -> lines.add(i + "," + (i % 5 == 0 ? "" : "t" + i)));
        Path table = Files.write(folder.resolve("t.csv"), lines);
        assertThat(HeldOut.pairs(data(table.toString(), null, "x", "y", 2, 3), 1)).hasToString(
                "11 rows to train on, 2 to validate on, 3 held out for the result; left out without text: 4");
    }

    @Test
    void leavesMostRowsToTraining() throws IOException {
        List<String> lines = new ArrayList<>(List.of("digits,words"));
        IntStream.range(0, 9_999).forEach(i -> lines.add(i + ",w" + i));
        Path table = Files.write(folder.resolve("t.csv"), lines);
        assertThatThrownBy(() -> HeldOut.pairs(
                        data(table.toString(), null, "digits", "words", 1000, 5000), 1))
                .isInstanceOf(ExperimentException.class)
                .hasMessage("task.data.validation_rows (1000) and task.data.test_rows (5000): hold out 6000 of"
                + " the 9999 values of"
                        + " digits, allowed at most half, for example --set task.data.validation_rows=499"
                        + " --set task.data.test_rows=999");
        assertThat(HeldOut.pairs(data(table.toString(), null, "digits", "words", 499, 999), 1).test().size())
                .isEqualTo(999);
    }

    @Test
    void readsPlainText() throws IOException {
        List<String> lines = IntStream.range(0, 30).mapToObj(i -> "line " + i).toList();
        Path text = Files.write(folder.resolve("notes.txt"), lines);
        HeldOut rows = HeldOut.texts(new TextData(
                text.toString(), null, null, "text", TextSource.Document.LINE, 2, 3), 1);
        assertThat(rows.training().size()).isEqualTo(25);
    }
}
