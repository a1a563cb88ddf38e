package org.jformers.text.chat;

import java.util.List;
import java.util.Optional;

/** Gives its values one after the other, again and again. */
final class Cycler extends Value {
    private final List<Value> values;
    private int at;

    Cycler(List<Value> values) {
        if (values.isEmpty()) {
            throw new ChatTemplateException("cycler: at least one item has to be provided");
        }
        this.values = values;
    }

    @Override
    String type() {
        return "Cycler";
    }

    @Override
    void repr(TextBuilder out) {
        out.append("<jinja2.utils.Cycler object at " + ADDRESS + ">");
    }

    @Override
    Optional<Value> attribute(String name) {
        return switch (name) {
            case "items" -> Optional.of(Listing.tuple(values));
            case "pos" -> Optional.of(Value.of(at));
            case "current" -> Optional.of(values.get(at));
            case "next" -> Optional.of(Function.shownAs("<bound method Cycler.next>", arguments -> {
                Value value = values.get(at);
                at = (at + 1) % values.size();
                return value;
            }));
            case "reset" -> Optional.of(Function.shownAs("<bound method Cycler.reset>", arguments -> {
                at = 0;
                return None.NONE;
            }));
            default -> Optional.empty();
        };
    }
}
