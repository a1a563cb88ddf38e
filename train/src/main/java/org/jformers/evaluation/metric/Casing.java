package org.jformers.evaluation.metric;

/** Whether upper and lower case differ when texts are compared; the tag stands in metric signatures. */
public enum Casing {
    MIXED("mixed"),
    LOWER("lc");

    private final String tag;

    Casing(String tag) {
        this.tag = tag;
    }

    String tag() {
        return tag;
    }

    String apply(String text) {
        return this == LOWER ? Texts.lower(text) : text;
    }
}
