package org.jformers.experiments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.Experiments;
import org.jformers.settings.SettingsTree;

/** Shipped experiments made so small that a test can run them, on a table of two columns. */
final class TinyExperiment {
    private TinyExperiment() {}

    /** Words, no two alike, and the names of their letters. */
    static Path table(Path folder) {
        Random random = new Random(1);
        List<String> lines = new ArrayList<>(List.of("word,sounds"));
        for (int i = 0; i < 120; i++) {
            String word = random.ints(2 + random.nextInt(3), 'a', 'f')
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .append(i)
                    .toString();
            lines.add(word + "," + String.join(" ", word.split("")).toUpperCase(Locale.ROOT));
        }
        try {
            return Files.write(folder.resolve("words.csv"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The quickstart over {@link #table}. */
    static SettingsTree<Experiment> pronunciation(Path table) {
        return with(SettingsTree.of(Experiments.of("g2p.quickstart")),
                "task.data.train=" + table, "task.data.source_column=word", "task.data.target_column=sounds",
                "task.data.validation_rows=10", "task.data.test_rows=10",
                "model.config.d_model=16", "model.config.nhead=2", "model.config.num_encoder_layers=1",
                "model.config.num_decoder_layers=1",
                "model.config.dim_feedforward=32", "model.config.dropout=0.1", "model.config.max_positions=16",
                "task.batches.tokens=128", "task.batches.max_source_length=12", "task.batches.max_target_length=12",
                "task.batches.pool=50",
                "schedule.warmup_steps=2", "training.steps=12", "training.max_duration=0s",
                "training.precision=float32", "training.threads=all", "records.log_every=2", "records.validate_every=4",
                "records.checkpoint_every=4", "task.evaluation.samples=3");
    }

    /** The language model over the words of {@link #table}. */
    static SettingsTree<Experiment> languageModel(Path table) {
        return with(SettingsTree.of(Experiments.of("lm.wordnet")),
                "task.data.train=" + table, "task.data.text=sounds", "task.data.validation_rows=10",
                "task.data.test_rows=10",
                "task.vocab_size=270", "model.config.n_positions=16", "model.config.n_embd=16",
                "model.config.n_layer=1",
                "model.config.n_head=2", "task.batch=2", "task.max_length=16",
                "schedule.warmup_steps=2", "training.steps=6", "training.max_duration=0s",
                "training.precision=float32", "records.log_every=2", "records.validate_every=3",
                "records.checkpoint_every=3", "task.evaluation.samples=2");
    }

    static SettingsTree<Experiment> with(SettingsTree<Experiment> settings, String... assignments) {
        SettingsTree<Experiment> changed = settings;
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            changed = changed.with(assignment.substring(0, equals), assignment.substring(equals + 1));
        }
        return changed;
    }
}
