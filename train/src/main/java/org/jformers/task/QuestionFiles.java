package org.jformers.task;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jformers.data.DataException;
import org.jformers.data.Questions;
import org.jformers.data.Questions.Columns;
import org.jformers.data.Split;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.task.QuestionAnswering.Data;

/**
 * Questions to train on, to watch the run on and to measure the result on.
 *
 * @param training questions to train on
 * @param validation questions to watch the run on
 * @param test questions to measure the result on
 * @param measured what the questions for the result are called
 */
record QuestionFiles(Questions training, Questions validation, Questions test, String measured) {

    /** Reads the files, and says what was left out. A tenth of the contexts is held out where no file is. */
    static QuestionFiles read(Data data, long seed, Console console) {
        Questions all = read(data, Checks.named("task.data.train", data.train()), "training", console);
        Questions training = all;
        Questions watched;
        if (data.validation() == null) {
            Split.Rows split = split(all, seed);
            training = all.select(split.train());
            watched = all.select(split.validation());
        } else {
            watched = read(data, data.validation(), "validation", console);
        }
        Questions measured = data.test() == null ? watched : read(data, data.test(), "test", console);
        console.say(String.format(Locale.ROOT, "%,d questions to train on, %,d to validate on%s%s", training.size(),
                watched.size(), data.validation() == null ? ", held out" : "",
                data.test() == null ? "" : String.format(Locale.ROOT, ", %,d for the result", measured.size())));
        return new QuestionFiles(training, watched, measured, data.test() == null ? "validation" : "test");
    }

    private static Questions read(Data data, String file, String what, Console console) {
        Questions questions = Questions.read(Path.of(file), new Columns(
                data.question(), data.context(), data.answer(), Optional.ofNullable(data.answerStart())));
        if (!questions.blanks().isEmpty()) {
            console.say(String.format(Locale.ROOT, "left out of the %s questions: %s", what,
                    questions.blanks().entrySet().stream()
                            .map(blank -> String.format(Locale.ROOT, "%,d without %s", blank.getValue(),
                                    blank.getKey()))
                            .collect(Collectors.joining(", "))));
        }
        return questions;
    }

    private static Split.Rows split(Questions all, long seed) {
        try {
            return Split.rows(all.name(), "the context",
                    all.questions().stream().map(Questions.Question::context).toList(),
                    Split.Share.fraction(TextFiles.HELD_OUT), Split.Share.count(0), seed);
        } catch (DataException e) {
            throw new ExperimentException(e.getMessage() + "; see task.data.validation", e);
        }
    }
}
