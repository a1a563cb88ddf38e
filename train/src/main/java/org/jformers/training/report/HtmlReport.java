package org.jformers.training.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.training.report.ReportData.Command;
import org.jformers.training.report.ReportData.Errors;
import org.jformers.training.report.ReportData.Measure;
import org.jformers.training.report.ReportData.Part;
import org.jformers.training.report.ReportData.Result;

/**
 * The report of a run as one HTML file that loads nothing: styles, charts and the little script are inside, and its
 * content security policy forbids everything else. Light and dark, screen and paper.
 */
public final class HtmlReport {
    private final ReportData data;
    private final List<MetricRow> metrics;
    private final StringBuilder out = new StringBuilder(1 << 18);

    private HtmlReport(ReportData data, List<MetricRow> metrics) {
        this.data = data;
        this.metrics = metrics;
    }

    /**
     * Writes the report; the old file stays until the new one is whole.
     *
     * @param metrics rows of the run's log, see {@link MetricLog#read}
     */
    public static void write(Path file, ReportData data, List<MetricRow> metrics) {
        List<MetricRow> shown = metrics.stream().filter(row -> !row.split().equals(MetricRow.NORMS)).toList();
        AtomicFile.write(file, new HtmlReport(data, shown).page().getBytes(StandardCharsets.UTF_8));
    }

    private String page() {
        String script = resource("report.js");
        String policy = "default-src 'none'; style-src 'unsafe-inline'; script-src '" + digest(script) + "'";
        out.append("<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'/>\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"").append(policy).append("\"/>\n")
                .append("<meta name='viewport' content='width=device-width, initial-scale=1'/>\n")
                .append("<meta name='color-scheme' content='light dark'/>\n<title>")
                .append(Markup.escape(data.title())).append(" · jformers</title>\n<style>\n")
                .append(resource("report.css")).append(darkHeat()).append("</style>\n</head>\n<body>\n<main>\n");
        header();
        if (!data.results().isEmpty()) {
            section("Result", "", this::results);
        }
        section("Learning", "", () -> out.append(new Curves(metrics, data.facts().unit()).html()));
        if (!data.samples().isEmpty()) {
            section("Samples", "Examples that training never saw.", () -> out.append(SampleTable.html(data.samples())));
        }
        errors(data.errors());
        if (!data.attention().isEmpty()) {
            section("Attention", "Where each head looks when it writes a row: what stands out weighs most.",
                    () -> out.append(AttentionSection.html(data.attention())));
        }
        if (!data.commands().isEmpty()) {
            section("Commands", "", this::commands);
        }
        section("The run", "", this::facts);
        section("Settings", "", () -> out.append(SettingsTree.html(data.settings())));
        out.append("</main>\n<footer>").append(Markup.escape(data.facts().machine().software()))
                .append("</footer>\n<script>").append(script).append("</script>\n</body>\n</html>\n");
        return out.toString();
    }

    private void errors(Errors errors) {
        if (!errors.confusion().labels().isEmpty()) {
            section("Confusion matrix", "Of the examples of a class, how many the model took for which.",
                    () -> out.append(ConfusionTable.html(errors.confusion())));
        }
        if (!errors.scatter().expected().isEmpty()) {
            section("Predictions", "", () -> out.append("<figure class='square'>")
                    .append(new ScatterChart(errors.scatter()).svg()).append("</figure>\n"));
        }
        if (!errors.worst().examples().isEmpty()) {
            section("Worst examples", "Those that the model is most wrong about; some may be labelled wrongly.",
                    () -> out.append(WorstTable.html(errors.worst())));
        }
    }

    private void section(String title, String lead, Runnable content) {
        out.append("<section>\n<h2>").append(title).append("</h2>\n");
        if (!lead.isEmpty()) {
            out.append("<p class='lead'>").append(lead).append("</p>\n");
        }
        content.run();
        out.append("</section>\n");
    }

    private void header() {
        RunFacts facts = data.facts();
        out.append("<header>\n<p class='eyebrow'>jformers · training report</p>\n<h1>")
                .append(Markup.escape(data.title())).append("</h1>\n");
        if (!data.summary().isEmpty()) {
            out.append("<p class='summary'>").append(Markup.escape(data.summary())).append("</p>\n");
        }
        out.append("<p class='description'>").append(Markup.escape(data.description())).append("</p>\n")
                .append("<ul class='key-facts'>\n");
        keyFact(Numbers.duration(facts.seconds()), "training");
        keyFact(Numbers.whole(facts.steps()), "steps");
        keyFact(Numbers.brief(facts.labels(), 3), Markup.escape(facts.unit()));
        keyFact(Numbers.brief(facts.parameters(), 3), "parameters");
        if (facts.seconds() > 0) {
            keyFact(Numbers.brief(facts.labels() / facts.seconds(), 3), Markup.escape(facts.unit()) + "/s");
        }
        out.append("</ul>\n</header>\n");
    }

    private void keyFact(String value, String name) {
        out.append("<li><b>").append(value).append("</b> ").append(name).append("</li>\n");
    }

