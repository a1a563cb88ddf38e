package org.jformers.testkit.contract;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Decoding;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/** A decoding whose rows are read together, as a batch: what contracts compare with a whole pass. */
public final class DecodingRows implements AutoCloseable {
    private final Decoding decoding;
    private final ModelInputs prompt;
    /** Null before the first tokens. */
    private int @Nullable [] rows;

    /** Rows that begin with a prompt, or with a source. */
    public DecodingRows(Model model, ModelInputs prompt) {
        decoding = model.decoding();
        this.prompt = prompt;
    }

    /** Reads int64 [B, T]; scores of the token behind the last one, [B, V]. Padding of the prompt is left out. */
    public Tensor next(Tensor ids_BT) {
        int count = Math.toIntExact(ids_BT.size(0));
        int length = Math.toIntExact(ids_BT.size(1));
        long[] ids = Tensors.toLongs(ids_BT);
        boolean first = rows == null;
        int[] own = rows == null ? decoding.begin(prompt, count) : rows;
        rows = own;
        long[] real = first && decoding.inParts() && prompt.find("input_ids").isEmpty()
                ? prompt.find("attention_mask").map(Tensors::toLongs).orElse(new long[0])
                : new long[0];
        List<Decoding.Reading> readings = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            int start = row * length;
            int width = real.length / count;
            int begin = row * width;
            int[] tokens = IntStream.range(0, length)
                    .filter(t -> width == 0 || t >= width || real[begin + t] != 0)
                    .map(t -> (int) ids[start + t]).toArray();
            readings.add(new Decoding.Reading(own[row], tokens, 1));
        }
        return decoding.read(readings);
    }

    /** Row {@code i} continues what row {@code order_B[i]} has read. */
    public void reorder(Tensor order_B) {
        int[] before = Objects.requireNonNull(rows);
        rows = Arrays.stream(Tensors.toLongs(order_B)).mapToInt(from -> decoding.fork(before[(int) from])).toArray();
        Arrays.stream(before).forEach(decoding::end);
    }

    @Override
    public void close() {
        decoding.close();
    }
}
