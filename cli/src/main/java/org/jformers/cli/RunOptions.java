package org.jformers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jformers.hub.HubContents;
import org.jformers.pipeline.call.CallFields;
import org.jformers.pipeline.call.CalledTask;
import org.jformers.pipeline.call.CalledTasks;
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
    private RunFiles files;

    @Mixin
    private LoadingOptions loading;

    @Mixin
    private DeviceOption device;

    /**
     * Loads the model and answers all calls.
     *
     * @param spec the command's
     * @param flags options of the command line by the names that they have in calls, for all calls
     * @return the exit code
     */
    int run(CommandSpec spec, ObjectNode flags, TaskEntry task) {
        files.require(texts);
        ObjectNode all = withNamed(flags);
        if (task.texts() == TaskEntry.Texts.ONE_CALL) {
            boolean calls = files.hasInput() ? files.hasCalls() : json && texts.isEmpty();
            return run(spec, calls ? this::lines : this::together, task, line -> call(line, all));
        }
        boolean calls = files.hasInput() || json && texts.isEmpty();
        return run(spec, this::lines, task, line -> calls
                ? call(line, all)
                : CallFields.ofText(line, all));
    }

    private static CallFields call(String line, ObjectNode all) {
        return CallFields.ofJson(Json.read(line, JsonNode.class, "the call"), all);
    }

    /** One line, the call with all texts. */
    private Input.Lines together() {
        return Input.of(List.of(Json.print(Map.of(CallFields.INPUTS, all())))).lines();
    }

    private Input.Lines lines() {
        return files.hasInput() ? files.lines() : Input.of(texts).lines();
    }

    private List<JsonNode> all() {
        List<JsonNode> all = new ArrayList<>();
        try (Input.Lines lines = lines()) {
            lines.forEachRemaining(line -> all.add(files.hasInput()
                    ? Json.read(line, JsonNode.class, "a row").get(CallFields.INPUTS)
                    : Json.tree(line)));
        }
        return all;
    }

    private ObjectNode withNamed(ObjectNode flags) {
        ObjectNode all = flags.deepCopy();
        named.forEach(each -> all.set(each.path(), Json.valueOf(each.value())));
        return all;
    }

    private int run(
            CommandSpec spec, Supplier<Input.Lines> source, TaskEntry entry, Function<String, CallFields> read) {
        Path folder = ModelArgument.folder(model, HubContents.MODEL, spec);
        try (Input.Lines lines = source.get();
                CalledTask<?, ?> task = CalledTasks.load(
                        entry.name(), folder, loading.request().withDevice(device.device()))) {
            boolean fine = files.print(json ? RunFiles.Form.JSON : RunFiles.Form.TEXT,
                    (out, form) -> new CallLoop<>(task, out).print(lines, read, form));
            return fine ? 0 : 1;
        }
    }
}
