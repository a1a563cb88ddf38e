package org.jformers.task;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.Experiment.LoraSettings;
import org.jformers.experiment.Experiment.ModelSettings;
import org.jformers.experiment.Experiment.OptimizerSettings;
import org.jformers.experiment.Experiment.RecordSettings;
import org.jformers.experiment.Experiment.ScheduleSettings;
import org.jformers.experiment.ExperimentRun;
import org.jformers.experiment.ExperimentRun.Result;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TrainingTask;
import org.jformers.settings.SettingsJson;
import org.jformers.settings.SettingsTree;
import org.jformers.tensor.Precision;
import org.jformers.training.TrainingSettings;

/**
 * Trains a pretrained model for a task of one's own:
 *
 * <pre>{@code
 * Result result = FineTuning.of("all-minilm-l6-v2").classify(Path.of("train.tsv"), "text", "label")
 *         .validation(Path.of("dev.tsv")).epochs(1).run(Path.of("runs/sst2"));
 * }</pre>
 *
 * <p>It is another way to write an {@link Experiment}, as {@code jformers finetune} is. Immutable: each method returns
 * another one.
 */
public final class FineTuning {
    private static final String TRAIN = "task.data.train";

    private final SettingsTree<Experiment> settings;

    private FineTuning(SettingsTree<Experiment> settings) {
        this.settings = settings;
    }

