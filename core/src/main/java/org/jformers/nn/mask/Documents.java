package org.jformers.nn.mask;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * The documents that are packed into rows: tokens one behind the other with the same number are one, and see no other.
 *
 * <p>Dimensions: B rows, T tokens.
 *
 * @param numbers int64 [B, T], the document of each token
 * @param positions int64 [B, T], the place of each token in its document, from 0
 */
public record Documents(Tensor numbers, Tensor positions) {
    /** The document that all padding of a row belongs to. */
    private static final long PADDING = Long.MIN_VALUE;

    /** One document in a row. */
    record Run(long number, Span places) {}

    /**
     * Documents by their numbers.
     *
     * @throws ShapeException if a row has a document in two places; only tensors on the host are looked at
     */
    public static Documents of(Tensor number_BT) {
        Shapes.require("document_ids", number_BT, -1, -1);
        Tensor numbers = number_BT.to(ScalarType.Long);
        long length = numbers.size(1);
        Tensor place_1T = Tensors.range(0, length).unsqueeze(0);
        Tensor begin_BT = place_1T.mul(torch.ones_like(numbers));
        if (length > 1) {
            Tensor goesOn_BT = numbers.narrow(1, 1, length - 1).eq(numbers.narrow(1, 0, length - 1));
            begin_BT.narrow(1, 1, length - 1).masked_fill_(goesOn_BT, new Scalar(0L));
        }
        Documents documents = new Documents(numbers, place_1T.sub(begin_BT.cummax(1).get0()));
        documents.rows().ifPresent(Documents::requireWhole);
        return documents;
    }

    /** Documents that begin wherever a position is not the one behind the position before it. */
    public static Documents ofPositions(Tensor position_BT) {
        long length = position_BT.size(1);
        Tensor jump_BT = position_BT.narrow(1, 1, length - 1)
                .sub(position_BT.narrow(1, 0, length - 1)).ne(new Scalar(1L));
        Tensor first_B1 = torch.zeros_like(position_BT.narrow(1, 0, 1));
        return of(Tensors.cat(1, first_B1, jump_BT.to(ScalarType.Long).cumsum(1)));
    }

    private static void requireWhole(List<List<Run>> rows) {
        for (int row = 0; row < rows.size(); row++) {
            Set<Long> numbers = new HashSet<>();
            for (Run run : rows.get(row)) {
                if (!numbers.add(run.number())) {
                    throw new ShapeException("document_ids: got document " + run.number() + " in two places of row "
                            + row + ", allowed tokens of a document one behind the other");
                }
            }
        }
    }

    /** The same with padding in a document of its own. */
    public Documents apart(Optional<Tensor> real_BT) {
        return real_BT.isEmpty() ? this : new Documents(
                numbers.masked_fill(real_BT.get().logical_not(), new Scalar(PADDING)), positions);
    }

    /** int64 [B, T], the place in the row of the first token of each token's document. */
    public Tensor starts() {
        return Tensors.range(0, numbers.size(1)).unsqueeze(0).sub(positions);
    }

    /** Whether some row has more than one, as far as the host knows. */
    public boolean areSeveral() {
        return rows().map(all -> all.stream().anyMatch(row -> row.size() > 1)).orElse(true);
    }

    /** The documents of each row in order; empty for tensors that are not on the host. */
    Optional<List<List<Run>>> rows() {
        if (!numbers.is_cpu()) {
            return Optional.empty();
        }
        long[] number = Tensors.toLongs(numbers);
        int length = Math.toIntExact(numbers.size(1));
        List<List<Run>> rows = new ArrayList<>();
        for (int from = 0; from < number.length; from += length) {
            List<Run> row = new ArrayList<>();
            int start = 0;
            for (int t = 1; t <= length; t++) {
                if (t == length || number[from + t] != number[from + start]) {
                    row.add(new Run(number[from + start], Span.of(start, t)));
                    start = t;
                }
            }
            rows.add(row);
        }
        return Optional.of(rows);
    }
}
