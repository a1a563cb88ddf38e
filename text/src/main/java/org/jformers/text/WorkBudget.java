package org.jformers.text;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What one call may still do with definitions that are somebody else's: tokenizers, their regular expressions,
 * templates. Every instruction that is run, every character that is scanned and every element that is compared is paid
 * for, at its real cost, so that a hostile definition ends in an error, soon, and an honest one never notices. Limits
 * grow with the length of the text, for honest work does.
 *
 * <p>A budget belongs to one call, and so to one thread. If that thread is interrupted, the call ends with an error
 * too, soon: a program gives encoding a deadline by {@link java.util.concurrent.Future#get(long,
 * java.util.concurrent.TimeUnit)} and {@code cancel(true)}.
 */
public final class WorkBudget {
    /** A hundredth of a second's work, as a rule: deadlines and interruptions are looked at no oftener. */
    private static final long BETWEEN_LOOKS = 1 << 20;

    private final Supplier<String> work;
    private final long steps;
    private final long characters;
    /** A {@link System#nanoTime}; {@link #timed} says whether it counts. */
    private final long deadline;
    private final boolean timed;
    private long used;
    /** When {@code used} reaches it there is something to look at: the end of the budget, the thread, the clock. */
    private long nextLook;

    private WorkBudget(Supplier<String> work, long steps, long characters, Optional<Duration> deadline) {
        this.work = work;
        this.steps = steps;
        this.characters = characters;
        this.timed = deadline.isPresent();
        this.deadline = timed ? System.nanoTime() + deadline.get().toNanos() : 0;
        this.nextLook = Math.min(BETWEEN_LOOKS, steps);
    }

    /**
     * A budget.
     *
     * @param work what it is for, in the words of the message: {@code encoding a text of 12 characters}
     * @param steps steps that the call may take
     * @param characters characters, or elements, that any text or list on the way may have
     */
    public static WorkBudget of(String work, long steps, long characters) {
        return of(() -> work, steps, characters);
    }

    /** The same where the words are made when they are needed: a short text is encoded in a microsecond. */
    public static WorkBudget of(Supplier<String> work, long steps, long characters) {
        return new WorkBudget(work, steps, characters, Optional.empty());
    }

    /** The same limits, all unused, and a time from now on within which the call must end. */
    public WorkBudget within(Duration time) {
        return new WorkBudget(work, steps, characters, Optional.of(time));
    }

    /** Pays for steps, before or just after they are done. Throws {@link WorkLimitException} if there are too many. */
    public void spend(long count) {
        used += count;
        if (used > nextLook || used < 0) {
            look();
        }
    }

    /** Steps that may be taken before they must be paid for: not so many that a deadline is missed by much. */
    public long beforeLook() {
        return Math.max(0, Math.min(nextLook - used, BETWEEN_LOOKS));
    }

    /** Makes room for a text or a list; throws {@link WorkLimitException} if it would be too long. */
    public void room(long length) {
        if (length > characters) {
            throw new WorkLimitException(work.get() + " makes more than the allowed " + characters
                    + " characters or elements on the way");
        }
    }

    private void look() {
        if (used > steps || used < 0) {
            throw new WorkLimitException(work.get() + " takes more than the allowed " + steps + " steps");
        }
        if (timed && System.nanoTime() - deadline > 0) {
            throw new WorkLimitException(work.get() + " takes longer than the time allowed for it");
        }
        if (Thread.currentThread().isInterrupted()) {
            throw new WorkLimitException(work.get() + " was interrupted");
        }
        nextLook = Math.min(used + BETWEEN_LOOKS, steps);
    }
}
