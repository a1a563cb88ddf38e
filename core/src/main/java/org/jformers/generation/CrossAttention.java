package org.jformers.generation;

import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/** Where an encoder-decoder looks in the source while it writes a target that is known. */
public final class CrossAttention {
    private CrossAttention() {}

    /**
     * Reads source and target in one forward pass.
     *
     * @param model an encoder-decoder
     * @param source tokens of the source
     * @param target tokens that the decoder reads, the start token first; with weights t it predicts token t + 1
     * @return weights per layer, head, target token and source token; each source row adds up to 1
     */
    public static float[][][][] weights(Model model, int[] source, int[] target) {
        return Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                ModelOutput output = model.forward(ModelInputs.of(Map.of(
                                "input_ids", row(source), "decoder_input_ids", row(target)))
                        .askingAttentions());
                return IntStream.iterate(0, layer -> output.find(name(layer)).isPresent(), layer -> layer + 1)
                        .mapToObj(layer -> perHead(output.get(name(layer))))
                        .toArray(float[][][][]::new);
            }
        });
    }

    private static String name(int layer) {
        return "cross_attentions." + layer;
    }

    private static Tensor row(int[] ids) {
        return Tensors.ofLongs(IntStream.of(ids).asLongStream().toArray(), 1, ids.length);
    }

    /** [1, N, T, M] to Java. */
    private static float[][][] perHead(Tensor weight_1NTM) {
        long targets = weight_1NTM.size(2);
        return LongStream.range(0, weight_1NTM.size(1))
                .mapToObj(head -> LongStream.range(0, targets)
                        .mapToObj(t -> Tensors.toFloats(weight_1NTM.select(0, 0).select(0, head).select(0, t)))
                        .toArray(float[][]::new))
                .toArray(float[][][]::new);
    }
}
