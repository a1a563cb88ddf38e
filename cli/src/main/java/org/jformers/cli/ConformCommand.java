package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jformers.testkit.Check;
import org.jformers.testkit.Check.Outcome;
import org.jformers.testkit.Conformance;
import org.jformers.testkit.ConformanceResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers conform}: compares with the values that the reference computes. Exit code 1 if anything failed. */
@Command(
        name = "conform",
        description = "Hold this build against golden folders: models with golden.json, tokenizers with golden.jsonl.")
final class ConformCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--checks", description = "Print one line for each output that was compared.")
    private boolean checks;

    @Parameters(arity = "1..*", paramLabel = "DIR", description = "Golden folders, or folders of golden folders.")
    private List<Path> folders;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<Path> all = folders.stream().flatMap(folder -> Conformance.folders(folder).stream()).toList();
        Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
        for (Path folder : all) {
            ConformanceResult result = Conformance.run(folder);
            counts.merge(result.outcome(), 1, Integer::sum);
            out.println(result.name() + " " + result.summary());
            if (checks) {
                result.checks().forEach(check -> print(out, check));
            }
            out.flush();
        }
        out.printf(Locale.ROOT, "%d passed, %d failed, %d unsupported%n", counts.getOrDefault(Outcome.PASSED, 0),
                counts.getOrDefault(Outcome.FAILED, 0), counts.getOrDefault(Outcome.UNSUPPORTED, 0));
        return counts.containsKey(Outcome.FAILED) ? ExitCode.SOFTWARE : ExitCode.OK;
    }

    private static void print(PrintWriter out, Check check) {
        out.println("    " + check.outcome().name().toLowerCase(Locale.ROOT) + "  " + check.describe());
    }
}
