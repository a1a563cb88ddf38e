package org.jformers.text.chat;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Predicate;

/** The elements for which a test holds; each is looked at when it is asked for. */
final class KeptElements implements Iterator<Value> {
    private final Iterator<Value> elements;
    private final Predicate<Value> test;
    private final Meter meter;
    private Optional<Value> found = Optional.empty();

    KeptElements(Iterator<Value> elements, Predicate<Value> test, Meter meter) {
        this.elements = elements;
        this.test = test;
        this.meter = meter;
    }

    @Override
    public boolean hasNext() {
        while (found.isEmpty() && elements.hasNext()) {
            meter.spend(2);
            found = Optional.of(elements.next()).filter(test);
        }
        return found.isPresent();
    }

    @Override
    public Value next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Value value = found.get();
        found = Optional.empty();
        return value;
    }
}
