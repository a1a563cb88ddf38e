package org.jformers.text.regex;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of a regular expression that writes the instructions which match it. */
interface Node {
    /** A length without bound. */
    int UNBOUNDED = Integer.MAX_VALUE;

    void emit(Program.Builder out);

    /** Characters that it matches at least. */
    int min();

    /** Characters that it matches at most, {@link #UNBOUNDED} if there is no bound. */
    int max();

    /** One of which every match begins with one; null if that is not known or a match may be empty. */
    default @Nullable CharSet first() {
        return null;
    }

    /** A character. */
    record Literal(int character) implements Node {
        @Override
        public void emit(Program.Builder out) {
            out.add(Program.CHARACTER, character, 0);
        }

        @Override
        public int min() {
            return 1;
        }

        @Override
        public int max() {
            return 1;
        }

        @Override
        public CharSet first() {
            return new CharSet(c -> c == character);
        }
    }

    /** One character of a set. */
    record Single(CharSet set) implements Node {
        @Override
        public void emit(Program.Builder out) {
            out.add(Program.SET, out.set(set), 0);
        }

        @Override
        public int min() {
            return 1;
        }

        @Override
        public int max() {
            return 1;
        }

        @Override
        public CharSet first() {
            return set;
        }
    }

    /** An instruction that takes no character: an anchor, or none at all. */
    record Anchor(int operation) implements Node {
        @Override
        public void emit(Program.Builder out) {
            out.add(operation, 0, 0);
        }

        @Override
        public int min() {
            return 0;
        }

        @Override
        public int max() {
            return 0;
        }
    }

    /** What a group has matched before, or a whole grapheme cluster: an instruction of unknown length. */
    record Stretch(int operation, int argument, int min) implements Node {
        @Override
        public void emit(Program.Builder out) {
            out.add(operation, argument, 0);
        }

        @Override
        public int max() {
            return UNBOUNDED;
        }
    }

    /** One after the other. */
    record Sequence(List<Node> parts) implements Node {
        @Override
        public void emit(Program.Builder out) {
            parts.forEach(part -> {
                out.visit();
                part.emit(out);
            });
        }

        @Override
        public int min() {
            return (int) Math.min(parts.stream().mapToLong(Node::min).sum(), UNBOUNDED - 1);
        }

        @Override
        public int max() {
            return parts.stream().anyMatch(part -> part.max() == UNBOUNDED)
                    ? UNBOUNDED
                    : (int) Math.min(parts.stream().mapToLong(Node::max).sum(), UNBOUNDED);
        }

        @Override
        public @Nullable CharSet first() {
            return parts.isEmpty() ? null : parts.get(0).first();
        }
    }

    /** The first that leads to a match. */
    record Choice(List<Node> options) implements Node {
        @Override
        public void emit(Program.Builder out) {
            int[] jumps = new int[options.size()];
            for (int i = 0; i + 1 < options.size(); i++) {
                int split = out.add(Program.SPLIT, 0, 0);
                out.first(split, out.size());
                options.get(i).emit(out);
                jumps[i] = out.add(Program.JUMP, 0, 0);
                out.second(split, out.size());
            }
            options.get(options.size() - 1).emit(out);
            for (int i = 0; i + 1 < options.size(); i++) {
                out.first(jumps[i], out.size());
            }
        }

        @Override
        public int min() {
            return options.stream().mapToInt(Node::min).min().orElse(0);
        }

        @Override
        public int max() {
            return options.stream().mapToInt(Node::max).max().orElse(0);
        }

        @Override
        public @Nullable CharSet first() {
            List<@Nullable CharSet> sets = options.stream().map(Node::first).toList();
            return sets.contains(null) ? null : new CharSet(c -> sets.stream().anyMatch(set -> set.contains(c)));
        }
    }

    /** A group whose match can be referred to. */
    record Capture(Node body, int group) implements Node {
        @Override
        public void emit(Program.Builder out) {
            if (!out.keepsGroups()) {
                body.emit(out);
                return;
            }
            out.add(Program.SAVE, 2 * group, 0);
            body.emit(out);
            out.add(Program.SAVE, 2 * group + 1, 0);
        }

        @Override
        public int min() {
            return body.min();
        }

        @Override
        public int max() {
            return body.max();
        }

        @Override
        public @Nullable CharSet first() {
            return body.first();
        }
    }

    /** A body that is matched apart: its first match counts, or that there is one, or that there is none. */
    record Apart(int operation, Node body) implements Node {
        @Override
        public void emit(Program.Builder out) {
            int start = out.add(operation, 0, 0);
            body.emit(out);
            out.add(Program.MATCH, 0, 0);
            out.first(start, out.size());
        }

        @Override
        public int min() {
            return operation == Program.ATOMIC ? body.min() : 0;
        }

        @Override
        public int max() {
            return operation == Program.ATOMIC ? body.max() : 0;
        }

        @Override
        public @Nullable CharSet first() {
            return operation == Program.ATOMIC ? body.first() : null;
        }
    }

    /** A body that must, or must not, end where it stands. */
    record Behind(boolean negative, Node body) implements Node {
        @Override
        public void emit(Program.Builder out) {
            int start = out.add(negative ? Program.NOT_BEHIND : Program.BEHIND, 0, body.min());
            out.add(Program.LENGTHS, body.max(), 0);
            body.emit(out);
            out.add(Program.AT_TARGET, 0, 0);
            out.add(Program.MATCH, 0, 0);
            out.first(start, out.size());
        }

        @Override
        public int min() {
            return 0;
        }

        @Override
        public int max() {
            return 0;
        }
    }
}
