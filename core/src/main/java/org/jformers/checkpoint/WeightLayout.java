package org.jformers.checkpoint;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** How stored tensors make up one parameter, and how the parameter is taken apart again without a copy. */
sealed interface WeightLayout {

    /**
     * The parameter's shape.
     *
     * @throws IllegalArgumentException if stored tensors of these shapes make up no parameter; the message says why
     */
    List<Long> shape(List<List<Long>> stored);

    /**
     * The parameter, a view of the one stored tensor.
     *
     * @throws UnsupportedOperationException if it is made up of several
     */
    Tensor view(Tensor stored);

    /** Whether the parameter is a view of one stored tensor; else {@link #split} gives the places of several. */
    boolean isView();

    /** The stored tensors: views of the parameter. */
    List<Tensor> split(Tensor parameter);

    /** One stored tensor, as it is. */
    record Same() implements WeightLayout {
        @Override
        public List<Long> shape(List<List<Long>> stored) {
            return stored.get(0);
        }

        @Override
        public boolean isView() {
            return true;
        }

        @Override
        public Tensor view(Tensor stored) {
            return stored;
        }

        @Override
        public List<Tensor> split(Tensor parameter) {
            return List.of(parameter);
        }
    }

    /**
     * One stored tensor with further dimensions of size 1 in front.
     *
     * @param count how many
     */
    record Widened(int count) implements WeightLayout {
        @Override
        public List<Long> shape(List<List<Long>> stored) {
            List<Long> shape = stored.get(0);
            if (shape.size() < count || !shape.subList(0, count).stream().allMatch(size -> size == 1)) {
                throw new IllegalArgumentException(
                        "expected " + count + " dimensions of size 1 in front in the checkpoint, got " + shape);
            }
            return shape.subList(count, shape.size());
        }

        @Override
        public boolean isView() {
            return true;
        }

        @Override
        public Tensor view(Tensor stored) {
            Tensor parameter = stored;
            for (int i = 0; i < count; i++) {
                parameter = parameter.squeeze(0);
            }
            return parameter;
        }

        @Override
        public List<Tensor> split(Tensor parameter) {
            Tensor stored = parameter.detach();
            for (int i = 0; i < count; i++) {
                stored = stored.unsqueeze(0);
            }
            return List.of(stored);
        }
    }

    /** One stored matrix whose rows are the parameter's columns. */
    record Transposed() implements WeightLayout {
        @Override
        public List<Long> shape(List<List<Long>> stored) {
            List<Long> shape = stored.get(0);
            if (shape.size() != 2) {
                throw new IllegalArgumentException("expected a matrix in the checkpoint, got " + shape);
            }
            return List.of(shape.get(1), shape.get(0));
        }

        @Override
        public boolean isView() {
            return true;
        }

        @Override
        public Tensor view(Tensor stored) {
            return stored.t();
        }

        @Override
        public List<Tensor> split(Tensor parameter) {
            return List.of(parameter.detach().t());
        }
    }

    /**
     * One stored tensor [C, heads, D] whose last two dimensions are one in the parameter.
     *
     * @param heads how many there are
     * @param transposed whether those are the parameter's rows, [heads * D, C], and not its columns
     */
    record Heads(long heads, boolean transposed) implements WeightLayout {
        @Override
        public List<Long> shape(List<List<Long>> stored) {
            List<Long> shape = stored.get(0);
            if (shape.size() != 3 || shape.get(1) != heads) {
                throw new IllegalArgumentException(
                        "expected [width, " + heads + ", head width] in the checkpoint, got " + shape);
            }
            long inner = shape.get(1) * shape.get(2);
            return transposed ? List.of(inner, shape.get(0)) : List.of(shape.get(0), inner);
        }

        @Override
        public boolean isView() {
            return true;
        }

        @Override
        public Tensor view(Tensor stored) {
            Tensor flat = stored.flatten(1, 2);
            return transposed ? flat.t() : flat;
        }

