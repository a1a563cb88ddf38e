package org.jformers.text.tokenizer;

/**
 * BERT's basic clean-up: control characters out, every space plain, ideographs apart, accents off, lower case. Source:
 * arXiv:1810.04805 and its released code.
 */
record BertNormalizer(boolean cleanText, boolean separateIdeographs, boolean stripAccents, boolean lowercase)
        implements Normalizer {

    static BertNormalizer of(Component component) {
        boolean lowercase = component.flag("lowercase");
        return new BertNormalizer(
                component.flag("clean_text"),
                component.flag("handle_chinese_chars"),
                component.nullableFlag("strip_accents", lowercase),
                lowercase);
    }

    @Override
    public Text normalize(Text text) {
        Text result = cleanText || separateIdeographs ? cleaned(text) : text;
        if (stripAccents) {
            result = Normalizers.without(
                    UnicodeNormalization.NFD.normalize(result),
                    Categories::isNonspacingMark);
        }
        return lowercase ? Normalizers.lowercase(result) : result;
    }

    private Text cleaned(Text text) {
        int first = 0;
        while (first < text.length() && stays(text.at(first))) {
            first++;
        }
        if (first == text.length()) {
            return text;
        }
        Text.Builder out = text.builder(text.length() + 8).copy(text, 0, first);
        for (int i = first; i < text.length(); i++) {
            int c = text.at(i);
            if (cleanText) {
                if (Categories.isControl(c)) {
                    continue;
                }
                if (CodePoints.isWhitespace(c)) {
                    c = ' ';
                }
            }
            if (separateIdeographs && CodePoints.isIdeograph(c)) {
                out.add(' ', text, i).add(c, text, i).add(' ', text, i);
            } else {
                out.add(c, text, i);
            }
        }
        return out.build();
    }

    private static boolean stays(int c) {
        return c == ' ' || !(Categories.isControl(c) || CodePoints.isWhitespace(c) || CodePoints.isIdeograph(c));
    }
}
