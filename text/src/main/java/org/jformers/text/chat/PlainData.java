package org.jformers.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Plain Java data as values of a template. All texts count as data, but for the names of roles. */
final class PlainData {
    /** A plain word cannot be a token by itself; templates write it between marks, as in {@code <|user|>}. */
    private static final Pattern ROLE = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,63}");

    private PlainData() {}

    static Value of(@Nullable Object data) {
        return of(data, Str::data, 0);
    }

    /** Text that counts as the template's. */
    static Value trusted(@Nullable Object data) {
        return of(data, Str::of, 0);
    }

    /** The messages of a conversation, whose roles count as the template's text. */
    static Value messages(List<?> messages) {
        List<Value> values = new ArrayList<>();
        for (Object message : messages) {
            Value value = of(message);
            if (!(value instanceof Dict dict)) {
                throw new ChatTemplateException("a message must be a mapping with a role, got " + value.type());
            }
            Map<Value, Value> entries = new LinkedHashMap<>(dict.entries());
            entries.computeIfPresent(Str.of("role"), (key, role) -> role instanceof Str text
                    && ROLE.matcher(text.string()).matches() ? Str.of(text.string()) : role);
            values.add(new Dict(entries));
        }
        return Listing.list(values);
    }

    private static Value of(@Nullable Object data, Function<String, Str> text, int depth) {
        if (depth > Value.DEPTH) {
            throw new ChatTemplateException("data nests deeper than " + Value.DEPTH);
        }
        if (data == null) {
            return None.NONE;
        }
        if (data instanceof String string) {
            return text.apply(string);
        }
        if (data instanceof Boolean flag) {
            return Value.of(flag);
        }
        if (data instanceof Number number) {
            return number(number);
        }
        if (data instanceof Map<?, ?> map) {
            Map<Value, Value> entries = new LinkedHashMap<>();
            map.forEach((key, value) -> {
                if (!(key instanceof String name)) {
                    throw new ChatTemplateException("the keys of data must be texts, got " + key);
                }
                entries.put(text.apply(name), of(value, text, depth + 1));
            });
            return new Dict(entries);
        }
        if (data instanceof List<?> list) {
            List<Value> values = new ArrayList<>(list.size());
            list.forEach(element -> values.add(of(element, text, depth + 1)));
            return Listing.list(values);
        }
        throw new ChatTemplateException("data must be maps, lists, texts, numbers, truth values and null, got "
                + data.getClass().getName());
    }

    private static Value number(Number number) {
        if (number instanceof BigInteger whole) {
            return Num.of(whole);
        }
        return number instanceof Double || number instanceof Float || number instanceof BigDecimal
                ? Num.of(number.doubleValue()) : Num.of(number.longValue());
    }
}
