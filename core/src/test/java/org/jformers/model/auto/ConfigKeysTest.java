package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ModelFamily;
import org.jformers.model.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigKeysTest {
    private static final String LLAMA = """
            {"model_type": "llama", "vocab_size": 11, "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 1,
             "num_attention_heads": 2%s}""";
    private static final String BERT = """
            {"model_type": "bert", "vocab_size": 11, "max_position_embeddings": 8, "hidden_size": 6,
             "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8%s}""";

    @TempDir
    Path folder;

    private static Config config(String form, String more) throws JsonProcessingException {
        return AutoConfig.parse(new JsonMapper().readTree(form.formatted(more)), "test");
    }

    @Test
    void anotherNameOfAKeySaysNothingNewWhereItAgrees() throws JsonProcessingException {
        String bart = """
                {"model_type": "bart", "vocab_size": 11, "d_model": 8, "encoder_layers": 2, "decoder_layers": 1,
                 "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8,
                 "max_position_embeddings": 9, "static_position_embeddings": false, "hidden_size": 8,
                 "num_attention_heads": 2, "num_hidden_layers": %s}""";

        assertThat(ConfigKeys.unread(config(bart, "2"))).isEmpty();
        assertThat(ConfigKeys.unread(config(bart, "3"))).containsOnlyKeys("num_hidden_layers");
        assertThat(ConfigKeys.silent(config(bart, "2"))).containsKey("num_hidden_layers");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "alibi": true                          | alibi true, which the family does not do, allowed false
            "residual_multiplier": 0.22            | residual_multiplier 0.22, which the family does not do, allowed 1
            "logits_scaling": 8.0                  | logits_scaling 8.0, which the family does not do, allowed 1
            "attention_multiplier": 0.015          | attention_multiplier 0.015, which the family does not do
            "final_logit_softcapping": 30.0        | final_logit_softcapping 30.0
            "qk_layernorm": true                   | qk_layernorm true
            "no_rope_layers": [1, 0]               | no_rope_layers [1, 0]
            "position_embedding_type": "relative_key" | position_embedding_type relative_key
            "quantization_config": {"bits": 4}     | quantization_config, allowed weights that are not quantized
            "compression_config": {"format": "x"}  | compression_config
            "quantization": {"bits": 4}            | quantization
            """)
    void refusesWhatChangesTheResultAndNobodyReads(String key, String message) throws JsonProcessingException {
        Config config = config(LLAMA, ", " + key);
        assertThatThrownBy(() -> AutoModel.create(config, Task.CAUSAL_LM, 1))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("llama: got ")
                .hasMessageContaining(message);
        assertThat(ConfigKeys.refusal(config)).isPresent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "alibi": false
            "residual_multiplier": 1.0
            "logits_scaling": 1
            "attention_multiplier": null
            "quantization_config": null
            "quantization_config": {}
            "position_embedding_type": "absolute"
            "torch_dtype": "bfloat16"
            "task_specific_params": {"a": 1}
            """)
    void letsPassWhatChangesNothing(String key) throws JsonProcessingException {
        Config config = config(LLAMA, ", " + key);
        AutoModel.create(config, Task.CAUSAL_LM, 1).close();
    }

    @Test
    void reportsKeysThatNobodyReads() throws JsonProcessingException {
        Config config = config(BERT, ", \"somebodys_own\": 3, \"pretraining_tp\": 1, \"nothing\": null,"
                + " \"auto_map\": {\"AutoModel\": \"modeling_x.X\"}, \"architectures\": [\"XForMaskedLM\"]");
        assertThat(ConfigKeys.unread(config)).containsOnly(
                Map.entry("auto_map", "code of the folder is not run"),
                Map.entry("somebodys_own", "nobody reads it"),
                Map.entry("architectures", "XForMaskedLM is no class of bert, read as MASKED_LM"));
        assertThat(ConfigKeys.silent(config)).containsOnly(
                Map.entry("nothing", "it is null"), Map.entry("pretraining_tp", "it changes nothing"));
        try (Model model = AutoModel.create(config, Task.MASKED_LM, 1)) {
            model.save(folder);
        }
        AutoModel.Loaded loaded = AutoModel.load(folder, Task.MASKED_LM, LoadMode.STRICT);
        loaded.model().close();
        assertThat(loaded.report().config()).containsOnlyKeys("auto_map", "somebodys_own");
        assertThat(loaded.report().summary()).contains("2 configuration keys that nobody reads ('auto_map': ");
    }

    @ParameterizedTest
    @CsvSource({
        "T5WithLMHeadModel, t5, SEQ2SEQ_LM", "LlamaForCausalLMEagle, llama, CAUSAL_LM",
        "SomebodysBertForSequenceClassificationPlus, bert, SEQUENCE_CLASSIFICATION", "BertWithLMHead, bert, CAUSAL_LM",
        "MistralForConditionalGeneration, mistral, CAUSAL_LM", "Whatever, llama, BASE", "Whatever, t5, BASE",
        "MarianForConditionalGeneration, marian, SEQ2SEQ_LM", "XLMLMHeadModel, xlm, MASKED_LM"
    })
    void readsUnknownClassesAsWhatTheirNamesSay(String name, String type, Task task) {
        ModelFamily<?> family = ModelFamilies.of(type);
        assertThat(Architectures.declared(family, List.of(name)).orElse(Task.BASE)).isEqualTo(task);
    }

    @Test
    void takesTheTaskThatIsAskedForWhateverTheFolderDeclares() {
        ModelFamily<?> bert = ModelFamilies.of("bert");
        assertThat(Architectures.wanted(bert, List.of(), List.of(Task.CAUSAL_LM))).isEqualTo(Task.CAUSAL_LM);
        assertThat(Architectures.wanted(bert, List.of("BertModel"), List.of(Task.MASKED_LM, Task.CAUSAL_LM)))
                .isEqualTo(Task.MASKED_LM);
        assertThat(Architectures.wanted(bert, List.of("BertLMHeadModel"), List.of(Task.MASKED_LM, Task.CAUSAL_LM)))
                .isEqualTo(Task.CAUSAL_LM);
        assertThatThrownBy(() -> Architectures.wanted(bert, List.of("BertModel"), List.of(Task.SEQ2SEQ_LM)))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("bert: got BertModel for SEQ2SEQ_LM, which the family does not have, allowed");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "id2label": {"0": "a", "1": "b"}, "num_labels": 3         | LABEL_0 LABEL_1 LABEL_2
            "id2label": {"0": "a", "1": "b", "2": "c"}, "num_labels": 1 | LABEL_0
            "id2label": {"10": "k", "2": "c", "0": "a"}               | a c k
            "id2label": {"1": "b", "0": "a"}, "num_labels": 2         | a b
            "id2label": null, "num_labels": 1                         | LABEL_0
            "num_labels": null                                        | LABEL_0 LABEL_1
            """)
    void countsLabels(String keys, String labels) throws JsonProcessingException {
        assertThat(config(BERT, ", " + keys).common().labels()).containsExactly(labels.split(" "));
    }

    @Test
    void refusesNumbersThatAreNotFiniteWhereTheyAreRead() throws JsonProcessingException {
        JsonMapper lenient = JsonMapper.builder()
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();
        var unread = lenient.readTree(LLAMA.formatted(", \"time_step_limit\": [0.0, Infinity]"));
        assertThat(AutoConfig.parse(unread, "test").other()).containsKey("time_step_limit");
        var read = lenient.readTree(LLAMA.formatted(", \"rms_norm_eps\": NaN"));
        assertThatThrownBy(() -> AutoConfig.parse(read, "test"))
                .hasMessage("llama: key rms_norm_eps has an unsupported value, got NaN, allowed at least 0, in test");
    }
}