        @Override
        public List<Tensor> split(Tensor parameter) {
            Tensor flat = transposed ? parameter.detach().t() : parameter.detach();
            return List.of(flat.reshape(flat.size(0), heads, -1));
        }
    }

    /**
     * Some rows of a stored tensor whose other rows make up other parameters. Split gives the rows back; whoever saves
     * joins them in order.
     *
     * @param begin first row
     * @param rows how many
     * @param total rows of the stored tensor
     */
    record Slice(long begin, long rows, long total) implements WeightLayout {
        @Override
        public List<Long> shape(List<List<Long>> stored) {
            List<Long> shape = new ArrayList<>(stored.get(0));
            if (shape.isEmpty() || shape.get(0) != total) {
                throw new IllegalArgumentException("expected " + total + " rows in the checkpoint, got " + shape);
            }
            shape.set(0, rows);
            return shape;
        }

        @Override
        public boolean isView() {
            return true;
        }

        @Override
        public Tensor view(Tensor stored) {
            return stored.narrow(0, begin, rows);
        }

        @Override
        public List<Tensor> split(Tensor parameter) {
            if (parameter.dim() == 0 || parameter.size(0) != rows) {
                throw new IllegalArgumentException("expected " + rows + " rows in the model");
            }
            return List.of(parameter.detach());
        }
    }

    /**
     * One item of a stored tensor's first dimension, whose others are further parameters. It is read, never written.
     *
     * @param index which item
     */
    record Item(long index) implements WeightLayout {
        @Override
        public List<Long> shape(List<List<Long>> stored) {
            List<Long> shape = stored.get(0);
            if (shape.isEmpty() || shape.get(0) <= index) {
                throw new IllegalArgumentException("expected an item " + index + " in the checkpoint, got " + shape);
            }
            return shape.subList(1, shape.size());
        }

        @Override
        public boolean isView() {
            return true;
        }

        @Override
        public Tensor view(Tensor stored) {
            return stored.select(0, index);
        }

        @Override
        public List<Tensor> split(Tensor parameter) {
            throw new IllegalArgumentException("has no name of its own to be stored under");
        }
    }

    /**
     * Several stored tensors, one below the other.
     *
     * @param parts how many
     * @param rows how many rows each has; empty if they are equal
     */
    record Rows(int parts, List<Long> rows) implements WeightLayout {
        @Override
        public List<Long> shape(List<List<Long>> stored) {
            long sum = 0;
            for (int i = 0; i < parts; i++) {
                List<Long> shape = stored.get(i);
                List<Long> first = stored.get(0);
                if (shape.isEmpty() || !shape.subList(1, shape.size()).equals(first.subList(1, first.size()))) {
                    throw new IllegalArgumentException("parts have shapes " + stored + ", which do not stack");
                }
                long wanted = rows.isEmpty() ? first.get(0) : rows.get(i);
                if (shape.get(0) != wanted) {
                    throw new IllegalArgumentException(
                            "parts have shapes " + stored + ", expected are " + wanted + " rows in part " + (i + 1));
                }
                sum += wanted;
            }
            List<Long> joined = new ArrayList<>(stored.get(0));
            joined.set(0, sum);
            return joined;
        }

        @Override
        public boolean isView() {
            return false;
        }

        @Override
        public Tensor view(Tensor stored) {
            throw new UnsupportedOperationException("made up of several stored tensors");
        }

        @Override
        public List<Tensor> split(Tensor parameter) {
            long height = parameter.dim() == 0 ? 0 : parameter.size(0);
            long expected = rows.isEmpty()
                    ? height / parts * parts
                    : rows.stream().mapToLong(Long::longValue).sum();
            if (height == 0 || height != expected) {
                throw new IllegalArgumentException(
                        "has " + height + " rows, which do not split into " + (rows.isEmpty() ? parts : rows));
            }
            List<Tensor> split = new ArrayList<>();
            long begin = 0;
            for (int i = 0; i < parts; i++) {
                long part = rows.isEmpty() ? height / parts : rows.get(i);
                split.add(parameter.detach().narrow(0, begin, part));
                begin += part;
            }
            return split;
        }
    }
}
