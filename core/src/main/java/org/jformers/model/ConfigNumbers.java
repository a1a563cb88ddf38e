package org.jformers.model;

import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyName;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.DoublePredicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the numbers of a {@code config.json} may be, whatever the family: the names of the keys and the types of the
 * record's components say it. An {@code int} is an id by its name, else a count or a size, of which some may be
 * zero and few have a meaning below; a {@code long} is any whole number; a {@code double} is finite, and has a range
 * where its name gives it one.
 */
final class ConfigNumbers {
    /** Names of keys that count parts; each part is an object in memory before any weight is compared. */
    private static final Pattern COUNT = Pattern.compile(".*(layer|block|depth|expert|group|num_labels).*");

    private static final int MAX_COUNT = 100_000;

    private static final Range ANY = new Range("a finite number", value -> true);
    private static final Range NOT_NEGATIVE = new Range("at least 0", value -> value >= 0);
    private static final Range POSITIVE = new Range("more than 0", value -> value > 0);
    private static final Range ONE_OR_MORE = new Range("at least 1", value -> value >= 1);
    private static final Range PROBABILITY = new Range("between 0 and 1", value -> value >= 0 && value <= 1);

    private static final List<Rule> COUNTS = List.of(
            // Ids, and keys whose -1 says that there is none.
            new Rule("(.*_)?(id|index|type)|clamp_len|sample_softmax|max_relative_positions|position_buckets", ANY),
            new Rule("(.*_)?every_.*", ONE_OR_MORE),
            new Rule(".*layers?|.*_step|mask_.*|mem_len|reuse_len|type_vocab_size|num_speakers|num_languages|n_langs"
                    + "|speaker_embed.*_dim|expert_capacity|guided_.*|num_labels", NOT_NEGATIVE),
            new Rule(".*", ONE_OR_MORE));

    private static final List<Rule> REALS = List.of(
            new Rule(".*(dropout|pdrop|layerdrop|dropatt|dropout_rate|drop_path_rate|_prob|smoothing)|mask_ratio",
                    PROBABILITY),
            new Rule(".*(eps|epsilon|std|initializer_range|initializer_factor|noise)", NOT_NEGATIVE),
            new Rule(".*(theta|freq|softcapping|sigma|speed)|mlp_ratio", POSITIVE),
            new Rule(".*", ANY));

    /** Rotary settings, which no record names one by one. */
    private static final List<Rule> ROTARY = List.of(
            new Rule(".*(factor|theta|positions|position_embeddings)", POSITIVE),
            new Rule("beta_.*", NOT_NEGATIVE),
            new Rule(".*", ANY));

    private static final List<Rule> ALL_ANY = List.of(new Rule(".*", ANY));
    private static final List<Rule> ALL_SIZES = List.of(new Rule(".*", ONE_OR_MORE));
    private static final Set<Class<?>> WHOLE = Set.of(int.class, Integer.class, OptionalInt.class);
    private static final Set<Class<?>> BROKEN = Set.of(double.class, Double.class, OptionalDouble.class);

    private final DeserializationConfig types;
    private final String family;
    private final String where;

    /**
     * For the configurations of one family.
     *
     * @param types how JSON is read into the family's record
     * @param where named in errors
     */
    ConfigNumbers(DeserializationConfig types, String family, String where) {
        this.types = types;
        this.family = family;
        this.where = where;
    }

    /**
     * Checks that no key asks for more parts than there can be, whoever reads it.
     *
     * @throws ConfigException naming the key, the number and what is allowed
     */
    static void requireCounts(JsonNode node, String where) {
        node.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            Stream.concat(Stream.of(value), value.isArray() ? value.valueStream() : Stream.empty())
                    .filter(number -> number.isIntegralNumber() && COUNT.matcher(entry.getKey()).matches())
                    .filter(number -> !number.canConvertToInt() || number.intValue() > MAX_COUNT)
                    .findFirst()
                    .ifPresent(number -> {
                        throw new ConfigException("config: key " + entry.getKey() + " has an unsupported value, got "
                                + number + ", allowed at most " + MAX_COUNT + ", in " + where);
                    });
            requireCounts(value, where);
        });
    }

    /**
     * Checks all numbers that a family reads from its configuration.
     *
     * @throws ConfigException naming the key, the number and what is allowed
     */
    void check(JsonNode json, Class<?> record) {
        check("", json, types.constructType(record));
        require("num_labels", "num_labels", json.path("num_labels"), COUNTS);
        String trained = "original_max_position_embeddings";
        require(trained, trained, json.path(trained), ROTARY);
    }

    private void check(String path, JsonNode json, JavaType record) {
        for (BeanPropertyDefinition property : types.introspect(record).findProperties()) {
            Stream.concat(Stream.of(property.getFullName()), property.findAliases().stream())
                    .map(PropertyName::getSimpleName)
                    .filter(json::has)
                    .forEach(name -> checkKey(path + name, name, json.get(name), property.getPrimaryType()));
        }
    }

    private void checkKey(String path, String name, JsonNode value, JavaType type) {
        Class<?> kind = type.isCollectionLikeType() ? type.getContentType().getRawClass() : type.getRawClass();
        if (kind.isRecord() && value.isObject()) {
            check(path + ".", value, type);
        } else if (kind.isRecord()) {
            require(path, name, value, ALL_SIZES); // a short form, such as one number for height and width
        } else if (WHOLE.contains(kind)) {
            require(path, name, value, COUNTS);
        } else if (BROKEN.contains(kind)) {
            require(path, name, value, REALS);
        } else {
            require(path, name, value, name.startsWith("rope_") ? ROTARY : ALL_ANY);
        }
    }

    private void require(String path, String name, JsonNode value, List<Rule> rules) {
        if (value.isNumber()) {
            Range range = rules.stream().filter(rule -> rule.names().matcher(name).matches()).findFirst()
                    .orElseThrow().range();
            double number = value.doubleValue();
            if (!Double.isFinite(number) || !range.holds().test(number)) {
                throw new ConfigException(family + ": key " + path + " has an unsupported value, got " + value.asText()
                        + ", allowed " + range.words() + ", in " + where);
            }
        } else if (value.isArray()) {
            value.valueStream().forEach(element -> require(path, name, element, rules));
        } else {
            value.properties().forEach(entry ->
                    require(path + "." + entry.getKey(), entry.getKey(), entry.getValue(), rules));
        }
    }

    private record Range(String words, DoublePredicate holds) {}

    private record Rule(Pattern names, Range range) {
        Rule(String names, Range range) {
            this(Pattern.compile(names), range);
        }
    }
}
