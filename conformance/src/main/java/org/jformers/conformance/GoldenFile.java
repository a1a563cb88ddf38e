package org.jformers.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jformers.JformersException;
import org.jformers.tensor.Scopes;
import org.jformers.testkit.Check;
import org.jformers.testkit.ConformanceResult;

/**
 * A {@code .json} file of golden values that need no model: steps of optimizers, schedules, figures of metrics. Its
 * keys tell which kind it is; docs/conformance.md lists them.
 */
final class GoldenFile {
    private static final Set<String> COMMON =
            Set.of("format", "versions", "oracle", "tolerance", "dtype", "model", "values_mean", "rules");
    private static final Map<String, Kind> KINDS = kinds();

    private GoldenFile() {}

    /**
     * A kind of file.
     *
     * @param keys keys of the file that it reads besides those that all have
     * @param checks compares a file
     */
    record Kind(Set<String> keys, Function<JsonNode, FileChecks> checks) {}

    /** By a key that files of the kind have. */
    private static Map<String, Kind> kinds() {
        Map<String, Kind> kinds = new LinkedHashMap<>();
        kinds.put("runs", new Kind(Set.of("steps", "problem", "runs"), OptimizerFile::checks));
        kinds.put("schedules", new Kind(Set.of("schedules"), ScheduleFile::checks));
        kinds.putAll(MetricFiles.kinds());
        return kinds;
    }

    static boolean isNamedSo(Path file) {
        return file.getFileName().toString().endsWith(".json");
    }

    /** @throws JformersException if the file is of no kind */
    static ConformanceResult run(Path file) {
        JsonNode json = read(file);
        Kind kind = KINDS.entrySet().stream()
                .filter(entry -> json.has(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new JformersException("golden file: got none of the keys "
                        + String.join(", ", KINDS.keySet()) + ", in " + file));
        Set<String> unknown = new TreeSet<>();
        json.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(COMMON);
        unknown.removeAll(kind.keys());
        List<Check> checks = new ArrayList<>(Scopes.get(() -> kind.checks().apply(json)).checks());
        if (!unknown.isEmpty()) {
            checks.add(Check.unsupported("file", "keys " + unknown));
        }
        return new ConformanceResult(file.getFileName().toString(), checks);
    }

    private static JsonNode read(Path file) {
        try {
            return Case.JSON.readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            throw new JformersException("golden file: no valid JSON, " + e.getOriginalMessage() + ", in " + file, e);
        } catch (IOException e) {
            throw new JformersException("golden file: cannot be read, " + e.getMessage() + ", in " + file, e);
        }
    }
}
