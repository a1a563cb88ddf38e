package org.jformers.cli;

import java.util.List;
import org.jformers.pipeline.Pipeline;

/**
 * A task of {@code jformers run}: its command with its help follows from this.
 *
 * @param name the reference's
 * @param pipeline what does it in Java
 * @param description what it does and prints
 * @param texts what the texts of a command line are
 * @param flags options of calls that have a flag
 * @param options all options of calls, each with what else there is to say of it behind a space
 * @param inputs what else there is to say of options and inputs; empty for nothing
 */
record TaskEntry(
        String name, Class<? extends Pipeline> pipeline, String description,
        Texts texts, List<TaskFlag> flags, List<String> options, String inputs) {

    /** What the texts of a command line are. */
    enum Texts { A_CALL_EACH, ONE_CALL }

    /** A task without options. */
    static TaskEntry of(String name, Class<? extends Pipeline> pipeline, String description) {
        return new TaskEntry(name, pipeline, description, Texts.A_CALL_EACH, List.of(), List.of(), "");
    }

    /** The same with all texts in one call. */
    TaskEntry together() {
        return new TaskEntry(name, pipeline, description, Texts.ONE_CALL, flags, options, inputs);
    }

    /** The same with flags. */
    TaskEntry with(TaskFlag... given) {
        return new TaskEntry(name, pipeline, description, texts, List.of(given), options, inputs);
    }

    /** The same with options. */
    TaskEntry with(String... given) {
        return new TaskEntry(name, pipeline, description, texts, flags, List.of(given), inputs);
    }

    /** The same with more to say of options and inputs. */
    TaskEntry where(String said) {
        return new TaskEntry(name, pipeline, description, texts, flags, options, said);
    }

    /** What a call as JSON may say. */
    String calls() {
        return "Options of a call as JSON: " + String.join(", ", options) + (inputs.isEmpty() ? "" : "; " + inputs)
                + ".";
    }
}
