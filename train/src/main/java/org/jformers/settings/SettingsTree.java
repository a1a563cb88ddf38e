package org.jformers.settings;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A tree of settings, seen as lines {@code path = value}. The tree is a record of records, lists, scalars and free-form
 * parts (a {@code JsonNode} or a {@code Map}, such as a model's config); a path is {@code optimizer.learning_rate} or
 * {@code layers[0].width}. Immutable.
 *
 * @param <R> the record at the root
 */
public final class SettingsTree<R extends Record> {
    private final R value;
    private final ObjectNode json;
    private final Map<String, ObjectNode> templates;

    private SettingsTree(R value, Map<String, ObjectNode> templates) {
        this.value = value;
        this.json = SettingsJson.toJson(value);
        this.templates = templates;
        templates.forEach(this::requireKnown);
    }

    /**
     * One setting.
     *
     * @param path where it stands
     * @param value its value as {@link #with} takes it
     * @param documentation what it is, unit, range; empty when nobody said
     */
    public record Entry(String path, String value, String documentation) {
        @Override
        public String toString() {
            return path + " = " + value;
        }
    }

    /**
     * One setting in which two trees differ.
     *
     * @param path where it stands
     * @param before its value in the first tree, {@link #ABSENT} if it has no such setting
     * @param after its value in the second tree, {@link #ABSENT} if it has no such setting
     */
    public record Difference(String path, String before, String after) {
        public static final String ABSENT = "(absent)";

        @Override
        public String toString() {
            return path + ": " + before + " -> " + after;
        }
    }

    public static <R extends Record> SettingsTree<R> of(R value) {
        return new SettingsTree<>(value, Map.of());
    }

    /** The same settings, with the free-form part at {@code path} limited to the keys and types of {@code template}. */
    public SettingsTree<R> limiting(String path, ObjectNode template) {
        Map<String, ObjectNode> more = new LinkedHashMap<>(templates);
        more.put(path, template.deepCopy());
        return new SettingsTree<>(value, Map.copyOf(more));
    }

    /** The settings themselves. */
    public R value() {
        return value;
    }

    /** Every setting, in the order of declaration; lists of plain values are one setting. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        collect("", value, json, "", entries);
        return entries;
    }

    /** What differs from this tree to {@code other}, in this tree's order; what only the other has comes last. */
    public List<Difference> differencesTo(SettingsTree<?> other) {
        Map<String, String> before = new LinkedHashMap<>();
        entries().forEach(entry -> before.put(entry.path(), entry.value()));
        Map<String, String> after = new LinkedHashMap<>();
        other.entries().forEach(entry -> after.put(entry.path(), entry.value()));
        List<Difference> differences = new ArrayList<>();
        before.forEach((path, text) -> {
            String now = after.getOrDefault(path, Difference.ABSENT);
            if (!text.equals(now)) {
                differences.add(new Difference(path, text, now));
            }
        });
        after.forEach((path, text) -> {
            if (!before.containsKey(path)) {
                differences.add(new Difference(path, Difference.ABSENT, text));
            }
        });
        return differences;
    }

    /**
     * The same settings but for one.
     *
     * @param text the new value: numbers, true/false, texts, paths, durations and enum constants as they are; lists and
     *     whole parts as JSON; {@code null} for none
     * @throws SettingsException if there is no such setting or it cannot take the value
     */
    public SettingsTree<R> with(String path, String text) {
        List<String> steps = SettingPath.steps(path);
        ObjectNode changed = json.deepCopy();
        SettingCursor cursor = new SettingCursor(value, changed, templates);
        for (String step : steps) {
            if (!cursor.enter(step)) {
                throw new SettingsException("unknown setting " + path + Nearest.hint(path, paths()));
            }
        }
        cursor.replace(cursor.parse(text, path));
        Class<R> type = type();
        return new SettingsTree<>(SettingsJson.read(changed, type, ""), templates);
    }

    @SuppressWarnings("unchecked") // R is the class of the value
    private Class<R> type() {
        return (Class<R>) value.getClass();
    }

    private void requireKnown(String path, ObjectNode template) {
        JsonNode part = json;
        for (String step : SettingPath.steps(path)) {
            part = part.path(step);
        }
        requireKnown(path, template, part);
    }

    private void requireKnown(String path, ObjectNode template, JsonNode part) {
        part.properties().forEach(property -> {
            String here = path + "." + property.getKey();
            JsonNode known = template.get(property.getKey());
            if (known == null) {
                throw new SettingsException("unknown setting " + here + Nearest.hint(here, keys(path, template)));
            }
            if (known instanceof ObjectNode deeper) {
                requireKnown(here, deeper, property.getValue());
            }
        });
    }

    /** Every path that can be set: settings, the parts that hold them, and what templates allow. */
    private List<String> paths() {
        List<String> paths = new ArrayList<>();
        for (Entry entry : entries()) {
            String path = entry.path();
            for (int dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
                paths.add(path.substring(0, dot));
            }
            paths.add(path);
        }
        templates.forEach((path, template) -> paths.addAll(keys(path, template)));
        return paths;
    }

    private static List<String> keys(String path, ObjectNode template) {
        return template.properties().stream().map(property -> path + "." + property.getKey()).toList();
    }

    /** The name of a record's component in JSON and in paths. */
    static String key(RecordComponent component) {
        JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
        return named != null && !named.value().isEmpty()
                ? named.value()
                : SnakeCaseStrategy.INSTANCE.translate(component.getName());
    }

    /** The value of a record's component. */
    static @Nullable Object get(Record record, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true); // the record may be nested in a class that is not public
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot read " + component, e);
        }
    }

    private static void collect(
            String path, @Nullable Object value, JsonNode json, String documentation, List<Entry> entries) {
        if (json instanceof ObjectNode object && !object.isEmpty()) {
            collectObject(path, value, object, documentation, entries);
        } else if (json instanceof ArrayNode list && !list.isEmpty() && list.get(0).isContainerNode()) {
            for (int i = 0; i < list.size(); i++) {
                Object element = value instanceof List<?> values ? values.get(i) : null;
                collect(path + "[" + i + "]", element, list.get(i), documentation, entries);
            }
        } else {
            entries.add(new Entry(path, print(json), documentation));
        }
    }

    private static void collectObject(
            String path, @Nullable Object value, ObjectNode json, String documentation, List<Entry> entries) {
        Map<String, RecordComponent> components = new LinkedHashMap<>();
        Map<String, @Nullable Object> children = new LinkedHashMap<>();
        if (value instanceof Record record) {
            for (RecordComponent component : record.getClass().getRecordComponents()) {
                components.put(key(component), component);
                children.put(key(component), SettingCursor.unwrap(get(record, component)));
            }
        }
        String prefix = path.isEmpty() ? "" : path + ".";
        json.properties().forEach(property -> {
            RecordComponent component = components.get(property.getKey());
            Setting setting = component == null ? null : component.getAnnotation(Setting.class);
            // Beside a record's components there is the name of the variant that it is.
            String variant = value instanceof Record && component == null ? documentation : "";
            String text = setting == null ? variant : setting.value();
            collect(prefix + property.getKey(), children.get(property.getKey()), property.getValue(), text, entries);
        });
    }

    /** A value as {@link SettingCursor#parse} reads it back. */
    private static String print(JsonNode json) {
        if (json instanceof TextNode text) {
            return SettingCursor.isPlain(text.textValue()) ? text.textValue() : text.toString();
        }
        return json.isFloatingPointNumber() ? print(json.doubleValue()) : json.toString();
    }

    // 3.0E-4 is not how people write a learning rate.
    private static String print(double number) {
        String text = Double.toString(number);
        double size = Math.abs(number);
        if (size >= 1e-6 && size < 1e-3) {
            return new BigDecimal(text).stripTrailingZeros().toPlainString();
        }
        return text.replace("E", "e");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SettingsTree<?> tree && value.equals(tree.value) && templates.equals(tree.templates);
    }

    @Override
    public int hashCode() {
        return Objects.hash(value, templates);
    }

    /** One line per setting. */
    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder();
        entries().forEach(entry -> lines.append(entry).append('\n'));
        return lines.toString();
    }
}
