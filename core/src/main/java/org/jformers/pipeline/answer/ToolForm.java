package org.jformers.pipeline.answer;

import java.util.Optional;

/** How the models of a template call functions. */
public enum ToolForm {
    /** {@code <tool_call>{"name": ..., "arguments": {...}}</tool_call>}, any number of them, as Hermes and Qwen do. */
    TAGGED,
    /** An answer that is one object, {@code {"name": ..., "parameters": {...}}}, as Llama 3 does. */
    OBJECT;

    /** The form that a template teaches; empty if it knows no functions, or they are called in another form. */
    public static Optional<ToolForm> of(String template) {
        if (!template.contains("tools")) {
            return Optional.empty();
        }
        if (template.contains("<tool_call>")) {
            return Optional.of(TAGGED);
        }
        return template.contains("\"parameters\": ") ? Optional.of(OBJECT) : Optional.empty();
    }
}
