package org.jformers.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jformers.training.report.ReportData.ConfusionMatrix;
import org.jformers.training.report.ReportData.Scatter;
import org.jformers.training.report.ReportData.WorstExample;
import org.jformers.training.report.ReportData.WorstExamples;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Confusion matrices, scatter plots and worst examples of a report. */
final class ErrorSectionsTest {

    @Test
    void tintsCountsByTheirShareOfTheRow() throws Exception {
        Document table = Xml.parse(ConfusionTable.html(new ConfusionMatrix(
                List.of("negative", "positive"), List.of(List.of(30L, 10L), List.of(0L, 1200L)))));

        List<String> cells = new ArrayList<>();
        NodeList all = table.getElementsByTagName("td");
        for (int i = 0; i < all.getLength(); i++) {
            Element cell = (Element) all.item(i);
            cells.add(cell.getAttribute("class") + " " + cell.getAttribute("style") + " " + cell.getTextContent());
        }
        assertThat(cells).containsExactly(
                "right --share:0.750 3075.0 %", "wrong --share:0.250 1025.0 %", "total  40",
                "wrong --share:0.000 00.0 %", "right --share:1.000 1\u202f200100.0 %", "total  1\u202f200");
        assertThat(Xml.texts(table, "th"))
                .containsExactly("Expected", "negative", "positive", "examples", "negative", "positive");
    }

    @Test
    void listsTheMostConfusedPairsOfManyClasses() throws Exception {
        int classes = 30;
        List<List<Long>> counts = new ArrayList<>();
        for (int row = 0; row < classes; row++) {
            List<Long> all = new ArrayList<>(Collections.nCopies(classes, 0L));
            all.set(row, 5L);
            counts.add(all);
        }
        counts.get(3).set(7, 2L);
        counts.get(8).set(1, 4L);
        List<String> labels = IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();

        Document table = Xml.parse(ConfusionTable.html(new ConfusionMatrix(labels, counts)));

        assertThat(Xml.texts(table, "tr")).containsExactly(
                "ExpectedPredictedexamples", "class 8class 1444.4 % of 9", "class 3class 7228.6 % of 7");
        counts.get(3).set(7, 0L);
        counts.get(8).set(1, 0L);
        assertThat(ConfusionTable.html(new ConfusionMatrix(labels, counts)))
                .isEqualTo("<p>No class is taken for another.</p>\n");
    }

    @Test
    void refusesMatricesThatAreNotSquare() {
        assertThatThrownBy(() -> new ConfusionMatrix(List.of("a", "b"), List.of(List.of(1L, 2L), List.of(3L))))
                .isInstanceOf(ReportException.class)
                .hasMessage("report: a confusion matrix of 2 labels needs 2 rows of as many counts, got [[1, 2], [3]]");
        assertThatThrownBy(() -> new Scatter(List.of(1.0), List.of())).hasMessage(
                "report: a scatter plot needs as many predicted numbers as expected ones, got 0 and 1");
    }

    @Test
    void drawsPredictedNumbersOverExpectedOnesOnOneScale() throws Exception {
        Document chart = Xml.parse(new ScatterChart(new Scatter(
                List.of(0.0, 5.0, 2.5, Double.NaN), List.of(5.0, 0.0, 2.5, 1.0))).svg());

        NodeList circles = chart.getElementsByTagName("circle");
        assertThat(circles.getLength()).isEqualTo(3);
        double[] x = IntStream.range(0, 3).mapToDouble(i -> number(circles, i, "cx")).toArray();
        double[] y = IntStream.range(0, 3).mapToDouble(i -> number(circles, i, "cy")).toArray();
        assertThat(x[0]).isLessThan(x[2]).isLessThan(x[1]);
        assertThat(y[0]).isLessThan(y[2]).isLessThan(y[1]);
        assertThat(x[1] - x[0]).isEqualTo(y[1] - y[0]);
        assertThat(Xml.texts(chart, "text")).contains("Predicted over expected", "0", "5", "1 left out: not finite");
    }

    @Test
    void drawsSomeOfManyNumbers() throws Exception {
        List<Double> many = DoubleStream.iterate(0, value -> value + 1).limit(5000).boxed().toList();

        Document chart = Xml.parse(new ScatterChart(new Scatter(many, many)).svg());

        assertThat(chart.getElementsByTagName("circle").getLength()).isEqualTo(ScatterChart.MOST_POINTS);
        assertThat(Xml.texts(chart, "text")).contains("1\u202f000 of 5\u202f000 numbers");
    }

    @Test
    void drawsAnEmptyChartOfWhatIsNotFinite() throws Exception {
        Document chart = Xml.parse(new ScatterChart(new Scatter(List.of(1.0), List.of(Double.NaN))).svg());

        assertThat(Xml.texts(chart, "text")).contains("nothing to draw", "1 left out: not finite");
    }

    @Test
    void shortensLongTexts() throws Exception {
        String text = "🐘".repeat(10_000);

        Document table = Xml.parse(WorstTable.html(new WorstExamples(
                "loss", List.of(new WorstExample(text, "a", "b", 12.345), new WorstExample("c", "a", "a", 0.5)))));

        assertThat(Xml.texts(table, "td"))
                .containsExactly("🐘".repeat(600) + "…", "a", "b", "12.3", "c", "a", "a", "0.5");
        assertThat(Xml.texts(table, "th")).containsExactly("Input", "Expected", "Predicted", "loss");
    }

    private static double number(NodeList elements, int i, String attribute) {
        return Double.parseDouble(((Element) elements.item(i)).getAttribute(attribute));
    }
}
