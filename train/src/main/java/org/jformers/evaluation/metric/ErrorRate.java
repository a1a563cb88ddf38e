package org.jformers.evaluation.metric;

import java.util.List;
import java.util.function.Function;
import org.jformers.evaluation.EvaluationException;

/**
 * Edits per reference symbol over a whole corpus: word error rate (WER), character error rate (CER), phoneme error
 * rate. The corpus rate is the total of the edits over the total of the reference symbols, not a mean of rates, so it
 * can pass 1.
 *
 * @param edits insertions, deletions and substitutions
 * @param symbols symbols in the references
 */
public record ErrorRate(long edits, long symbols) {
    public static final ErrorRate NONE = new ErrorRate(0, 0);

    /** Over symbol sequences; prediction i belongs to reference i. */
    public static ErrorRate of(List<? extends List<?>> predictions, List<? extends List<?>> references) {
        return sum(predictions, references, Function.identity());
    }

    /** WER: symbols are the words between white space, upper and lower case and punctuation as they stand. */
    public static ErrorRate words(List<String> predictions, List<String> references) {
        return sum(predictions, references, Texts::words);
    }

    /** CER: symbols are Unicode code points, white space included. */
    public static ErrorRate characters(List<String> predictions, List<String> references) {
        return sum(predictions, references, Texts::characters);
    }

    private static <T> ErrorRate sum(
            List<? extends T> predictions, List<? extends T> references, Function<T, ? extends List<?>> symbols) {
        if (predictions.size() != references.size()) {
            throw new EvaluationException("error rate: " + predictions.size() + " predictions for " + references.size()
                    + " references, allowed: as many of each");
        }
        ErrorRate sum = NONE;
        for (int i = 0; i < predictions.size(); i++) {
            List<?> reference = symbols.apply(references.get(i));
            sum = sum.plus(new ErrorRate(
                    EditDistance.between(symbols.apply(predictions.get(i)), reference), reference.size()));
        }
        return sum;
    }

    public ErrorRate plus(ErrorRate other) {
        return new ErrorRate(edits + other.edits, symbols + other.symbols);
    }

    /** Edits per symbol; NaN without any symbol. */
    public double rate() {
        return (double) edits / symbols;
    }

    /** As sclite would: {@code 12.50 % (5 / 40)}. */
    @Override
    public String toString() {
        return Texts.fixed(100 * rate(), 2) + " % (" + edits + " / " + symbols + ")";
    }
}
