package org.jformers.text.chat;

import org.jformers.JformersException;

/** A chat template that is wrong, that refuses the conversation, or that asks for more than its limits allow. */
public final class ChatTemplateException extends JformersException {
    private static final long serialVersionUID = 1L;

    /** @param message what, got, allowed, where; one line */
    public ChatTemplateException(String message) {
        super(printable(message));
    }

    /**
     * @param message what, got, allowed, where; one line
     * @param cause the failure below, kept for logs
     */
    public ChatTemplateException(String message, Throwable cause) {
        super(printable(message), cause);
    }
}
