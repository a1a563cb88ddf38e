package org.jformers.testkit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jformers.testkit.Check.Outcome;

/**
 * What the conformance run of one folder found.
 *
 * @param name the folder's name
 * @param checks everything that was looked at, in order
 */
public record ConformanceResult(String name, List<Check> checks) {
    public ConformanceResult {
        checks = List.copyOf(checks);
    }

    /** Failed if anything failed, else unsupported if anything is, else passed: passed means all of it. */
    public Outcome outcome() {
        if (checks.isEmpty() || !of(Outcome.FAILED).isEmpty()) {
            return Outcome.FAILED;
        }
        return of(Outcome.UNSUPPORTED).isEmpty() ? Outcome.PASSED : Outcome.UNSUPPORTED;
    }

    /** The checks with that outcome. */
    public List<Check> of(Outcome outcome) {
        return checks.stream().filter(check -> check.outcome() == outcome).toList();
    }

    /** The result in one line, without the folder's name. */
    public String summary() {
        return switch (outcome()) {
            case PASSED -> "passed  " + largestErrors();
            case FAILED -> checks.isEmpty() ? "FAILED nothing to check" : "FAILED " + first(Outcome.FAILED);
            case UNSUPPORTED -> "unsupported: " + first(Outcome.UNSUPPORTED)
                    + (of(Outcome.PASSED).isEmpty() ? "" : "; passed " + of(Outcome.PASSED).size());
        };
    }

    /**
     * The largest error of each output over all cases, layers and steps, and where it is; then how many checks there
     * were besides.
     */
    private String largestErrors() {
        Map<String, Check> worst = new LinkedHashMap<>();
        for (Check check : checks) {
            if (check.error() > 0) {
                worst.merge(check.output(), check, (a, b) -> a.error() >= b.error() ? a : b);
            }
        }
        String errors = worst.entrySet().stream()
                .map(entry -> String.format(
                        Locale.ROOT, "%s %.1e at %s",
                        entry.getKey(), entry.getValue().error(), entry.getValue().where()))
                .collect(Collectors.joining(", "));
        long others = checks.stream().filter(check -> check.error() == 0).count();
        if (errors.isEmpty()) {
            return others + " checks";
        }
        return others == 0 ? errors : errors + ", " + others + " other checks";
    }

    private String first(Outcome outcome) {
        List<Check> checks = of(outcome);
        String first = checks.get(0).describe();
        return checks.size() == 1 ? first : first + " (and " + (checks.size() - 1) + " more)";
    }
}
