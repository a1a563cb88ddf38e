package org.jformers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.experiment.ExperimentRun;
import org.jformers.server.Runs;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;

/** The runs in some folders, each a run or one that holds some. Their files are only read, while they are written. */
final class FollowedRuns implements Runs {
    private static final String SETTINGS = "experiment.json";
    private static final String METRICS = "metrics.jsonl";
    private static final String REPORT = "report.json";
    /** What the page shows of a report; the rest is in report.html. */
    private static final List<String> SHOWN =
            List.of("title", "description", "summary", "measures", "results", "samples", "facts");

    private final List<Path> folders;
    private final Map<Path, Kept> kept = new ConcurrentHashMap<>();

    /** A file as it was at a time. */
    private record Kept(FileTime time, JsonNode content) {}

    /** @throws JformersException if one of them is no folder */
    FollowedRuns(List<Path> folders) {
        for (Path folder : folders) {
            if (!Files.isDirectory(folder)) {
                throw new JformersException("run: got " + folder + ", which is no folder, allowed folders of runs");
            }
        }
        this.folders = folders.stream().map(folder -> folder.toAbsolutePath().normalize()).toList();
    }

    @Override
    public List<String> names() {
        return List.copyOf(byName().keySet());
    }

    /** Each by the last parts of its path that no other one ends with. */
    private Map<String, Path> byName() {
        List<Path> all = folders.stream().flatMap(folder -> within(folder).stream()).distinct().toList();
        Map<String, Path> byName = new LinkedHashMap<>();
        for (Path run : all) {
            int parts = run.getNameCount();
            Path name = run.getFileName();
            for (int count = 2; count <= parts && endingWith(name, all) > 1; count++) {
                name = run.subpath(parts - count, parts);
            }
            byName.put(name.toString(), run);
        }
        return byName;
    }

    private static long endingWith(Path name, List<Path> all) {
        return all.stream().filter(run -> run.endsWith(name)).count();
    }

    private static List<Path> within(Path folder) {
        if (ExperimentRun.isIn(folder)) {
            return List.of(folder);
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(ExperimentRun::isIn).sorted().toList();
        } catch (IOException e) {
            throw new JformersException("run: cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    /** What is read of a run; where the folder lies is nobody's business, so that errors name the run. */
    private <R> R of(String name, Function<Path, R> reading) {
        Path folder = Optional.ofNullable(byName().get(name))
                .orElseThrow(() -> new JformersException("run: " + name + " is gone"));
        try {
            return reading.apply(folder);
        } catch (JformersException e) {
            throw new JformersException(String.valueOf(e.getMessage()).replace(folder.toString(), name), e);
        }
    }

    @Override
    public JsonNode about(String name) {
        return of(name, this::read);
    }

    private JsonNode read(Path folder) {
        Path metrics = folder.resolve(METRICS);
        ObjectNode about = JsonNodeFactory.instance.objectNode();
        about.set("settings", content(folder.resolve(SETTINGS)));
        FileTime updated = time(Files.exists(metrics) ? metrics : folder.resolve(SETTINGS));
        about.put("updated", updated.toMillis() / 1e3);
        Path report = folder.resolve(REPORT);
        // A run that goes on after its end has no report until it ends again.
        if (Files.exists(report) && time(report).compareTo(updated) >= 0) {
            JsonNode whole = content(report);
            ObjectNode shown = about.putObject("report");
            SHOWN.stream().filter(whole::has).forEach(part -> shown.set(part, whole.get(part)));
        }
        return about;
    }

    @Override
    public JsonNode metrics(String name, long from) {
        MetricLog.Part part = of(name, folder -> {
            Path file = folder.resolve(METRICS);
            return Files.exists(file) ? MetricLog.read(file, from) : new MetricLog.Part(List.of(), 0, false);
        });
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode rows = answer.putArray("rows");
        for (MetricRow row : part.rows()) {
            ObjectNode one = rows.addObject()
                    .put("step", row.step()).put("split", row.split()).put("time", row.time());
            row.values().forEach(one::put);
        }
        return answer.put("last", part.last()).put("more", part.more());
    }

    private static FileTime time(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new JformersException("run: cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** A file that is always there as a whole, read again when it is another one. */
    private JsonNode content(Path file) {
        FileTime time = time(file);
        return kept.compute(file, (same, before) -> {
            if (before != null && before.time().equals(time)) {
                return before;
            }
            try {
                return new Kept(time, Json.read(Files.readString(file), JsonNode.class, file.toString()));
            } catch (IOException e) {
                throw new JformersException("run: cannot read " + file + ": " + e.getMessage(), e);
            }
        }).content();
    }
}
