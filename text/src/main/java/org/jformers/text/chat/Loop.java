package org.jformers.text.chat;

import java.util.List;
import java.util.Optional;

/** The variable {@code loop} within a loop. */
final class Loop extends Value {
    private final List<Value> elements;
    private final int depth;
    private final Optional<Function.Body> again;
    private Optional<List<Value>> lastChanged = Optional.empty();
    private int index;

    /** @param again renders the loop for other elements, if it is recursive */
    Loop(List<Value> elements, int depth, Optional<Function.Body> again) {
        this.elements = elements;
        this.depth = depth;
        this.again = again;
    }

    void goTo(int newIndex) {
        index = newIndex;
    }

    @Override
    String type() {
        return "LoopContext";
    }

    @Override
    void repr(TextBuilder out) {
        out.append("<LoopContext " + (index + 1) + "/" + elements.size() + ">");
    }

    @Override
    int length() {
        return elements.size();
    }

    @Override
    Optional<Value> attribute(String name) {
        return Optional.ofNullable(switch (name) {
            case "index" -> Value.of(index + 1);
            case "index0" -> Value.of(index);
            case "revindex" -> Value.of(elements.size() - index);
            case "revindex0" -> Value.of(elements.size() - index - 1);
            case "first" -> Value.of(index == 0);
            case "last" -> Value.of(index == elements.size() - 1);
            case "length" -> Value.of(elements.size());
            case "depth" -> Value.of(depth + 1);
            case "depth0" -> Value.of(depth);
            case "previtem" -> index > 0 ? elements.get(index - 1) : new Undefined("there is no previous item");
            case "nextitem" -> index + 1 < elements.size()
                    ? elements.get(index + 1) : new Undefined("there is no next item");
            case "cycle" -> new Function(name, this::cycle);
            case "changed" -> new Function(name, this::changed);
            default -> null;
        });
    }

    private Value cycle(Arguments arguments) {
        List<Value> values = arguments.positional();
        if (values.isEmpty()) {
            throw new ChatTemplateException("no items for cycling given");
        }
        return values.get(index % values.size());
    }

    private Value changed(Arguments arguments) {
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
