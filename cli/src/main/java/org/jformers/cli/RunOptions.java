package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jformers.hub.HubContents;
import org.jformers.model.auto.LoadRequest;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What all tasks of {@code jformers run} have in common: the model, the texts, and the form of the results. */
final class RunOptions {
    @Option(names = "--model", required = true, paramLabel = "DIR|ID", description = ModelArgument.DESCRIPTION)
    private String model;

    @Option(
            names = "--json",
            description = "Print one JSON value for each text, as the reference's pipeline returns it, and read one"
                    + " from each line of standard input: a text, or an object with inputs and options. A line that"
                    + " fails gives {\"error\": ...} in its place, and exit code 1 at the end.")
    private boolean json;

    @Option(
            names = "--option",
            paramLabel = "NAME=VALUE",
            converter = Assignment.Reader.class,
            description = "Any option of a call, for all calls: a value as JSON has it, or else a text. May be given"
                    + " several times.")
    private List<Assignment> named = List.of();

    @Parameters(paramLabel = "TEXT", arity = "0..*", description = "The texts; without any, lines of standard input.")
    private List<String> texts = List.of();

    @Mixin
    private LoadingOptions loading;

    @Mixin
    private DeviceOption device;

    /**
     * Loads the model and answers all calls.
     *
     * @param spec the command's
     * @param flags options of the command line by the names that they have in calls, for all calls
     * @param load makes the task of the model's folder
     * @return the exit code
     */
    <C, R> int run(CommandSpec spec, ObjectNode flags, BiFunction<Path, LoadRequest, RunTask<C, R>> load) {
        ObjectNode all = withNamed(flags);
        return run(spec, Input.of(texts), load, line -> json && texts.isEmpty()
                ? CallFields.ofJson(line, all)
                : CallFields.ofText(line, all));
    }

    /** The same where all texts are one call; with JSON from standard input, each line is one. */
    <C, R> int runTogether(CommandSpec spec, ObjectNode flags, BiFunction<Path, LoadRequest, RunTask<C, R>> load) {
        Input input = json && texts.isEmpty()
                ? Input.of(texts)
                : Input.of(List.of(Json.print(Map.of("inputs", all()))));
        ObjectNode all = withNamed(flags);
        return run(spec, input, load, line -> CallFields.ofJson(line, all));
    }

    private ObjectNode withNamed(ObjectNode flags) {
        ObjectNode all = flags.deepCopy();
        named.forEach(each -> all.set(each.path(), Json.valueOf(each.value())));
        return all;
    }

    private List<String> all() {
        List<String> all = new ArrayList<>();
        Input.of(texts).forEach(all::add);
        return all;
    }

    private <C, R> int run(
            CommandSpec spec, Input input, BiFunction<Path, LoadRequest, RunTask<C, R>> load,
            Function<String, CallFields> read) {
        Path folder = ModelArgument.folder(model, HubContents.MODEL, spec);
        try (RunTask<C, R> task = load.apply(folder, loading.request().withDevice(device.device()))) {
            CallLoop<C, R> calls = new CallLoop<>(task, spec.commandLine().getOut());
            if (json) {
                return calls.json(input, read) ? 0 : 1;
            }
            calls.plain(input, read);
            return 0;
        }
    }
}
