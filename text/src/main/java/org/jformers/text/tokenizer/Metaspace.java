package org.jformers.text.tokenizer;

/** Spaces written as U+2581, as sentencepiece does (arXiv:1808.06226). */
final class Metaspace {
    static final int DEFAULT = 0x2581;

    private Metaspace() {}

    /** When a mark is put before the text. */
    enum Prepend {
        ALWAYS,
        FIRST,
        NEVER;

        /** Reads {@code prepend_scheme}; {@code add_prefix_space} of older files must agree. */
        static Prepend of(Component component) {
            component.text("str_rep", "");
            Prepend scheme = component.node().has("prepend_scheme") ? named(component) : ALWAYS;
            if (!component.nullableFlag("add_prefix_space", true) && scheme != NEVER) {
                throw component.error("add_prefix_space false needs the prepend_scheme never");
            }
            return scheme;
        }

        private static Prepend named(Component component) {
            return switch (component.text("prepend_scheme")) {
                case "always" -> ALWAYS;
                case "first" -> FIRST;
                case "never" -> NEVER;
                default -> throw component.error("prepend_scheme must be always, first or never, got "
                        + component.text("prepend_scheme"));
            };
        }
    }
}
