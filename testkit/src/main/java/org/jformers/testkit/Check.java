package org.jformers.testkit;

/**
 * One thing that a conformance run looked at.
 *
 * @param name what was checked, such as {@code default: logits}
 * @param outcome how it went
 * @param error the largest error that was found; 0 where errors are not numbers
 * @param detail where that error is and how large, or why the check failed or was not possible
 */
public record Check(String name, Outcome outcome, double error, String detail) {

    /** How a check went. */
    public enum Outcome {
        PASSED,
        FAILED,
        /** The project does not have what the fixture asks for. */
        UNSUPPORTED
    }

    /** A check that found what was expected. */
    public static Check passed(String name, String detail) {
        return new Check(name, Outcome.PASSED, 0, detail);
    }

    /** A check that found something else. */
    public static Check failed(String name, String detail) {
        return new Check(name, Outcome.FAILED, 0, detail);
    }

    /** A check that was not possible. */
    public static Check unsupported(String name, String reason) {
        return new Check(name, Outcome.UNSUPPORTED, 0, reason);
    }

    /** A failure by an exception that nobody expected. */
    public static Check thrown(String name, Throwable e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return failed(name, e.getClass().getSimpleName() + ": " + message);
    }

    /** The check as a line: its name and what there is to say. */
    public String describe() {
        return name + ": " + detail;
    }

    /**
     * What was checked, without the case, the layer and the step: {@code logits} for
     * {@code incremental: step.3.logits}.
     */
    String output() {
        String output = name.substring(name.indexOf(": ") + 1).trim();
        return output.replaceAll("\\b(step|cache)\\.\\d+\\.", "").replaceAll("\\.\\d+\\b", "");
    }

    /** The case and the place in it. */
    String where() {
        int at = detail.indexOf(" at ");
        String index = at < 0 ? "" : detail.substring(at + 4).replaceAll(" \\(.*", "");
        return name.replace(": ", " ") + (index.isEmpty() ? "" : " " + index);
    }
}
