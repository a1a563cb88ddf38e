package org.jformers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jformers.pipeline.call.CallFields;
import org.jformers.pipeline.call.CalledTask;
import org.jspecify.annotations.Nullable;

/**
 * Reads calls and answers them in order. Those that wait already are read together, a bounded number of them, so that
 * a model can answer several at once and who asks one by one does not wait.
 *
 * @param <C> a call
 * @param <R> its result
 */
final class CallLoop<C extends CalledTask.Call, R> {
    private static final int CALLS = 256;
    private static final int CHARACTERS = 1 << 16;

    private final CalledTask<C, R> task;
    private final PrintWriter out;

    /** @param task what is done; stays the caller's */
    CallLoop(CalledTask<C, R> task, PrintWriter out) {
        this.task = task;
        this.out = out;
    }

    /** A call and what came of it: a result or a failure. */
    private static final class Slot<C, R> {
        private @Nullable JsonNode input;
        private @Nullable C call;
        private @Nullable R result;
        private @Nullable RuntimeException failure;

        JsonNode input() {
            return Objects.requireNonNull(input);
        }

        C call() {
            return Objects.requireNonNull(call);
        }

        R result() {
            return Objects.requireNonNull(result);
        }
    }

    /**
     * Prints results in a form.
     *
     * @param read makes a call of a line
     * @return whether no call failed
     */
    boolean print(Input.Lines lines, Function<String, CallFields> read, RunFiles.Form form) {
        if (form == RunFiles.Form.JSON) {
            return json(lines, read);
        }
        if (form == RunFiles.Form.TABLE) {
            table(lines, read);
        } else {
            plain(lines, read);
        }
        return true;
    }

    /** Prints results for a reader, up to the first call that fails, whose failure is thrown. */
    private void plain(Input.Lines lines, Function<String, CallFields> read) {
        run(lines, read, slot -> {
            if (slot.failure != null) {
                throw slot.failure;
            }
            task.lines(slot.call(), slot.result()).forEach(out::println);
        });
    }

    /** Prints results as rows of a table, up to the first call that fails, whose failure is thrown. */
    private void table(Input.Lines lines, Function<String, CallFields> read) {
        ResultTable table = new ResultTable(out);
        run(lines, read, slot -> {
            if (slot.failure != null) {
                throw slot.failure;
            }
            table.add(slot.input(), Json.tree(task.json(slot.call(), slot.result())));
        });
    }

    /** Prints one JSON value for each call, where a call failed an object that says why. */
    private boolean json(Input.Lines lines, Function<String, CallFields> read) {
        boolean[] fine = {true};
        run(lines, read, slot -> {
            fine[0] &= slot.failure == null;
            out.println(Json.print(slot.failure == null
                    ? task.json(slot.call(), slot.result())
                    : Map.of("error", Failures.describe(slot.failure))));
        });
        return fine[0];
    }

    private void run(Input.Lines lines, Function<String, CallFields> read, Consumer<Slot<C, R>> print) {
        while (lines.hasNext() && !out.checkError()) { // the reader of a pipe may have seen enough
            List<Slot<C, R>> window = new ArrayList<>();
            int characters = 0;
            do {
                Slot<C, R> slot = new Slot<>();
                window.add(slot);
                try {
                    String line = lines.next();
                    characters += line.length();
                    CallFields fields = read.apply(line);
                    slot.call = call(fields);
                    slot.input = fields.inputs();
                } catch (RuntimeException e) {
                    slot.failure = e;
                }
            } while (window.size() < CALLS && characters < CHARACTERS && lines.ready());
            answer(window);
            window.forEach(print);
        }
    }

    private C call(CallFields fields) {
        C call = task.read(fields);
        fields.requireNothingElse();
        return call;
    }

    private void answer(List<Slot<C, R>> window) {
        Map<Object, List<Slot<C, R>>> byOptions = new LinkedHashMap<>();
        for (Slot<C, R> slot : window) {
            if (slot.failure == null) {
                byOptions.computeIfAbsent(slot.call().options(), options -> new ArrayList<>()).add(slot);
            }
        }
        byOptions.values().forEach(this::answerAlike);
    }

    /** Together, and if that fails one by one, so that each fails for itself. */
    private void answerAlike(List<Slot<C, R>> slots) {
        try {
            List<R> results = task.answer(slots.stream().map(Slot::call).toList());
            for (int i = 0; i < slots.size(); i++) {
                slots.get(i).result = results.get(i);
            }
        } catch (RuntimeException e) {
            if (slots.size() == 1) {
                slots.get(0).failure = e;
            } else {
                slots.forEach(slot -> answerAlike(List.of(slot)));
            }
        }
    }
}
