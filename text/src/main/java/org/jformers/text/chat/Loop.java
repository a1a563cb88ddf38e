package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The variable {@code loop} within a loop, which goes through the elements. */
final class Loop extends Value {
    private final int depth;
    private final Optional<Function.Body> again;
    private Iterator<Value> rest;
    private OptionalInt length;
    private Optional<Value> before = Optional.empty();
    private Optional<Value> current = Optional.empty();
    private Optional<Value> after = Optional.empty();
    private Optional<List<Value>> lastChanged = Optional.empty();
    private int index = -1;

    /**
     * A loop before its first element.
     *
     * @param length of the elements, where it is known before all were seen
     * @param again renders the loop for other elements, if it is recursive
     */
    Loop(Iterator<Value> elements, OptionalInt length, int depth, Optional<Function.Body> again) {
        this.rest = elements;
        this.length = length;
        this.depth = depth;
        this.again = again;
    }

    /** Goes on to the next element, if there is one. */
    Optional<Value> next() {
        Optional<Value> next = peek();
        after = Optional.empty();
        if (next.isPresent()) {
            index++;
            before = current;
            current = next;
        }
        return next;
    }

    private Optional<Value> peek() {
        if (after.isEmpty() && rest.hasNext()) {
            after = Optional.of(rest.next());
        }
        return after;
    }

    @Override
    String type() {
        return "LoopContext";
    }

    @Override
    void repr(TextBuilder out) {
        out.append("<LoopContext " + (index + 1) + "/" + length() + ">");
    }

    @Override
    int length() {
        if (length.isEmpty()) {
            List<Value> all = new ArrayList<>();
            rest.forEachRemaining(all::add);
            rest = all.iterator();
            length = OptionalInt.of(all.size() + index + 1 + (after.isPresent() ? 1 : 0));
        }
        return length.getAsInt();
    }

    @Override
    Optional<Value> attribute(String name) {
        return switch (name) {
            case "index" -> Optional.of(Value.of(index + 1));
            case "index0" -> Optional.of(Value.of(index));
            case "revindex" -> Optional.of(Value.of(length() - index));
            case "revindex0" -> Optional.of(Value.of(length() - index - 1));
            case "first" -> Optional.of(Value.of(index == 0));
            case "last" -> Optional.of(Value.of(peek().isEmpty()));
            case "length" -> Optional.of(Value.of(length()));
            case "depth" -> Optional.of(Value.of(depth + 1));
            case "depth0" -> Optional.of(Value.of(depth));
            case "previtem" -> Optional.of(before.orElseGet(() -> new Undefined("there is no previous item")));
            case "nextitem" -> Optional.of(peek().orElseGet(() -> new Undefined("there is no next item")));
            case "cycle" -> Optional.of(method(this::cycle));
            case "changed" -> Optional.of(method(this::changed));
            default -> Optional.empty();
        };
    }

    private static Function method(Function.Body body) {
        return Function.shownAs("<bound method of LoopContext>", body);
    }

    private Value cycle(Arguments arguments) {
        List<Value> values = arguments.positional();
        arguments.unnamed("cycle");
        if (values.isEmpty()) {
            throw new ChatTemplateException("no items for cycling given");
        }
        return values.get(index % values.size());
    }

    private Value changed(Arguments arguments) {
        arguments.unnamed("changed");
        arguments.positional().forEach(value -> arguments.meter().spend(value.weight()));
        boolean changed = lastChanged.isEmpty() || !lastChanged.get().equals(arguments.positional());
        lastChanged = Optional.of(arguments.positional());
        return Value.of(changed);
    }

    @Override
    Value call(Arguments arguments) {
        return again.orElseThrow(() -> new ChatTemplateException(
                "the loop must have the 'recursive' marker to be called recursively")).call(arguments);
    }

    @Override
    boolean isCallable() {
        return true;
    }
}
