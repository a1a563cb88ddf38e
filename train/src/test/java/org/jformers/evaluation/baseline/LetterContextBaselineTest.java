package org.jformers.evaluation.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jformers.evaluation.EvaluationException;
import org.jformers.evaluation.baseline.LetterContextBaseline.Entry;
import org.jformers.evaluation.metric.PronunciationScore;
import org.junit.jupiter.api.Test;

final class LetterContextBaselineTest {
    @Test
    void learnsSilentAndDoubleAndContextualLetters() {
        List<Entry> lexicon = spelled(3000, new Random(1));
        LetterContextBaseline baseline = LetterContextBaseline.train(lexicon, 1);
        for (Entry unseen : spelled(300, new Random(2))) {
            assertThat(baseline.predict(unseen.word())).as(unseen.word()).isEqualTo(unseen.phonemes());
        }
    }

    @Test
    void alignsPhonemesToTheLettersTheyComeFrom() {
        // Letters k n a x e and phonemes n a k s: the first k and the last e silent, x two phonemes.
        int[][] words = {{0, 1, 2}, {1, 2, 3}, {2, 3, 4}, {1, 2, 4}, {2, 1}, {1, 2}, {2, 3}, {0, 1, 2, 3, 4}};
        int[][] sounds = {{0, 1}, {0, 1, 2, 3}, {1, 2, 3}, {0, 1}, {1, 0}, {0, 1}, {1, 2, 3}, {0, 1, 2, 3}};
        LetterAlignment alignment = LetterAlignment.learn(5, 4, words, sounds);
        int[][] aligned = Arrays.stream(alignment.align(words[7], sounds[7]))
                .mapToObj(alignment::sounds)
                .toArray(int[][]::new);
        assertThat(aligned).isDeepEqualTo(new int[][] {{}, {0}, {1}, {2, 3}, {}});
    }

    @Test
    void doesNotDependOnTheOrderOfTheLexicon() {
        List<Entry> lexicon = spelled(400, new Random(3));
        List<Entry> shuffled = new ArrayList<>(lexicon);
        Collections.shuffle(shuffled, new Random(4));
        LetterContextBaseline one = LetterContextBaseline.train(lexicon);
        LetterContextBaseline other = LetterContextBaseline.train(shuffled);
        for (Entry entry : spelled(400, new Random(5))) {
            assertThat(one.predict(entry.word())).isEqualTo(other.predict(entry.word()));
        }
    }

    @Test
    void backsOffToTheLetterAlone() {
        LetterContextBaseline baseline = LetterContextBaseline.train(
                List.of(new Entry("ab", List.of("A", "B")), new Entry("ba", List.of("B", "A"))));
        assertThat(baseline.predict("aab?")).containsExactly("A", "A", "B");
        assertThat(baseline.predict("")).isEmpty();
    }

    @Test
    void leavesOutWordsThatCannotBeAligned() {
        Entry abbreviation = new Entry("w", List.of("d", "V", "b", "@", "l", "j", "u"));
        assertThat(LetterContextBaseline.train(List.of(abbreviation, new Entry("a", List.of("A")))).predict("wa"))
                .containsExactly("A");
        assertThatThrownBy(() -> LetterContextBaseline.train(List.of(abbreviation)))
                .isInstanceOf(EvaluationException.class)
                .hasMessage("letter contexts: none of 1 words can be aligned, allowed: one or more with at most two "
                        + "phonemes per letter");
    }

    @Test
    void pronouncesEnglishWordsItHasNotSeen() throws IOException {
        List<Entry> lexicon = cmuWords();
        List<Entry> training = new ArrayList<>();
        List<Entry> unseen = new ArrayList<>();
        for (int i = 0; i < lexicon.size(); i += 5) {
            (i % 100 == 0 ? unseen : training).add(lexicon.get(i));
        }
        LetterContextBaseline narrow = LetterContextBaseline.train(training, 1);
        LetterContextBaseline wide = LetterContextBaseline.train(training, 2);
        assertThat(score(wide, unseen).phonemeErrorRate())
                .isLessThan(0.15)
                .isLessThan(0.8 * score(narrow, unseen).phonemeErrorRate());
    }

    private static PronunciationScore score(LetterContextBaseline baseline, List<Entry> unseen) {
        return PronunciationScore.of(
                unseen.stream().map(entry -> baseline.predict(entry.word())).toList(),
                unseen.stream().map(entry -> List.of(entry.phonemes())).toList());
    }

    /** The CMU dictionary as MARY ships it, without its signs for stress and syllables. */
    private static List<Entry> cmuWords() throws IOException {
        List<Entry> entries = new ArrayList<>();
        String lexicon = "/marytts/language/en_US/lexicon/en_US_lexicon.dict";
        try (BufferedReader rows = new BufferedReader(new InputStreamReader(
                LetterContextBaselineTest.class.getResourceAsStream(lexicon), StandardCharsets.UTF_8))) {
            for (String row = rows.readLine(); row != null; row = rows.readLine()) {
                String[] parts = row.split("\\|");
                List<String> phonemes = Arrays.stream(parts[1].split(" "))
                        .filter(sign -> !sign.isEmpty() && !sign.equals("'") && !sign.equals("-"))
                        .toList();
                entries.add(new Entry(parts[0], phonemes));
            }
        }
        return entries;
    }

    /** Words of an invented spelling: c is s before e and i, else k; x is ks; h is silent; the rest are themselves. */
    private static List<Entry> spelled(int count, Random random) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            StringBuilder word = new StringBuilder();
            int length = 2 + random.nextInt(6);
            for (int j = 0; j < length; j++) {
                word.append("abceixhsk".charAt(random.nextInt(9)));
            }
            List<String> phonemes = new ArrayList<>();
            for (int j = 0; j < length; j++) {
                char letter = word.charAt(j);
                if (letter == 'c') {
                    boolean soft = j + 1 < length && "ei".indexOf(word.charAt(j + 1)) >= 0;
                    phonemes.add(soft ? "s" : "k");
                } else if (letter == 'x') {
                    phonemes.addAll(List.of("k", "s"));
                } else if (letter != 'h') {
                    phonemes.add(String.valueOf(letter));
                }
            }
            entries.add(new Entry(word.toString(), phonemes));
        }
        return entries;
    }
}
