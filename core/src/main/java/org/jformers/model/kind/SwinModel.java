package org.jformers.model.kind;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ModelSpec;
import org.jformers.model.head.Head;
import org.jformers.nn.Initialization;
import org.jformers.nn.Module;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.PatchGrid;
import org.jformers.nn.stack.SwinStack;

/** Stages of windows over an image and a head. Source: arXiv:2103.14030. */
public final class SwinModel extends Model {
    private final Network network;

    /**
     * @param body the stages
     * @param head what stands on them
     * @param initialization how parameters start
     */
    public record Spec(SwinStack.Spec body, Head.Spec head, Initialization initialization) implements ModelSpec {
        @Override
        public Optional<PatchGrid> patches() {
            return body.input().patches();
        }

        @Override
        public String toString() {
            return describe();
        }

        @Override
        public SwinModel build(Identity identity) {
            return new SwinModel(identity, this);
        }
    }

    private static final class Network extends Module {
        private final SwinStack body;
        private final Head head;

        Network(Spec spec) {
            body = child("body", spec.body().build());
            head = child("head", spec.head().build(Optional.empty()));
        }
    }

    private SwinModel(Identity identity, Spec spec) {
        super(identity);
        network = new Network(spec);
    }

    @Override
    public Set<String> takes() {
        Set<String> names = new HashSet<>(network.body.input().takes());
        names.addAll(network.head.takes());
        return names;
    }

    @Override
    protected ModelOutput run(ModelInputs inputs) {
        Capture capture = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions());
        Tensor hidden_BTC = network.body.forward(Tower.images(inputs), capture);
        ModelOutput output = new ModelOutput();
        network.head.forward(hidden_BTC, inputs, output);
        return output.putAll("hidden_states", capture.hiddenStates())
                .putAll("attentions", capture.attentions())
                .putAll("reshaped_hidden_states", capture.maps());
    }

    @Override
    protected Loss lossOf(ModelInputs inputs) {
        return network.head.loss(network.body.forward(Tower.images(inputs), Capture.nothing()), inputs);
    }

    @Override
    public Module network() {
        return network;
    }
}
