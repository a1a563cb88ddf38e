package org.jformers.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Side;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.Truncation;

/**
 * How a question and its context become rows: one, or, where that would be too long, windows of the context that
 * overlap, each with the whole question. The question comes first, but where the tokenizer pads on the left, the
 * context does, as in the reference.
 *
 * <p>Reference: transformers, {@code examples/pytorch/question-answering/run_qa.py}; {@code
 * pipelines/question_answering.py} of 4.57.
 *
 * @param tokenizer cuts texts into tokens
 * @param maxLength tokens of a row at most, special ones counted
 * @param stride tokens of the context that neighbouring windows share; where windows hold no more than that, half of
 *     what they hold
 */
public record QuestionWindows(Tokenizer tokenizer, int maxLength, int stride) {

    public QuestionWindows {
        if (maxLength < 1 || stride < 0) {
            throw new JformersException("windows of a context: got " + maxLength + " tokens, " + stride
                    + " of them shared, allowed >= 1 and >= 0");
        }
        if (!tokenizer.tellsPlaces()) {
            throw new JformersException("windows of a context: got a tokenizer whose class does not tell where tokens"
                    + " stand, allowed those that do");
        }
    }

    /** The windows in the order of the context; none if the question leaves no room for it. */
    public List<AnswerWindow> of(String question, String context) {
        boolean questionFirst = tokenizer.padding().map(padding -> padding.side() == Side.RIGHT).orElse(true);
        String first = questionFirst ? question : context;
        String second = questionFirst ? context : question;
        int sequence = questionFirst ? 1 : 0;
        Encoding whole = tokenizer.encode(first, second);
        if (whole.length() <= maxLength) {
            return List.of(window(whole, sequence));
        }
        int ofContext = (int) IntStream.of(whole.sequences()).filter(each -> each == sequence).count();
        int room = maxLength - (whole.length() - ofContext);
        if (room < 1) {
            return List.of();
        }
        Encoding cut = tokenizer.encode(first, second, new Truncation(maxLength, stride < room ? stride : room / 2,
                questionFirst ? Truncation.Strategy.ONLY_SECOND : Truncation.Strategy.ONLY_FIRST,
                tokenizer.truncation(maxLength).side()));
        List<AnswerWindow> windows = new ArrayList<>(List.of(window(cut, sequence)));
        cut.overflow().forEach(each -> windows.add(window(each, sequence)));
        return List.copyOf(windows);
    }

    private AnswerWindow window(Encoding row, int sequence) {
        int[] sequences = row.sequences();
        int from = 0;
        while (from < sequences.length && sequences[from] != sequence) {
            from++;
        }
        int to = from;
        while (to < sequences.length && sequences[to] == sequence) {
            to++;
        }
        return new AnswerWindow(row, from, to, none(row));
    }

    private int none(Encoding row) {
        return place(row, tokenizer.specialTokens().cls())
                .orElseGet(() -> place(row, tokenizer.specialTokens().bos()).orElse(0));
    }

    private static OptionalInt place(Encoding row, OptionalInt token) {
        return token.isEmpty()
                ? OptionalInt.empty()
                : IntStream.range(0, row.length()).filter(i -> row.ids()[i] == token.getAsInt()).findFirst();
    }
}
