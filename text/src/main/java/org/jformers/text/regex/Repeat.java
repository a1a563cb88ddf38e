package org.jformers.text.regex;

import org.jspecify.annotations.Nullable;

/**
 * A body many times over.
 *
 * @param least times at least
 * @param most times at most, {@link Node#UNBOUNDED} for no bound
 * @param greedy whether more times are tried first
 */
record Repeat(Node body, int least, int most, boolean greedy) implements Node {

    @Override
    public void emit(Program.Builder out) {
        if (body instanceof Single single && greedy) {
            out.add(Program.SPAN, out.set(single.set()), least);
            out.add(Program.LENGTHS, most, 0);
            return;
        }
        for (int i = 0; i < least; i++) {
            out.visit();
            body.emit(out);
        }
        if (most == UNBOUNDED) {
            loop(out);
            return;
        }
        int[] splits = new int[most - least];
        for (int i = 0; i < splits.length; i++) {
            out.visit();
            splits[i] = out.add(Program.SPLIT, 0, 0);
            target(out, splits[i], true, out.size());
            body.emit(out);
        }
        for (int split : splits) {
            target(out, split, false, out.size());
        }
    }

    /** A round that matches nothing ends the loop. */
    private void loop(Program.Builder out) {
        boolean check = body.min() == 0;
        int register = check ? out.register() : 0;
        int split = out.add(Program.SPLIT, 0, 0);
        target(out, split, true, out.size());
        if (check) {
            out.add(Program.SAVE, register, 0);
        }
        body.emit(out);
        int leave = check ? out.add(Program.LEAVE_IF_EMPTY, 0, register) : -1;
        out.add(Program.JUMP, split, 0);
        target(out, split, false, out.size());
        if (check) {
            out.first(leave, out.size());
        }
    }

    private void target(Program.Builder out, int split, boolean inside, int place) {
        if (inside == greedy) {
            out.first(split, place);
        } else {
            out.second(split, place);
        }
    }

    @Override
    public int min() {
        return (int) Math.min((long) body.min() * least, UNBOUNDED - 1);
    }

    @Override
    public int max() {
        boolean unbounded = body.max() > 0 && (most == UNBOUNDED || body.max() == UNBOUNDED);
        return unbounded ? UNBOUNDED : (int) Math.min((long) body.max() * most, UNBOUNDED);
    }

    @Override
    public @Nullable CharSet first() {
        return least == 0 ? null : body.first();
    }
}
