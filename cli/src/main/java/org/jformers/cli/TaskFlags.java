package org.jformers.cli;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Stack;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TaskTypes;
import org.jformers.experiment.TrainingTask;
import org.jformers.settings.SettingsException;
import org.jformers.settings.SettingsTree;
import org.jformers.settings.SettingsTree.Entry;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The flags of {@code jformers finetune} that a task brings: each of its settings by the last part of its name, such as
 * {@code --question} for {@code task.data.question}, so that a task from outside has flags of its own too. A setting
 * whose flag would have another meaning already is left to {@code --set}.
 */
final class TaskFlags {
    /** Marks options as such. */
    private static final ITypeConverter<String> TEXT = text -> text;

    private TaskFlags() {}

    /**
     * Adds them to the command just before its arguments are read: no other command needs them. Its help shows those of
     * the task that is named beside it, in the words of that task.
     */
    static final class Adding implements IParameterPreprocessor {
        @Override
        public boolean preprocess(Stack<String> arguments, CommandSpec spec, ArgSpec of, Map<String, Object> info) {
            Map<String, TaskType> types = new LinkedHashMap<>(TaskTypes.all());
            if (arguments.contains("--help") || arguments.contains("-h")) {
                spec.usageMessage().footer("", "'jformers finetune --task NAME --help' shows the flags of a task: "
                        + String.join(", ", types.keySet()) + ".");
                types.keySet().retainAll(named(arguments));
            }
            addTo(spec, types);
            return false;
        }

        private static List<String> named(Stack<String> arguments) {
            int task = arguments.indexOf("--task"); // the next argument is below
            return Stream.concat(
                    arguments.stream().filter(argument -> argument.startsWith("--task="))
                            .map(argument -> argument.substring("--task=".length())),
                    task > 0 ? Stream.of(arguments.get(task - 1)) : Stream.empty()).toList();
        }
    }

    private static void addTo(CommandSpec spec, Map<String, TaskType> types) {
        Map<String, OptionSpec.Builder> options = new LinkedHashMap<>();
        types.values().forEach(type -> flags(type.defaults()).forEach((flag, entry) -> {
            if (spec.findOption(flag) == null) {
                options.computeIfAbsent(flag, f -> option(f, entry));
            }
        }));
        options.values().forEach(option -> spec.addOption(option.build()));
    }

    private static OptionSpec.Builder option(String flag, Entry entry) {
        OptionSpec.Builder option = OptionSpec.builder(flag)
                .type(String.class)
                .converters(TEXT)
                .paramLabel("VALUE")
                .description((entry.documentation()
                        + (entry.value().equals("null") ? "" : "; by default " + entry.value())).replace("%", "%%"));
        return entry.value().equals("true") || entry.value().equals("false")
                ? option.arity("0..1").fallbackValue("true")
                : option.arity("1");
    }

    /** The flags of a task and what they set, in the order of its settings. */
    private static Map<String, Entry> flags(TrainingTask task) {
        Map<String, Entry> flags = new LinkedHashMap<>();
        Set<String> twice = new LinkedHashSet<>();
        for (Entry entry : SettingsTree.of((Record) task).entries()) {
            if (entry.path().equals(TrainingTask.TYPE)) {
                continue; // --task says it
            }
            String flag = "--" + entry.path().substring(entry.path().lastIndexOf('.') + 1).replace('_', '-');
            if (flags.put(flag, entry) != null) {
                twice.add(flag);
            }
        }
        twice.forEach(flags::remove);
        return flags;
    }

    /**
     * The settings with what the flags of tasks say.
     *
     * @throws SettingsException if a flag is of another task, or its setting cannot take the value
     */
    static SettingsTree<Experiment> apply(SettingsTree<Experiment> settings, ParseResult given) {
        TrainingTask task = settings.value().task();
        Map<String, Entry> flags = flags(task);
        SettingsTree<Experiment> changed = settings;
        for (OptionSpec option : given.matchedOptions()) {
            String flag = option.longestName();
            if (!isTaskFlag(option)) {
                continue;
            }
            if (!flags.containsKey(flag)) {
                throw new SettingsException(flag + ": " + TaskTypes.name(task)
                        + " has no such setting, allowed " + given.commandSpec().options().stream()
                                .filter(other -> isTaskFlag(other) && flags.containsKey(other.longestName()))
                                .map(OptionSpec::longestName)
                                .collect(Collectors.joining(", ")));
            }
            changed = with(changed, flag, "task." + flags.get(flag).path(), value(flags.get(flag), option.getValue()));
        }
        return changed;
    }

    private static boolean isTaskFlag(OptionSpec option) {
        return List.of(option.converters()).contains(TEXT);
    }

    /** Lists may be given with commas between their elements. */
    private static String value(Entry entry, String text) {
        return entry.value().startsWith("[") && !text.startsWith("[")
                ? Json.print(List.of(text.split(",")))
                : text;
    }

    /** The settings with one changed, by its flag. */
    static SettingsTree<Experiment> with(SettingsTree<Experiment> settings, String flag, String path, String value) {
        try {
            return settings.with(path, value);
        } catch (SettingsException e) {
            throw new SettingsException(flag + ": " + e.getMessage(), e);
        }
    }
}
