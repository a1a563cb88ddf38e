package org.jformers.model.kind;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Loss;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.head.Head;
import org.jformers.nn.Module;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.HeadMask;
import org.jformers.nn.stack.Stack;
import org.jformers.nn.stack.StackInput;

/** A stack of texts or of images and a head. */
final class Tower extends Module {
    private final Stack body;
    private final Head head;

    Tower(Stack.Spec body, Head.Spec head) {
        this.body = child("body", body.build());
        this.head = child("head", head.build(this.body.input().tokens()));
    }

    Set<String> takes() {
        Set<String> names = new HashSet<>(body.takes());
        names.addAll(head.takes());
        return names;
    }

    ModelOutput forward(ModelInputs inputs) {
        Capture capture = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions());
        Tensor hidden_BTC = body.forward(input(inputs), capture);
        ModelOutput output = new ModelOutput();
        head.forward(hidden_BTC, inputs, output);
        return output.putAll("hidden_states", capture.hiddenStates()).putAll("attentions", capture.attentions());
    }

    Loss loss(ModelInputs inputs) {
        return head.loss(body.forward(input(inputs), Capture.nothing()), inputs);
    }

    private StackInput input(ModelInputs inputs) {
        HeadMask heads = new HeadMask(inputs.find("head_mask"), Optional.empty());
        if (body.input().tokens().isEmpty()) {
            return images(inputs).withReal(inputs.mask("attention_mask")).withHeads(heads);
        }
        return StackInput.of(inputs.find("input_ids"), inputs.find("inputs_embeds"))
                .withPositions(inputs.find("position_ids"))
                .withMasks(InputMasks.of(inputs))
                .withHeads(heads);
    }

    /** Images, and which of their patches are hidden. */
    static StackInput images(ModelInputs inputs) {
        return StackInput.ofFeatures(inputs.require("pixel_values")).withPatches(new StackInput.Patches(
                inputs.find("bool_masked_pos"),
                Optional.empty(),
                inputs.asks(ModelInputs.Option.INTERPOLATED_POSITIONS)));
    }
}
