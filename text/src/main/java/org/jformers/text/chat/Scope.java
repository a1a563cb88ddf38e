package org.jformers.text.chat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Names and their values; those of the scope around are seen, but never changed. */
final class Scope {
    private final Optional<Scope> around;
    private final Map<String, Value> values = new HashMap<>();

    private Scope(Optional<Scope> around) {
        this.around = around;
    }

    /** A scope around all others. */
    static Scope outermost() {
        return new Scope(Optional.empty());
    }

    Scope inner() {
        return new Scope(Optional.of(this));
    }

    void set(String name, Value value) {
        values.put(name, value);
    }

    Value get(String name) {
        for (Scope scope = this;; scope = scope.around.get()) {
            Value value = scope.values.get(name);
            if (value != null) {
                return value;
            }
            if (scope.around.isEmpty()) {
                return Undefined.name(name);
            }
        }
    }
}
