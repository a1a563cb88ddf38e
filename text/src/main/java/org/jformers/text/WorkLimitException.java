package org.jformers.text;

import org.jformers.JformersException;

/** A call wants more work, more memory or more time than its {@link WorkBudget} allows. */
public final class WorkLimitException extends JformersException {
    private static final long serialVersionUID = 1L;

    public WorkLimitException(String message) {
        super(printable(message));
    }

    /** The same, with the part of a definition that wants so much: {@code the normalizer Replace}. */
    public WorkLimitException in(String part) {
        return new WorkLimitException(getMessage() + ", in " + part);
    }
}
