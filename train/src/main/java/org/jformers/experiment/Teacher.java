package org.jformers.experiment;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.experiment.Experiment.TeacherSettings;
import org.jformers.hub.ModelSource;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.objective.Distillation;
import org.jformers.objective.Objective;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;

/** The model that a run learns from beside its labels, if its settings name one. Owns it until closed. */
final class Teacher implements AutoCloseable {
    private final Optional<Model> model;
    private final Optional<TeacherSettings> settings;

    private Teacher(Optional<Model> model, Optional<TeacherSettings> settings) {
        this.model = model;
        this.settings = settings;
    }

    /** Refuses settings that fit no model, before any data is read. */
    static void check(Experiment experiment) {
        if (experiment.model().teacher().isEmpty()) {
            return;
        }
        weights(experiment.model().teacher().get());
        if (experiment.model().from() == null) {
            throw new ExperimentException("model.teacher: got one for a new model, whose tokens are others, allowed"
                    + " with a model to start from; model.weights random draws its parameters anew");
        }
        if (experiment.training().labelSmoothing() > 0) {
            throw new ExperimentException("training.label_smoothing: got " + experiment.training().labelSmoothing()
                    + " beside a teacher, allowed 0");
        }
    }

    private static Distillation.Weights weights(TeacherSettings settings) {
        return new Distillation.Weights(settings.temperature(), settings.soft(), settings.hard(), settings.cosine(),
                settings.states());
    }

    /**
     * Loads the teacher for what the student does.
     *
     * @throws org.jformers.JformersException if it does not do that, or reads other tokens
     */
    static Teacher of(RunStart start, Model student) {
        Optional<TeacherSettings> settings = start.experiment().model().teacher();
        return new Teacher(settings.map(teacher -> {
            Path folder = ModelSource.folder(teacher.from());
            requireTokens(AutoTokenizer.load(folder), AutoTokenizer.load(start.folder().orElseThrow()), teacher.from());
            return AutoModel.load(folder, LoadRequest.of(student.identity().task())).model();
        }), settings);
    }

    /** The same id must be the same token. */
    private static void requireTokens(Tokenizer teacher, Tokenizer student, String from) {
        int size = Math.min(teacher.vocabSize(), student.vocabSize());
        if (teacher.vocabSize() != student.vocabSize()
                || !IntStream.range(0, size).allMatch(id -> teacher.token(id).equals(student.token(id)))) {
            throw new ExperimentException("model.teacher.from: got " + from
                    + ", whose tokenizer has other tokens, allowed one with those of the model to start from");
        }
    }

    /** What a student learns: its own objective, or that and what the teacher says. */
    Objective over(Objective plain, Model student) {
        return model.<Objective>map(teacher -> new Distillation(
                        plain, student, teacher, weights(settings.orElseThrow()), settings.orElseThrow().places()))
                .orElse(plain);
    }

    @Override
    public void close() {
        model.ifPresent(Model::close);
    }
}
