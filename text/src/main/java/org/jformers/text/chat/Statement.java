package org.jformers.text.chat;

import java.util.List;

/** A part of a template that writes or sets something. */
interface Statement {

    /** How a loop goes on. */
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    /** The line where it is written. */
    int line();

    /** Does its work; only {@link #render} calls this. */
    Flow execute(Run run);

    /** Does its work, paid for. */
    default Flow render(Run run) {
        int above = run.meter().enter(line());
        Flow flow = execute(run);
        run.meter().leave(above);
        return flow;
    }

    /** Renders statements until one leaves or continues the loop. */
    static Flow renderAll(List<Statement> statements, Run run) {
        for (Statement statement : statements) {
            Flow flow = statement.render(run);
            if (flow != Flow.NEXT) {
                return flow;
            }
        }
        return Flow.NEXT;
    }
}
