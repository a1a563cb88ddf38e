package org.jformers.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The keys of {@code config.json} that all families share: labels, token ids, provenance.
 *
 * @param values the keys that the family's own record does not name
 */
public record CommonConfig(Map<String, Object> values) {

    /** Shared keys; a key outside this set and outside the family's record is somebody's own. */
    static final Set<String> KEYS = Set.of(
            "model_type", "architectures", "dtype", "torch_dtype", "transformers_version", "_name_or_path",
            "pad_token_id", "bos_token_id", "eos_token_id", "sep_token_id", "cls_token_id", "mask_token_id",
            "decoder_start_token_id", "num_labels", "id2label", "label2id", "problem_type", "use_cache",
            "is_encoder_decoder", "tie_word_embeddings", "finetuning_task", "task_specific_params", "n_ctx",
            "output_hidden_states", "output_attentions", "return_dict", "gradient_checkpointing",
            "keys_to_ignore_at_inference", "torchscript", "use_bfloat16", "_attn_implementation_autoset",
            "output_past", "predict_special_tokens", "language", "name", "vocab_type", "tokenizer_class", "prefix",
            "directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers",
            "pooler_size_per_head", "pooler_type", "chunk_size_feed_forward", "_commit_hash",
            // Settings of generation that older checkpoints keep here.
            "max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups",
            "diversity_penalty", "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty",
            "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences",
            "output_scores", "return_dict_in_generate", "forced_bos_token_id", "forced_eos_token_id",
            "remove_invalid_values", "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens",
            "cross_attention_hidden_size", "tf_legacy_loss", "pruned_heads", "tie_encoder_decoder", "sep_token");

    /**
     * A key of our own, never written to a folder: the stored names that the configuration ties and the weights, as
     * they were found, do not.
     */
    static final String APART = "untied_weights";

    /** Names of the classes the checkpoint was saved from; the first one names the head. */
    public List<String> architectures() {
        return values.get("architectures") instanceof List<?> names
                ? names.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** Id of the padding token. */
    public Optional<Integer> padTokenId() {
        return integer("pad_token_id");
    }

    /** Id of the token that begins a text. */
    public Optional<Integer> bosTokenId() {
        return integer("bos_token_id");
    }

    /** Id of the token that ends a text. */
    public Optional<Integer> eosTokenId() {
        return integer("eos_token_id");
    }

    /** Id of the padding token where the family has a default: null is none, a missing key is the default. */
    public Optional<Integer> padTokenId(int otherwise) {
        return values.containsKey("pad_token_id") ? padTokenId() : Optional.of(otherwise);
    }

    /** Whether the output layer shares the token table; true unless said otherwise. */
    public boolean tieWordEmbeddings() {
        return tieWordEmbeddings(true);
    }

    /** Whether the output layer shares the token table, for families with a default of their own. */
    public boolean tieWordEmbeddings(boolean otherwise) {
        return values.get("tie_word_embeddings") instanceof Boolean tied ? tied : otherwise;
    }

    /** Whether a stored name, prefix included, is held apart although the configuration ties it. */
    public boolean apart(String stored) {
        return values.get(APART) instanceof List<?> names && names.contains(stored);
    }

    /** Whether the output layer of this stored name shares the token table; true unless said or found otherwise. */
    public boolean ties(String stored) {
        return tieWordEmbeddings() && !apart(stored);
    }

    /** Attention heads that were removed, by layer, as the model that once had them numbered them. */
    public Map<Integer, Set<Integer>> prunedHeads() {
        Map<Integer, Set<Integer>> pruned = new TreeMap<>();
        if (values.get("pruned_heads") instanceof Map<?, ?> layers) {
            layers.forEach((layer, heads) -> {
                if (!String.valueOf(layer).matches("[0-9]{1,9}") || !(heads instanceof List<?> list)
                        || !list.stream().allMatch(Integer.class::isInstance)) {
                    throw new ConfigException("config: got pruned_heads " + layers
                            + ", allowed lists of heads by layer, such as {\"0\": [2, 5]}");
                }
                Set<Integer> removed = new TreeSet<>();
                list.forEach(head -> removed.add((Integer) head));
                if (!removed.isEmpty()) {
                    pruned.put(Integer.valueOf(layer.toString()), removed);
                }
            });
        }
        return pruned;
    }

    /** Names of the classes in order; LABEL_0 and LABEL_1 where the config has none. */
    public List<String> labels() {
        if (values.get("id2label") instanceof Map<?, ?> names) {
            Map<Integer, String> ordered = new TreeMap<>();
            names.forEach((id, name) -> ordered.put(Integer.valueOf(id.toString()), String.valueOf(name)));
            return List.copyOf(ordered.values());
        }
        int count = integer("num_labels").orElse(2);
        return java.util.stream.IntStream.range(0, count).mapToObj(i -> "LABEL_" + i).toList();
    }

    /** What kind of problem the labels are for, if the config says so. */
    public Optional<ProblemType> problemType() {
        return Optional.ofNullable(values.get("problem_type")).map(name -> ProblemType.named(name.toString()));
    }

    /** How many positions go through a feed-forward part at once; empty if all do. */
    public Optional<Integer> feedForwardChunk() {
        return integer("chunk_size_feed_forward").filter(positions -> positions > 0);
    }

    private Optional<Integer> integer(String key) {
        return values.get(key) instanceof Number number ? Optional.of(number.intValue()) : Optional.empty();
    }
}
