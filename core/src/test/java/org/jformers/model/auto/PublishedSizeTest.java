package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.assertj.core.data.Percentage;
import org.jformers.model.ModelCost;
import org.jformers.model.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What models cost, by formula and by what their papers say of them. */
final class PublishedSizeTest {

    static Stream<PublishedSize> all() {
        return PublishedSize.all().stream();
    }

    /** The paper's T5-large is rounded up from 738 million. */
    @ParameterizedTest
    @MethodSource("all")
    void shapesMakeWhatPapersSay(PublishedSize size) {
        assertThat((double) size.cost().total().parameters()).as(size.name())
                .isCloseTo(size.parameters(), Percentage.withPercentage(size.name().equals("t5-large") ? 4.5 : 3));
    }

    private static ModelCost cost(String json, Task task) throws JsonProcessingException {
        return PublishedSize.cost(AutoConfig.parse(new JsonMapper().readTree(json), "test"), task);
    }

    /** A block of a decoder: four maps of width d and two to 4 d and back; every layer scores all pairs. */
    @Test
    void decoderCostsWhatTheFormulaSays() throws JsonProcessingException {
        ModelCost cost = cost("""
                {"model_type": "gpt2", "vocab_size": 50, "n_positions": 32, "n_embd": 16, "n_layer": 3, "n_head": 4}
                """, Task.CAUSAL_LM);
        double d = 16;
        assertThat(cost.parts()).filteredOn(part -> part.name().startsWith("body.blocks."))
                .extracting(ModelCost.Part::name)
                .containsExactly("body.blocks.0", "body.blocks.1", "body.blocks.2");
        assertThat(cost.parts()).filteredOn(part -> part.name().startsWith("body.blocks.")).allSatisfy(block -> {
            assertThat(block.perToken()).isEqualTo(2 * 12 * d * d);
            assertThat(block.perPair()).isEqualTo(4 * d);
            assertThat(block.parameters()).isEqualTo((long) (12 * d * d + 13 * d));
            assertThat(block.tables()).isZero();
        });
        assertThat(cost.total().tables()).isEqualTo((50 + 32) * 16);
        assertThat(cost.withoutTables()).isEqualTo((long) (3 * (12 * d * d + 13 * d) + 2 * d));
        double forward = 3 * (24 * d * d * 8 + 4 * d * 64) + 2 * d * 50 * 8;
        assertThat(cost.forward(8)).isEqualTo(forward);
        assertThat(cost.training(800, 8)).isEqualTo(3 * 100 * forward);
        assertThat(ModelCost.petaflopDays(8.64e19)).isCloseTo(1, Offset.offset(1e-12));
    }

    /** Two of eight experts work on a token; all of them are parameters. */
    @Test
    void expertsCostWhatTheyAreAsked() throws JsonProcessingException {
        String config = """
                {"model_type": "mixtral", "vocab_size": 50, "hidden_size": 16, "intermediate_size": 24,
                 "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5,
                 "num_local_experts": %d, "num_experts_per_tok": 2}""";
        ModelCost eight = cost(config.formatted(8), Task.CAUSAL_LM);
        ModelCost two = cost(config.formatted(2), Task.CAUSAL_LM);
        double expert = 3 * 16 * 24;
        assertThat(eight.total().parameters() - two.total().parameters()).isEqualTo((long) (6 * expert + 6 * 16));
        assertThat(eight.total().perToken() - two.total().perToken()).isEqualTo(2.0 * 6 * 16); // the router
        assertThat(eight.total().perPair()).isEqualTo(4 * 16);
    }

    /** An encoder layer, and a decoder layer that reads twice. */
    @Test
    void encoderDecoderReadsThreeTimes() throws JsonProcessingException {
        ModelCost cost = cost("""
                {"model_type": "vaswani", "vocab_size": 20, "d_model": 8, "nhead": 2, "num_encoder_layers": 1,
                 "num_decoder_layers": 1, "dim_feedforward": 16, "activation": "relu", "norm_first": true,
                 "final_norm": true, "dropout": 0.0, "label_smoothing": 0.0, "max_positions": 16, "pad_id": 0,
                 "bos_id": 1, "eos_id": 2}""", Task.SEQ2SEQ_LM);
        assertThat(cost.total().perPair()).isEqualTo(3 * 4 * 8);
        assertThat(cost.total().perToken()).isEqualTo(2.0 * (3 * 4 * 64 + 2 * 2 * 8 * 16 + 8 * 20));
    }
}
