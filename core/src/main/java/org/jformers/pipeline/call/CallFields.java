package org.jformers.pipeline.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.VisibleText;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.NamedSettings;
import org.jformers.pipeline.TextOptions;
import org.jformers.text.tokenizer.Truncation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The inputs and options of a call by the reference's names. A task takes what it knows; the rest is refused. */
public final class CallFields {
    public static final String LABELS = "candidate_labels";
    public static final String INPUTS = "inputs";
    private static final int SHOWN = 80;
    private static final Logger LOG = LoggerFactory.getLogger(CallFields.class);
    private static final AtomicBoolean WARNED = new AtomicBoolean();

    private static final Map<String, Truncation.Strategy> STRATEGIES = Map.of(
            "longest_first", Truncation.Strategy.LONGEST_FIRST,
            "only_first", Truncation.Strategy.ONLY_FIRST,
            "only_second", Truncation.Strategy.ONLY_SECOND);

    private final ObjectNode fields;
    private final Set<String> known = new TreeSet<>();
    private final String place;

    private CallFields(ObjectNode fields, String place) {
        this.fields = fields;
        this.place = place;
    }

    /** A call about a text, with the options of the command line. */
    public static CallFields ofText(String text, ObjectNode flags) {
        return new CallFields(flags.deepCopy().put(INPUTS, text), "");
    }

    /** A call as JSON: a text, or an object whose options count more than those of the command line. */
    public static CallFields ofJson(JsonNode call, ObjectNode flags) {
        if (call.isTextual()) {
            return ofText(call.textValue(), flags);
        }
        if (!call.isObject() || !call.has(INPUTS)) {
            throw new JformersException("call: got " + shown(call)
                    + ", allowed a text, or an object with inputs and options");
        }
        return new CallFields(flags.deepCopy().setAll((ObjectNode) call), "");
    }

    public static ObjectNode empty() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** The inputs, whatever they are. */
    public JsonNode inputs() {
        known.add(INPUTS);
        return fields.get(INPUTS);
    }

    /** The inputs, which are to be one text. */
    String inputText() {
        return text(INPUTS, inputs());
    }

    /** A text that must be there. */
    String requireText(String name) {
        return text(name, find(name).orElseGet(fields::nullNode));
    }

    /** A text of the call. */
    String text(String name, JsonNode value) {
        if (!value.isTextual()) {
            throw wrong(name, value, "a text");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(value.textValue())) {
            throw wrong(name, value, "a text without halves of characters");
        }
        return value.textValue();
    }

    /** Texts of the call. */
    List<String> texts(String name, JsonNode value) {
        if (!value.isArray()) {
            throw wrong(name, value, "a list of texts");
        }
        List<String> texts = new ArrayList<>();
        value.forEach(element -> texts.add(text(name, element)));
        return texts;
    }

    /** The inputs, which are to be the path of a file. */
    Path inputFile() {
        try {
            return Path.of(inputText());
        } catch (InvalidPathException e) {
            throw new JformersException("image: got no path of a file, " + e.getMessage(), e);
        }
    }

    /** Texts that must be there. */
    List<String> requireTexts(String name) {
        return texts(name, find(name).orElseGet(fields::nullNode));
    }

    /** The labels that are to choose from: a list of texts, or one with commas between them. */
    List<String> candidateLabels() {
        JsonNode labels = find(LABELS).orElseGet(fields::nullNode);
        if (!labels.isTextual()) {
            return texts(LABELS, labels);
        }
        return Stream.of(text(LABELS, labels).split(","))
                .map(label -> label.replaceAll("(?U)^\\s+|\\s+$", ""))
                .filter(label -> !label.isEmpty())
                .toList();
    }

    /** Whether an option is there, be it null. */
    boolean has(String name) {
        known.add(name);
        return fields.has(name);
    }

    /** An option, if it is there and not null. */
    Optional<JsonNode> find(String name) {
        return has(name) && !fields.get(name).isNull() ? Optional.of(fields.get(name)) : Optional.empty();
    }

    /** A number of things, if it is there. */
    OptionalInt count(String name, int least) {
        Optional<JsonNode> value = find(name);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        if (!value.get().isIntegralNumber() || !value.get().canConvertToInt() || value.get().intValue() < least) {
            throw wrong(name, value.get(), "a whole number from " + least + ", or null");
        }
        return OptionalInt.of(value.get().intValue());
    }

    /** A number, if it is there. */
    OptionalDouble number(String name) {
        Optional<JsonNode> value = find(name);
        if (value.isPresent() && !value.get().isNumber()) {
            throw wrong(name, value.get(), "a number, or null");
        }
        return value.isPresent() ? OptionalDouble.of(value.get().doubleValue()) : OptionalDouble.empty();
    }

