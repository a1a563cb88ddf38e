package org.jformers.model.kind;

import java.util.Optional;
import java.util.Set;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ModelSpec;
import org.jformers.model.head.Head;
import org.jformers.nn.Initialization;
import org.jformers.nn.Module;
import org.jformers.nn.stack.PatchGrid;
import org.jformers.nn.stack.Stack;

/** A stack of images, or of texts, that makes vectors and no text: ViT, and each half of CLIP. */
public final class TowerModel extends Model {
    private final Tower tower;

    /**
     * @param body the stack
     * @param head what stands on it
     * @param initialization how parameters start
     */
    public record Spec(Stack.Spec body, Head.Spec head, Initialization initialization) implements ModelSpec {
        @Override
        public Optional<PatchGrid> patches() {
            return body.input().patches();
        }

        @Override
        public Optional<ModelSpec> withoutPooler() {
            return head.withoutPooler().map(bare -> new Spec(body, bare, initialization));
        }

        @Override
        public String toString() {
            return describe();
        }

        @Override
        public TowerModel build(Identity identity) {
            return new TowerModel(identity, this);
        }
    }

    private TowerModel(Identity identity, Spec spec) {
        super(identity);
        tower = new Tower(spec.body(), spec.head());
    }

    @Override
    public Set<String> takes() {
        return tower.takes();
    }

    @Override
    protected ModelOutput run(ModelInputs inputs) {
        return tower.forward(inputs);
    }

    @Override
    protected Loss lossOf(ModelInputs inputs) {
        return tower.loss(inputs);
    }

    @Override
    public Module network() {
        return tower;
    }
}
