package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GeneratorTest {
    private static final int[] PROMPT = {25, 9, 64, 64, 47};
    private static Model model;
    private static Generator generator;

    @BeforeAll
    static void load() {
        model = AutoModel.load(Golden.of("gpt2-lm").folder());
        generator = new Generator(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void findsTheBestOfAllSequencesWithBeamsEnough() {
        int vocabulary = 121;
        GenerationConfig config = GenerationConfig.builder().maxNewTokens(2).numBeams(vocabulary).lengthPenalty(0)
                .earlyStopping(EarlyStopping.NEVER).numReturnSequences(3).build();
        float[] first = logProbabilities(PROMPT);
        List<double[]> all = new ArrayList<>();
        for (int a = 0; a < vocabulary; a++) {
            int[] longer = Arrays.copyOf(PROMPT, PROMPT.length + 1);
            longer[PROMPT.length] = a;
            float[] second = logProbabilities(longer);
            for (int b = 0; b < vocabulary; b++) {
                all.add(new double[] {first[a] + second[b], a, b});
            }
        }
        all.sort((x, y) -> Double.compare(y[0], x[0]));
        List<Continuation> found = generator.generate(List.of(PROMPT), config, Controls.NONE).get(0);
        for (int i = 0; i < 3; i++) {
            assertThat(found.get(i).ids()).containsExactly((int) all.get(i)[1], (int) all.get(i)[2]);
            assertThat(found.get(i).score().orElseThrow()).isCloseTo(all.get(i)[0], within(1e-4));
        }
    }

    @Test
    void aPaddedRowGivesWhatItGivesAlone() {
        List<int[]> prompts = List.of(PROMPT, new int[] {58, 70}, new int[] {38, 70, 76, 74, 5, 77, 59});
        for (GenerationConfig config : List.of(greedy(12), greedy(12).with().numBeams(3).build())) {
            List<List<Continuation>> together = generator.generate(prompts, config, Controls.NONE);
            for (int i = 0; i < prompts.size(); i++) {
                List<int[]> one = List.of(prompts.get(i));
                assertThat(together.get(i).get(0).ids())
                        .isEqualTo(generator.generate(one, config, Controls.NONE).get(0).get(0).ids());
            }
        }
    }

    @Test
    void rowsThatHaveEndedDoNotDisturbTheOthers() {
        List<int[]> prompts = List.of(PROMPT, new int[] {120, 43, 28, 54, 107}, new int[] {7}, new int[] {8, 9});
        List<List<Continuation>> free = generator.generate(prompts, greedy(20), Controls.NONE);
        int end = free.get(0).get(0).ids()[3];
        List<List<Continuation>> ended =
                generator.generate(prompts, greedy(20).with().eosTokenId(end).build(), Controls.NONE);
        for (int i = 0; i < prompts.size(); i++) {
            int[] ids = ended.get(i).get(0).ids();
            assertThat(ids).isEqualTo(Arrays.copyOf(free.get(i).get(0).ids(), ids.length));
            assertThat(ended.get(i).get(0).complete()).isEqualTo(ids[ids.length - 1] == end);
        }
        assertThat(ended.get(0).get(0).ids()).hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void drawsTheSameFromTheSameSeed() {
        GenerationConfig config = greedy(12).with().doSample(true).temperature(1.5).numReturnSequences(3).build();
        List<int[]> first = ids(config, Controls.NONE.withSeed(5));
        assertThat(first).usingRecursiveComparison().isEqualTo(ids(config, Controls.NONE.withSeed(5)));
        assertThat(first).usingRecursiveComparison().isNotEqualTo(ids(config, Controls.NONE.withSeed(6)));
    }

    @Test
    void tellsEveryTokenAsItComes() {
        List<Integer> heard = new ArrayList<>();
        Continuation one = generator.generate(List.of(PROMPT), greedy(9), Controls.NONE.withListener(heard::add))
                .get(0).get(0);
        assertThat(heard).containsExactlyElementsOf(Arrays.stream(one.ids()).boxed().toList()).hasSize(9);
        assertThatThrownBy(() -> generator.generate(
                        List.of(PROMPT), greedy(9).with().numBeams(2).build(), Controls.NONE.withListener(heard::add)))
                .isInstanceOf(JformersException.class)
                .hasMessageContaining("allowed for a single sequence");
    }

    @Test
    void appliesTheCallersProcessorsAndRules() {
        Controls controls = Controls.NONE
                .withProcessor(new ForcedTokens(List.of(11), PROMPT.length + 2))
                .withRule((ids, promptLength) -> ids[ids.length - 1] == 11);
        Continuation one = generator.generate(List.of(PROMPT), greedy(9), controls).get(0).get(0);
        assertThat(one.ids()).hasSize(3).endsWith(11);
        assertThat(one.complete()).isTrue();
    }

    @Test
    void saysThatScoresAreNoNumbersAndWhere() {
        LogitsProcessor spoiled = (ids_BS, scores_BV) -> ids_BS[0].length < PROMPT.length + 2
                ? scores_BV
                : scores_BV.log().mul(new Scalar(Double.NaN));
        GenerationConfig drawn = greedy(5).with().doSample(true).build();
        for (GenerationConfig config : List.of(
                greedy(5), drawn, greedy(5).with().numBeams(2).build(), drawn.with().numBeams(2).build())) {
            assertThatThrownBy(() -> generator.generate(List.of(PROMPT), config, Controls.NONE.withProcessor(spoiled)))
                    .isInstanceOf(JformersException.class)
                    .hasMessageStartingWith("generation: got scores that are no numbers (NaN) at new token 3,");
        }
    }

    @Test
    void weightsThatAreNoNumbersAreAnErrorUnlessTheirScoresCountAsZero(@TempDir Path folder) throws IOException {
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(Golden.of("gpt2-lm").folder().resolve(name), folder.resolve(name));
        }
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(folder.resolve("model.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 8 + (int) file.getLong(0); at + 4 <= file.capacity(); at += 4) {
            file.putFloat(at, Float.NaN);
        }
        Files.write(folder.resolve("model.safetensors"), file.array());
        try (Model spoiled = AutoModel.load(folder)) {
            Generator own = new Generator(spoiled);
            assertThatThrownBy(() -> own.generate(List.of(PROMPT), greedy(3), Controls.NONE))
                    .isInstanceOf(JformersException.class)
                    .hasMessageStartingWith("generation: got scores that are no numbers (NaN) at new token 1,");
            GenerationConfig repaired = greedy(3).with().removeInvalidValues(true).build();
            assertThat(own.generate(List.of(PROMPT), repaired, Controls.NONE).get(0).get(0).ids())
                    .containsExactly(0, 0, 0);
        }
    }

    @Test
    void saysThatThereIsNothingToDrawFrom() {
        GenerationConfig drawn = greedy(5).with().doSample(true).build();
        Integer[] all = IntStream.range(0, 121).boxed().toArray(Integer[]::new);
        assertThatThrownBy(() -> generator.generate(
                        List.of(PROMPT), drawn.with().suppressTokens(all).build(), Controls.NONE))
                .isInstanceOf(JformersException.class)
                .hasMessageStartingWith("generation: got no token to draw from at new token 1, allowed at least one");
        LogitsProcessor large = (ids_BS, scores_BV) -> scores_BV.fill_(new Scalar(1e30));
        assertThatThrownBy(() -> generator.generate(
                        List.of(PROMPT), drawn.with().temperature(1e-20).build(), Controls.NONE.withProcessor(large)))
                .isInstanceOf(JformersException.class)
                .hasMessageStartingWith("generation: got infinite scores at new token 1, allowed finite ones");
    }

    @Test
    void endsWhenTheTimeIsOver() {
        for (GenerationConfig config : List.of(greedy(9), greedy(9).with().numBeams(2).build())) {
            Continuation one = generator.generate(
                    List.of(PROMPT), config.with().maxTime(0).build(), Controls.NONE).get(0).get(0);
            assertThat(one.ids()).hasSize(1);
            assertThat(one.complete()).isTrue();
            assertThat(generator.generate(List.of(PROMPT), config.with().maxTime(1e9).build(), Controls.NONE)
                    .get(0).get(0).ids()).hasSize(9);
        }
    }

    @Test
    void takesNegativeIdsAsNone() {
        GenerationConfig config = GenerationConfig.builder().maxNewTokens(4).padTokenId(-1).eosTokenId(-1)
                .suppressTokens(-1).beginSuppressTokens(-1).build();
        List<int[]> prompts = List.of(PROMPT, new int[] {58, 70});
        assertThat(generator.generate(prompts, config, Controls.NONE))
                .usingRecursiveComparison()
                .isEqualTo(generator.generate(
                        prompts, GenerationConfig.builder().maxNewTokens(4).build(), Controls.NONE));
    }

    @Test
    void limitsThatMeanNoLimitDoNotOverflow() {
        GenerationConfig config = greedy(4).with().minNewTokens(Integer.MAX_VALUE).eosTokenId(2)
                .exponentialDecayLengthPenalty(new LengthDecay(Integer.MAX_VALUE, 2)).build();
        assertThat(generator.generate(List.of(PROMPT), config, Controls.NONE).get(0).get(0).ids())
                .hasSize(4).doesNotContain(2);
        assertRefused("sequence length: got prompt 5 + new tokens", List.of(PROMPT), greedy(Integer.MAX_VALUE));
    }

    @Test
    void refusesPromptsThatDoNotFit() {
        assertRefused("prompt: got no tokens", List.of(new int[0]), greedy(3));
        assertRefused("prompt: got no tokens", List.of(PROMPT, new int[0]), greedy(3));
        assertRefused("prompt: got no tokens", List.of(), greedy(3));
        assertRefused("input_ids: got 121, allowed 0 to 120", List.of(new int[] {121}), greedy(3));
        assertRefused("sequence length: got prompt 5 + new tokens 37, allowed together at most 41", List.of(PROMPT),
                greedy(37));
        assertRefused("prompt: got 5 tokens, allowed fewer than max_length 5", List.of(PROMPT),
                GenerationConfig.builder().maxLength(5).build());
        assertRefused("generation: got stop_strings [x] but no tokenizer", List.of(PROMPT),
                greedy(3).with().stopStrings("x").build());
        assertThatThrownBy(() -> Scopes.run(() -> generator.generate(
                        ModelInputs.of(Map.of(
                                "input_ids", Tensors.ofLongs(new long[][] {{5, 6}, {7, 0}}),
                                "attention_mask", Tensors.ofLongs(new long[][] {{1, 1}, {1, 0}}))),
                        greedy(3), Controls.NONE)))
                .isInstanceOf(JformersException.class)
                .hasMessageStartingWith("attention_mask: got 0 at the end of a row");
    }

    /** Their memory has no mask: the reference takes padding for text there. */
    @ParameterizedTest
    @ValueSource(strings = {
        "'model_type': 'xlnet', 'vocab_size': 40, 'd_model': 12, 'n_layer': 1, 'n_head': 2, 'd_inner': 16",
        "'model_type': 'transfo-xl', 'vocab_size': 40, 'cutoffs': [10, 20], 'd_model': 12, 'd_embed': 12, 'n_head': 2,"
                + " 'd_head': 6, 'd_inner': 16, 'div_val': 2, 'n_layer': 1, 'mem_len': 8"
    })
    void modelsWithAMemoryTakePromptsOfOneLength(String config) throws IOException {
        JsonNode json = new ObjectMapper().readTree("{" + config.replace('\'', '"') + "}");
        try (Model segments = AutoModel.create(AutoConfig.parse((ObjectNode) json, "test"), Task.CAUSAL_LM, 1)) {
            Generator own = new Generator(segments);
            assertThatThrownBy(() -> own.generate(
                            List.of(new int[] {7, 8, 9}, new int[] {7}), greedy(2), Controls.NONE))
                    .isInstanceOf(JformersException.class)
                    .hasMessageStartingWith("attention_mask: got padding in a prompt for ")
                    .hasMessageEndingWith("allowed prompts of one length in a batch");
            assertThat(own.generate(List.of(new int[] {7, 8}, new int[] {9, 7}), greedy(2), Controls.NONE)).hasSize(2);
        }
    }

    @Test
    void usesEveryPositionAndStopsAtTheLastByDefault() {
        assertThat(generator.generate(List.of(PROMPT), greedy(36), Controls.NONE).get(0).get(0).ids()).hasSize(36);
        int[] longer = new int[30];
        Arrays.fill(longer, 5);
        assertThat(generator.generate(List.of(longer), GenerationConfig.DEFAULT, Controls.NONE).get(0).get(0).ids())
                .hasSize(10);
    }

    @Test
    void leavesNoNativeObjectBehind() {
        List<GenerationConfig> configs = List.of(
                greedy(8), greedy(8).with().numBeams(3).build(),
                greedy(8).with().doSample(true).topP(0.9).noRepeatNgramSize(2).repetitionPenalty(1.2).build());
        configs.forEach(config -> generator.generate(List.of(PROMPT, new int[] {3}), config, Controls.NONE));
        long before = Pointer.totalCount();
        for (int i = 0; i < 5; i++) {
            configs.forEach(config -> generator.generate(List.of(PROMPT, new int[] {3}), config, Controls.NONE));
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    @Test
    void leavesNoNativeObjectBehindWhenItFails() {
        Controls failing = Controls.NONE.withListener(id -> {
            throw new IllegalStateException("gone");
        });
        assertThatThrownBy(() -> generator.generate(List.of(PROMPT), greedy(3), failing)).hasMessage("gone");
        long before = Pointer.totalCount();
        assertThatThrownBy(() -> generator.generate(List.of(PROMPT), greedy(3), failing)).hasMessage("gone");
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    @Test
    void namesTheTokenThatATargetNeeds() {
        try (Model pair = AutoModel.load(Golden.of("vaswani").folder())) {
            assertThatThrownBy(() -> new Generator(pair).generate(List.of(PROMPT), greedy(3), Controls.NONE))
                    .isInstanceOf(JformersException.class)
                    .hasMessageContaining("neither decoder_start_token_id nor bos_token_id");
        }
    }

    @Test
    void continuesATargetThatHasABeginning() {
        try (Model pair = AutoModel.load(Golden.of("vaswani").folder())) {
            GenerationConfig config = greedy(6).with().decoderStartTokenId(1).build();
            int[] whole = new Generator(pair).generate(List.of(PROMPT), config, Controls.NONE).get(0).get(0).ids();
            Scopes.run(() -> {
                ModelInputs inputs = ModelInputs.of(Map.of(
                        "input_ids", Tensors.ofLongs(new long[][] {Arrays.stream(PROMPT).asLongStream().toArray()}),
                        "decoder_input_ids", Tensors.ofLongs(new long[][] {{whole[0], whole[1]}})));
                int[] rest = new Generator(pair).generate(inputs, config, Controls.NONE).get(0).get(0).ids();
                assertThat(Arrays.copyOf(rest, 4)).isEqualTo(Arrays.copyOfRange(whole, 2, 6));
            });
        }
    }

    private static List<int[]> ids(GenerationConfig config, Controls controls) {
        return generator.generate(List.of(PROMPT), config, controls).get(0).stream().map(Continuation::ids).toList();
    }

    private static void assertRefused(String message, List<int[]> prompts, GenerationConfig config) {
        assertThatThrownBy(() -> generator.generate(prompts, config, Controls.NONE))
                .isInstanceOf(JformersException.class)
                .hasMessageStartingWith(message);
    }

    private static GenerationConfig greedy(int tokens) {
        return GenerationConfig.builder().maxNewTokens(tokens).padTokenId(0).build();
    }

    private static float[] logProbabilities(int[] ids) {
        return Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                Tensor row = Tensors.ofLongs(Arrays.stream(ids).asLongStream().toArray(), 1, ids.length);
                Tensor logits_1TV = model.forward(ModelInputs.of(row)).logits();
                return Tensors.toFloats(logits_1TV.select(1, ids.length - 1).log_softmax(-1));
            }
        });
    }
}
