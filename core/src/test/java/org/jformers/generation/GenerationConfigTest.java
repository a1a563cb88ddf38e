package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jformers.model.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class GenerationConfigTest {
    @TempDir
    Path folder;

    @Test
    void readsTheKeysOfTheReference() throws IOException {
        write("""
                {"max_new_tokens": 7, "eos_token_id": [2, 5], "pad_token_id": 0, "num_beams": 4,
                 "early_stopping": "never", "length_penalty": 2, "bad_words_ids": [[3], [4, 5]], "stop_strings": "end",
                 "top_k": null, "transformers_version": "5.18.0"}""");
        GenerationConfig config = GenerationConfig.load(folder);
        assertThat(config).isEqualTo(GenerationConfig.builder()
                .maxNewTokens(7).eosTokenId(2, 5).padTokenId(0).numBeams(4).earlyStopping(EarlyStopping.NEVER)
                .lengthPenalty(2).badWordsIds(List.of(List.of(3), List.of(4, 5))).stopStrings("end")
                .other(Map.of("transformers_version", "5.18.0")).build());
        assertThat(config.topK()).isEqualTo(50);
    }

    @Test
    void keepsEverythingWhenSavedAndRead() {
        GenerationConfig config = GenerationConfig.builder()
                .maxNewTokens(7).maxLength(30).minLength(2).minNewTokens(1).doSample(true).temperature(0.7).topK(5)
                .topP(0.9).numBeams(3).numReturnSequences(2).lengthPenalty(-0.5).earlyStopping(EarlyStopping.WHEN_FULL)
                .repetitionPenalty(1.2).noRepeatNgramSize(3).badWordsIds(List.of(List.of(3, 4))).eosTokenId(2)
                .padTokenId(0).bosTokenId(1).decoderStartTokenId(6).forcedBosTokenId(7).forcedEosTokenId(2, 3)
                .suppressTokens(8, 9).beginSuppressTokens(10).stopStrings("a", "b").minP(0.1).topH(0.4).typicalP(0.9)
                .epsilonCutoff(0.01).etaCutoff(0.02).encoderRepetitionPenalty(1.5).encoderNoRepeatNgramSize(2)
                .sequenceBias(Map.of(List.of(3, 4), -1.5)).exponentialDecayLengthPenalty(new LengthDecay(3, 1.1))
                .removeInvalidValues(true).renormalizeLogits(true).maxTime(9.5)
                .other(Map.of("somebodys_own", "x", "infinite", Double.POSITIVE_INFINITY)).build();
        config.save(folder);
        assertThat(GenerationConfig.load(folder)).isEqualTo(config);
    }

    @Test
    void savesWhatDiffersFromTheDefaultsOnly() throws IOException {
        GenerationConfig.builder().eosTokenId(2).build().save(folder);
        assertThat(Files.readString(folder.resolve("generation_config.json")))
                .isEqualToIgnoringWhitespace("{\"eos_token_id\": 2}");
    }

    /** Folders of 2020 have their settings in config.json, and leave out tokens that the reference's class knows. */
    @Test
    void readsTheSettingsOfOldFolders() throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "bart", "vocab_size": 40, "d_model": 32, "encoder_layers": 1, "decoder_layers": 1,
                 "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 48,
                 "decoder_ffn_dim": 48, "max_position_embeddings": 64, "num_beams": 4, "length_penalty": 2.0,
                 "max_length": 142, "min_length": 56, "no_repeat_ngram_size": 3, "early_stopping": true,
                 "force_bos_token_to_be_generated": true, "pad_token_id": null, "temperature": 0.0,
                 "task_specific_params": {"summarization": {"num_beams": 2}}}""");
        assertThat(GenerationConfig.load(folder)).isEqualTo(GenerationConfig.builder()
                .numBeams(4).lengthPenalty(2).maxLength(142).minLength(56).noRepeatNgramSize(3)
                .earlyStopping(EarlyStopping.WHEN_FULL).forcedBosTokenId(0).bosTokenId(0).eosTokenId(2)
                .decoderStartTokenId(2).forcedEosTokenId(2).temperature(0).build());
        write("{\"max_new_tokens\": 4}");
        assertThat(GenerationConfig.load(folder)).isEqualTo(GenerationConfig.builder().maxNewTokens(4).build());
    }

    @Test
    void fallsBackToTheModelsConfig() {
        assertThat(GenerationConfig.load(Golden.of("vaswani").folder())).isEqualTo(GenerationConfig.builder()
                .padTokenId(0).bosTokenId(1).eosTokenId(2).suppressTokens(0).build());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"do_sample\": true, \"temperature\": 0} | temperature 0.0, allowed above 0",
        "{\"do_sample\": true, \"temperature\": 1e-300} | temperature 1.0E-300, allowed above 0, from 1.0E-30 on",
        "{\"do_sample\": true, \"temperature\": NaN} | temperature NaN, allowed above 0",
        "{\"do_sample\": true, \"top_k\": -1} | top_k -1, allowed at least 0",
        "{\"do_sample\": true, \"top_p\": 1.5} | top_p 1.5, allowed 0 to 1",
        "{\"do_sample\": true, \"min_p\": 1.5} | min_p 1.5, allowed 0 to 1",
        "{\"do_sample\": true, \"top_h\": -0.5} | top_h -0.5, allowed 0 to 1",
        "{\"do_sample\": true, \"typical_p\": 0} | typical_p 0.0, allowed above 0",
        "{\"num_beams\": 0} | num_beams 0, allowed at least 1",
        "{\"num_beams\": 100000000} | num_beams 100000000, allowed at least 1, at most 1024",
        "{\"num_beams\": 2, \"num_return_sequences\": 3} | num_return_sequences 3, allowed at most num_beams (2)",
        "{\"num_return_sequences\": 2} | num_return_sequences 2, allowed at most num_beams (1)",
        "{\"num_return_sequences\": 100000000} | num_return_sequences 100000000, allowed",
        "{\"max_new_tokens\": 0} | max_new_tokens 0, allowed at least 1",
        "{\"max_length\": 0} | max_length 0, allowed at least 1",
        "{\"repetition_penalty\": 0} | repetition_penalty 0.0, allowed above 0",
        "{\"encoder_repetition_penalty\": -1} | encoder_repetition_penalty -1.0, allowed above 0",
        "{\"num_beams\": 2, \"length_penalty\": NaN} | length_penalty NaN, allowed a finite number",
        "{\"early_stopping\": \"soon\"} | early_stopping \"soon\", allowed true or false",
        "{\"num_beams\": 2.5} | num_beams 2.5, allowed a whole number",
        "{\"bad_words_ids\": [[]]} | bad_words_ids [], allowed at least one token each",
        "{\"bad_words_ids\": [[-1]]} | bad_words_ids -1, allowed token ids",
        "{\"sequence_bias\": [[[], 1.0]]} | sequence_bias [], allowed at least one token each",
        "{\"sequence_bias\": {\"[17]\": 1.0}} | sequence_bias {\"[17]\":1.0}, allowed a list of pairs",
        "{\"exponential_decay_length_penalty\": [2], \"eos_token_id\": 2} | exponential_decay_length_penalty [2],",
        "{\"exponential_decay_length_penalty\": [2, 1.5]} | exponential_decay_length_penalty LengthDecay",
        "{\"guidance_scale\": NaN} | guidance_scale NaN, allowed a finite number",
        "{\"max_time\": -1} | max_time -1.0, allowed at least 0",
        "{\"forced_eos_token_id\": 2, \"suppress_tokens\": [2]} | forced_eos_token_id [2], allowed tokens that",
        "{\"forced_bos_token_id\": 3, \"suppress_tokens\": [3]} | forced_bos_token_id [3], allowed tokens that",
        "{\"eos_token_id\": \"x\"} | eos_token_id \"x\", allowed a whole number"
    })
    void refusesWhatCannotBe(String json, String message) throws IOException {
        write(json);
        assertThatThrownBy(() -> GenerationConfig.load(folder))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("generation: got " + message)
                .hasMessageEndingWith("generation_config.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"num_beam_groups\": 2, \"num_beams\": 4", "\"penalty_alpha\": 0.6", "\"prompt_lookup_num_tokens\": 3",
        "\"dola_layers\": \"low\"", "\"dola_layers\": [1]",
        "\"assistant_early_exit\": 1", "\"is_assistant\": true", "\"use_mtp\": true",
        "\"constraints\": [{\"token_ids\": [3]}]", "\"force_words_ids\": [[3]]", "\"watermarking_config\": {}",
        "\"token_healing\": true", "\"low_memory\": true, \"num_beams\": 2", "\"cache_implementation\": \"quantized\"",
        "\"negative_prompt_ids\": [[1]]", "\"logits_processor\": [\"x\"]"
    })
    void refusesByNameWhatWouldChangeTheText(String settings) throws IOException {
        write("{" + settings + "}");
        String key = settings.substring(1, settings.indexOf('"', 1));
        assertThatThrownBy(() -> GenerationConfig.load(folder))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("generation: got " + key + " ")
                .hasMessageContaining("not supported")
                .hasMessageEndingWith("generation_config.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"temperature\": 0.0", "\"temperature\": NaN", "\"top_k\": -1", "\"top_p\": -0.5", "\"min_p\": 1.5",
        "\"typical_p\": 0", "\"suppress_tokens\": [-1]", "\"begin_suppress_tokens\": [-1, 5]", "\"eos_token_id\": -1",
        "\"pad_token_id\": -1", "\"min_length\": -1", "\"no_repeat_ngram_size\": -1", "\"min_p\": null",
        "\"num_beam_groups\": 1", "\"num_beam_groups\": 2", "\"num_beam_groups\": null", "\"diversity_penalty\": 0.5",
        "\"penalty_alpha\": 0.0", "\"penalty_alpha\": 0.6, \"do_sample\": true", "\"guidance_scale\": 1.0",
        "\"guidance_scale\": null", "\"dola_layers\": null", "\"prompt_lookup_num_tokens\": 3, \"num_beams\": 2",
        "\"constraints\": null", "\"force_words_ids\": []", "\"sequence_bias\": []", "\"bad_words_ids\": []",
        "\"token_healing\": false", "\"low_memory\": false", "\"cache_implementation\": \"static\"",
        "\"max_length\": -1, \"max_new_tokens\": 5", "\"epsilon_cutoff\": 1.5, \"do_sample\": true",
        "\"num_assistant_tokens\": 5", "\"length_penalty\": NaN",
        "\"some_limit\": Infinity", "\"some_limit\": -Infinity", "\"some_limit\": NaN"
    })
    void takesWhatOthersWriteAndChangesNoText(String settings) throws IOException {
        write("{" + settings + "}");
        GenerationConfig config = GenerationConfig.load(folder);
        config.save(folder);
        assertThat(GenerationConfig.load(folder)).isEqualTo(config);
    }

    @Test
    void refusesWhatIsNoJson() throws IOException {
        write("{");
        assertThatThrownBy(() -> GenerationConfig.load(folder)).isInstanceOf(ConfigException.class)
                .hasMessageContaining("no valid JSON");
    }

    @Test
    void changesOneValueAndKeepsTheOthers() {
        GenerationConfig config = GenerationConfig.builder().eosTokenId(2).build().with().maxNewTokens(3).build();
        assertThat(config.eosTokenId()).containsExactly(2);
        assertThat(config.maxNewTokens()).isEqualTo(OptionalInt.of(3));
    }

    private void write(String json) throws IOException {
        Files.writeString(folder.resolve("generation_config.json"), json);
    }
}
