package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jformers.testkit.TensorAssert.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.AttentionWeights;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.block.Block.NormOrder;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.BlockEndMask;
import org.jformers.nn.mask.BlockMask;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.DocumentMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.PermutationMask;
import org.jformers.nn.mask.PrefixMask;
import org.jformers.nn.mask.SlidingWindowMask;
import org.jformers.nn.mask.StridedMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.Stack;
import org.jformers.nn.stack.StackInput;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Tolerance;
import org.junit.jupiter.api.Test;

/** One stack becomes an encoder, a decoder, a prefix, permutation, memory or packed model by its mask alone. */
final class StackTest {
    private static final int WIDTH = 15;
    private static final int LENGTH = 6;
    private static final long[][] IDS = {{4, 9, 1, 16, 7, 2}};

    private static Stack stack(Mask mask, boolean cross) {
        Block.Spec block = Block.Spec.of(
                        new LayerNorm.Spec(WIDTH, 1e-5), NormOrder.PRE, SelfAttention.Spec.of(WIDTH, 3, 5, mask),
                        new Mlp.Spec(WIDTH, 22, Activation.GELU))
                .withCrossAttention(cross
                        ? Optional.of(new CrossAttention.Spec(
                                WIDTH, 8, 3, 5, AttentionBias.ALL, AttentionWeights.of(5)))
                        : Optional.empty());
        InputEmbedding.Spec input = InputEmbedding.Spec.of(new Embedding.Spec(17, WIDTH, -1))
                .withPositions(new LearnedPositions.Spec(9, WIDTH));
        Stack stack = Stack.Spec.of(input, Collections.nCopies(2, block)).build();
        Seeds.seed(8);
        try (NoGrad noGrad = new NoGrad()) {
            stack.tensors().values().forEach(tensor -> Tensors.fillNormal(tensor, 0, 0.4));
        }
        return stack;
    }

    private static Tensor run(Mask mask, long[][] ids) {
        return Scopes.scoped(() -> {
            try (Stack stack = stack(mask, false);
                    NoGrad noGrad = new NoGrad()) {
                return stack.forward(StackInput.of(Tensors.ofLongs(ids)), Capture.nothing());
            }
        });
    }

    private static Tensor run(Mask mask) {
        return run(mask, IDS);
    }

    @Test
    void onlyTheMaskDiffers() {
        List<Mask> masks = List.of(
                new FullMask(), new CausalMask(), new PrefixMask(3), new CausalMask().and(new SlidingWindowMask(2)),
                new PermutationMask(List.of(3, 0, 4, 1, 5, 2), PermutationMask.Stream.CONTENT),
                new DocumentMask(List.of(2, 2)));
        Scopes.run(() -> {
            for (Mask mask : masks) {
                try (Stack stack = stack(mask, false);
                        Stack causal = stack(new CausalMask(), false)) {
                    assertThat(stack.tensors().keySet()).isEqualTo(causal.tensors().keySet());
                }
                for (Mask other : masks) {
                    if (!mask.equals(other)) {
                        assertThat(run(mask)).differsFrom(run(other), Tolerance.FLOAT32);
                    }
                }
            }
        });
    }

    @Test
    void aPrefixOfNothingIsCausalAndOneOfAllIsFull() {
        Scopes.run(() -> {
            assertThat(run(new PrefixMask(0))).isCloseTo(run(new CausalMask()), Tolerance.FLOAT32);
            assertThat(run(new PrefixMask(LENGTH))).isCloseTo(run(new FullMask()), Tolerance.FLOAT32);
            assertThat(run(new CausalMask().and(new SlidingWindowMask(LENGTH))))
                    .isCloseTo(run(new CausalMask()), Tolerance.FLOAT32);
        });
    }

    @Test
    void thePermutationFromLeftToRightIsCausal() {
        Scopes.run(() -> assertThat(run(new PermutationMask(List.of(0, 1, 2, 3, 4, 5), PermutationMask.Stream.CONTENT)))
                .isCloseTo(run(new CausalMask()), Tolerance.FLOAT32));
    }

    @Test
    void packedDocumentsAreAsIfAlone() {
        Scopes.run(() -> {
            try (Stack packed = stack(new CausalMask().and(new DocumentMask(List.of(2, 4))), false);
                    Stack alone = stack(new CausalMask(), false);
                    NoGrad noGrad = new NoGrad()) {
                Tensor positions = Tensors.ofLongs(new long[][] {{0, 1, 0, 1, 2, 3}});
                StackInput in = StackInput.of(Tensors.ofLongs(IDS)).withPositions(Optional.of(positions));
                Tensor together = packed.forward(in, Capture.nothing());
                Tensor ids = Tensors.ofLongs(IDS);
                assertThat(together.narrow(1, 0, 2)).isCloseTo(
                        alone.forward(StackInput.of(ids.narrow(1, 0, 2)), Capture.nothing()), Tolerance.FLOAT32);
                assertThat(together.narrow(1, 2, 4)).isCloseTo(
                        alone.forward(StackInput.of(ids.narrow(1, 2, 4)), Capture.nothing()), Tolerance.FLOAT32);
            }
        });
    }

