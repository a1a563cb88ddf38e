package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The filters for values that hold values. */
final class SequenceFilters {
    static final Map<String, Filters.Filter> FILTERS = Map.ofEntries(
            Map.entry("list", (value, in) -> list(value, in)),
            Map.entry("first", SequenceFilters::first),
            Map.entry("last", SequenceFilters::last),
            Map.entry("join", SequenceFilters::join),
            Map.entry("items", SequenceFilters::items),
            Map.entry("dictsort", SequenceFilters::dictSort),
            Map.entry("map", SequenceFilters::map),
            Map.entry("select", (value, in) -> select(value, in, true)),
            Map.entry("reject", (value, in) -> select(value, in, false)),
            Map.entry("selectattr", (value, in) -> selectAttribute(value, in, true)),
            Map.entry("rejectattr", (value, in) -> selectAttribute(value, in, false)),
            Map.entry("sort", SequenceFilters::sort),
            Map.entry("unique", SequenceFilters::unique),
            Map.entry("reverse", SequenceFilters::reverse),
            Map.entry("sum", SequenceFilters::sum),
            Map.entry("min", (value, in) -> extreme("min", value, in)),
            Map.entry("max", (value, in) -> extreme("max", value, in)),
            Map.entry("batch", SequenceFilters::batch),
            Map.entry("slice", SequenceFilters::slice),
            Map.entry("groupby", SequenceFilters::groupBy));

    /** The names of a group's parts. */
    private static final List<String> GROUP = List.of("grouper", "list");

    private SequenceFilters() {}

    private static List<Value> elements(Value value, Arguments arguments) {
        if (!(value instanceof Str text)) {
            List<Value> elements = value.elements();
            arguments.meter().spendElements(value instanceof Stream ? 0 : elements.size());
            return elements;
        }
        // Characters take more room than references to what there is.
        arguments.meter().spendElements(2L * text.string().length());
        return text.elements();
    }

    private static Value list(Value value, Arguments arguments) {
        arguments.bind("list");
        return Listing.list(new ArrayList<>(elements(value, arguments)));
    }

    private static Value first(Value value, Arguments arguments) {
        arguments.bind("first");
        if (value instanceof Str text) {
            return text.truth() ? text.item(Value.of(0)).map(first -> ((Str) first).plain()).orElseThrow()
                    : new Undefined("no first item, sequence was empty");
        }
        Iterator<Value> elements = value.iterator();
        return elements.hasNext() ? elements.next() : new Undefined("no first item, sequence was empty");
    }

    private static Value last(Value value, Arguments arguments) {
        arguments.bind("last");
        if (value instanceof Stream) {
            throw new ChatTemplateException("'generator' object is not reversible");
        }
        if (value instanceof Str text && text.truth()) {
            int end = text.string().length();
            return text.slice(text.string().offsetByCodePoints(end, -1), end);
        }
        List<Value> elements = value.elements();
        return elements.isEmpty() ? new Undefined("no last item, sequence was empty")
                : elements.get(elements.size() - 1);
    }

    private static Value join(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("join", "d", "attribute");
        UnaryOperator<Value> key = attribute(bound.some(1), Optional.empty());
        Str between = bound.printed(0, Str.EMPTY);
        TextBuilder out = new TextBuilder(arguments.meter());
        boolean first = true;
        Iterator<Value> elements = value.iterator();
        while (elements.hasNext()) {
            out.append(first ? Str.EMPTY : between);
            arguments.meter().spend(1);
            key.apply(elements.next()).print(out);
            first = false;
        }
        return out.build();
    }

    private static Value items(Value value, Arguments arguments) {
        arguments.bind("items");
        return stream("do_items", arguments, () -> {
            if (value instanceof Undefined) {
                return Collections.emptyIterator();
            }
            if (value instanceof Dict dict) {
                arguments.meter().spendElements(2L * dict.length());
                return dict.items().iterator();
            }
            throw new ChatTemplateException("can only get item pairs from a mapping, got " + value.type());
        });
    }

    private static Stream stream(String function, Arguments arguments, Supplier<Iterator<Value>> elements) {
        return Stream.of("generator object " + function, arguments.meter(), elements);
    }

    private static Value dictSort(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("dictsort", "case_sensitive", "by", "reverse");
        String by = bound.get(1).isPresent() ? bound.string(1).string() : "key";
        if (!by.equals("key") && !by.equals("value")) {
            throw new ChatTemplateException("dictsort(): by must be key or value, got " + by);
        }
        if (!(value instanceof Dict dict)) {
            throw value instanceof Undefined undefined ? undefined.failure()
                    : new ChatTemplateException("dictsort: expected a mapping, got " + value.type());
        }
        int at = by.equals("key") ? 0 : 1;
        boolean exact = bound.flag(0);
        return Listing.list(Sorting.sorted(dict.items(), item -> folded(item.elements().get(at), exact),
                bound.flag(2), arguments.meter()));
    }

