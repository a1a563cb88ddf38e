package org.jformers.nn.position;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Tensors;

/** Which row of a position table each token gets. */
public sealed interface PositionRule {

    /** A table's rows in order, from the first. */
    PositionRule FROM_ZERO = new InOrder(0);

    /** Row of the first token. */
    int offset();

    /** What callers who set positions call that of the first token. */
    default long first() {
        return 0;
    }

    /** Rows of positions that the caller sets, int64 to the same. */
    default Tensor rows(Tensor positions) {
        return offset() == 0 ? positions : positions.add(new Scalar((long) offset()));
    }

    /** Positions that a caller would set for these rows, int64 to the same. */
    default Tensor positions(Tensor rows) {
        return offset() == 0 ? rows : rows.sub(new Scalar((long) offset()));
    }

    /**
     * Rows of the tokens given, int64 [T] or [B, T].
     *
     * @param ids_BT the tokens, if ids were given
     * @param real_BS bool, which of all tokens are no padding; empty if all are
     * @param start_BT int64, the place of the first token of each token's document, where rows hold several; positions
     *     begin anew with each
     * @param seen number of tokens before those given
     * @param length T
     */
    Tensor rows(
            Optional<Tensor> ids_BT, Optional<Tensor> real_BS, Optional<Tensor> start_BT, long seen, long length);

    /** How many tokens of its document have come by with each token, itself among them. */
    private static Tensor counted(Tensor counts_BT, Optional<Tensor> start_BT) {
        Tensor counted_BT = counts_BT.cumsum(1);
        return start_BT
                .map(start -> counted_BT.sub(counted_BT.sub(counts_BT).gather(1, start)))
                .orElse(counted_BT);
    }

    /**
     * Row {@code offset} for the first token, and on from there, whatever the tokens are (BERT, GPT-2; BART at 2).
     *
     * @param offset rows before that of the first token
     */
    record InOrder(int offset) implements PositionRule {
        @Override
        public Tensor rows(
                Optional<Tensor> ids_BT, Optional<Tensor> real_BS, Optional<Tensor> start_BT, long seen, long length) {
            Tensor row_T = Tensors.range(offset + seen, offset + seen + length);
            return start_BT.map(start -> row_T.unsqueeze(0).sub(start)).orElse(row_T);
        }
    }

    /**
     * Counts the tokens that the attention mask calls real; padding gets the row before that of the first token (OPT).
     *
     * @param offset row of the first token
     */
    record RealTokens(int offset) implements PositionRule {
        @Override
        public Tensor rows(
                Optional<Tensor> ids_BT, Optional<Tensor> real_BS, Optional<Tensor> start_BT, long seen, long length) {
            if (real_BS.isEmpty()) {
                return new InOrder(offset).rows(ids_BT, real_BS, start_BT, seen, length);
            }
            Tensor real = real_BS.get().to(ScalarType.Long);
            Tensor counted = counted(real, start_BT).mul(real).add(new Scalar((long) offset - 1));
            return counted.narrow(1, seen, length);
        }
    }

    /**
     * Counts on from the padding id over the ids that differ from it; padding gets the row of its id (RoBERTa). Vectors
     * in place of ids are all counted.
     *
     * @param paddingId the id that pads
     */
    record BehindPadding(int paddingId) implements PositionRule {
        @Override
        public int offset() {
            return paddingId + 1;
        }

        /** Callers count as the table does. */
        @Override
        public long first() {
            return offset();
        }

        @Override
        public Tensor rows(Tensor positions) {
            return positions;
        }

        @Override
        public Tensor positions(Tensor rows) {
            return rows;
        }

        @Override
        public Tensor rows(
                Optional<Tensor> ids_BT, Optional<Tensor> real_BS, Optional<Tensor> start_BT, long seen, long length) {
            if (ids_BT.isEmpty()) {
                return new InOrder(offset()).rows(ids_BT, real_BS, start_BT, seen, length);
            }
            Tensor real = ids_BT.get().ne(new Scalar((long) paddingId)).to(ScalarType.Long);
            return counted(real, start_BT).add(new Scalar(seen)).mul(real).add(new Scalar((long) paddingId));
        }
    }
}
