package org.jformers.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Percentage.withPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jformers.training.report.ReportData.AttentionMaps;
import org.jformers.training.report.ReportData.Command;
import org.jformers.training.report.ReportData.ConfusionMatrix;
import org.jformers.training.report.ReportData.Errors;
import org.jformers.training.report.ReportData.Measure;
import org.jformers.training.report.ReportData.Part;
import org.jformers.training.report.ReportData.Result;
import org.jformers.training.report.ReportData.Sample;
import org.jformers.training.report.ReportData.Scatter;
import org.jformers.training.report.ReportData.WorstExample;
import org.jformers.training.report.ReportData.WorstExamples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class HtmlReportTest {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final String HOSTILE = "</script></style></svg><script>alert(\"1\" + '&')</script>🐘\u0000\ud800";

    @TempDir
    Path folder;

    private static RunFacts facts(String text) {
        return new RunFacts(text, 221.4, 2400, 8_000_000, "tokens", 3_000_000, 17, text, 0.004,
                new RunFacts.Machine(text, 2, text, text, text));
    }

    private static ReportData report(String text) throws IOException {
        float[][][][] weights = {{{{1, 0}, {0.25f, 0.75f}}}, {{{0, 1}, {0.5f, 0.5f}}}};
        JsonNode settings = JSON.createObjectNode().put(text, text)
                .set("model", JSON.readTree("{\"width\":256,\"norm\":{\"epsilon\":1e-6},\"betas\":[0.9,0.98],"
                        + "\"layers\":[{\"heads\":8}],\"none\":{},\"cache\":null}"));
        return new ReportData(text, text, text, List.of(new Command(text, text)),
                List.of(new Measure(text, text, 1, false)),
                List.of(new Result(text, text, List.of(12.34)), new Result("baseline", "", List.of(Double.NaN))),
                List.of(new Sample(text, text, text), new Sample("colonel", "K ER1 N AH0 L", "K AA1 L N AH0 L")),
                new Errors(
                        new ConfusionMatrix(List.of(text, "other"), List.of(List.of(7L, 1L), List.of(0L, 0L))),
                        new Scatter(List.of(1.0, 2.5), List.of(1.5, 2.0)),
                        new WorstExamples(text, List.of(new WorstExample(text, text, "x" + text, 0.00123)))),
                List.of(new AttentionMaps(text, text, text, List.of(text, "</s>"), List.of("a", text), weights)),
                List.of(new Part(text, 100), new Part("decoder", 300)), facts(text), settings);
    }

    private static List<MetricRow> metrics(String name) {
        List<MetricRow> rows = new ArrayList<>();
        for (int step = 1; step <= 100; step++) {
            Map<String, Double> values = new LinkedHashMap<>();
            values.put(MetricRow.LOSS, 5.0 / step);
            values.put(MetricRow.LEARNING_RATE, step * 1e-5);
            values.put(MetricRow.perSecond("tokens"), 40_000.0);
            rows.add(new MetricRow(step, MetricRow.TRAIN, step, values));
            if (step % 25 == 0) {
                rows.add(new MetricRow(step, MetricRow.EVAL, step, Map.of(MetricRow.LOSS, 6.0 / step, name, 1.0)));
            }
        }
        return rows;
    }

    private String write(ReportData data, List<MetricRow> metrics) throws IOException {
        Path file = folder.resolve("report.html");
        HtmlReport.write(file, data, metrics);
        return Files.readString(file);
    }

    /** The page as XML: it is written well-formed, but for the content of script and style. */
    private static Document parse(String html) throws Exception {
        return Xml.parse(html.replaceAll("(?s)(<(script|style)>).*?(</\\2>)", "$1$3"));
    }

    @Test
    void keepsHostileStringsAsText() throws Exception {
        String html = write(report(HOSTILE), metrics(HOSTILE));
        Document page = parse(html);
        assertThat(page.getElementsByTagName("script").getLength()).isEqualTo(1);
        assertThat(page.getElementsByTagName("style").getLength()).isEqualTo(1);
        String shown = HOSTILE.replace('\u0000', '\ufffd').replace('\ud800', '\ufffd');
        assertThat(Xml.texts(page, "h1")).containsExactly(shown);
        assertThat(Xml.texts(page, "option")).containsExactly(shown);
        assertThat(Xml.texts(page, "code")).containsExactly(shown);
        assertThat(Xml.texts(page, "td")).contains(shown);
        assertThat(Xml.texts(page, "span")).contains(shown);
    }

    @Test
    void loadsNothing() throws Exception {
        String html = write(report("g2p"), metrics("per"));
        assertThat(html.replace("http://www.w3.org/2000/svg", ""))
                .doesNotContainIgnoringCase("http:", "https:", "//cdn", "@import", "url(", "src=", "<link", "<iframe");
        assertThat(html).contains("default-src 'none'");
    }

    @Test
    void allowsItsOwnScriptOnly() throws Exception {
        String html = write(report("g2p"), metrics("per"));
        String script = html.substring(html.indexOf("<script>") + 8, html.indexOf("</script>"));
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
        assertThat(html).contains("script-src 'sha256-" + Base64.getEncoder().encodeToString(hash) + "'");
    }

    @Test
    void showsResultBesideBaseline() throws Exception {
        Document page = parse(write(report("12.3 % wrong"), metrics("per")));
        assertThat(Xml.texts(page, "p")).contains("12.3 % wrong");
        assertThat(Xml.texts(page, "span")).contains("12.3 12.3 % wrong", "–");
        assertThat(Xml.texts(page, "th")).contains("baseline");
    }

    @Test
    void drawsACurveForEverythingThatWasMeasured() throws Exception {
        Document page = parse(write(report("g2p"), metrics("phoneme_error_rate")));
        List<String> texts = Xml.texts(page, "text");
        assertThat(texts)
                .contains("Loss, nats per token", "Learning rate", "Speed, tokens per second", "Phoneme error rate");
        assertThat(texts).anyMatch(text -> text.startsWith("train 0.05"))
                .anyMatch(text -> text.startsWith("validation 0.06"));
    }

    /** A short run may be validated before its first line of training is logged. */
    @Test
    void givesTrainingTheSameColourInEveryReport() {
        List<MetricRow> rows = List.of(
                new MetricRow(4, MetricRow.EVAL, 1, Map.of(MetricRow.LOSS, 1.2)),
                new MetricRow(8, MetricRow.EVAL, 2, Map.of(MetricRow.LOSS, 1.1)),
                new MetricRow(10, MetricRow.TRAIN, 3, Map.of(MetricRow.LOSS, 0.7)),
                new MetricRow(20, MetricRow.TRAIN, 4, Map.of(MetricRow.LOSS, 0.2)));
        assertThat(new Curves(rows, "rows").html())
                .containsPattern("class='name s0'[^>]*>train").containsPattern("class='name s1'[^>]*>validation");
    }

    @Test
    void marksTheWordsThatDiffer() throws Exception {
        Document page = parse(write(report("right"), metrics("per")));
        NodeList marks = page.getElementsByTagName("mark");
        List<String> marked = new ArrayList<>();
        for (int i = 0; i < marks.getLength(); i++) {
            marked.add(((Element) marks.item(i)).getAttribute("class") + " " + marks.item(i).getTextContent());
        }
        assertThat(marked).containsExactly("missed ER1", "wrong AA1", "wrong L");
        assertThat(Xml.texts(page, "td")).contains("✓ right", "✗ differs");
    }

    @Test
    void showsWhereTheModelIsWrong() throws Exception {
        Document page = parse(write(report("<b>good</b>"), metrics("per")));
        assertThat(Xml.texts(page, "h2")).containsSubsequence(
                "Samples", "Confusion matrix", "Predictions", "Worst examples", "Attention");
        assertThat(Xml.texts(page, "td")).contains("787.5 %", "112.5 %", "0–", "8", "x<b>good</b>", "0.00123");
        assertThat(Xml.texts(page, "th")).contains("Expected", "<b>good</b>", "other", "examples");
    }

    @Test
    void showsGeneratedTextWithoutAVerdict() throws Exception {
        ReportData data = report("lm");
        ReportData free = new ReportData("lm", "", "", List.of(), List.of(), List.of(),
                List.of(new Sample("volcano:", "", "a mountain\nthat burns")), List.of(), List.of(), data.facts(),
                data.settings());
        Document page = parse(write(free, metrics("per")));
        assertThat(Xml.texts(page, "th")).contains("Generated").doesNotContain("Expected");
        assertThat(Xml.texts(page, "td")).containsExactly("volcano:", "a mountain\nthat burns");
        assertThat(Xml.texts(page, "h2")).containsExactly("Learning", "Samples", "The run", "Settings");
    }

    @Test
    void holdsOneAttentionMapForEachSampleAndLayer() throws Exception {
        Document page = parse(write(report("g2p"), metrics("per")));
        NodeList svgs = page.getElementsByTagName("svg");
        List<Element> maps = new ArrayList<>();
        for (int i = 0; i < svgs.getLength(); i++) {
            if (((Element) svgs.item(i)).getAttribute("class").equals("attention")) {
                maps.add((Element) svgs.item(i));
            }
        }
        assertThat(maps).hasSize(2);
        Element head = (Element) maps.get(0).getElementsByTagName("g").item(0);
        assertThat(head.getAttribute("data-weights")).isEqualTo("ff0040bf");
        assertThat(maps.get(0).getAttribute("data-rows")).isEqualTo("g2p </s>");
    }

    @Test
    void showsSettingsAndFacts() throws Exception {
        Document page = parse(write(report("g2p"), metrics("per")));
        assertThat(Xml.texts(page, "summary")).containsExactly("model", "norm", "layers", "0");
        assertThat(Xml.texts(page, "span")).contains("epsilon", "betas", "0.9, 0.98", "none");
        assertThat(Xml.texts(page, "dd")).anyMatch(fact -> fact.startsWith("1.4 × 1014 FLOPs"))
                .contains("3\u202f000\u202f000", "0.4 % of the time", "3 min 41 s", "g2p, 2 cores");
    }

    @Test
    void estimatesTrainingCostAsSixTimesParametersTimesTokens() {
        // The 175-billion-parameter model of arXiv:2005.14165, table D.1: 300 billion tokens, 3.14e23 FLOPs.
        RunFacts facts = new RunFacts("", 1, 1, 300_000_000_000L, "tokens", 174_600_000_000L, 1, "", 0,
                new RunFacts.Machine("", 1, "", "", ""));
        assertThat(facts.flops().orElseThrow()).isCloseTo(3.14e23, withPercentage(0.2));
        assertThat(new RunFacts("", 1, 1, 64, "rows", 1_000, 1, "", 0, facts.machine()).flops()).isEmpty();
    }

    @Test
    void writesAReportBeforeAnythingWasMeasured() throws Exception {
        Document page = parse(write(report("g2p"), List.of()));
        assertThat(Xml.texts(page, "text")).contains("nothing measured yet");
    }

    @Test
    void replacesTheOldReportAsAWhole() throws Exception {
        write(report("first"), List.of());
        String second = write(report("second"), List.of());
        assertThat(second).contains("<h1>second</h1>").doesNotContain("first<");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactly("report.html");
        }
    }

    @Test
    void survivesARoundTripThroughJson() throws Exception {
        ReportData data = report("g2p");
        ReportData back = JSON.readValue(JSON.writeValueAsString(data), ReportData.class);
        assertThat(write(back, metrics("per"))).isEqualTo(write(data, metrics("per")));
    }

    @Test
    void refusesResultsWithoutAValueForEachMeasure() {
        assertThatThrownBy(() -> new ReportData("", "", "", List.of(), List.of(new Measure("BLEU", "", 1, true)),
                List.of(new Result("this model", "", List.of())), List.of(), List.of(), List.of(), facts(""),
                JSON.createObjectNode()))
                .isInstanceOf(ReportException.class).hasMessageContaining("this model").hasMessageContaining("got 0");
    }
}
