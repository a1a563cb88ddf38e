package org.jformers.evaluation.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.jformers.evaluation.EvaluationException;

/**
 * Exact match and token F1 of answers to questions, in percent, by the rules of the SQuAD 2.0 evaluation (Rajpurkar et
 * al. 2018); over answerable questions alone they are the figures of SQuAD 1.1. Answers are compared lower-cased,
 * without ASCII punctuation and the articles a, an, the; the accepted answer that fits best counts.
 *
 * @param all over all questions
 * @param answerable over those with an accepted answer, if there are any
 * @param unanswerable over those without, if there are any
 * @param bestExact the exact match that the best threshold for "no answer" would give
 * @param bestF1 the F1 that its best threshold would give
 */
public record Squad(
        Figures all, Optional<Figures> answerable, Optional<Figures> unanswerable, Best bestExact, Best bestF1) {
    private static final Pattern PUNCTUATION = Pattern.compile("[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]");
    // Java's own words hold combining marks too; here letters, numbers and the underscore alone make them.
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_]+");
    private static final Set<String> ARTICLES = Set.of("a", "an", "the");

    /**
     * A question's answers.
     *
     * @param accepted the answers that are right; none if the question has no answer
     * @param prediction the answer given; empty if the system says there is none
     * @param noAnswerProbability how sure the system is that there is none; 0 where it does not say
     */
    public record Answer(List<String> accepted, String prediction, double noAnswerProbability) {
        public Answer {
            accepted = List.copyOf(accepted);
        }

        private boolean answerable() {
            return !accepted.isEmpty();
        }

        private double exact() {
            return best(gold -> normalize(gold).equals(normalize(prediction)) ? 1 : 0);
        }

        private double f1() {
            return best(gold -> tokenF1(Texts.words(normalize(gold)), Texts.words(normalize(prediction))));
        }

        private double best(ToDoubleFunction<String> score) {
            OptionalDouble best = accepted.stream()
                    .filter(gold -> !normalize(gold).isEmpty())
                    .mapToDouble(score)
                    .max();
            return best.orElseGet(() -> score.applyAsDouble(""));
        }
    }

    /** Figures over some questions, in percent. */
    public record Figures(double exact, double f1, long total) {}

    /**
     * What a threshold would give.
     *
     * @param score in percent
     * @param threshold questions with a higher probability of no answer are taken as unanswered
     */
    public record Best(double score, double threshold) {}

    /** Takes every prediction as it stands. */
    public static Squad of(List<Answer> answers) {
        return of(answers, 1);
    }

    /** Takes predictions whose probability of no answer is above the threshold as "no answer". */
    public static Squad of(List<Answer> answers, double noAnswerThreshold) {
        if (answers.isEmpty()) {
            throw new EvaluationException("SQuAD: no questions, allowed: one or more");
        }
        List<Scored> scored = new ArrayList<>(answers.size());
        for (Answer answer : answers) {
            scored.add(new Scored(answer, answer.exact(), answer.f1()));
        }
        List<Scored> judged = scored.stream().map(each -> each.above(noAnswerThreshold)).toList();
        return new Squad(
                figures(judged).orElseThrow(),
                figures(judged.stream().filter(each -> each.answer.answerable()).toList()),
                figures(judged.stream().filter(each -> !each.answer.answerable()).toList()),
                best(scored, Scored::exact),
                best(scored, Scored::f1));
    }

    private record Scored(Answer answer, double exact, double f1) {
        Scored above(double threshold) {
            if (answer.noAnswerProbability <= threshold) {
                return this;
            }
            double right = answer.answerable() ? 0 : 1;
            return new Scored(answer, right, right);
        }
    }

    private static Optional<Figures> figures(List<Scored> scored) {
        if (scored.isEmpty()) {
            return Optional.empty();
        }
        double exact = 0;
        double f1 = 0;
        for (Scored each : scored) {
            exact += each.exact;
            f1 += each.f1;
        }
        int total = scored.size();
        return Optional.of(new Figures(100 * exact / total, 100 * f1 / total, total));
    }

    /** Starts with no question answered and takes the answers in, the surest first. */
    private static Best best(List<Scored> scored, ToDoubleFunction<Scored> score) {
        double sum = scored.stream().filter(each -> !each.answer.answerable()).count();
        double best = sum;
        double threshold = 0;
        Comparator<Scored> surestFirst = Comparator.comparingDouble(each -> each.answer.noAnswerProbability);
        for (Scored each : scored.stream().sorted(surestFirst).toList()) {
            if (each.answer.answerable()) {
                sum += score.applyAsDouble(each);
            } else if (!each.answer.prediction.isEmpty()) {
                sum--;
            }
            if (sum > best) {
                best = sum;
                threshold = each.answer.noAnswerProbability;
            }
        }
        return new Best(100 * best / scored.size(), threshold);
    }

    /** The text as answers are compared. */
    public static String normalize(String answer) {
        String text = PUNCTUATION.matcher(Texts.lower(answer)).replaceAll("");
        String plain = WORD.matcher(text)
                .replaceAll(word -> ARTICLES.contains(word.group()) ? " " : word.group());
        return String.join(" ", Texts.words(plain));
    }

    private static double tokenF1(List<String> gold, List<String> predicted) {
        if (gold.isEmpty() || predicted.isEmpty()) {
            return gold.equals(predicted) ? 1 : 0;
        }
        Map<String, Integer> left = new HashMap<>();
        gold.forEach(token -> left.merge(token, 1, Integer::sum));
        int common = 0;
        for (String token : predicted) {
            common += left.merge(token, -1, Integer::sum) >= 0 ? 1 : 0;
        }
        return PrecisionRecall.of(common, predicted.size(), gold.size()).f1();
    }

    /** The evaluation script's JSON on one line. */
    @Override
    public String toString() {
        StringBuilder json = new StringBuilder("{");
        append(json, "", all);
        answerable.ifPresent(figures -> append(json.append(", "), "HasAns_", figures));
        unanswerable.ifPresent(figures -> append(json.append(", "), "NoAns_", figures));
        return json.append(", \"best_exact\": ").append(bestExact.score)
                .append(", \"best_exact_thresh\": ").append(bestExact.threshold)
                .append(", \"best_f1\": ").append(bestF1.score)
                .append(", \"best_f1_thresh\": ").append(bestF1.threshold)
                .append('}')
                .toString();
    }

    private static void append(StringBuilder json, String prefix, Figures figures) {
        json.append('"').append(prefix).append("exact\": ").append(figures.exact)
                .append(", \"").append(prefix).append("f1\": ").append(figures.f1)
                .append(", \"").append(prefix).append("total\": ").append(figures.total);
    }
}
