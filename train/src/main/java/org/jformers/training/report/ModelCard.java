package org.jformers.training.report;

import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.VisibleText;
import org.jformers.checkpoint.AtomicFile;

/**
 * The {@code README.md} of a model's folder: for people what the model is and how good, and in the lines before it the
 * same for the hub, which shows the results. Format: the metadata of model cards on the Hugging Face hub, with its
 * {@code model-index}. What a run read from where is not told, for cards are published.
 *
 * @param data the run's report
 * @param task the hub's name for what the model does, such as {@code text-generation}
 * @param dataset what the results were measured on
 */
public record ModelCard(ReportData data, String task, String dataset) {
    private static final String FILE = "README.md";

    /** Writes the card into a model's folder; an older one is replaced. */
    public void write(Path modelFolder) {
        AtomicFile.write(modelFolder.resolve(FILE), text().getBytes(StandardCharsets.UTF_8));
    }

    /** The card. */
    public String text() {
        return String.join("\n", List.of(
                "---", "library_name: jformers", "pipeline_tag: " + task, "tags:", "- jformers", metadata(), "---", "",
                "# " + Markup.markdown(data.title()), "", Markup.markdown(data.description()), "",
                Markup.markdown(data.summary()), "",
                "## Results", "", "On rows of " + Markup.markdown(dataset) + " that training never saw:", "",
                table(), "",
                "## Use", "", "```", use(), "```", "",
                "## Training", "", facts(), "",
                "The model:", "", "```json",
                data.settings().path("model").toPrettyString().replace("<", "\\u003c"), "```", ""));
    }

    private String metadata() {
        // The first result is the model's, the others are what it is compared with.
        String metrics = IntStream.range(0, data.measures().size())
                .filter(i -> !data.results().isEmpty() && Double.isFinite(data.results().get(0).values().get(i)))
                .mapToObj(i -> {
                    ReportData.Measure measure = data.measures().get(i);
                    return "    - type: " + identifier(measure.name()) + "\n      name: " + quoted(withUnit(measure))
                            + "\n      value: "
                            + Numbers.fixed(data.results().get(0).values().get(i), measure.decimals());
                })
                .collect(Collectors.joining("\n"));
        return String.join("\n", List.of(
                "model-index:", "- name: " + quoted(data.title()), "  results:", "  - task:",
                "      type: " + task, "    dataset:", "      type: " + identifier(dataset),
                "      name: " + quoted(dataset), "    metrics:" + (metrics.isEmpty() ? " []" : "\n" + metrics)));
    }

    private String table() {
        String head = data.measures().stream()
                .map(measure -> " " + Markup.markdown(withUnit(measure)))
                .collect(Collectors.joining(" |"));
        String rows = data.results().stream()
                .map(result -> "| " + Markup.markdown(result.name()) + " |" + numbers(result) + " |")
                .collect(Collectors.joining("\n"));
        return "| |" + head + " |\n|---|" + "---|".repeat(data.measures().size()) + "\n" + rows;
    }

    private String numbers(ReportData.Result result) {
        return IntStream.range(0, data.measures().size())
                .mapToObj(i -> " " + Numbers.fixed(result.values().get(i), data.measures().get(i).decimals()))
                .collect(Collectors.joining(" |"));
    }

    private static String withUnit(ReportData.Measure measure) {
        return measure.name() + (measure.unit().isEmpty() ? "" : " (" + measure.unit() + ")");
    }

    private String use() {
        return switch (task) {
            case "text-generation" -> "./jformers generate --model MODEL --prompt \"...\"";
            case "text2text-generation" -> "./jformers translate --model MODEL \"...\"";
            case "sentence-similarity" -> "./jformers run sentence-similarity --model MODEL --source \"...\" \"...\"";
            case "image-classification" -> "./jformers run image-classification --model MODEL FILE";
            case "automatic-speech-recognition" ->
                    "./jformers run automatic-speech-recognition --model MODEL FILE";
            case "zero-shot-image-classification" ->
                    "./jformers run zero-shot-image-classification --model MODEL --candidate-labels \"...\" FILE";
            case "image-feature-extraction" ->
                    "./jformers finetune MODEL --task image-classification --train FOLDER";
            default -> "./jformers run " + task + " --model MODEL \"...\"";
        };
    }

    private String facts() {
        RunFacts facts = data.facts();
        return String.format(Locale.ROOT,
                "%,d parameters, %,d steps over %,d %s in %s on %s with %d cores; %s, seed %d; %s.",
                facts.parameters(), facts.steps(), facts.labels(), facts.unit(), Numbers.duration(facts.seconds()),
                facts.machine().device(), facts.machine().cores(), facts.precision(), facts.seed(),
                facts.machine().software());
    }

    private static String identifier(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_").replaceAll("^_|_$", "");
    }

    // A string of JSON is one of YAML, whoever reads it as HTML included.
    private static String quoted(String text) {
        return TextNode.valueOf(VisibleText.line(text)).toString().replace("<", "\\u003c");
    }
}
