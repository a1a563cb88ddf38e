package org.jformers.model.auto;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jformers.checkpoint.packed.WeightQuantization;
import org.jformers.model.CommonConfig;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.ConfigJson;
import org.jformers.model.ModelFamily;
import org.jformers.model.Task;
import org.jspecify.annotations.Nullable;

/**
 * The keys of {@code config.json} that a family's record does not name: which of them are read elsewhere, which say
 * nothing about what is computed, which nobody reads, and which nobody may ignore.
 */
public final class ConfigKeys {
    /** Names the Python files that a folder wants to have run. */
    static final String OWN_CODE = "auto_map";

    /** Read through {@link CommonConfig}, by rotary positions, or as settings of generation in older folders. */
    private static final Set<String> SHARED = Set.of(
            "model_type", "architectures", "pad_token_id", "bos_token_id", "eos_token_id", "mask_token_id",
            "decoder_start_token_id", "num_labels", "id2label", "label2id", "problem_type", "tie_word_embeddings",
            CommonConfig.APART, "pruned_heads", "chunk_size_feed_forward", "original_max_position_embeddings",
            "classifier_dropout",
            "hidden_dropout", "tokenizer_class", "max_length", "min_length", "max_new_tokens", "min_new_tokens",
            "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k",
            "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
            "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "forced_bos_token_id",
            "forced_eos_token_id", "forced_decoder_ids", "remove_invalid_values", "exponential_decay_length_penalty",
            "suppress_tokens", "begin_suppress_tokens");

    /** Where a folder comes from, what Python returns, and what only others of its programs read. */
    private static final Set<String> SILENT = Set.of(
            "dtype", "torch_dtype", "transformers_version", "_name_or_path", "_commit_hash", "name", "language",
            "languages", "finetuning_task", "task_specific_params", "use_cache", "output_hidden_states",
            "output_attentions", "output_scores", "output_past", "output_logits", "return_dict",
            "return_dict_in_generate", "keys_to_ignore_at_inference", "torchscript", "use_bfloat16",
            "gradient_checkpointing", "attn_implementation", "_attn_implementation", "_attn_implementation_autoset",
            "_flash_attn_2_enabled", "use_flash_attn", "tf_legacy_loss", "predict_special_tokens", "vocab_type",
            "prefix", "sep_token", "unk_token_id", "sep_token_id", "cls_token_id", "n_ctx", "is_encoder_decoder",
            "tie_encoder_decoder", "cross_attention_hidden_size", "directionality", "pooler_fc_size",
            "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type",
            // Read by the reference's constructors alone, by its training, or by other classes of the same family.
            "pretraining_tp", "initializer_factor", "initializer_cutoff_factor", "deterministic_flash_attn",
            "repad_logits_with_grad", "init", "init_range", "proj_init_std", "adaptive", "untie_r", "mask_index",
            "unk_index", "bos_index", "eos_index", "use_mems_eval", "use_mems_train", "_sliding_window_pattern",
            "median_filter_width", "static_position_embeddings", "router_ignore_padding_tokens", "add_router_probs",
            "out_features", "out_indices", "stage_names", "num_feat_extract_layers", "codevector_dim",
            "contrastive_logits_temperature", "diversity_loss_weight", "feat_quantizer_dropout",
            "num_codevector_groups", "num_codevectors_per_group", "num_negatives", "proj_codevector_dim",
            "tdnn_dilation", "tdnn_dim", "tdnn_kernel", "xvector_output_dim");

    /** Values that change nothing, whoever does not read the key. */
    private static final Map<String, Object> NEUTRAL = Map.of(
            "is_decoder", false, "add_cross_attention", false, "scale_embedding", false);

    /** Other names of keys, which change nothing where they say the same. */
    private static final Map<String, String> ALIASES = Map.of(
            "num_hidden_layers", "encoder_layers", "num_attention_heads", "encoder_attention_heads",
            "hidden_size", "d_model");

    /**
     * Keys of models that compute something else than a family that does not read them, and the value that changes
     * nothing; empty where there is none but null.
     */
    private static final Map<String, Optional<Object>> VARIANTS = Map.ofEntries(
            Map.entry("alibi", Optional.of(false)),
            Map.entry("use_alibi", Optional.of(false)),
            Map.entry("residual_multiplier", Optional.of(1)),
            Map.entry("embedding_multiplier", Optional.of(1)),
            Map.entry("attention_multiplier", Optional.empty()),
            Map.entry("logits_scaling", Optional.of(1)),
            Map.entry("logit_scale", Optional.of(1)),
            Map.entry("scale_emb", Optional.of(1)),
            Map.entry("scale_depth", Optional.empty()),
            Map.entry("dim_model_base", Optional.empty()),
            Map.entry("final_logit_softcapping", Optional.empty()),
            Map.entry("qk_norm", Optional.of(false)),
            Map.entry("use_qk_norm", Optional.of(false)),
            Map.entry("qk_layernorm", Optional.of(false)),
            Map.entry("clip_qkv", Optional.empty()),
            Map.entry("parallel_attn", Optional.of(false)),
            Map.entry("use_parallel_residual", Optional.of(false)),
            Map.entry("multi_query", Optional.of(false)),
            Map.entry("attention_sinks", Optional.of(false)),
            Map.entry("use_attention_sinks", Optional.of(false)),
            Map.entry("attention_sink_size", Optional.of(0)),
            Map.entry("num_sink_tokens", Optional.of(0)),
            Map.entry("no_rope_layers", Optional.empty()),
            Map.entry("no_rope_layer_interval", Optional.empty()),
            Map.entry("rope_interleaved", Optional.of(false)),
            Map.entry("position_embedding_type", Optional.of("absolute")));