    /** True or false, if it is there. */
    boolean flag(String name, boolean otherwise) {
        JsonNode value = find(name).orElse(null);
        if (value != null && !value.isBoolean()) {
            throw wrong(name, value, "true or false");
        }
        return value == null ? otherwise : value.booleanValue();
    }

    /** One of several names in small or large letters, if it is there. */
    <E extends Enum<E>> Optional<E> oneOf(String name, Class<E> values) {
        return find(name).map(value -> {
            for (E each : values.getEnumConstants()) {
                if (value.isTextual() && each.name().equalsIgnoreCase(value.textValue())) {
                    return each;
                }
            }
            List<String> names = List.of(values.getEnumConstants()).stream()
                    .map(each -> each.name().toLowerCase(Locale.ROOT))
                    .toList();
            throw wrong(name, value, String.join(", ", names));
        });
    }

    /** Options within an option; none if it is not there. */
    CallFields within(String name) {
        JsonNode value = find(name).orElseGet(CallFields::empty);
        if (!value.isObject()) {
            throw wrong(name, value, "an object of options");
        }
        return new CallFields(((ObjectNode) value).deepCopy(), name + ": ");
    }

    /**
     * Settings of a generation by the reference's names.
     *
     * @param base where the call says nothing
     */
    GenerationConfig settings(GenerationConfig base) {
        Map<String, JsonNode> named = new LinkedHashMap<>();
        for (String name : NamedSettings.names()) {
            if (has(name)) {
                named.put(name, fields.get(name));
            }
        }
        if (find("max_length").isPresent() && !has("max_new_tokens") && base.maxNewTokens().isPresent()
                && !WARNED.getAndSet(true)) {
            LOG.warn("max_length has no effect, as in the reference, for up to {} new tokens are written;"
                    + " max_new_tokens says how many", base.maxNewTokens().getAsInt());
        }
        return NamedSettings.change(base, named);
    }

    /** Where random draws start, if it is said; an option of ours. */
    Controls controls() {
        Optional<JsonNode> seed = find("seed");
        if (seed.isPresent() && (!seed.get().isIntegralNumber() || !seed.get().canConvertToLong())) {
            throw wrong("seed", seed.get(), "a whole number");
        }
        return seed.map(value -> Controls.NONE.withSeed(value.longValue())).orElse(Controls.NONE);
    }

    /** Options within an option, with those of the call where it does not have them. */
    CallFields withinOver(String name, List<String> shared) {
        CallFields inner = within(name);
        shared.forEach(each -> {
            if (has(each) && !inner.fields.has(each)) {
                inner.fields.set(each, fields.get(each));
            }
        });
        return inner;
    }

    /** One more option, which must not be there twice. */
    void add(String name, JsonNode value) {
        if (fields.has(name)) {
            throw new JformersException(place + "got " + name + " twice, allowed once");
        }
        fields.set(name, value);
    }

    /** The options of a tokenizer's call. Padding has no effect, for a call is about one text. */
    TextOptions textOptions() {
        Optional<Truncation.Strategy> truncation = truncation();
        OptionalInt maxLength = count("max_length", 1);
        boolean padded = padding();
        if (maxLength.isPresent() && find("truncation").isEmpty() && !padded) {
            truncation = Optional.of(Truncation.Strategy.LONGEST_FIRST);
        }
        return new TextOptions(truncation, maxLength, flag("add_special_tokens", true));
    }

    /** The options of a tokenizer's call where it takes but one: what is cut. */
    TextOptions textsCut() {
        return new TextOptions(truncation(), OptionalInt.empty(), true);
    }

    private Optional<Truncation.Strategy> truncation() {
        JsonNode value = find("truncation").orElse(null);
        if (value == null || value.isBoolean()) {
            return value != null && value.booleanValue()
                    ? Optional.of(Truncation.Strategy.LONGEST_FIRST)
                    : Optional.empty();
        }
        String name = value.asText();
        if (!value.isTextual() || !name.equals("do_not_truncate") && !STRATEGIES.containsKey(name)) {
            throw wrong("truncation", value,
                    "true, false, longest_first, only_first, only_second, do_not_truncate");
        }
        return Optional.ofNullable(STRATEGIES.get(name));
    }

    private boolean padding() {
        JsonNode value = find("padding").orElse(null);
        if (value == null || value.isBoolean()) {
            return value != null && value.booleanValue();
        }
        if (!value.isTextual() || !Set.of("longest", "do_not_pad").contains(value.textValue())) {
            throw wrong("padding", value, "true, false, longest, do_not_pad");
        }
        return true;
    }

    /** Refuses what nobody asked for. */
    public void requireNothingElse() {
        fields.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new JformersException(place + "got the option " + VisibleText.line(name)
                        + ", which the task does not have, allowed " + known);
            }
        });
    }

    JformersException wrong(String name, JsonNode value, String allowed) {
        return new JformersException(place + name + ": got " + shown(value) + ", allowed " + allowed);
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }
}
