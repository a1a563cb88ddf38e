package org.jformers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.OptionalInt;
import org.jformers.pipeline.call.CallFields;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * A flag of {@code jformers run}: an option of all calls of a command line.
 *
 * @param option its name in a call
 * @param flag its name on the command line
 * @param type what it takes: {@code boolean} for nothing, {@code Boolean} for nothing and a form that denies it, {@code
 *     OptionalInt} for a number or {@code all}, arrays for values with commas between them, {@link JsonNode} for what
 *     {@code --option} takes, texts, numbers and enums
 * @param label what its value is called
 */
record TaskFlag(String option, String flag, Class<?> type, String label, String description) {

    /** A flag with the name of the option. */
    static TaskFlag of(String option, Class<?> type, String label, String description) {
        return new TaskFlag(option, "--" + option.replace('_', '-'), type, label, description);
    }

    /** A flag that takes nothing. */
    static TaskFlag of(String option, String description) {
        return of(option, boolean.class, "", description);
    }

    /** The same by another name on the command line. */
    TaskFlag named(String other) {
        return new TaskFlag(option, other, type, label, description);
    }

    /** As picocli has it. */
    OptionSpec spec() {
        boolean parsed = type == OptionalInt.class || type == JsonNode.class;
        OptionSpec.Builder spec = OptionSpec.builder(flag)
                .type(parsed ? String.class : type)
                .description(description);
        if (type == boolean.class || type == Boolean.class) {
            return spec.arity("0").negatable(type == Boolean.class).build();
        }
        return spec.arity("1").paramLabel(label).splitRegex(type.isArray() ? "," : "").build();
    }

    /** What the command line says, as a call has it, if it says something. */
    Optional<JsonNode> json(CommandSpec command) {
        return Optional.ofNullable(command.commandLine().getParseResult().matchedOptionValue(flag, null))
                .map(value -> json(value, command));
    }

    private JsonNode json(Object value, CommandSpec command) {
        if (type != OptionalInt.class) {
            return type == JsonNode.class ? Json.valueOf(value.toString()) : Json.tree(value);
        }
        if (value.toString().equalsIgnoreCase("all")) {
            return CallFields.empty().nullNode();
        }
        if (!value.toString().matches("[0-9]{1,9}")) {
            throw new ParameterException(
                    command.commandLine(), flag + ": got " + value + ", allowed a number of labels, or all");
        }
        return CallFields.empty().numberNode(Integer.parseInt(value.toString()));
    }
}
