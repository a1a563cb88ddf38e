package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks on pairs of texts as commands: labels without training, and texts by how well they fit a query. */
@Timeout(300)
class RunPairsTest {
    private static final Path FOLDER = Path.of("src/test/resources/pipelines");

    private static Run run(String task, String model, String input, String... more) {
        List<String> arguments = new ArrayList<>(List.of("run", task, "--model", FOLDER.resolve(model).toString()));
        arguments.addAll(List.of(more));
        return StandardInput.jformers(input, arguments.toArray(String[]::new));
    }

    private static Run labels(String... more) {
        return run("zero-shot-classification", "bert-entailment", "", more);
    }

    @Test
    void printsAllLabelsOfEachTextTheLikeliestFirst() {
        Run run = run("zero-shot-classification", "bert-entailment", "dull\na film\n", "--candidate-labels", "b, a");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).matches("([ab]\t0\\.\\d{4}\t[ab]\t0\\.\\d{4}\n){2}");
        double[] scores = Arrays.stream(run.out().lines().findFirst().orElseThrow().split("\t"))
                .filter(field -> field.startsWith("0"))
                .mapToDouble(Double::parseDouble)
                .toArray();
        assertThat(scores[0]).isGreaterThan(scores[1]);
        assertThat(labels("--candidate-labels", "b,a", "dull", "a film")).isEqualTo(run);
    }

    @Test
    void aTextMayHaveSeveralLabels() {
        String one = labels("--json", "--candidate-labels", "a", "dull").out();
        String two = labels("--json", "--candidate-labels", "a,b", "--multi-label", "dull").out();
        String score = one.replaceAll(".*scores\":\\[|\\].*\n", "");
        assertThat(two).contains(score.substring(0, 6));
    }

    @Test
    void saysWhichLabelsAndTemplatesAreAllowed() {
        assertThat(labels("dull").err())
                .contains("candidate_labels: got null, allowed a list of texts");
        assertThat(labels("--candidate-labels", " ,", "dull").err())
                .contains("candidate_labels: got none, allowed at least one label");
        assertThat(labels("--candidate-labels", "a", "--hypothesis-template", "It is.", "dull").err())
                .contains("hypothesis_template: got \"It is.\", allowed a text with {} where the label goes");
        assertThat(labels("--candidate-labels", "a", "").err())
                .contains("zero-shot classification: got an empty text");
    }

    @Test
    void ranksAllTextsTogether() {
        Run run = run("reranking", "bert-ranks", "dull\na film\nthe old town\n", "--query", "a film");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines()).hasSize(3).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(run("reranking", "bert-ranks", "", "--query", "a film", "dull", "a film", "the old town"))
                .isEqualTo(run);
        assertThat(run("reranking", "bert-ranks", "", "--query", "a film", "--top-k", "1", "dull", "a film",
                "the old town").out()).isEqualTo(run.out().lines().findFirst().orElseThrow() + "\n");
        assertThat(run("reranking", "bert-ranks", "", "--json", "--query", "a film", "dull", "a film").out())
                .startsWith("[{\"corpus_id\":").hasLineCount(1);
    }

    @Test
    void refusesModelsThatGiveNoOneNumberAndPairsThatAreTooLong() {
        assertThat(run("reranking", "bert-entailment", "", "--query", "a", "b").err())
                .contains("with 3 labels, allowed models with a classifier of texts that has one");
        Run run = run("reranking", "bert-ranks", "", "--query", "a film", "dull ".repeat(60));
        assertThat(run.err()).contains("tokens, allowed up to 40");
        assertThat(run("reranking", "bert-ranks", "", "--query", "a film", "--truncation", "dull ".repeat(60))
                .exitCode()).isZero();
        assertThat(run("reranking", "bert-ranks", "", "a").err()).contains("query: got null, allowed a text");
    }
}
