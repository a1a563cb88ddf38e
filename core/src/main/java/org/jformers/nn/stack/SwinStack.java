package org.jformers.nn.stack;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Module;
import org.jformers.nn.block.WindowBlock;
import org.jformers.nn.norm.Norm;
import org.jformers.tensor.Scopes;

/**
 * Stages of layers with attention within windows; from stage to stage the patches get fewer and wider. Source:
 * arXiv:2103.14030.
 *
 * <p>Dimensions: B batch, T patches, C width.
 */
public final class SwinStack extends Module {
    private final PatchEmbedding input;
    private final List<Stage> stages;
    private final Norm finalNorm;

    /**
     * @param input the entrance
     * @param stages the layers of each stage, each stage twice as wide as the one before
     * @param finalNorm behind the last layer
     */
    public record Spec(PatchEmbedding.Spec input, List<List<WindowBlock.Spec>> stages, Norm.Spec finalNorm) {
        public Spec {
            stages = stages.stream().map(List::copyOf).toList();
            int width = input.width();
            for (List<WindowBlock.Spec> blocks : stages) {
                int expected = width;
                if (blocks.isEmpty() || blocks.stream().anyMatch(block -> block.width() != expected)) {
                    throw new IllegalArgumentException(
                            "swin: got stages " + stages + ", allowed layers in each, of width " + expected);
                }
                width *= 2;
            }
        }

        public SwinStack build() {
            return new SwinStack(this);
        }
    }

    private static final class Stage extends Module {
        private final List<WindowBlock> blocks;
        private final Optional<PatchMerging> merging;

        Stage(List<WindowBlock.Spec> specs, boolean merges) {
            blocks = children("blocks", specs.stream().map(WindowBlock.Spec::build).toList());
            merging = merges
                    ? Optional.of(child("merging", new PatchMerging(specs.get(0).width())))
                    : Optional.empty();
        }
    }

    private SwinStack(Spec spec) {
        input = child("input", spec.input().build());
        List<Stage> made = new ArrayList<>();
        for (int i = 0; i < spec.stages().size(); i++) {
            made.add(new Stage(spec.stages().get(i), i < spec.stages().size() - 1));
        }
        stages = children("stages", made);
        finalNorm = child("finalNorm", spec.finalNorm().build());
    }

    /** The entrance. */
    public PatchEmbedding input() {
        return input;
    }

    /**
     * Images to [B, T, C]. Captured are the input of the first stage and the output of each, before the final norm; the
     * same as maps; and the weights of the last layer of each stage.
     */
    public Tensor forward(StackInput in, Capture capture) {
        PatchEmbedding.Size size = input.size(in);
        Tensor hidden_BTC = input.forward(in, 0);
        long rows = size.rows();
        long columns = size.columns();
        capture.map(hidden_BTC, rows, columns);
        for (Stage stage : stages) {
            for (WindowBlock block : stage.blocks) {
                Tensor x_BTC = hidden_BTC;
                long h = rows;
                long w = columns;
                boolean last = block == stage.blocks.get(stage.blocks.size() - 1);
                hidden_BTC = Scopes.scoped(() -> {
                    WindowBlock.Output output = block.forward(x_BTC, h, w, last && capture.wantWeights());
                    output.weights().ifPresent(capture::weights);
                    return output.hidden_BTC();
                });
            }
            if (stage.merging.isPresent()) {
                hidden_BTC = stage.merging.get().forward(hidden_BTC, rows, columns);
                rows = (rows + 1) / 2;
                columns = (columns + 1) / 2;
            }
            capture.map(hidden_BTC, rows, columns);
        }
        return finalNorm.forward(hidden_BTC);
    }
}
