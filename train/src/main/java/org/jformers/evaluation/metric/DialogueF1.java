package org.jformers.evaluation.metric;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * How many words a reply shares with the right one: the harmonic mean of precision and recall over words, as ParlAI
 * counts them (ConvAI2). Words are lower case; punctuation becomes a space, articles are left out.
 */
public final class DialogueF1 {
    private static final Pattern ARTICLES = Pattern.compile("\\b(a|an|the)\\b");
    private static final Pattern PUNCTUATION = Pattern.compile("[!\"#$%&()*+,\\-./:;<=>?@\\[\\]\\\\^`{|}~_']");

    private DialogueF1() {}

    /** From 0 to 1; 0 where they share nothing, be it that one of them has no words. */
    public static double of(String reply, String right) {
        List<String> said = words(reply);
        Map<String, Integer> left = new HashMap<>();
        List<String> wanted = words(right);
        wanted.forEach(word -> left.merge(word, 1, Integer::sum));
        int common = 0;
        for (String word : said) {
            common += left.merge(word, -1, Integer::sum) >= 0 ? 1 : 0;
        }
        return common == 0 ? 0 : PrecisionRecall.of(common, said.size(), wanted.size()).f1();
    }

    private static List<String> words(String text) {
        String plain = PUNCTUATION.matcher(Texts.lower(text)).replaceAll(" ");
        return Texts.words(ARTICLES.matcher(plain).replaceAll(" "));
    }
}