    /**
     * The usual settings: AdamW with weight decay 0.01, clipping at 1, a linear schedule to 5e-5 with a tenth of
     * warm-up, three epochs, the best checkpoint kept.
     *
     * @param model a folder, an id of the hub, a short name or a Maven artifact
     * @param name name of the task's type
     * @param task what is learned
     */
    public static Experiment experiment(String model, String name, TrainingTask task) {
        return new Experiment(
                "finetune." + name,
                "A pretrained model learns " + name.replace('-', ' ') + ".",
                1, task, ModelSettings.from(model),
                new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 0.9, 0.999, 1e-8, 0.01),
                new ScheduleSettings(ScheduleSettings.Kind.LINEAR, 5e-5, 0, 0.1),
                new TrainingSettings(0, 3, Duration.ZERO, 1, 1.0, Precision.AUTO, false, TrainingSettings.Threads.ALL),
                new RecordSettings(10, 0, 0, 1, RecordSettings.Kept.BEST, 0));
    }

    /** What a model can be trained for further; say for what next. */
    public static Start of(String model) {
        return new Start(model);
    }

    /** A model without a task as yet. */
    public record Start(String model) {

        /** A class for each text, or several with {@link FineTuning#set}: {@code task.data.multi_label}. */
        public FineTuning classify(Path train, String text, String label) {
            return task(new TextClassification.Type()).data(train, text, label);
        }

        /**
         * A vector for each text, near those of texts in the same row; with {@link FineTuning#set}: {@code
         * task.data.negative} for texts that are held apart, {@code task.data.score} for pairs that have one.
         */
        public FineTuning embed(Path train, String text, String pair) {
            return task(new SentenceEmbedding.Type())
                    .set(TRAIN, train.toString()).set("task.data.text", text).pair(pair);
        }

        /** A number for each text. */
        public FineTuning regress(Path train, String text, String label) {
            return task(new Regression.Type()).data(train, text, label);
        }

        /** A tag for each word. */
        public FineTuning tag(Path train, String words, String tags) {
            return task(new TokenClassification.Type()).data(train, words, tags);
        }

        /**
         * The stretch of a context that answers a question, or that there is none.
         *
         * @param train SQuAD's JSON, or a table with columns question, context and answer
         */
        public FineTuning answer(Path train) {
            return task(new QuestionAnswering.Type()).set("task.data.train", train.toString());
        }

        /**
         * The right one of several choices for each text.
         *
         * @param choices columns of the choices, of which a row may leave the last ones blank
         * @param label column of the right one: its number from 0, its letter, or its text
         */
        public FineTuning choose(Path train, String text, List<String> choices, String label) {
            return task(new MultipleChoice.Type()).data(train, text, label)
                    .set("task.data.choices", String.join(",", choices));
        }

        /** How relevant each text is to its query: 1 and 0, or a score from 0 to 1. */
        public FineTuning rerank(Path train, String query, String text, String label) {
            return task(new Reranking.Type()).data(train, text, label).set("task.data.query", query);
        }

        /**
         * The next token of texts: a {@code .txt} file or a folder of them, or the column {@code text} of a table; see
         * {@code task.data.text} and {@code task.data.document}.
         */
        public FineTuning write(Path train) {
            return task(new CausalLanguageModel.Type()).set(TRAIN, train.toString());
        }

        /** The hidden tokens of texts, which come as those of {@link #write} do. */
        public FineTuning fillGaps(Path train) {
            return task(new MaskedLanguageModel.Type()).set(TRAIN, train.toString());
        }

        /** The answers in conversations: rows with {@code messages} or {@code conversations}. */
        public FineTuning chat(Path train) {
            return task(new Chat.Type()).set(TRAIN, train.toString());
        }

        /** The answers to what users say, a column each. */
        public FineTuning chat(Path train, String prompt, String answer) {
            return chat(train).set("task.data.prompt", prompt).set("task.data.answer", answer);
        }

        /** A text for a text, a column each. */
        public FineTuning translate(Path train, String source, String target) {
            return task(new SequenceToSequence.Type()).set(TRAIN, train.toString())
                    .set("task.data.source_column", source).set("task.data.target_column", target);
        }

        /** The same with the texts in two files that correspond line by line. */
        public FineTuning translate(Path sources, Path targets) {
            return task(new SequenceToSequence.Type()).set(TRAIN, sources + "," + targets);
        }

        /** A class for each image, of a folder with a folder for each class. */
        public FineTuning classifyImages(Path train) {
            return task(new ImageClassification.Type()).set(TRAIN, train.toString());
        }

        /** Any task, with its usual settings. */
        public FineTuning task(TaskType type) {
            return new FineTuning(SettingsTree.of(experiment(model, type.name(), type.defaults())));
        }
    }

    private FineTuning data(Path train, String text, String label) {
        return set(TRAIN, train.toString()).set("task.data.text", text).set("task.data.label", label);
    }

    /** Rows to watch the run on; a tenth of the others if never said. */
    public FineTuning validation(Path file) {
        return set("task.data.validation", file.toString());
    }

    /** Rows to measure the result on; those to watch the run on if never said. */
    public FineTuning test(Path file) {
        return set("task.data.test", file.toString());
    }

    /** The column of a second text, which makes a pair with the first. */
    public FineTuning pair(String column) {
        return set("task.data.pair", column);
    }

    public FineTuning epochs(int epochs) {
        return set("training.epochs", Integer.toString(epochs));
    }

    /** Steps after which the run ends if its epochs have not ended it. */
    public FineTuning maxSteps(int steps) {
        return set("training.steps", Integer.toString(steps));
    }

    /** Rows of a batch. */
    public FineTuning batch(int rows) {
        return set("task.batch", Integer.toString(rows));
    }

    /** The highest rate of the schedule. */
    public FineTuning learningRate(double rate) {
        return set("schedule.learning_rate", Double.toString(rate));
    }

    public FineTuning seed(long seed) {
        return set("seed", Long.toString(seed));
    }

    /** Matrices of low rank are trained instead of the model, scaled by 2: alpha is twice the rank. */
    public FineTuning lora(int rank) {
        return lora(new LoraSettings(rank, 2.0 * rank, 0, List.of(), false));
    }

    /** An adapter is trained instead of the model. */
    public FineTuning lora(LoraSettings adapter) {
        return set("model.lora", SettingsJson.toJson(adapter).toString());
    }

    /**
     * Any setting, by its path in {@code experiment.json}.
     *
     * @throws org.jformers.settings.SettingsException if there is none of that path, or it cannot take the value
     */
    public FineTuning set(String path, String value) {
        return new FineTuning(settings.with(path, value));
    }

    /** What will be run. */
    public Experiment experiment() {
        return settings.value();
    }

    /**
     * Trains, measures and saves, without a word.
     *
     * @param folder the run folder, which must not hold a run; the model is in {@code model} below it
     * @throws org.jformers.JformersException if settings, model or data do not fit
     */
    public Result run(Path folder) {
        return run(folder, Console.SILENT);
    }

    /** The same, telling how it goes. */
    public Result run(Path folder, Console console) {
        return ExperimentRun.start(experiment(), folder, console);
    }
}
