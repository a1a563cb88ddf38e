package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jformers.testkit.TensorAssert.assertThat;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.SafetensorsFile;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.AttentionContext;
import org.jformers.nn.attention.AttentionOutput;
import org.jformers.nn.attention.AttentionWeights;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.block.Block.NormOrder;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.Visibility;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.norm.Norm;
import org.jformers.nn.norm.RmsNorm;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Tolerance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Single blocks against torch.nn, whose values tools/golden/make_block_fixtures.py computed. */
final class BlocksTest {
    private static final int WIDTH = 12;
    private static final int HEADS = 3;

    private final SafetensorsFile golden = SafetensorsFile.open(file());

    private static Path file() {
        try {
            return Path.of(BlocksTest.class.getResource("blocks.safetensors").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        golden.close();
    }

    private static void fill(Module module, Map<String, Tensor> weights) {
        try (NoGrad noGrad = new NoGrad()) {
            weights.forEach((name, weight) -> module.tensors().get(name).copy_(weight));
        }
        if (!weights.keySet().equals(module.tensors().keySet())) {
            throw new AssertionError("weights " + weights.keySet() + ", parameters " + module.tensors().keySet());
        }
    }

    private Allowed allowed(Mask mask, String real) {
        Tensor real_BS = golden.tensor(real).to(ScalarType.Bool);
        return Visibility.of(0, 5, 5, BatchMasks.ofReal(Optional.of(real_BS))).prepare(mask, ScalarType.Float);
    }

    private static AttentionContext context(Allowed allowed, boolean wantWeights) {
        return new AttentionContext(allowed, Optional.empty(), Optional.empty(), Optional.empty(), wantWeights);
    }

    @Test
    void selfAttentionIsThatOfTorch() {
        Scopes.run(() -> {
            try (SelfAttention attention =
                    SelfAttention.Spec.of(WIDTH, HEADS, WIDTH / HEADS, new CausalMask()).build()) {
                fill(attention, Map.of(
                        "qkv.weight", golden.tensor("self.in_proj_weight"), "qkv.bias",
                        golden.tensor("self.in_proj_bias"),
                        "out.weight", golden.tensor("self.out_proj.weight"), "out.bias",
                        golden.tensor("self.out_proj.bias")));
                Tensor x_BTC = golden.tensor("self.in.x");
                Allowed allowed = allowed(new CausalMask(), "self.in.real");
                AttentionOutput output = attention.forward(x_BTC, context(allowed, true));

                assertThat(output.weights().orElseThrow())
                        .isCloseTo(golden.tensor("self.out.weights"), Tolerance.FLOAT32);
                assertThat(output.context()).isCloseTo(golden.tensor("self.out.y"), Tolerance.FLOAT32);
                assertThat(attention.forward(x_BTC, context(allowed, false)).context())
                        .isCloseTo(golden.tensor("self.out.y"), Tolerance.FLOAT32);
                attention.train(true);
                assertThat(attention.forward(x_BTC, context(allowed, false)).context())
                        .isCloseTo(golden.tensor("self.out.y"), Tolerance.FLOAT32);
            }
        });
    }

    @Test
    void crossAttentionIsThatOfTorch() {
        Scopes.run(() -> {
            int headDim = WIDTH / HEADS;
            try (CrossAttention attention = new CrossAttention.Spec(
                    WIDTH, 7, HEADS, headDim, AttentionBias.ALL, AttentionWeights.of(headDim)).build()) {
                Tensor bias = golden.tensor("cross.in_proj_bias");
                fill(attention, Map.of(
                        "q.weight", golden.tensor("cross.q_proj_weight"), "q.bias", bias.narrow(0, 0, WIDTH),
                        "kv.weight", Tensors.cat(
                                0, golden.tensor("cross.k_proj_weight"), golden.tensor("cross.v_proj_weight")),
                        "kv.bias", bias.narrow(0, WIDTH, 2 * WIDTH),
                        "out.weight", golden.tensor("cross.out_proj.weight"), "out.bias",
                        golden.tensor("cross.out_proj.bias")));
                Allowed all = Allowed.EVERYTHING;
                AttentionOutput output = attention.forward(
                        golden.tensor("cross.in.x"), golden.tensor("cross.in.memory"), all, true);

                assertThat(output.weights().orElseThrow())
                        .isCloseTo(golden.tensor("cross.out.weights"), Tolerance.FLOAT32);
                assertThat(output.context()).isCloseTo(golden.tensor("cross.out.y"), Tolerance.FLOAT32);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"post, POST, RELU", "pre, PRE, GELU"})
    void encoderLayerIsThatOfTorch(String name, NormOrder order, Activation activation) {
        Scopes.run(() -> {
            Block.Spec spec = Block.Spec.of(
                    new LayerNorm.Spec(WIDTH, 1e-5), order,
                    SelfAttention.Spec.of(WIDTH, HEADS, WIDTH / HEADS, new FullMask()),
                    new Mlp.Spec(WIDTH, 17, activation));
            try (Block block = spec.build()) {
                fill(block, layerWeights(name));
                Tensor y_BTC = block.forward(
                                golden.tensor(name + ".in.x"),
                                new Block.Context(
                                        context(allowed(new FullMask(), name + ".in.real"), false), Optional.empty(),
                                        Optional.empty()))
                        .hidden_BTC();
                assertThat(y_BTC).isCloseTo(golden.tensor(name + ".out.y"), Tolerance.FLOAT32);
            }
        });
    }

    private Map<String, Tensor> layerWeights(String name) {
        return Map.ofEntries(
                Map.entry("attention.qkv.weight", golden.tensor(name + ".self_attn.in_proj_weight")),
                Map.entry("attention.qkv.bias", golden.tensor(name + ".self_attn.in_proj_bias")),
                Map.entry("attention.out.weight", golden.tensor(name + ".self_attn.out_proj.weight")),
                Map.entry("attention.out.bias", golden.tensor(name + ".self_attn.out_proj.bias")),
                Map.entry("attentionNorm.weight", golden.tensor(name + ".norm1.weight")),
                Map.entry("attentionNorm.bias", golden.tensor(name + ".norm1.bias")),
                Map.entry("feedForward.in.weight", golden.tensor(name + ".linear1.weight")),
                Map.entry("feedForward.in.bias", golden.tensor(name + ".linear1.bias")),
                Map.entry("feedForward.out.weight", golden.tensor(name + ".linear2.weight")),
                Map.entry("feedForward.out.bias", golden.tensor(name + ".linear2.bias")),
                Map.entry("feedForwardNorm.weight", golden.tensor(name + ".norm2.weight")),
                Map.entry("feedForwardNorm.bias", golden.tensor(name + ".norm2.bias")));
    }

    @Test
    void normsAreThoseOfTorch() {
        Scopes.run(() -> {
            try (Norm layerNorm = new LayerNorm.Spec(WIDTH, 1e-6).build();
                    Norm rmsNorm = new RmsNorm.Spec(WIDTH, 1e-6).build()) {
                fill(layerNorm, Map.of(
                        "weight", golden.tensor("layerNorm.weight"), "bias", golden.tensor("layerNorm.bias")));
                fill(rmsNorm, Map.of("weight", golden.tensor("rmsNorm.weight")));
                assertThat(layerNorm.forward(golden.tensor("layerNorm.in.x")))
                        .isCloseTo(golden.tensor("layerNorm.out.y"), Tolerance.FLOAT32);
                assertThat(rmsNorm.forward(golden.tensor("rmsNorm.in.x")))
                        .isCloseTo(golden.tensor("rmsNorm.out.y"), Tolerance.FLOAT32);
            }
        });
    }

    @Test
    void randomNumbersAreThoseOfTorch() {
        Scopes.run(() -> {
            Seeds.seed(11);
            Tensor normal = Tensors.empty(ScalarType.Float, 3, 5);
            Tensors.fillNormal(normal, 0, 0.02);
            Tensor uniform = Tensors.empty(ScalarType.Float, 3, 5);
            Tensors.fillUniform(uniform, -0.5, 0.5);
            assertThat(normal).isCloseTo(golden.tensor("random.normal"), new Tolerance(1e-7, 0));
            assertThat(uniform).isCloseTo(golden.tensor("random.uniform"), new Tolerance(1e-7, 0));
        });
    }

    @Test
    void feedForwardTreatsEachPositionAlike() {
        Scopes.run(() -> {
            try (Mlp feedForward = new Mlp.Spec(WIDTH, 17, Activation.RELU).build()) {
                fill(feedForward, Map.of(
                        "in.weight", golden.tensor("post.linear1.weight"), "in.bias",
                        golden.tensor("post.linear1.bias"),
                        "out.weight", golden.tensor("post.linear2.weight"), "out.bias",
                        golden.tensor("post.linear2.bias")));
                Tensor x_BTC = golden.tensor("post.in.x");
                Tensor y_BTC = feedForward.forward(x_BTC).hidden();
                Tensor order = Tensors.ofLongs(new long[] {3, 1, 4, 0, 2}, 5);
                assertThat(feedForward.forward(x_BTC.index_select(1, order)).hidden())
                        .isCloseTo(y_BTC.index_select(1, order), Tolerance.FLOAT32);
                Tensor changed = x_BTC.clone();
                changed.select(1, 2).zero_();
                Tensor after = feedForward.forward(changed).hidden();
                assertThat(after.select(1, 2)).differsFrom(y_BTC.select(1, 2), Tolerance.FLOAT32);
                assertThat(after.narrow(1, 0, 2)).isCloseTo(y_BTC.narrow(1, 0, 2), Tolerance.FLOAT32);
                assertThat(after.narrow(1, 3, 2)).isCloseTo(y_BTC.narrow(1, 3, 2), Tolerance.FLOAT32);
            }
        });
    }

    @Test
    void refusesPartsOfDifferentWidths() {
        assertThatThrownBy(() -> Block.Spec.of(
                        new LayerNorm.Spec(WIDTH, 1e-5), NormOrder.PRE,
                        SelfAttention.Spec.of(WIDTH, HEADS, 4, new FullMask()),
                        new Mlp.Spec(WIDTH + 1, 17, Activation.RELU)))
                .hasMessageContaining("feed-forward 13");
    }
}
