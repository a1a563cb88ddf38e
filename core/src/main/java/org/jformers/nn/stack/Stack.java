package org.jformers.nn.stack;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Embedding;
import org.jformers.nn.Module;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.block.Block;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Visibility;
import org.jformers.nn.mask.Visibility.Allowed;
import org.jformers.nn.norm.Norm;
import org.jformers.tensor.Tensors;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;

/**
 * An embedding and layers on top: an encoder or a decoder, which differ in nothing but the masks of their layers and
 * whether they read a memory.
 *
 * <p>Dimensions: B batch, T tokens, S tokens with those of the cache, M tokens of the memory, C width.
 */
public final class Stack extends Module {
    private final Spec spec;
    private final InputEmbedding input;
    private final List<Block> blocks;
    private final Optional<Norm> finalNorm;

    /**
     * @param input the embedding
     * @param blocks the layers, each with its own spec
     * @param finalNorm behind the last layer, if there is one
     */
    public record Spec(InputEmbedding.Spec input, List<Block.Spec> blocks, Optional<Norm.Spec> finalNorm) {
        public Spec {
            blocks = List.copyOf(blocks);
            int width = input.tokens().width();
            for (Block.Spec block : blocks) {
                if (block.norm().width() != width) {
                    throw new IllegalArgumentException(
                            "stack: embedding has width " + width + ", a block " + block.norm().width());
                }
            }
        }

        /** C. */
        public int width() {
            return input.tokens().width();
        }

        /** Builds with a token table of its own. */
        public Stack build() {
            return new Stack(this, input.build());
        }

        /** Builds on a token table that another module owns. */
        public Stack build(Embedding shared) {
            return new Stack(this, input.build(shared));
        }
    }

    private Stack(Spec spec, InputEmbedding input) {
        this.spec = spec;
        this.input = child("input", input);
        blocks = children("blocks", spec.blocks().stream().map(Block.Spec::build).toList());
        finalNorm = spec.finalNorm().map(norm -> child("finalNorm", norm.build()));
    }

    /** [B, T] ids to [B, T, C]; what {@code capture} asks for is left there. */
    public Tensor forward(StackInput in, Capture capture) {
        long seen = in.cache().map(KeyValueCache::length).orElse(0L);
        Tensor hidden_BTC = input.forward(in, seen);
        Visibility visibility = visibility(in, seen);
        ScalarType type = Precision.productType(Tensors.type(hidden_BTC));
        blocks.forEach(block -> visibility.prepare(block.spec().attention().mask(), type));
        Optional<Block.Memory> memory = memory(in, type);
        for (int i = 0; i < blocks.size(); i++) {
            capture.hidden(hidden_BTC);
            Block block = blocks.get(i);
            Allowed allowed = visibility.prepare(block.spec().attention().mask(), type);
            int layer = i;
            Block.Context context = new Block.Context(
                    allowed, memory, in.cache().map(cache -> cache.layer(layer)), capture.wantWeights());
            Tensor x_BTC = hidden_BTC;
            hidden_BTC = Scopes.scoped(() -> {
                Block.Output output = block.forward(x_BTC, context);
                output.weights().ifPresent(weights -> capture.attentions().add(Scopes.release(weights)));
                output.crossWeights().ifPresent(weights -> capture.crossAttentions().add(Scopes.release(weights)));
                return output.hidden_BTC();
            });
            capture.layer(hidden_BTC);
        }
        if (finalNorm.isPresent()) {
            hidden_BTC = finalNorm.get().forward(hidden_BTC);
        }
        capture.hidden(hidden_BTC);
        return hidden_BTC;
    }

    /** The embedding at the entrance. */
    public InputEmbedding input() {
        return input;
    }

    /** An empty cache for this stack. */
    public KeyValueCache newCache() {
        return new KeyValueCache(blocks.size());
    }

    public Spec spec() {
        return spec;
    }

    private static Visibility visibility(StackInput in, long seen) {
        long keys = seen + in.length();
        in.real().ifPresent(real -> {
            if (real.size(0) != in.batch() || real.size(1) != keys) {
                throw new ShapeException("attention_mask: expected [" + in.batch() + ", " + keys + "], got "
                        + java.util.Arrays.toString(real.shape()));
            }
        });
        return new Visibility(seen, in.length(), keys, in.real());
    }

    private static Optional<Block.Memory> memory(StackInput in, ScalarType type) {
        return in.memory().map(hidden_BMC -> new Block.Memory(
                hidden_BMC,
                new Visibility(0, in.length(), hidden_BMC.size(1), in.realMemory()).prepare(new FullMask(), type)));
    }
}
