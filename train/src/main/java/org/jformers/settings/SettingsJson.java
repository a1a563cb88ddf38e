package org.jformers.settings;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Records of settings as JSON: keys in snake_case, every key required, none unknown, no value converted from
 * another type. Paths and durations are texts, enum constants are lower case, what is absent is {@code null}.
 */
public final class SettingsJson {
    /** How people write durations; ISO 8601 is understood as well. */
    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(
                    DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .withCoercionConfig(LogicalType.Textual, config -> config
                    .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            // A record is its components, whatever its methods are called.
            .visibility(PropertyAccessor.GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
            .visibility(PropertyAccessor.FIELD, Visibility.ANY)
            .addModule(new Jdk8Module())
            .addModule(new SimpleModule()
                    .addSerializer(Path.class, ToStringSerializer.instance)
                    .addDeserializer(Path.class, new TextReader<>(Path.class, Path::of))
                    .addSerializer(Duration.class, ToStringSerializer.instance)
                    .addDeserializer(Duration.class, new TextReader<>(Duration.class, SettingsJson::duration)))
            .build();

    /** Refuses null for what is neither {@code @Nullable} nor an {@code Optional}. */
    private static final JsonMapper READER =
            MAPPER.rebuild().annotationIntrospector(new RequiredValues()).build();

    private static final DefaultPrettyPrinter PRINTER = new DefaultPrettyPrinter()
            .withObjectIndenter(new DefaultIndenter("  ", "\n"));

    private SettingsJson() {}

    /** The settings as a tree of JSON, keys in the order of declaration. */
    public static ObjectNode toJson(Record settings) {
        return MAPPER.valueToTree(settings);
    }

    /** The settings as the text of a JSON file. */
    public static String print(Record settings) {
        try {
            return MAPPER.writer(PRINTER).writeValueAsString(settings) + "\n";
        } catch (JacksonException e) {
            throw new IllegalArgumentException(settings.getClass() + " cannot be written as JSON", e);
        }
    }

    /**
     * Reads settings.
     *
     * @param where what {@code json} is, for messages: the name of a file
     * @throws SettingsException for an unknown, missing or wrongly typed setting and for one that its record refuses
     */
    public static <R extends Record> R read(JsonNode json, Class<R> type, String where) {
        if (!json.isObject()) {
            throw SettingsFailure.noObject(json, type, where);
        }
        try {
            return READER.treeToValue(json, type);
        } catch (JacksonException e) {
            throw SettingsFailure.of(unknownKey(json, type).orElse(e), json, where);
        }
    }

    /**
     * Settings of which some differ.
     *
     * @param changes the keys that do, as deep as they stand
     * @param where what {@code changes} is, for messages
     * @throws SettingsException as {@link #read(JsonNode, Class, String)} does
     */
    @SuppressWarnings("unchecked") // R is the class of the defaults
    public static <R extends Record> R changed(R defaults, ObjectNode changes, String where) {
        ObjectNode json = toJson(defaults);
        change(json, changes);
        return read(json, (Class<R>) defaults.getClass(), where);
    }

    private static void change(ObjectNode json, ObjectNode changes) {
        changes.properties().forEach(entry -> {
            if (json.get(entry.getKey()) instanceof ObjectNode part && entry.getValue() instanceof ObjectNode deeper) {
                change(part, deeper);
            } else {
                json.set(entry.getKey(), entry.getValue().deepCopy());
            }
        });
    }

    /** A mistyped key is both unknown and missing; Jackson tells of the missing one first, which helps less. */
    private static Optional<JacksonException> unknownKey(JsonNode json, Class<?> type) {
        try {
            MAPPER.readerFor(type)
                    .without(
                            DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                            DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .readValue(json);
            return Optional.empty();
        } catch (UnrecognizedPropertyException e) {
            return Optional.of(e);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Reads settings from the text of a JSON file; see {@link #read(JsonNode, Class, String)}. */
    public static <R extends Record> R parse(String text, Class<R> type, String where) {
        try {
            return read(MAPPER.readTree(text), type, where);
        } catch (JacksonException e) {
            throw SettingsFailure.malformed(e, where);
        }
    }

    /** Reads settings from a JSON file; see {@link #read(JsonNode, Class, String)}. */
    public static <R extends Record> R load(Path file, Class<R> type) {
        try {
            return parse(Files.readString(file), type, file.toString());
        } catch (NoSuchFileException e) {
            throw new SettingsException("no settings file " + file, e);
        } catch (MalformedInputException e) {
            throw new SettingsException("not a text in UTF-8: " + file, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads one value as a person types it: JSON, and numbers that begin with a point or a plus sign. */
    static JsonNode value(String text) throws JacksonException {
        JsonNode value = MAPPER.reader()
                .with(JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS)
                .with(JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS)
                .readTree(text);
        return value.isMissingNode() ? MAPPER.nullNode() : value;
    }

    private static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return Duration.parse(text.strip());
        }
        long amount = Long.parseLong(matcher.group(1));
        switch (matcher.group(2)) {
            case "ms":
                return Duration.ofMillis(amount);
            case "s":
                return Duration.ofSeconds(amount);
            case "m":
                return Duration.ofMinutes(amount);
            case "h":
                return Duration.ofHours(amount);
            default:
                return Duration.ofDays(amount);
        }
    }

    /** Reads a type that JSON writes as text; numbers are refused. */
    private static final class TextReader<T> extends StdDeserializer<T> {
        private static final long serialVersionUID = 1L;
        private final transient Function<String, T> parse;

        TextReader(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        public T deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                return context.reportInputMismatch(this, "expected text");
            }
            String text = parser.getText();
            try {
                return parse.apply(text);
            } catch (DateTimeParseException | InvalidPathException | ArithmeticException | NumberFormatException e) {
                throw context.weirdStringException(text, handledType(), e.getMessage());
            }
        }
    }
}
