package org.jformers.cli.sample.text;

/** Breaks two rules: {@code text} stands alone, and libraries print nothing. */
final class UsesTensors {
    Class<?> other = org.jformers.cli.sample.nn.NamesEngine.class;

    static void shout() {
        System.out.println("out");
        System.err.println("err");
    }
}
