package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jformers.conformance.Cases;
import org.jformers.testkit.Check;
import org.jformers.testkit.Check.Outcome;
import org.jformers.testkit.ConformanceResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers conform}: models, tokenizers and single cases against the values that the reference computes. */
@Command(
        name = "conform",
        description = "Compare models, tokenizers and single cases with the golden values stored beside them. Fails if"
                + " one"
                + " differs.")
final class ConformCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--details", description = "Print every output that was compared, not only the worst.")
    private boolean details;

    @Mixin
    private DeviceOption device;

    @Parameters(
            paramLabel = "DIR",
            arity = "1..*",
            description = "Folders with golden.json, golden.jsonl or case.json, folders of such folders,"
                    + " .json files of optimizers, schedules or metrics, or .jsonl files of chat template"
                    + " expressions.")
    private List<Path> folders;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<Path> golden = new ArrayList<>();
        folders.forEach(folder -> golden.addAll(Cases.in(folder)));
        Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
        for (Path folder : golden) {
            ConformanceResult result = device.device().making(() -> Cases.run(folder));
            counts.merge(result.outcome(), 1, Integer::sum);
            out.println(result.name() + "  " + result.summary());
            if (details) {
                for (Check check : result.checks()) {
                    out.println("    " + check.outcome().name().toLowerCase(Locale.ROOT) + "  " + check.describe());
                }
            }
        }
        int failed = counts.getOrDefault(Outcome.FAILED, 0);
        out.println(counts.getOrDefault(Outcome.PASSED, 0) + " passed, " + failed + " failed, "
                + counts.getOrDefault(Outcome.UNSUPPORTED, 0) + " unsupported");
        return failed == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
    }
}
