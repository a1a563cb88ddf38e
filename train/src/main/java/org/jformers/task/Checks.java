package org.jformers.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jspecify.annotations.Nullable;

/** What several tasks ask of their settings before any data is read. */
final class Checks {
    /** Where families say how many positions they have. */
    private static final List<String> POSITIONS = List.of("max_positions", "n_positions", "max_position_embeddings");

    /** Tokens that every byte-level vocabulary has. */
    static final int BYTES = 256;

    /** Stands for the size of a vocabulary that only the data tells. */
    static final int SYMBOLS = 1000;

    private Checks() {}

    static void atLeast(String path, int got, int least) {
        if (got < least) {
            throw new ExperimentException(path + ": got " + got + ", allowed >= " + least);
        }
    }

    /** The name that a setting gives; without one the setting is refused. */
    static String named(String path, @Nullable String value) {
        if (value == null || value.isBlank()) {
            String got = value == null ? "null" : "nothing";
            throw new ExperimentException(path + ": got " + got + ", a name is needed");
        }
        return value;
    }

    /** Rows come from a file of their own, or are held out. */
    static void heldOut(String part, @Nullable String file, int rows) {
        atLeast("task.data." + part + "_rows", rows, 0);
        if (file != null && rows > 0) {
            throw new ExperimentException("task.data." + part + "_rows: got " + rows + " beside the file " + file
                    + " of task.data." + part + ", allowed 0");
        }
    }

    /** Whether the model that the settings describe can be made. */
    static void model(Experiment experiment, ObjectNode config, Task task) {
        AutoModel.check(AutoConfig.parse(config, "experiment " + experiment.name()), task);
    }

    static void positions(String path, int length, JsonNode config) {
        for (String key : POSITIONS) {
            if (config.path(key).isInt() && length > config.get(key).intValue()) {
                throw new ExperimentException(path + ": got " + length + ", allowed up to model.config." + key + " ("
                        + config.get(key) + ")");
            }
        }
    }

    /** How many positions a configuration has, if it says so. */
    static OptionalInt positions(JsonNode config) {
        return POSITIONS.stream().filter(key -> config.path(key).isInt()).mapToInt(key -> config.get(key).intValue())
                .filter(positions -> positions > 0).findFirst();
    }

    /** For tasks that start from a model. */
    static void startsFrom(Experiment experiment, String task) {
        if (experiment.model().from() == null) {
            throw new ExperimentException("model.from: got null, allowed a model to start from, for " + task);
        }
    }
}