    private static Value folded(Value value, boolean exact) {
        return !exact && value instanceof Str text ? text.spelled(Characters.lower(text.string())) : value;
    }

    /** What looks an attribute up, with dots for those within; itself without one. */
    private static UnaryOperator<Value> attribute(Optional<Value> name, Optional<Value> otherwise) {
        if (name.isEmpty()) {
            return value -> value;
        }
        List<Value> parts = new ArrayList<>();
        if (name.get() instanceof Str path) {
            for (String part : path.string().split("\\.", -1)) {
                boolean number = !part.isEmpty() && part.length() < 10 && part.chars().allMatch(Character::isDigit);
                parts.add(number ? Value.of(Integer.parseInt(part)) : Str.of(part));
            }
        } else {
            parts.add(name.get());
        }
        return value -> {
            Value current = value;
            for (Value part : parts) {
                current = Postfix.item(current, part);
                if (current instanceof Undefined && otherwise.isPresent()) {
                    current = otherwise.get();
                }
            }
            return current;
        };
    }

    private static Value map(Value value, Arguments arguments) {
        return stream("sync_do_map", arguments, () -> {
            if (!value.truth()) {
                return Collections.emptyIterator();
            }
            UnaryOperator<Value> change;
            if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
                Arguments.Bound bound = arguments.bind("map", "attribute", "default");
                change = attribute(bound.get(0), bound.some(1));
            } else {
                String filter = firstName("map", arguments);
                change = element -> Filters.apply(filter, element, arguments.rest());
            }
            Iterator<Value> elements = value.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return elements.hasNext();
                }

                @Override
                public Value next() {
                    arguments.meter().spendValue();
                    return change.apply(elements.next());
                }
            };
        });
    }

    private static String firstName(String filter, Arguments arguments) {
        if (!arguments.positional().isEmpty() && arguments.positional().get(0) instanceof Str name) {
            return name.string();
        }
        throw new ChatTemplateException(filter + "(): expected a name as the first argument");
    }

    private static Value select(Value value, Arguments arguments, boolean expected) {
        return kept(value, arguments, () -> element -> passes(element, arguments) == expected);
    }

    private static Value selectAttribute(Value value, Arguments arguments, boolean expected) {
        return kept(value, arguments, () -> {
            if (arguments.positional().isEmpty()) {
                throw new ChatTemplateException("selectattr(): missing parameter for attribute name");
            }
            UnaryOperator<Value> key = attribute(Optional.of(arguments.positional().get(0)), Optional.empty());
            Arguments test = arguments.rest();
            return element -> passes(key.apply(element), test) == expected;
        });
    }

    private static boolean passes(Value value, Arguments test) {
        return test.positional().isEmpty() ? value.truth() : Tests.holds(firstName("select", test), value, test.rest());
    }

    private static Value kept(Value value, Arguments arguments, Supplier<Predicate<Value>> test) {
        return stream("select_or_reject", arguments, () -> {
            if (!value.truth()) {
                return Collections.emptyIterator();
            }
            return new KeptElements(value.iterator(), test.get(), arguments.meter());
        });
    }

    private static Value sort(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("sort", "reverse", "case_sensitive", "attribute");
        boolean exact = bound.flag(1);
        List<UnaryOperator<Value>> keys = new ArrayList<>();
        if (bound.some(2).orElse(None.NONE) instanceof Str names) {
            for (String name : names.string().split(",", -1)) {
                keys.add(attribute(Optional.of(Str.of(name)), Optional.empty()));
            }
        } else {
            keys.add(attribute(bound.some(2), Optional.empty()));
        }
        return Listing.list(Sorting.sorted(elements(value, arguments), element -> Listing.list(
                keys.stream().map(key -> folded(key.apply(element), exact)).toList()),
                bound.flag(0), arguments.meter()));
    }

    private static Value unique(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("unique", "case_sensitive", "attribute");
        return stream("sync_do_unique", arguments, () -> {
            UnaryOperator<Value> key = attribute(bound.some(1), Optional.empty());
            Set<Value> seen = new HashSet<>();
            return new KeptElements(value.iterator(), element -> {
                Value folded = Dict.requireHashable(folded(key.apply(element), bound.flag(0)));
                arguments.meter().spend(folded.weight());
                return seen.add(folded);
            }, arguments.meter());
        });
    }

    private static Value reverse(Value value, Arguments arguments) {
        arguments.bind("reverse");
        List<Value> elements = new ArrayList<>(elements(value, arguments));
        Collections.reverse(elements);
        if (value instanceof Str text) {
            TextBuilder out = new TextBuilder(arguments.meter());
            elements.forEach(character -> character.print(out));
            return out.build().as(text);
        }
        return value instanceof Stream ? Listing.list(elements) : Stream.of(switch (value.type()) {
            case "list" -> "list_reverseiterator object";
            case "range" -> "range_iterator object";
            case "dict", "dict_keys" -> "dict_reversekeyiterator object";
            default -> "reversed object";
        }, arguments.meter(), elements::iterator);
    }

    private static Value sum(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("sum", "attribute", "start");
        UnaryOperator<Value> key = attribute(bound.some(0), Optional.empty());
        Value sum = bound.value(1, Value.of(0));
        if (sum instanceof Str) {
            throw new ChatTemplateException("sum() can't sum strings");
        }
        Iterator<Value> elements = value.iterator();
        while (elements.hasNext()) {
            arguments.meter().spend(2);
            sum = Operators.apply("+", sum, key.apply(elements.next()), arguments.run());
        }
        return sum;
    }

    private static Value extreme(String name, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(name, "case_sensitive", "attribute");
        UnaryOperator<Value> key = attribute(bound.some(1), Optional.empty());
        Iterator<Value> elements = value.iterator();
        if (!elements.hasNext()) {
            return new Undefined("no aggregated item, sequence was empty");
        }
        boolean exact = bound.flag(0);
        return Sorting.extreme(
                elements, element -> folded(key.apply(element), exact), name.equals("max"), arguments.meter());
    }

    private static Value batch(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("batch", "linecount", "fill_with");
        Value size = bound.required(0);
        return stream("do_batch", arguments, () -> {
            Iterator<Value> elements = value.iterator();
            List<Value> line = new ArrayList<>();
            List<Value> batches = new ArrayList<>();
            while (elements.hasNext()) {
                arguments.meter().spendElements(1);
                Value element = elements.next();
                if (Value.of(line.size()).equals(size)) {
                    arguments.meter().spendHolder();
                    batches.add(Listing.list(line));
                    line = new ArrayList<>();
                }
                line.add(element);
            }
            if (!line.isEmpty()) {
                if (bound.some(1).isPresent()) {
                    int missing = Math.max(0, bound.integer(0, 1) - line.size());
                    arguments.meter().spendElements(missing);
                    line.addAll(Collections.nCopies(missing, bound.required(1)));
                }
                batches.add(Listing.list(line));
            }
            return batches.iterator();
        });
    }

    private static Value slice(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("slice", "slices", "fill_with");
        bound.required(0);
        return stream("sync_do_slice", arguments, () -> {
            List<Value> elements = elements(value, arguments);
            int slices = bound.integer(0, 1);
            if (slices == 0) {
                throw new ChatTemplateException("division by zero");
            }
            arguments.meter().spendElements(4L * Math.max(0, slices));
            List<Value> result = new ArrayList<>();
            int at = 0;
            for (int i = 0; i < slices; i++) {
                boolean longer = i < elements.size() % slices;
                int end = at + elements.size() / slices + (longer ? 1 : 0);
                List<Value> part = new ArrayList<>(elements.subList(at, end));
                if (!longer && bound.some(1).isPresent()) {
                    part.add(bound.required(1));
                }
                result.add(Listing.list(part));
                at = end;
            }
            return result.iterator();
        });
    }

    private static Value groupBy(Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind("groupby", "attribute", "default", "case_sensitive");
        UnaryOperator<Value> key = attribute(Optional.of(bound.required(0)), bound.some(1));
        boolean exact = bound.flag(2);
        List<Value> sorted = Sorting.sorted(
                elements(value, arguments), element -> folded(key.apply(element), exact), false, arguments.meter());
        List<Value> result = new ArrayList<>();
        List<Value> group = new ArrayList<>();
        for (int i = 0; i < sorted.size(); i++) {
            group.add(sorted.get(i));
            Value own = folded(key.apply(sorted.get(i)), exact);
            arguments.meter().spend(own.weight());
            if (i + 1 == sorted.size() || !own.equals(folded(key.apply(sorted.get(i + 1)), exact))) {
                arguments.meter().spendHolder();
                result.add(Listing.named(GROUP, key.apply(group.get(0)), Listing.list(group)));
                group = new ArrayList<>();
            }
        }
        return Listing.list(result);
    }
}
