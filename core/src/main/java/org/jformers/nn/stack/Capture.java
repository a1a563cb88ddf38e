package org.jformers.nn.stack;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.block.Block;
import org.jformers.tensor.Scopes;

/** Collects what a stack computes on its way, for those who asked. Its tensors belong to the caller's scope. */
public final class Capture {
    private final boolean wantHidden;
    private final boolean wantWeights;
    private final List<Tensor> hiddenStates = new ArrayList<>();
    private final List<Tensor> layerOutputs = new ArrayList<>();
    private final List<Tensor> maps = new ArrayList<>();
    private final List<Tensor> attentions = new ArrayList<>();
    private final List<Tensor> crossAttentions = new ArrayList<>();
    private final List<Tensor> routerLogits = new ArrayList<>();

    /**
     * @param wantHidden collect the input of the first layer and the output of each
     * @param wantWeights collect attention weights
     */
    public Capture(boolean wantHidden, boolean wantWeights) {
        this.wantHidden = wantHidden;
        this.wantWeights = wantWeights;
    }

    /** Collects nothing. */
    public static Capture nothing() {
        return new Capture(false, false);
    }

    /** Input of the first layer [B, T, C], then the output of each layer, the last as {@link Stack.LastState} says. */
    public List<Tensor> hiddenStates() {
        return hiddenStates;
    }

    /** Output of each layer [B, T, C], the last one before the final norm; collected with the hidden states. */
    public List<Tensor> layerOutputs() {
        return layerOutputs;
    }

    /**
     * The hidden states of images in their places, [B, C, rows, columns]; of stacks that tell where a vector belongs.
     */
    public List<Tensor> maps() {
        return maps;
    }

    /** Weights of self-attention per layer, [B, N, T, S]. */
    public List<Tensor> attentions() {
        return attentions;
    }

    /** Weights of the attention to the memory per layer, [B, N, T, M]. */
    public List<Tensor> crossAttentions() {
        return crossAttentions;
    }

    /** Scores by which tokens were sent to experts, [B * T, X], of each layer that has experts. */
    public List<Tensor> routerLogits() {
        return routerLogits;
    }

    /** Takes out of a layer's scope what is asked for. */
    void inside(Block.Output output) {
        output.weights().ifPresent(weights -> attentions.add(Scopes.release(weights)));
        output.crossWeights().ifPresent(weights -> crossAttentions.add(Scopes.release(weights)));
        output.routerLogits().ifPresent(logits -> routerLogits.add(Scopes.release(logits)));
    }

    /** Takes attention weights out of a layer's scope. */
    void weights(Tensor weights) {
        attentions.add(Scopes.release(weights));
    }

    /** A hidden state of images, row by row. */
    void map(Tensor hidden_BTC, long rows, long columns) {
        hidden(hidden_BTC);
        if (wantHidden) {
            maps.add(hidden_BTC.transpose(1, 2).reshape(hidden_BTC.size(0), hidden_BTC.size(2), rows, columns));
        }
    }

    boolean wantsNothing() {
        return !wantHidden && !wantWeights;
    }

    boolean wantHidden() {
        return wantHidden;
    }

    boolean wantWeights() {
        return wantWeights;
    }

    void hidden(Tensor hidden_BTC) {
        if (wantHidden) {
            hiddenStates.add(hidden_BTC);
        }
    }

    void layer(Tensor hidden_BTC) {
        if (wantHidden) {
            layerOutputs.add(hidden_BTC);
        }
    }
}
