package org.jformers.evaluation.metric;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Translation edit rate (Snover et al. 2006): fewest insertions, deletions, substitutions and shifts of word blocks
 * that turn the hypothesis into the reference, per reference word; with Tercom's tokens and search limits as sacreBLEU
 * has them. Of several references the fewest edits count, over the mean of the reference lengths.
 *
 * @param options what differs from Tercom's default, which lower-cases and splits at white space
 */
public record Ter(Set<Option> options) {

    /** How words are made. */
    public enum Option {
        /** Upper and lower case differ. */
        CASE_SENSITIVE,
        /** Western punctuation apart, XML entities resolved. */
        NORMALIZED,
        /** Punctuation marks dropped. */
        NO_PUNCTUATION,
        /** With {@link #NORMALIZED} Chinese and Japanese signs apart, with {@link #NO_PUNCTUATION} theirs dropped. */
        ASIAN
    }

    private static final Pattern PUNCTUATION = Pattern.compile("[.,?:;!\"()]");
    private static final Pattern ASIAN_PUNCTUATION =
            Pattern.compile("[\\u3001\\u3002\\u3008-\\u3011\\u3014-\\u301f\\uff61-\\uff65\\u30fb]");
    private static final Pattern FULL_WIDTH_PUNCTUATION =
            Pattern.compile("[\\uff0e\\uff0c\\uff1f\\uff1a\\uff1b\\uff01\\uff02\\uff08\\uff09]");
    // One pass each, since a sign of two classes gets blanks twice and they collapse later anyway. The last range is
    // the reference's: it means U+3200 to U+32FF, says 3F22, and so takes ideographs of extension A along. Its rules
    // for kana look for them at the start of the line, where normalisation has put a blank: they never apply.
    private static final Pattern ASIAN_SIGN = Pattern.compile("[\\u4e00-\\u9fff\\u3400-\\u4dbf\\u31c0-\\u31ef"
            + "\\u2e80-\\u2eff\\uf900-\\ufaff\\ufe30-\\ufe4f\\u3200-\\u3f22]");
    private static final Pattern POSSESSIVE = Pattern.compile("'s ");

    public Ter {
        options = Set.copyOf(options);
    }

    public static Ter standard() {
        return new Ter(EnumSet.noneOf(Option.class));
    }

    public static Ter with(Option first, Option... rest) {
        return new Ter(EnumSet.of(first, rest));
    }

    public Score sentence(Segment segment) {
        return corpus(List.of(segment));
    }

    public Score corpus(List<Segment> segments) {
        Signature.requireSegments("TER", segments);
        long edits = 0;
        double length = 0;
        for (Segment segment : segments) {
            Map<Object, Integer> ids = new HashMap<>();
            int[] hypothesis = EditDistance.ids(words(segment.hypothesis()), ids);
            int fewest = Integer.MAX_VALUE;
            long lengths = 0;
            for (String text : segment.references()) {
                int[] reference = EditDistance.ids(words(text), ids);
                fewest = Math.min(fewest, ShiftSearch.edits(hypothesis, reference));
                lengths += reference.length;
            }
            edits += fewest;
            length += (double) lengths / segment.references().size();
        }
        double rate = length > 0 ? edits / length : Math.min(edits, 1);
        return new Score(100 * rate, edits, length, signature(segments));
    }

    private List<String> words(String line) {
        String text = Texts.stripTrailing(line);
        if (!options.contains(Option.CASE_SENSITIVE)) {
            text = Texts.lower(text);
        }
        boolean asian = options.contains(Option.ASIAN);
        if (options.contains(Option.NORMALIZED)) {
            text = normalize(text);
            if (asian) {
                text = ASIAN_SIGN.matcher(text).replaceAll(" $0 ");
                text = ASIAN_PUNCTUATION.matcher(text).replaceAll(" $0 ");
                text = FULL_WIDTH_PUNCTUATION.matcher(text).replaceAll(" $0 ");
            }
        }
        if (options.contains(Option.NO_PUNCTUATION)) {
            text = PUNCTUATION.matcher(text).replaceAll("");
            if (asian) {
                text = ASIAN_PUNCTUATION.matcher(text).replaceAll("");
                text = FULL_WIDTH_PUNCTUATION.matcher(text).replaceAll("");
            }
        }
        return Texts.words(text);
    }

    private static String normalize(String line) {
        if (line.isEmpty()) {
            return line;
        }
        String text = BleuTokenizer.unescape(line.replace("\n-", "").replace('\n', ' '));
        text = BleuTokenizer.separatePunctuation(" " + text + " ");
        return BleuTokenizer.separateNumberPoints(POSSESSIVE.matcher(text).replaceAll(" 's "));
    }

    private String signature(List<Segment> segments) {
        return Signature.of(
                segments,
                "case:" + (options.contains(Option.CASE_SENSITIVE) ? Casing.MIXED : Casing.LOWER).tag() + "|tok:tercom"
                        + "|norm:" + yesNo(options.contains(Option.NORMALIZED))
                        + "|punct:" + yesNo(!options.contains(Option.NO_PUNCTUATION))
                        + "|asian:" + yesNo(options.contains(Option.ASIAN)));
    }

    private static String yesNo(boolean yes) {
        return yes ? "yes" : "no";
    }

    /**
     * A translation edit rate.
     *
     * @param score edits per 100 reference words; can pass 100
     * @param edits edits and shifts
     * @param referenceLength words in the references, averaged over those of a segment
     * @param signature how it was computed
     */
    public record Score(double score, long edits, double referenceLength, String signature) {

        /** sacreBLEU's line: {@code TER|nrefs:1|... = 51.64}. */
        @Override
        public String toString() {
            return "TER|" + signature + " = " + Texts.fixed(score, 2);
        }
    }
}
