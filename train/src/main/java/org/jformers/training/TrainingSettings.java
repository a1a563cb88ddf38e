package org.jformers.training;

import java.time.Duration;
import org.jformers.JformersException;
import org.jformers.objective.LabelSmoothing;
import org.jformers.settings.Setting;
import org.jformers.tensor.Device;
import org.jformers.tensor.Precision;

/** How a model is trained: how long, with what steps, in which precision. */
public record TrainingSettings(
        @Setting("optimizer steps of the whole run; 0 for as many as the epochs make") int steps,
        @Setting("passes over the data after which the run ends; 0 for as many as the steps make") int epochs,
        @Setting("wall-clock time after which the run ends early, its schedule with it; zero for no limit")
                Duration maxDuration,
        @Setting("batches that make one optimizer step, >= 1; every token counts the same") int accumulation,
        @Setting("limit on the joint norm of the gradients; 0 for no limit") double clipNorm,
        @Setting("float32, bfloat16, or auto: bfloat16 where the device has it") Precision precision,
        @Setting("whether layers are computed again in the backward pass: less memory, more time")
                boolean gradientCheckpointing,
        @Setting("all, or adaptive: one thread while other programs take the cores; the last bits may differ then")
                Threads threads,
        @Setting("auto, cpu, cuda, or cuda:1 and so on; auto: the first graphics card where the engine has one")
                String device,
        @Setting("steps whose loss or gradients are no numbers that are left out before the run ends; 0 for none")
                int skips,
        @Setting("share of each label's probability that other classes get while training, in [0, 1); 0 for what the"
                + " model's configuration says") double labelSmoothing,
        @Setting("all, or others: whether the label is among those that get a share")
                LabelSmoothing.Over smoothedOver) {

    /** How many threads an operator uses. */
    public enum Threads {
        /** As many as the engine has: the same numbers in each run. */
        ALL,
        /** All or one, whichever is faster at the time; see {@link AdaptiveThreads}. */
        ADAPTIVE
    }

    /** On the device that is there. */
    public TrainingSettings(
            int steps, int epochs, Duration maxDuration, int accumulation, double clipNorm, Precision precision,
            boolean gradientCheckpointing, Threads threads) {
        this(steps, epochs, maxDuration, accumulation, clipNorm, precision, gradientCheckpointing, threads, "auto", 0,
                0, LabelSmoothing.Over.ALL);
    }

    /** Without gradient checkpointing, on all threads. */
    public TrainingSettings(
            int steps, Duration maxDuration, int accumulation, double clipNorm, Precision precision) {
        this(steps, 0, maxDuration, accumulation, clipNorm, precision, false, Threads.ALL);
    }

    /** The same on other threads. */
    public TrainingSettings withThreads(Threads which) {
        return new TrainingSettings(
                steps, epochs, maxDuration, accumulation, clipNorm, precision, gradientCheckpointing, which, device,
                skips, labelSmoothing, smoothedOver);
    }

    /** The same with so many steps. */
    public TrainingSettings withSteps(int other) {
        return new TrainingSettings(
                other, epochs, maxDuration, accumulation, clipNorm, precision, gradientCheckpointing, threads, device,
                skips, labelSmoothing, smoothedOver);
    }

    /** The same where so many steps may be left out. */
    public TrainingSettings withSkips(int other) {
        return new TrainingSettings(
                steps, epochs, maxDuration, accumulation, clipNorm, precision, gradientCheckpointing, threads, device,
                other, labelSmoothing, smoothedOver);
    }

    public TrainingSettings {
        Device.of(device); // names one, though it may be elsewhere
        new LabelSmoothing(labelSmoothing, smoothedOver);
        if (skips < 0) {
            throw new JformersException("training: got skips " + skips + ", allowed >= 0");
        }
        if (steps < 0 || epochs < 0 || steps + (long) epochs == 0 || accumulation < 1 || !(clipNorm >= 0)
                || maxDuration.isNegative()) {
            throw new JformersException("training: got steps " + steps + ", epochs " + epochs + ", accumulation "
                    + accumulation
                    + ", clip_norm " + clipNorm + ", max_duration " + maxDuration
                    + ", allowed steps >= 0, epochs >= 0, one of them > 0, accumulation >= 1, clip_norm >= 0,"
                    + " max_duration >= 0");
        }
    }
}
