package org.jformers.cli.sample.model.head;

import org.jformers.cli.sample.model.family.TouchesTensors;

/** Breaks two rules: {@code model.head} lies below {@code model.family}, which uses it. */
public final class UsesFamilies {
    TouchesTensors above;
}