    private static final List<String> QUANTIZATIONS = List.of(
            "quantization_config", "compression_config", "quantization");

    private ConfigKeys() {}

    /**
     * Keys that nobody reads, in alphabetical order, and why; null and what changes nothing are left out.
     */
    public static Map<String, String> unread(Config config) {
        Map<String, String> unread = new TreeMap<>();
        config.other().forEach((key, value) -> {
            if (key.equals(OWN_CODE)) {
                unread.put(key, "code of the folder is not run");
            } else if (value != null && !SHARED.contains(key) && !SILENT.contains(key)
                    && !same(value, NEUTRAL.get(key)) && !saysTheSame(config, key, value)) {
                unread.put(key, "nobody reads it");
            }
        });
        architecture(config).ifPresent(reason -> unread.put("architectures", reason));
        return unread;
    }

    private static boolean saysTheSame(Config config, String alias, Object value) {
        JsonNode read = ConfigJson.of(config).path(ALIASES.getOrDefault(alias, alias));
        return ALIASES.containsKey(alias) && read.isNumber() && same(value, read.numberValue());
    }

    private static Optional<String> architecture(Config config) {
        ModelFamily<?> family = AutoModel.family(config);
        return config.common().architectures().stream()
                .findFirst()
                .filter(name -> !family.architectures().containsKey(name))
                .map(name -> name + " is no class of " + family.modelType() + ", read as "
                        + Architectures.declared(family, List.of(name)).map(Task::name).orElse("its body"));
    }

    /** Keys that say nothing about what is computed, and those with no value or one that changes nothing. */
    public static Map<String, String> silent(Config config) {
        Map<String, String> silent = new TreeMap<>();
        Map<String, String> unread = unread(config);
        config.other().forEach((key, value) -> {
            if (!unread.containsKey(key) && (value == null || !SHARED.contains(key))) {
                silent.put(key, value == null ? "it is null" : "it changes nothing");
            }
        });
        return silent;
    }

    /** Refuses what {@link #refusal} names. */
    static void requireReadable(ModelFamily<?> family, Config config) {
        refusal(family, config).ifPresent(reason -> {
            throw new ConfigException(reason);
        });
    }

    /** Why a configuration cannot be read as its family: a key that changes the result and that nobody reads. */
    public static Optional<String> refusal(Config config) {
        return refusal(AutoModel.family(config), config);
    }

    private static Optional<String> refusal(ModelFamily<?> family, Config config) {
        Map<String, Object> keys = new TreeMap<>(config.other());
        keys.values().removeIf(value -> value == null || value instanceof Map<?, ?> none && none.isEmpty());
        return QUANTIZATIONS.stream()
                .filter(keys::containsKey)
                .findFirst()
                .map(key -> family.modelType() + ": got " + key + method(keys.get(key))
                        + ", allowed weights that are not quantized, or by " + WeightQuantization.METHODS)
                .or(() -> keys.entrySet().stream()
                        .filter(key -> isVariant(key.getKey(), key.getValue()))
                        .findFirst()
                        .map(key -> family.modelType() + ": got " + key.getKey() + " " + key.getValue()
                                + ", which the family does not do, allowed "
                                + VARIANTS.getOrDefault(key.getKey(), Optional.empty())
                                        .map(String::valueOf).orElse("null")));
    }

    private static boolean isVariant(String key, Object value) {
        Optional<Object> neutral = VARIANTS.getOrDefault(key, Optional.of(value));
        return neutral.isEmpty() || !same(value, neutral.get());
    }

    private static String method(@Nullable Object value) {
        return value instanceof Map<?, ?> settings && settings.get("quant_method") != null
                ? " with quant_method " + settings.get("quant_method")
                : "";
    }

    /** Equality of values in JSON, where 1 is 1.0. */
    private static boolean same(Object value, @Nullable Object other) {
        return value instanceof Number a && other instanceof Number b
                ? a.doubleValue() == b.doubleValue()
                : value.equals(other);
    }
}
