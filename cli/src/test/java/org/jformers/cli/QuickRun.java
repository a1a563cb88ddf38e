package org.jformers.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;

/** The quickstart on a table and a model that are tiny. */
final class QuickRun {
    private QuickRun() {}

    /** The arguments that train it, into the folder {@code run}. */
    static String[] arguments(Path folder, String steps) throws IOException {
        Path table = folder.resolve("numbers.csv");
        Files.write(table, IntStream.range(0, 60).mapToObj(i -> i == 0 ? "digits,words" : i + ",w" + i).toList());
        return new String[] {
            "train", "g2p.quickstart", "--out", folder.resolve("run").toString(), "--set", "task.data.train=" + table,
            "--set", "task.data.source_column=digits", "--set", "task.data.target_column=words",
            "--set", "task.data.validation_rows=5", "--set", "task.data.test_rows=5", "--set", "model.config.d_model=8",
            "--set", "model.config.nhead=2", "--set", "model.config.num_encoder_layers=1",
            "--set", "model.config.num_decoder_layers=1",
            "--set", "model.config.dim_feedforward=8", "--set", "task.batches.tokens=128",
            "--set", "training.steps=" + steps,
            "--set", "training.max_duration=PT0S", "--set", "schedule.warmup_steps=1", "--set", "records.log_every=1",
            "--set", "records.checkpoint_every=1000000", "--set", "records.validate_every=1000000"
        };
    }
}
