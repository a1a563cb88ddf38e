package org.jformers.hub;

import java.util.List;

/** What a snapshot has to hold. */
public enum HubContents {
    /** Configuration, tokenizer and weights. */
    MODEL(ModelFiles.SMALL, ModelFiles.WEIGHTS),
    /** Configuration and tokenizer. */
    TOKENIZER(ModelFiles.SMALL, List.of()),
    /** Settings and weights of an adapter. */
    ADAPTER(
            List.of("adapter_config.json", ModelFiles.CONFIG),
            List.of("adapter_model.safetensors", "adapter_model.bin"));

    private final List<String> small;
    private final List<String> weights;

    HubContents(List<String> small, List<String> weights) {
        this.small = small;
        this.weights = weights;
    }

    /** The files besides the weights, of which it has some: the first one, but of a tokenizer. */
    List<String> small() {
        return small;
    }

    /** Where the weights are: the first of them that there is counts. */
    List<String> weights() {
        return weights;
    }
}
