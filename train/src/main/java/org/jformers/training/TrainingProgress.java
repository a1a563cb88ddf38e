package org.jformers.training;

/**
 * How far a run is; with parameters, optimizer and random state, all that the next step depends on.
 *
 * @param step optimizer steps done
 * @param tokens labels seen that carried a loss
 * @param batches batches taken from the stream
 * @param seconds wall-clock time spent training
 * @param skipped steps that were left out, as their loss or gradients were no numbers
 */
public record TrainingProgress(long step, long tokens, long batches, double seconds, long skipped) {
    /** Before the first step. */
    public static final TrainingProgress START = new TrainingProgress(0, 0, 0, 0, 0);

    TrainingProgress after(StepReport report, int taken) {
        return new TrainingProgress(
                report.step(), tokens + report.labels(), batches + taken, seconds + report.seconds(),
                skipped + (report.skipped() ? 1 : 0));
    }
}
