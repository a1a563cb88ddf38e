package org.jformers.task;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.data.AnswerTexts;
import org.jformers.data.Questions;
import org.jformers.data.Questions.Answer;
import org.jformers.data.Questions.Question;
import org.jformers.data.RowEncoding;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.model.Model;
import org.jformers.objective.SpanScores;
import org.jformers.pipeline.AnswerWindow;
import org.jformers.pipeline.QuestionWindows;
import org.jformers.pipeline.SpanSearch;
import org.jformers.tensor.Precision;

/** Questions as windows that a model reads. */
final class QuestionSet {
    private final Questions questions;
    private final AnswerTexts windows;
    /** The windows of each question, in order; only of questions to be answered, for they take memory. */
    private final List<List<AnswerWindow>> ofQuestions;

    private QuestionSet(Questions questions, AnswerTexts windows, List<List<AnswerWindow>> ofQuestions) {
        this.questions = questions;
        this.windows = windows;
        this.ofQuestions = ofQuestions;
    }

    /** A question's rows, and whether its answer is in none of them. */
    private record Cut(List<AnswerTexts.Row> rows, List<AnswerWindow> windows, boolean unreached) {}

    /** To train on: questions from which nothing can be learned are left out, and counted. */
    static QuestionSet toLearn(
            Questions questions, QuestionWindows cutting, RowEncoding encoding, int batch, Console console) {
        int[] placed = IntStream.range(0, questions.size())
                .filter(i -> !questions.questions().get(i).misplaced()).toArray();
        if (placed.length == 0) {
            throw new ExperimentException("task.data: no answer stands in its context, in " + questions.name());
        }
        Questions learned = questions.select(placed);
        List<Cut> cuts = cut(learned, cutting, false);
        say(console, questions.size() - placed.length, "%,d questions to train on left out, whose answer does not stand"
                + " in the context");
        describe(cuts, "to train on", console);
        return new QuestionSet(learned, texts(cuts, questions, encoding, batch), List.of());
    }

    /** To answer: all questions, those that are no use in training too. */
    static QuestionSet toAnswer(
            Questions questions, QuestionWindows cutting, RowEncoding encoding, int batch, String what,
            Console console) {
        List<Cut> cuts = cut(questions, cutting, true);
        say(console, questions.questions().stream().filter(Question::misplaced).count(), "%,d questions " + what
                + " have an answer that does not stand in the context");
        describe(cuts, what, console);
        return new QuestionSet(questions, texts(cuts, questions, encoding, batch),
                cuts.stream().map(Cut::windows).toList());
    }

    private static AnswerTexts texts(List<Cut> cuts, Questions questions, RowEncoding encoding, int batch) {
        List<AnswerTexts.Row> rows = cuts.stream().flatMap(cut -> cut.rows().stream()).toList();
        if (rows.isEmpty()) {
            throw new ExperimentException("task.max_length: got " + encoding.maxLength() + ", which leaves no room for"
                    + " a context behind any question, in " + questions.name());
        }
        return AnswerTexts.of(rows, encoding, batch);
    }

    private static void describe(List<Cut> cuts, String what, Console console) {
        long rows = cuts.stream().mapToLong(cut -> cut.rows().size()).sum();
        console.say(String.format(Locale.ROOT, "%,d windows %s", rows, what));
        say(console, cuts.stream().filter(cut -> cut.rows().isEmpty()).count(), "%,d questions " + what
                + " leave no room for their context");
        say(console, cuts.stream().filter(Cut::unreached).count(), "%,d questions " + what
                + " have an answer that is longer than what two windows share");
    }

    private static void say(Console console, long count, String what) {
        if (count > 0) {
            console.say(String.format(Locale.ROOT, what, count));
        }
    }

    private static List<Cut> cut(Questions questions, QuestionWindows cutting, boolean keepWindows) {
        return IntStream.range(0, questions.size()).parallel()
                .mapToObj(i -> cut(questions.questions().get(i), cutting, keepWindows)).toList();
    }

    private static Cut cut(Question question, QuestionWindows cutting, boolean keepWindows) {
        List<AnswerWindow> windows = cutting.of(question.question(), question.context());
        List<AnswerTexts.Row> rows = new ArrayList<>();
        boolean found = false;
        for (AnswerWindow window : windows) {
            Optional<AnswerWindow.Span> span = question.answers().isEmpty() || question.misplaced()
                    ? Optional.empty()
                    : find(window, question.answers().get(0));
            found |= span.isPresent();
            int none = question.misplaced() ? -1 : window.none();
            rows.add(new AnswerTexts.Row(window.row().ids(), window.row().typeIds(),
                    span.map(AnswerWindow.Span::first).orElse(none), span.map(AnswerWindow.Span::last).orElse(none)));
        }
        boolean answerable = !question.answers().isEmpty() && !question.misplaced();
        return new Cut(rows, keepWindows ? windows : List.of(), answerable && !rows.isEmpty() && !found);
    }

    private static Optional<AnswerWindow.Span> find(AnswerWindow window, Answer answer) {
        return window.find(answer.start().orElseThrow(), answer.end());
    }

    Questions questions() {
        return questions;
    }

    AnswerTexts windows() {
        return windows;
    }

    /** What a model answers: for each question the best answer, and how it compares with none. */
    record Answered(double loss, List<SpanSearch.Found> found) {}

    Answered answer(Model model, Precision precision, SpanSearch search, boolean mayBeNone) {
        float[][] starts = new float[windows.size()][];
        float[][] ends = new float[windows.size()][];
        double loss = SpanScores.each(model, windows, precision, scores -> {
            for (int row = 0; row < scores.examples().length; row++) {
                starts[scores.examples()[row]] = scores.starts()[row];
                ends[scores.examples()[row]] = scores.ends()[row];
            }
        });
        List<SpanSearch.Found> found = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < questions.size(); i++) {
            int end = begin + ofQuestions.get(i).size();
            found.add(search.search(questions.questions().get(i).context(), ofQuestions.get(i),
                    List.of(starts).subList(begin, end), List.of(ends).subList(begin, end), mayBeNone));
            begin = end;
        }
        return new Answered(loss, found);
    }
}