    @Test
    void textsThatShareARowAreAsIfAloneUnderAnyMask() {
        int[] lengths = {2, 6, 1, 4, 3, 2, 5, 1, 2};
        long[][] ids = new long[lengths.length][LENGTH];
        long[][] real = new long[lengths.length][LENGTH];
        for (int b = 0; b < lengths.length; b++) {
            for (int t = 0; t < lengths[b]; t++) {
                ids[b][t] = (3 * b + 5 * t + 1) % 17;
                real[b][t] = 1;
            }
        }
        List<Mask> masks = List.of(
                new FullMask(), new CausalMask(), new PrefixMask(3), new CausalMask().and(new SlidingWindowMask(2)),
                new PermutationMask(List.of(3, 0, 4, 1, 5, 2), PermutationMask.Stream.CONTENT),
                new DocumentMask(List.of(2, 2)), new BlockMask(2).or(new BlockEndMask(2, 1)), new StridedMask(2));
        for (Mask mask : masks) {
            Scopes.run(() -> {
                Tensor real_BT = Tensors.ofLongs(real).to(ScalarType.Bool);
                StackInput in = StackInput.of(Tensors.ofLongs(ids)).withReal(Optional.of(real_BT));
                try (Stack stack = stack(mask, false);
                        NoGrad noGrad = new NoGrad()) {
                    Tensor padded = stack.forward(in, Capture.nothing()).mul(real_BT.unsqueeze(2));
                    assertThat(stack.forwardTokens(in, Capture.nothing())).as(mask.toString())
                            .isCloseTo(padded, Tolerance.FLOAT32);
                }
            });
        }
    }

    @Test
    void aCacheIsMemoryUnderAnyMaskThatLooksBack() {
        for (Mask mask : List.of(new CausalMask(), new PrefixMask(2), new CausalMask().and(new SlidingWindowMask(3)))) {
            Scopes.run(() -> {
                Tensor whole = run(mask);
                try (Stack stack = stack(mask, false);
                        KeyValueCache cache = stack.newCache();
                        NoGrad noGrad = new NoGrad()) {
                    Tensor ids = Tensors.ofLongs(IDS);
                    Tensor first = segment(stack, ids.narrow(1, 0, 2), cache);
                    Tensor second = segment(stack, ids.narrow(1, 2, 3), cache);
                    Tensor third = segment(stack, ids.narrow(1, 5, 1), cache);
                    assertThat(Tensors.cat(1, first, second, third)).isCloseTo(whole, Tolerance.FLOAT32);
                }
            });
        }
    }

    private static Tensor segment(Stack stack, Tensor ids, KeyValueCache cache) {
        return stack.forward(StackInput.of(ids).withCache(Optional.of(cache)), Capture.nothing());
    }

    @Test
    void aDecoderAloneIsOneWithoutCrossAttention() {
        try (Stack alone = stack(new CausalMask(), false);
                Stack reads = stack(new CausalMask(), true)) {
            long cross = reads.parameters().entrySet().stream()
                    .filter(entry -> entry.getKey().contains("crossAttention"))
                    .mapToLong(entry -> entry.getValue().tensor().numel())
                    .sum();
            // q and out are 15 x 15, k and v 15 x 8, all with bias; a norm has two vectors; two layers.
            assertThat(cross).isEqualTo(2 * (2 * (15 * 15 + 15) + 2 * (15 * 8 + 15) + 2 * 15));
            assertThat(alone.parameterCount()).isEqualTo(reads.parameterCount() - cross);
        }
    }

    @Test
    void refusesInputsThatDoNotFit() {
        Optional<Tensor> none = Optional.empty();
        assertThatThrownBy(() -> StackInput.of(none, none))
                .isInstanceOf(ShapeException.class).hasMessageContaining("neither");
        Tensor flat = Tensors.ofLongs(new long[] {1, 2}, 2);
        assertThatThrownBy(() -> StackInput.of(flat)).isInstanceOf(ShapeException.class).hasMessageContaining("[2]");
        Tensor ids = Tensors.ofLongs(IDS);
        Tensor real = Tensors.ofLongs(new long[][] {{1, 1}}).to(ScalarType.Bool);
        try (Stack stack = stack(new FullMask(), false)) {
            assertThatThrownBy(() -> stack.forward(
                            StackInput.of(ids).withReal(Optional.of(real)),
                            Capture.nothing()))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("attention_mask: expected [1, 6], got [1, 2]");
        }
    }
}
