package org.jformers.cli;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jformers.settings.SettingsTree;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code jformers train} is told. */
final class TrainOptions {

    @Parameters(
            paramLabel = "EXPERIMENT",
            arity = "0..1",
            description = "Name of the experiment; 'jformers experiments list' prints all.")
    private @Nullable String experiment;

    @Mixin
    private Overrides overrides;

    @Option(names = DeviceOption.NAME, paramLabel = "DEVICE",
            description = "Where to compute: auto, cpu, cuda, or cuda:1 and so on; the setting training.device.")
    private @Nullable String device;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The run folder to write; by default a new one under runs/.")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "Go on from the newest checkpoint of this run folder; with --set for more steps or time,"
                    + " and other settings of training, schedule, evaluation and records.")
    private @Nullable Path resume;

    /** The settings of the experiment with the changes of the command line. */
    SettingsTree<?> settings(Catalog catalog) {
        return changed(catalog.find(Objects.requireNonNull(experiment)));
    }

    /** Settings with the changes of the command line. */
    <R extends Record> SettingsTree<R> changed(SettingsTree<R> settings) {
        SettingsTree<R> changed = overrides.applyTo(settings);
        return device == null ? changed : changed.with("training.device", device);
    }

    /** The name of the experiment, if the user gave one. */
    Optional<String> experiment() {
        return Optional.ofNullable(experiment);
    }

    /** The run folder to write, if the user chose one. */
    Optional<Path> out() {
        return Optional.ofNullable(out);
    }

    /** The run folder to go on with, if any. */
    Optional<Path> resume() {
        return Optional.ofNullable(resume);
    }
}