    private void results() {
        out.append("<div class='scroll'><table class='results'>\n<thead><tr><th></th>");
        for (Measure measure : data.measures()) {
            out.append("<th>").append(Markup.escape(measure.name())).append("<small>")
                    .append(measure.higherIsBetter() ? "higher is better" : "lower is better").append("</small></th>");
        }
        out.append("</tr></thead>\n<tbody>\n");
        for (Result result : data.results()) {
            boolean model = result == data.results().get(0);
            out.append(model ? "<tr class='model'>" : "<tr>").append("<th>").append(Markup.escape(result.name()));
            if (!result.note().isEmpty()) {
                out.append("<small>").append(Markup.escape(result.note())).append("</small>");
            }
            out.append("</th>");
            for (int i = 0; i < data.measures().size(); i++) {
                resultCell(data.measures().get(i), result.values().get(i), largest(i));
            }
            out.append("</tr>\n");
        }
        out.append("</tbody></table></div>\n");
    }

    private void resultCell(Measure measure, double value, double largest) {
        String unit = measure.unit().isEmpty() ? "" : " " + measure.unit();
        double share = Double.isFinite(value) && largest > 0 ? Math.max(0, value / largest) : 0;
        out.append("<td><span class='number'>").append(Numbers.fixed(value, measure.decimals()))
                .append(Double.isFinite(value) ? Markup.escape(unit) : "")
                .append("</span><span class='bar'><i style='width:").append(Numbers.fixed(share * 100, 1))
                .append("%'></i></span></td>");
    }

    private double largest(int measure) {
        return data.results().stream().mapToDouble(result -> result.values().get(measure)).filter(Double::isFinite)
                .max().orElse(0);
    }

    private void commands() {
        for (Command command : data.commands()) {
            out.append("<div class='command'><span>").append(Markup.escape(command.purpose())).append("</span><code>")
                    .append(Markup.escape(command.line()))
                    .append("</code><button type='button' class='copy' hidden=''>copy</button></div>\n");
        }
    }

    private void facts() {
        RunFacts facts = data.facts();
        RunFacts.Machine machine = facts.machine();
        out.append("<dl class='facts'>\n");
        fact("Started", Markup.escape(facts.started()));
        fact("Training time", Numbers.duration(facts.seconds()));
        fact("Steps", Numbers.whole(facts.steps()));
        fact("Labels", Numbers.whole(facts.labels()) + " <small>of " + Markup.escape(facts.unit()) + "</small>");
        fact("Parameters", Numbers.whole(facts.parameters()));
        facts.flops().ifPresent(flops -> {
            fact("Training cost", Numbers.scientificHtml(flops) + " FLOPs <small>6 · parameters · tokens</small>");
            if (facts.seconds() > 0) {
                fact("Sustained", Numbers.scientificHtml(flops / facts.seconds()) + " FLOP/s");
            }
        });
        fact("Waited for data", Numbers.fixed(facts.dataIdleShare() * 100, 1) + " % of the time");
        fact("Precision", Markup.escape(facts.precision()));
        fact("Seed", Long.toString(facts.seed()));
        String cores = machine.cores() + (machine.cores() == 1 ? " core" : " cores");
        fact("Device", Markup.escape(machine.device()) + ", " + cores);
        fact("System", Markup.escape(machine.system()));
        fact("JDK", Markup.escape(machine.jdk()));
        out.append("</dl>\n");
        if (!data.parts().isEmpty()) {
            parts();
        }
    }

    private void fact(String name, String html) {
        out.append("<div><dt>").append(name).append("</dt><dd>").append(html).append("</dd></div>\n");
    }

    private void parts() {
        long total = Math.max(1, data.parts().stream().mapToLong(Part::parameters).sum());
        long most = Math.max(1, data.parts().stream().mapToLong(Part::parameters).max().orElse(1));
        out.append("<h3>Parameters by part</h3>\n<table class='parts'>\n");
        for (Part part : data.parts()) {
            out.append("<tr><th>").append(Markup.escape(part.name())).append("</th><td>")
                    .append(Numbers.whole(part.parameters())).append("</td><td>")
                    .append(Numbers.fixed(100.0 * part.parameters() / total, 1))
                    .append(" %</td><td class='fill'><span class='bar'><i style='width:")
                    .append(Numbers.fixed(100.0 * part.parameters() / most, 1)).append("%'></i></span></td></tr>\n");
        }
        out.append("</table>\n");
    }

    private static String darkHeat() {
        StringBuilder css = new StringBuilder("@media screen and (prefers-color-scheme: dark) {\n");
        IntStream.range(0, HeatScale.LEVELS).forEach(level -> css.append(".h").append(level).append("{fill:")
                .append(HeatScale.hex(HeatScale.dark(level))).append("}"));
        return css.append("\n}\n").toString();
    }

    /** The only script that a browser may run in the page, by its digest: text that poses as one stays text. */
    private static String digest(String script) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String resource(String name) {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
