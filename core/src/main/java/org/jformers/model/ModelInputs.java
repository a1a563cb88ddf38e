package org.jformers.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;

/**
 * What goes into a model, by the names that the field uses. Immutable; the tensors belong to the caller. They are best
 * left on the host, where ids, masks and labels are looked at without waiting for a device.
 *
 * @param tensors inputs by name; see {@link #NAMES}
 * @param cache keys and values of earlier tokens, to which the call adds
 * @param outputHiddenStates whether to return the hidden states of all layers
 * @param outputAttentions whether to return the attention weights of all layers
 * @param outputRouterLogits whether to return the scores by which tokens were sent to experts, and to add the loss that
 *     keeps the experts equally busy
 * @param options what else the call asks for
 */
public record ModelInputs(
        Map<String, Tensor> tensors,
        Optional<KeyValueCache> cache,
        boolean outputHiddenStates,
        boolean outputAttentions,
        boolean outputRouterLogits,
        Set<Option> options) {

    /** What a call may ask for. */
    public enum Option {
        /** Stretch the position table to images of another size than the model's own. */
        INTERPOLATED_POSITIONS("interpolate_pos_encoding"),
        /** The loss of models that need no labels for it: each text belongs to the image of the same row. */
        PAIR_LOSS("return_loss");

        private final String name;

        Option(String name) {
            this.name = name;
        }
    }

    /**
     * All input names besides {@code mems.0}, {@code mems.1} ... [M, B, C], the memory of each layer: token ids are
     * int64 [B, T], masks 1 for tokens and 0 for padding, labels -100 where ignored.
     *
     * <p>Who sees whom in a batch:
     *
     * <ul>
     *   <li>{@code document_ids}, int64 [B, T]: the documents that are packed into rows. Tokens one behind the other
     *       with the same number see each other and nobody else, and positions begin anew with each, unless {@code
     *       position_ids} say other ones. Padding is a document of its own. Labels of a next-token model must not reach
     *       into the next document.
     *   <li>{@code decoder_document_ids}, int64 [B, T]: those of a decoder, which read the source's of the same
     *       number.
     *   <li>{@code prefix_lengths}, int64 [B]: how many tokens at the start of a row all of it sees, in models that
     *       else see what is before a token (prefix language models).
     *   <li>{@code perm_mask}, [B, T, T]: above 0 where a token (dimension 1) must not see another one (dimension 2).
     * </ul>
     *
     * Positions given to a decoder that do not go on by one tell of documents where there is neither a mask nor a
     * cache, as in transformers 5.18.
     */
    public static final Set<String> NAMES = Set.of(
            "input_ids", "inputs_embeds", "attention_mask", "token_type_ids", "position_ids", "labels", "document_ids",
            "decoder_document_ids", "prefix_lengths", "decoder_input_ids", "decoder_inputs_embeds",
            "decoder_attention_mask", "encoder_hidden_states", "encoder_attention_mask", "next_sentence_label",
            "sentence_order_label", "start_positions", "end_positions", "cls_index", "is_impossible",
            "p_mask", "mc_token_ids", "mc_labels", "langs", "perm_mask", "target_mapping", "input_mask", "pixel_values",
            "bool_masked_pos", "noise", "input_features", "input_values", "speaker_embeddings",
            "speaker_embedding", "speaker_ids", "lang_ids", "decoder_input_values",
            "spectrogram_labels", "duration_labels", "pitch_labels", "energy_labels", "head_mask", "decoder_head_mask",
            "cross_attn_head_mask", "choice_mask");

    public ModelInputs {
        for (String name : tensors.keySet()) {
            if (!NAMES.contains(name) && !name.matches("mems\\.\\d+")) {
                throw new ShapeException("model input: got " + name + ", allowed " + new TreeSet<>(NAMES));
            }
        }
        tensors.forEach((name, tensor) -> {
            if (name.endsWith("_ids") || name.equals("langs") || name.equals("prefix_lengths")) {
                Shapes.requireWhole(name, tensor);
            }
        });
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        options = Set.copyOf(options);
    }

    /** Token ids alone. */
    public static ModelInputs of(Tensor inputIds) {
        return of(Map.of("input_ids", inputIds));
    }

    /** Inputs by name. */
    public static ModelInputs of(Map<String, Tensor> tensors) {
        return new ModelInputs(tensors, Optional.empty(), false, false, false, Set.of());
    }

    /** The same with one more input. */
    public ModelInputs with(String name, Tensor tensor) {
        Map<String, Tensor> more = new LinkedHashMap<>(tensors);
        more.put(name, tensor);
        return new ModelInputs(more, cache, outputHiddenStates, outputAttentions, outputRouterLogits, options);
    }

    /** The same without one of the inputs. */
    public ModelInputs without(String name) {
        Map<String, Tensor> fewer = new LinkedHashMap<>(tensors);
        fewer.remove(name);
        return new ModelInputs(fewer, cache, outputHiddenStates, outputAttentions, outputRouterLogits, options);
    }

    /** The same, continuing a cache. */
    public ModelInputs withCache(KeyValueCache continued) {
        return new ModelInputs(
                tensors, Optional.of(continued), outputHiddenStates, outputAttentions, outputRouterLogits, options);
    }

    /** The same, asking for the hidden states behind each layer. */
    public ModelInputs askingHiddenStates() {
        return new ModelInputs(tensors, cache, true, outputAttentions, outputRouterLogits, options);
    }

    /** The same, asking for attention weights. */
    public ModelInputs askingAttentions() {
        return new ModelInputs(tensors, cache, outputHiddenStates, true, outputRouterLogits, options);
    }

    /** The same, asking for what another call asks for: hidden states, attention weights and options. */
    public ModelInputs askingAs(ModelInputs other) {
        return new ModelInputs(tensors, cache, other.outputHiddenStates, other.outputAttentions, outputRouterLogits,
                other.options);
    }

    /**
     * The same, asking for the scores by which tokens are sent to experts, and their loss; see {@link
     * org.jformers.model.kind.RouterLoss}.
     */
    public ModelInputs askingRouterLogits() {
        return new ModelInputs(tensors, cache, outputHiddenStates, outputAttentions, true, options);
    }

    /** The same, asking for these things besides. */
    public ModelInputs asking(Option... more) {
        Set<Option> all = new LinkedHashSet<>(options);
        all.addAll(List.of(more));
        return new ModelInputs(tensors, cache, outputHiddenStates, outputAttentions, outputRouterLogits, all);
    }

    /** Whether the call asks for it. */
    public boolean asks(Option option) {
        return options.contains(option);
    }

    /** An input, if it is there. */
    public Optional<Tensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /**
     * An input that must be there.
     *
     * @throws ShapeException if it is not
     */
    public Tensor require(String name) {
        return find(name).orElseThrow(() ->
                new ShapeException("model input: " + name + " is missing, got " + tensors.keySet()));
    }

    /**
     * Refuses what would be ignored.
     *
     * @param taken names of what is read: those of tensors, {@code mems} for {@code mems.0} and on, {@code
     *     past_key_values} for a cache, and those that the field gives to what a call asks for
     * @param reader who reads
     * @throws ShapeException if there is anything else
     */
    public void requireOnly(Set<String> taken, String reader) {
        Set<String> unread = new TreeSet<>();
        tensors.keySet().forEach(name -> unread.add(name.startsWith("mems.") ? "mems" : name));
        cache.ifPresent(continued -> unread.add("past_key_values"));
        options.forEach(option -> unread.add(option.name));
        if (outputRouterLogits) {
            unread.add("output_router_logits");
        }
        unread.removeAll(taken);
        if (!unread.isEmpty()) {
            throw new ShapeException("model input: got " + String.join(", ", unread) + ", which " + reader
                    + " does not use, allowed " + new TreeSet<>(taken));
        }
    }

    /** What is no text: images or sound, if there are any. */
    public Optional<Tensor> features() {
        return find("input_features").or(() -> find("input_values")).or(() -> find("pixel_values"));
    }

    /** Number of choices of inputs [B, choices, T]; 1 for inputs [B, T]. */
    public long choices() {
        return hasChoices() ? find("input_ids").or(() -> find("inputs_embeds")).orElseThrow().size(1) : 1;
    }

    /** Whether inputs are [B, choices, T]. */
    public boolean hasChoices() {
        Tensor ids = find("input_ids").or(() -> find("inputs_embeds")).orElseThrow();
        return ids.dim() == (find("input_ids").isPresent() ? 3 : 4);
    }

    /** A mask as bool, if it is there. */
    public Optional<Tensor> mask(String name) {
        return find(name).map(mask -> mask.to(ScalarType.Bool));
    }
}
