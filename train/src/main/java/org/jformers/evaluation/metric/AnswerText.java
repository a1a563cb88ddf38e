package org.jformers.evaluation.metric;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;

/**
 * Brings an answer that a model gave in its tokenizer's spelling back to the spelling of the text, as the BERT code for
 * SQuAD does (Devlin et al. 2019): "steve smith" in "Steve Smith's" is "Steve Smith". The text is cut by BERT's basic
 * tokenization and the characters that are not blanks are laid side by side; where that fails the whole text is the
 * answer.
 */
public final class AnswerText {
    private AnswerText() {}

    /**
     * @param predicted the answer as tokens joined with blanks
     * @param original the span of the text that those tokens come from
     * @param casing {@link Casing#LOWER} if the tokenizer lower-cases and strips accents
     */
    public static String inOriginal(String predicted, String original, Casing casing) {
        String tokenized = String.join(" ", tokens(original, casing));
        int found = tokenized.indexOf(predicted);
        if (found < 0 || predicted.isEmpty()) {
            return original;
        }
        int[] tokenizedText = tokenized.codePoints().toArray();
        int[] originalText = original.codePoints().toArray();
        int[] tokenizedPlaces = places(tokenizedText);
        int[] originalPlaces = places(originalText);
        if (tokenizedPlaces.length != originalPlaces.length) {
            return original;
        }
        int start = tokenized.codePointCount(0, found);
        int end = start + predicted.codePointCount(0, predicted.length()) - 1;
        int first = Arrays.binarySearch(tokenizedPlaces, start);
        int last = Arrays.binarySearch(tokenizedPlaces, end);
        if (first < 0 || last < 0) {
            return original;
        }
        int from = originalPlaces[first];
        return new String(originalText, from, originalPlaces[last] + 1 - from);
    }

    /** Where the characters that are not blanks stand, in ascending order. */
    private static int[] places(int[] text) {
        int[] places = new int[text.length];
        int count = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] != ' ') {
                places[count++] = i;
            }
        }
        return Arrays.copyOf(places, count);
    }

    /** BERT's basic tokenization: words, every punctuation mark and every Chinese character by itself. */
    private static List<String> tokens(String text, Casing casing) {
        StringBuilder cleaned = new StringBuilder(text.length());
        text.codePoints().filter(c -> c != 0xFFFD && !isControl(c)).forEach(c -> {
            if (isBlank(c)) {
                cleaned.append(' ');
            } else {
                append(cleaned, c, isChinese(c));
            }
        });
        StringBuilder separated = new StringBuilder(cleaned.length());
        for (String word : Texts.words(Normalizer.normalize(cleaned, Normalizer.Form.NFC))) {
            String plain = casing == Casing.LOWER ? withoutAccents(Texts.lower(word)) : word;
            plain.codePoints().forEach(c -> append(separated, c, isPunctuation(c)));
            separated.append(' ');
        }
        return Texts.words(separated.toString());
    }

    private static void append(StringBuilder text, int c, boolean apart) {
        if (apart) {
            text.append(' ').appendCodePoint(c).append(' ');
        } else {
            text.appendCodePoint(c);
        }
    }

    private static String withoutAccents(String word) {
        StringBuilder plain = new StringBuilder(word.length());
        Normalizer.normalize(word, Normalizer.Form.NFD)
                .codePoints()
                .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
                .forEach(plain::appendCodePoint);
        return plain.toString();
    }

    private static boolean isBlank(int c) {
        return c == '\t' || c == '\n' || c == '\r' || Character.getType(c) == Character.SPACE_SEPARATOR;
    }

    private static boolean isControl(int c) {
        if (c == '\t' || c == '\n' || c == '\r') {
            return false;
        }
        int type = Character.getType(c);
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.PRIVATE_USE
                || type == Character.SURROGATE
                || type == Character.UNASSIGNED;
    }

    private static boolean isPunctuation(int c) {
        if (c < 0x80) {
            return c > ' ' && c < 0x7F && !Character.isLetterOrDigit(c);
        }
        int type = Character.getType(c);
        return type == Character.CONNECTOR_PUNCTUATION
                || type == Character.DASH_PUNCTUATION
                || type == Character.START_PUNCTUATION
                || type == Character.END_PUNCTUATION
                || type == Character.INITIAL_QUOTE_PUNCTUATION
                || type == Character.FINAL_QUOTE_PUNCTUATION
                || type == Character.OTHER_PUNCTUATION;
    }

    private static boolean isChinese(int c) {
        return (c >= 0x4E00 && c <= 0x9FFF)
                || (c >= 0x3400 && c <= 0x4DBF)
                || (c >= 0x20000 && c <= 0x2A6DF)
                || (c >= 0x2A700 && c <= 0x2CEAF)
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0x2F800 && c <= 0x2FA1F);
    }
}
