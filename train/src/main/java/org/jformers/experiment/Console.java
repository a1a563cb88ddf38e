package org.jformers.experiment;

/** Where a run tells what it does; the command line shows it as it likes. */
public interface Console {

    /** A line about the run. */
    void say(String line);

    /** What is counted in the figures of {@link #progress}: tokens, rows or words; called before it. */
    default void counts(String unit) {}

    /**
     * How far training is; called before the first step as well, without figures (NaN).
     *
     * @param step optimizer steps done
     * @param steps optimizer steps in all, as far as can be told: fewer than set where time will end the run
     * @param loss mean loss of the last steps per label
     * @param perSecond labelled tokens, rows or words per second
     */
    void progress(long step, long steps, double loss, double perSecond);

    /** Training is over and its last checkpoint written; what is left is to measure the model. */
    default void trained() {}

    /** Whether the run should end behind this step, saved, with a {@link RunStopped}; asked after every step. */
    default boolean stopRequested() {
        return false;
    }

    /** Shows nothing. */
    Console SILENT = new Console() {
        @Override
        public void say(String line) {}

        @Override
        public void progress(long step, long steps, double loss, double perSecond) {}
    };
}
