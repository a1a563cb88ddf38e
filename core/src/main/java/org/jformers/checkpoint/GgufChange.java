package org.jformers.checkpoint;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** What sets a tensor of a GGUF file apart from the one of the model folder, both ways. */
sealed interface GgufChange {
    /**
     * The shape in the folder.
     *
     * @throws IllegalArgumentException if a tensor of that shape in the file cannot be changed so; says why
     */
    List<Long> folderShape(List<Long> shape);

    /** The folder's tensor. */
    Tensor toFolder(Tensor stored);

    /**
     * The file's tensor.
     *
     * @throws IllegalArgumentException if the folder's one cannot be changed so; says why
     */
    Tensor toFile(Tensor tensor);

    /** Nothing. */
    record None() implements GgufChange {
        @Override
        public List<Long> folderShape(List<Long> shape) {
            return shape;
        }

        @Override
        public Tensor toFolder(Tensor stored) {
            return stored;
        }

        @Override
        public Tensor toFile(Tensor tensor) {
            return tensor;
        }
    }

    /** Rows are columns. */
    record Transposed() implements GgufChange {
        @Override
        public List<Long> folderShape(List<Long> shape) {
            if (shape.size() != 2) {
                throw new IllegalArgumentException("is no matrix");
            }
            return List.of(shape.get(1), shape.get(0));
        }

        @Override
        public Tensor toFolder(Tensor stored) {
            return stored.t();
        }

        @Override
        public Tensor toFile(Tensor tensor) {
            return tensor.t();
        }
    }

    /**
     * ggml rotates neighbouring rows of a head, the folders' models its two halves.
     *
     * @param heads how many there are
     */
    record Paired(long heads) implements GgufChange {
        @Override
        public List<Long> folderShape(List<Long> shape) {
            if (heads < 1 || shape.isEmpty() || shape.contains(0L) || shape.get(0) % heads != 0
                    || shape.get(0) / heads % 2 != 0) {
                throw new IllegalArgumentException("does not divide into pairs of rows of " + heads + " heads");
            }
            return shape;
        }

        @Override
        public Tensor toFolder(Tensor stored) {
            return stored.view(heads, stored.size(0) / heads / 2, 2, -1).transpose(1, 2).contiguous()
                    .view(stored.shape());
        }

        @Override
        public Tensor toFile(Tensor tensor) {
            return tensor.contiguous().view(heads, 2, tensor.size(0) / heads / 2, -1).transpose(1, 2).contiguous()
                    .view(tensor.shape());
        }
    }

    /** The file has the folder's numbers and 1 more. */
    record OnePlus() implements GgufChange {
        @Override
        public List<Long> folderShape(List<Long> shape) {
            return shape;
        }

        @Override
        public Tensor toFolder(Tensor stored) {
            return stored.sub(new Scalar(1));
        }

        @Override
        public Tensor toFile(Tensor tensor) {
            return tensor.add(new Scalar(1));
        }
    }

    /**
     * The file lacks the first rows.
     *
     * @param rows how many
     */
    record WithoutRows(long rows) implements GgufChange {
        @Override
        public List<Long> folderShape(List<Long> shape) {
            throw new IllegalArgumentException("lacks the first " + rows + " rows");
        }

        @Override
        public Tensor toFolder(Tensor stored) {
            throw new IllegalStateException("no model is read of a table without its first rows");
        }

        @Override
        public Tensor toFile(Tensor tensor) {
            if (tensor.dim() != 2 || tensor.size(0) <= rows) {
                throw new IllegalArgumentException("has no more than " + rows + " rows");
            }
            return tensor.narrow(0, rows, tensor.size(0) - rows);
        }
    }
}
