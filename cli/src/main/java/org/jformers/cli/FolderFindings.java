package org.jformers.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jformers.checkpoint.LoadReport;
import org.jformers.model.Config;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.ConfigKeys;
import org.jformers.model.auto.FolderFiles;
import org.jformers.model.surgery.LoraAdapter;
import org.jformers.nn.SpecLines;

/** What {@code jformers inspect} finds in a folder, as lines and as JSON. */
final class FolderFindings {
    private final Path folder;
    private Optional<Config> config = Optional.empty();
    private final Map<String, Object> facts = new LinkedHashMap<>();
    private final List<String> model = new ArrayList<>();
    private final Map<String, Map<String, String>> weights = new LinkedHashMap<>();
    private Set<String> weightFiles = Set.of();

    FolderFindings(Path folder) {
        this.folder = folder;
    }

    /** What the folder says of its model. */
    void config(Config said) {
        config = Optional.of(said);
        facts.put("family", said.other().get("model_type"));
        said.common().architectures().stream().findFirst().ifPresent(name -> facts.put("architecture", name));
        facts.put("task", name(AutoModel.declaredTask(said).name()));
    }

    /** What is merged into the model. */
    void adapter(LoraAdapter adapter) {
        facts.put("adapter", adapter.summary());
    }

    /** The files that the weights come from. */
    void weightFiles(Set<String> names) {
        weightFiles = names;
    }

    /** The model that was made of the folder, and how. */
    void model(Model loaded, LoadReport report) {
        facts.put("architecture", loaded.identity().architecture());
        facts.put("weights", report.summary());
        weights.put("missing", report.missing());
        weights.put("mismatched", report.mismatched());
        weights.put("unexpected", report.unexpected());
        weights.put("untied", report.untied());
        weights.put("renamed", report.renamed());
        weights.put("ignored", report.ignored());
        model.add("");
        model.addAll(SpecLines.of("model", (Record) loaded.identity().spec()));
        model.add("");
        Map<String, Long> sizes = new LinkedHashMap<>();
        loaded.network().parameters().forEach((path, parameter) -> sizes.put(path, parameter.size()));
        model.addAll(ParameterTable.of(sizes));
        facts.put("parameters", sizes.values().stream().mapToLong(Long::longValue).sum());
    }

    /** The folder loads as it is. */
    void loads() {
        facts.put("loads", true);
    }

    /** The folder does not load as it is. */
    void refuse(String reason) {
        facts.put("loads", false);
        facts.put("refused", reason);
    }

    Map<String, Object> asMap() {
        Map<String, Object> map = new LinkedHashMap<>(facts);
        map.remove("weights");
        map.put("files", FolderFiles.of(folder, weightFiles));
        config.ifPresent(said -> {
            Map<String, Object> keys = new LinkedHashMap<>();
            keys.put("read", readKeys(said));
            keys.put("ignored", ConfigKeys.silent(said));
            keys.put("unread", ConfigKeys.unread(said));
            map.put("config", keys);
        });
        map.put("weights", weights);
        map.put("model", model);
        return map;
    }

    private static Set<String> readKeys(Config config) {
        Set<String> keys = new TreeSet<>();
        ConfigJson.of(config).fieldNames().forEachRemaining(keys::add);
        keys.removeAll(ConfigKeys.silent(config).keySet());
        keys.removeAll(ConfigKeys.unread(config).keySet());
        return keys;
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        facts.forEach((name, value) -> lines.add(name + " = " + value));
        lines.addAll(model);
        lines.add("");
        lines.add("files");
        FolderFiles.of(folder, weightFiles).forEach(file ->
                lines.add("  " + (file.read() ? "read     " : "ignored  ") + file.name() + ": " + file.why()));
        config.ifPresent(said -> {
            lines.add("config");
            lines.add("  read     " + String.join(", ", readKeys(said)));
            ConfigKeys.silent(said).forEach((key, why) -> lines.add("  ignored  " + key + ": " + why));
            ConfigKeys.unread(said).forEach((key, why) -> lines.add("  unread   " + key + ": " + why));
        });
        lines.add("weights");
        weights.forEach((kind, names) ->
                names.forEach((name, why) -> lines.add("  " + kind + "  " + name + ": " + why)));
        return lines;
    }

    private static String name(String constant) {
        return constant.toLowerCase(Locale.ROOT);
    }
}
