package org.jformers.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jformers.training.report.LineChart.Emphasis;
import org.jformers.training.report.LineChart.Scale;
import org.jformers.training.report.LineChart.Series;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class LineChartTest {
    private static Series series(String name, double... y) {
        return new Series(name, 0, Emphasis.NORMAL, IntStream.range(0, y.length).asDoubleStream().toArray(), y);
    }

    private static Document draw(Scale scale, Series... series) throws Exception {
        String svg = new LineChart("Loss", "step", List.of(series), scale).svg(600, 300);
        assertThat(svg).doesNotContain("NaN", "Infinity");
        return Xml.parse(svg);
    }

    private static List<Element> lines(Document svg) {
        NodeList groups = svg.getElementsByTagName("g");
        List<Element> lines = new ArrayList<>();
        for (int i = 0; i < groups.getLength(); i++) {
            Element group = (Element) groups.item(i);
            if (group.getAttribute("class").startsWith("line")) {
                lines.add(group);
            }
        }
        return lines;
    }

    private static String path(Document svg, int line) {
        return ((Element) lines(svg).get(line).getElementsByTagName("path").item(0)).getAttribute("d");
    }

    @Test
    void namesEachLineAtItsEndWithItsLastValue() throws Exception {
        Document svg = draw(Scale.LINEAR, series("train", 4, 2, 1), series("validation", 4, 3, 2.5));
        assertThat(Xml.texts(svg, "text")).contains("Loss", "step", "train 1", "validation 2.5");
        assertThat(svg.getDocumentElement().getAttribute("aria-label"))
                .contains("train from 4 to 1", "validation from 4 to 2.5");
    }

    @Test
    void movesNamesApartWhereLinesEndTogether() throws Exception {
        Document svg = draw(Scale.LINEAR, series("a", 3, 1), series("b", 2, 1), series("c", 1, 1));
        NodeList texts = svg.getElementsByTagName("text");
        List<Double> heights = new ArrayList<>();
        for (int i = 0; i < texts.getLength(); i++) {
            Element text = (Element) texts.item(i);
            if (text.getAttribute("class").startsWith("name")) {
                heights.add(Double.parseDouble(text.getAttribute("y")));
            }
        }
        double[] sorted = heights.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        assertThat(sorted).hasSize(3);
        assertThat(sorted[1] - sorted[0]).isGreaterThanOrEqualTo(14.9);
        assertThat(sorted[2] - sorted[1]).isGreaterThanOrEqualTo(14.9);
        assertThat(sorted[2]).isLessThanOrEqualTo(300);
    }

    @Test
    void leavesAGapWhereAValueCannotBeDrawnAndSaysSo() throws Exception {
        Document svg = draw(Scale.LINEAR, series("loss", 4, 3, Double.NaN, 2, Double.POSITIVE_INFINITY, 1, 1));
        assertThat(path(svg, 0).chars().filter(c -> c == 'M').count()).as("runs").isEqualTo(3);
        assertThat(Xml.texts(svg, "text")).contains("2 values left out: not finite");
    }

    @Test
    void drawsFewOrEqualOrExtremeValues() throws Exception {
        for (Scale scale : Scale.values()) {
            for (double[] y : new double[][] {{}, {3}, {0}, {-2}, {5, 5, 5}, {0, 0}, {1e-12, 2e-12}, {1e300, 2e300},
                {Double.NaN}, {Double.NaN, Double.NEGATIVE_INFINITY}, {1e-30, 1e30}, {7, Double.NaN, 7}}) {
                Document svg = draw(scale, series("x", y));
                boolean drawn = Arrays.stream(y)
                        .anyMatch(value -> Double.isFinite(value) && (scale != Scale.LOGARITHMIC || value > 0));
                assertThat(lines(svg)).hasSize(drawn ? 1 : 0);
                assertThat(Xml.texts(svg, "text").contains("nothing measured yet")).isEqualTo(!drawn);
            }
        }
    }

    @Test
    void keepsPeaksWhenItThinsAnEndlessCurve() throws Exception {
        double[] y = IntStream.range(0, 200_000).mapToDouble(i -> Math.sin(i / 9000.0)).toArray();
        y[123_456] = 40;
        y[77_777] = -30;
        Document svg = draw(Scale.LINEAR, series("noisy", y));
        String points = lines(svg).get(0).getAttribute("data-points");
        assertThat(points.split(",")).hasSizeBetween(300, LineChart.MOST_POINTS);
        assertThat(points).contains(",123456 4E+1,", ",77777 -3E+1,").startsWith("0 0,").contains(",199999 ");
    }

    @Test
    void thinsACurveOfManyGaps() {
        double[] x = IntStream.range(0, 50_000).asDoubleStream().toArray();
        double[] y = Arrays.stream(x).map(i -> i % 2 == 0 ? i : Double.NaN).toArray();
        int points = Downsampling.runs(x, y, Double::isFinite, 600).stream().mapToInt(List::size).sum();
        assertThat(points).isBetween(300, 600);
    }

    @Test
    void startsAtZeroWhereLengthsAreCompared() throws Exception {
        assertThat(Xml.texts(draw(Scale.FROM_ZERO, series("", 900, 1000)), "text")).contains("0");
        assertThat(Xml.texts(draw(Scale.LINEAR, series("", 900, 1000)), "text")).doesNotContain("0.0").contains("940");
    }

    @Test
    void drawsEqualRatiosEquallyFarApartOnALogarithmicScale() throws Exception {
        Document svg = draw(Scale.LOGARITHMIC, series("loss", 100, 10, 1, -1));
        double[] heights = Pattern.compile("[ML][\\d.]+ ([\\d.]+)").matcher(path(svg, 0)).results()
                .mapToDouble(match -> Double.parseDouble(match.group(1))).toArray();
        assertThat(heights).hasSize(3);
        assertThat(heights[1] - heights[0]).isCloseTo(heights[2] - heights[1], offset(0.2));
        assertThat(Xml.texts(svg, "text")).contains("100", "10", "1", "1 value left out: not finite and positive");
    }

    @Test
    void findsRoundTicks() {
        assertThat(new Axis(0, 1000, false).ticks(5)).containsExactly(0.0, 200.0, 400.0, 600.0, 800.0, 1000.0);
        assertThat(new Axis(0.31, 4.9, true).ticks(5)).containsExactly(0.5, 1.0, 2.0);
        assertThat(new Axis(1e-9, 1e9, true).ticks(5)).hasSizeBetween(4, 8).contains(1e-9);
        assertThat(new Axis(-1.05, 1.05, false).ticks(4)).containsExactly(-1.0, -0.5, 0.0, 0.5, 1.0);
    }

    @Test
    void putsFaintLinesBehindAndLeavesThemUnnamed() throws Exception {
        Series raw = new Series("train", 0, Emphasis.FAINT, new double[] {0, 1}, new double[] {2, 1});
        Document svg = draw(Scale.LINEAR, series("train", 2, 1.5), raw);
        assertThat(lines(svg).get(0).getAttribute("class")).contains("faint");
        assertThat(lines(svg).get(1).getAttribute("class")).doesNotContain("faint");
        assertThat(Xml.texts(svg, "text")).filteredOn(text -> text.startsWith("train")).containsExactly("train 1.5");
    }

    @Test
    void keepsHostileNamesAsText() throws Exception {
        Document svg = draw(Scale.LINEAR, series("</g><script>alert('1')</script>", 1, 2));
        assertThat(svg.getElementsByTagName("script").getLength()).isZero();
        assertThat(Xml.texts(svg, "text")).contains("</g><script>alert('1')</script> 2");
    }

    @Test
    void refusesSeriesOfUnequalLength() {
        assertThatThrownBy(() -> new Series("loss", 0, Emphasis.NORMAL, new double[3], new double[2]))
                .isInstanceOf(ReportException.class).hasMessageContaining("loss").hasMessageContaining("got 3 and 2");
    }

    @Test
    void writesNumbersBriefly() {
        assertThat(DoubleStream.of(0, 0.00031, 3.14159, 123.4, 9999, 12_500, 4_200_000, 6e-7, -0.5, 1e20).boxed()
                .map(value -> Numbers.brief(value, 3)))
                .containsExactly("0", "0.00031", "3.14", "123", "9999", "12.5k", "4.2M", "6e-7", "-0.5", "1e20");
        assertThat(Numbers.duration(12.34)).isEqualTo("12.3 s");
        assertThat(Numbers.duration(245)).isEqualTo("4 min 5 s");
        assertThat(Numbers.duration(11_520)).isEqualTo("3 h 12 min");
    }
}
