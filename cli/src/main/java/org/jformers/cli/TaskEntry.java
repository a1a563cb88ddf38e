package org.jformers.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Pipeline;

/**
 * A task of {@code jformers run}: its command with its help follows from this.
 *
 * @param name the reference's
 * @param pipeline what does it in Java
 * @param description what it does and prints
 * @param load makes it of a model's folder
 * @param texts what the texts of a command line are
 * @param flags options of calls that have a flag
 * @param options all options of calls, each with what else there is to say of it behind a space
 * @param inputs what else there is to say of options and inputs; empty for nothing
 */
record TaskEntry(
        String name, Class<? extends Pipeline> pipeline, String description,
        BiFunction<Path, LoadRequest, ? extends RunTask<?, ?>> load, Texts texts, List<TaskFlag> flags,
        List<String> options, String inputs) {

    /** What the texts of a command line are. */
    enum Texts { A_CALL_EACH, ONE_CALL }

    /** A task without options. */
    static TaskEntry of(
            String name, Class<? extends Pipeline> pipeline, String description,
            BiFunction<Path, LoadRequest, ? extends RunTask<?, ?>> load) {
        return new TaskEntry(name, pipeline, description, load, Texts.A_CALL_EACH, List.of(), List.of(), "");
    }

    /** The same with all texts in one call. */
    TaskEntry together() {
        return new TaskEntry(name, pipeline, description, load, Texts.ONE_CALL, flags, options, inputs);
    }

    /** The same with flags. */
    TaskEntry with(TaskFlag... given) {
        return new TaskEntry(name, pipeline, description, load, texts, List.of(given), options, inputs);
    }

    /** The same with options. */
    TaskEntry with(String... given) {
        return new TaskEntry(name, pipeline, description, load, texts, flags, List.of(given), inputs);
    }

    /** The same with more to say of options and inputs. */
    TaskEntry where(String said) {
        return new TaskEntry(name, pipeline, description, load, texts, flags, options, said);
    }

    /** What a call as JSON may say. */
    String calls() {
        return "Options of a call as JSON: " + String.join(", ", options) + (inputs.isEmpty() ? "" : "; " + inputs)
                + ".";
    }
}
