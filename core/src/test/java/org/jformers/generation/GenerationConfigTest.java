package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.jformers.model.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
                .other(java.util.Map.of("transformers_version", "5.18.0")).build());
        assertThat(config.topK()).isEqualTo(50);
    }

    @Test
    void keepsEverythingWhenSavedAndRead() {
        GenerationConfig config = GenerationConfig.builder()
                .maxNewTokens(7).maxLength(30).minLength(2).minNewTokens(1).doSample(true).temperature(0.7).topK(5)
                .topP(0.9).numBeams(3).numReturnSequences(2).lengthPenalty(-0.5).earlyStopping(EarlyStopping.WHEN_FULL)
                .repetitionPenalty(1.2).noRepeatNgramSize(3).badWordsIds(List.of(List.of(3, 4))).eosTokenId(2)
                .padTokenId(0).bosTokenId(1).decoderStartTokenId(6).forcedBosTokenId(7).forcedEosTokenId(2, 3)
                .suppressTokens(8, 9).beginSuppressTokens(10).stopStrings("a", "b")
                .other(java.util.Map.of("somebodys_own", "x")).build();
        config.save(folder);
        assertThat(GenerationConfig.load(folder)).isEqualTo(config);
    }

    @Test
    void savesWhatDiffersFromTheDefaultsOnly() throws IOException {
        GenerationConfig.builder().eosTokenId(2).build().save(folder);
        assertThat(Files.readString(folder.resolve("generation_config.json")))
                .isEqualToIgnoringWhitespace("{\"eos_token_id\": 2}");
    }

    @Test
    void fallsBackToTheModelsConfig() {
        assertThat(GenerationConfig.load(Golden.of("vaswani").folder())).isEqualTo(GenerationConfig.builder()
                .padTokenId(0).bosTokenId(1).eosTokenId(2).suppressTokens(0).build());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"temperature\": 0} | temperature 0.0, allowed above 0",
        "{\"top_p\": 1.5} | top_p 1.5, allowed 0 to 1",
        "{\"num_beams\": 0} | num_beams 0, allowed at least 1",
        "{\"num_beams\": 2, \"num_return_sequences\": 3} | num_return_sequences 3, allowed at most num_beams (2)",
        "{\"num_return_sequences\": 2} | num_return_sequences 2, allowed at most num_beams (1)",
        "{\"max_new_tokens\": 0} | max_new_tokens 0, allowed at least 1",
        "{\"repetition_penalty\": 0} | repetition_penalty 0.0, allowed above 0",
        "{\"early_stopping\": \"soon\"} | early_stopping \"soon\", allowed true or false",
        "{\"num_beams\": 2.5} | num_beams 2.5, allowed a whole number",
        "{\"bad_words_ids\": [[]]} | bad_words_ids [], allowed at least one token each",
        "{\"eos_token_id\": \"x\"} | eos_token_id \"x\", allowed a whole number"
    })
    void refusesWhatCannotBe(String json, String message) throws IOException {
        write(json);
        assertThatThrownBy(() -> GenerationConfig.load(folder))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("generation: got " + message)
                .hasMessageEndingWith("generation_config.json");
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
