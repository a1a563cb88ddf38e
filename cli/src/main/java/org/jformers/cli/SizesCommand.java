package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jformers.hub.HubContents;
import org.jformers.model.Config;
import org.jformers.model.ModelCost;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.PublishedSize;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers sizes}: published models with the parameters that their shapes make, and what one model costs. */
@Command(
        name = "sizes",
        description = "Print published models with the parameters that their shapes make, beside those that their"
                + " papers name. With a model: what each part of it costs, in parameters and floating point operations"
                + " of a pass forward, those that grow with the tokens (n d^2) and those that grow with their pairs"
                + " (n^2 d).")
final class SizesCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "MODEL",
            arity = "0..1",
            description = "A name of the table; or a model's folder, of which config.json is enough; or a model as"
                    + " elsewhere.")
    private @Nullable String model;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "1024",
            description = "Length of the sequence. Default: ${DEFAULT-VALUE}.")
    private int tokens;

    @Override
    public void run() {
        if (tokens < 1) {
            throw new ParameterException(spec.commandLine(), "--tokens: got " + tokens + ", allowed >= 1");
        }
        PrintWriter out = spec.commandLine().getOut();
        String asked = model;
        if (asked == null) {
            all(out);
        } else {
            Optional<PublishedSize> published = PublishedSize.of(asked);
            table(out, published.map(PublishedSize::cost).orElseGet(() -> cost(asked)));
        }
    }

    private ModelCost cost(String source) {
        Path folder = ModelArgument.folder(source, HubContents.MODEL, spec);
        Config config = AutoConfig.load(folder);
        return PublishedSize.cost(config, AutoModel.declaredTask(config));
    }

    private static void all(PrintWriter out) {
        out.println("| Model | Parameters | Published | Without tables | FLOPs a token | Paper |");
        out.println("|---|--:|--:|--:|--:|---|");
        for (PublishedSize size : PublishedSize.all()) {
            ModelCost cost = size.cost();
            out.printf(Locale.ROOT, "| %s | %s | %s | %s | %.3g | %s |%n", size.name(),
                    count(cost.total().parameters()), size.published(), count(cost.withoutTables()),
                    cost.total().perToken(), size.paper());
        }
    }

    private static String count(long parameters) {
        return parameters < 1e9
                ? String.format(Locale.ROOT, "%.1fM", parameters / 1e6)
                : String.format(Locale.ROOT, "%.2fB", parameters / 1e9);
    }

    private void table(PrintWriter out, ModelCost cost) {
        out.printf(Locale.ROOT, "| Part | Parameters | n d^2 | n^2 d |%n|---|--:|--:|--:|%n");
        cost.parts().forEach(part -> line(out, part));
        line(out, cost.total());
        double forward = cost.forward(tokens);
        out.printf(Locale.ROOT, "%n%d tokens: %.4g FLOPs forward, %.1f %% of them n^2 d%n", tokens, forward,
                100 * cost.total().perPair() * tokens * tokens / forward);
        double training = cost.training(1e9, tokens);
        out.printf(Locale.ROOT, "a billion tokens of training: %.4g FLOPs, %.4g petaflop/s-days; 6 N D: %.4g%n",
                training, ModelCost.petaflopDays(training), 6 * cost.withoutTables() * 1e9);
    }

    private void line(PrintWriter out, ModelCost.Part part) {
        out.printf(Locale.ROOT, "| %s | %,d | %.4g | %.4g |%n", part.name(), part.parameters(),
                part.perToken() * tokens, part.perPair() * tokens * tokens);
    }
}
