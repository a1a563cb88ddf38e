package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jformers.JformersException;
import org.jformers.experiment.ExperimentRun;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which animal a text is about; every third text has a third choice. */
final class MultipleChoiceTest {
    @TempDir
    private Path folder;
    private Path start;
    private Path run;

    @BeforeEach
    void makeTheStart() {
        start = TinyStart.bert(folder);
        run = folder.resolve("run");
    }

    private static List<String> choices(TinyStart.Sentence sentence) {
        List<String> choices = new ArrayList<>(List.of("fox", "dog"));
        if (sentence.text().length() % 3 == 0) {
            choices.add("tree");
        }
        if (sentence.text().length() % 2 == 0) {
            choices.add(0, choices.remove(1));
        }
        return choices;
    }

    private Path rows() {
        return TinyStart.table(folder.resolve("rows.csv"), "text,a,b,c,label", 240, sentence -> {
            List<String> choices = choices(sentence);
            return sentence.text() + "," + choices.get(0) + "," + choices.get(1) + ","
                    + (choices.size() > 2 ? choices.get(2) : "") + "," + choices.indexOf(sentence.animal());
        });
    }

    private FineTuning quick(FineTuning any) {
        return any.batch(16).epochs(16).learningRate(1e-3).set("training.precision", "float32");
    }

    private FineTuning choosing(Path rows) {
        return quick(FineTuning.of(start.toString()).choose(rows, "text", List.of("a", "b", "c"), "label"));
    }

    @Test
    void learnsToChoose() throws IOException {
        List<String> said = new ArrayList<>();
        ExperimentRun.Result result = choosing(rows()).run(run, Consoles.saying(said));
        assertThat(result.headline()).isEqualTo("accuracy 100.00 % on 24 validation questions");
        assertThat(said).anyMatch(line -> line.matches(
                "choices: 2 \\(\\d+\\), 3 \\(\\d+\\); label tells the right one by its number"));
        try (Model model = AutoModel.load(run.resolve("model"))) {
            assertThat(model.identity().architecture()).isEqualTo("BertForMultipleChoice");
        }
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("chance", "most frequent place", "probability of the right choice", "choice 3");
        assertThat(result.commands().get(0).line())
                .isEqualTo("./jformers finetune " + run.resolve("model") + " --task multiple-choice"
                        + " --train " + folder.resolve("rows.csv") + " --text text --choices 'a,b,c' --label label");
        assertThat(result.commands()).noneMatch(command -> command.line().contains(" serve "));
    }

    /** The same questions in the forms of SWAG and of MMLU, and as lists, give the same run. */
    @Test
    void readsOtherForms() throws IOException {
        Path columns = TinyStart.table(folder.resolve("columns.csv"), "text,a,b,label", 60, s -> s.text()
                + ",fox,dog," + (s.animal().equals("fox") ? 0 : 1));
        Path swag = TinyStart.table(folder.resolve("swag.csv"), "sent1,sent2,ending0,ending1,label", 60, s -> s.text()
                + ",,fox,dog," + (s.animal().equals("fox") ? 0 : 1));
        Path mmlu = TinyStart.write(folder.resolve("mmlu.csv"), TinyStart.sentences(60, 1).stream()
                .map(s -> s.text() + ",fox,dog," + (s.animal().equals("fox") ? "A" : "B")).toList());
        Path lists = TinyStart.write(folder.resolve("lists.jsonl"), TinyStart.sentences(60, 1).stream()
                .map(s -> "{\"text\": \"" + s.text() + "\", \"choices\": [\"fox\", \"dog\"], \"answer\": \""
                        + s.animal() + "\"}").toList());
        FineTuning.Start from = FineTuning.of(start.toString());
        List<FineTuning> all = List.of(
                from.choose(columns, "text", List.of("a", "b"), "label"),
                from.task(new MultipleChoice.Type()).set("task.data.train", swag.toString()),
                from.choose(mmlu, "question", List.of("A", "B"), "answer")
                        .set("task.data.columns", "question,A,B,answer"),
                from.choose(lists, "text", List.of("choices"), "answer"));
        List<byte[]> weights = new ArrayList<>();
        for (FineTuning each : all) {
            Path out = folder.resolve("run" + weights.size());
            quick(each).epochs(1).run(out);
            weights.add(Files.readAllBytes(out.resolve("model/model.safetensors")));
        }
        assertThat(weights).allMatch(bytes -> java.util.Arrays.equals(bytes, weights.get(0)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            q,x,y,z,3            | row 1: label is "3" for 3 choices, allowed: a number from 0 to 2, a letter from A
            q,x,y,z,0;q,x,y,z,B  | row 2: label is "B" for 3 choices, allowed: a number from 0 to 2, a letter from A
            q,x,y,,2             | row 1: label is "2" for 2 choices
            q,x,,z,0             | row 1: b is blank before c, allowed: blanks behind the last choice
            q,x,,,0              | row 1: got 1 choice, allowed two or more
            q,x,x,y,x            | row 1: label is "x" for 3 choices
            """)
    void refusesRowsThatDoNotFit(String rows, String message) {
        List<String> lines = new ArrayList<>(List.of("text,a,b,c,label"));
        lines.addAll(List.of(rows.split(";")));
        Path file = TinyStart.write(folder.resolve("t.csv"), lines);
        assertThatThrownBy(() -> choosing(file).validation(file).run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    @Test
    void refusesColumnsThatAreNotThere() {
        Path rows = rows();
        FineTuning none = FineTuning.of(start.toString()).task(new MultipleChoice.Type())
                .set("task.data.train", rows.toString());
        assertThatThrownBy(() -> none.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining("task.data.text and task.data.choices: got null")
                .hasMessageContaining("there are: text, a, b, c, label");
        assertThatThrownBy(() -> none.set("task.data.text", "text").run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining("got text and null, allowed: both");
        Path other = TinyStart.write(folder.resolve("v.csv"),
                List.of("text,a,b,c,label", "a fox,fox,dog,,B", "a dog,fox,dog,,1"));
        assertThatThrownBy(() -> choosing(rows).validation(other).run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining("row 1: label is \"B\" for 2 choices, allowed: the number of one of 2 choices");
    }
}
