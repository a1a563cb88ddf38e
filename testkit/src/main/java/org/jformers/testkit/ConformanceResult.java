package org.jformers.testkit;

import java.util.Comparator;
import java.util.List;
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
            case PASSED -> "passed  " + checks.stream()
                    .max(Comparator.comparingDouble(Check::error))
                    .map(check -> check.error() == 0 ? checks.size() + " checks" : check.describe())
                    .orElseThrow();
            case FAILED -> checks.isEmpty() ? "FAILED nothing to check" : "FAILED " + first(Outcome.FAILED);
            case UNSUPPORTED -> "unsupported: " + first(Outcome.UNSUPPORTED)
                    + (of(Outcome.PASSED).isEmpty() ? "" : "; passed " + of(Outcome.PASSED).size());
        };
    }

    private String first(Outcome outcome) {
        List<Check> checks = of(outcome);
        String first = checks.get(0).describe();
        return checks.size() == 1 ? first : first + " (and " + (checks.size() - 1) + " more)";
    }
}
