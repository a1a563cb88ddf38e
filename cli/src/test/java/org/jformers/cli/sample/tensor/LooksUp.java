package org.jformers.cli.sample.tensor;

import org.jformers.cli.sample.nn.NamesEngine;

/** Breaks the direction: {@code tensor} lies below {@code nn}. */
final class LooksUp {
    NamesEngine above;
}
