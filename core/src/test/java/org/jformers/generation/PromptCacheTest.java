package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.SafetensorsFile;
import org.jformers.checkpoint.SafetensorsWriter;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.nn.attention.CacheKind;
import org.jformers.tensor.DType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was read of a prompt, kept in memory and in files. */
final class PromptCacheTest {
    private static final int[] TEXT = IntStream.range(0, 18).map(i -> 3 + i * 7 % 100).toArray();

    private static Model model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() {
        model = AutoModel.load(Golden.of("gpt2-lm").folder());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static int[] with(int... more) {
        return IntStream.concat(IntStream.of(TEXT), IntStream.of(more)).toArray();
    }

    private static List<int[]> write(Model writer, int[] prompt, GenerationConfig config, Controls controls) {
        return new Generator(writer).generate(List.of(prompt), config, controls.withSeed(1)).get(0).stream()
                .map(Continuation::ids).toList();
    }

    private static GenerationConfig.Builder config() {
        return GenerationConfig.builder().maxNewTokens(8).eosTokenId(2);
    }

    private Path saved(Model reader, int... tokens) {
        Path file = folder.resolve("prompt.safetensors");
        try (PromptCache cache = PromptCache.of(reader, tokens)) {
            cache.save(file);
        }
        return file;
    }

    @Test
    void aFileIsReadOnFrom() {
        try (PromptCache cache = PromptCache.load(saved(model, TEXT), model)) {
            assertThat(cache.tokens()).isEqualTo(TEXT);
            Controls cached = Controls.NONE.withPromptCache(cache);
            for (GenerationConfig config : List.of(
                    config().build(), config().numBeams(3).numReturnSequences(3).build(),
                    config().doSample(true).numReturnSequences(2).build(), config().guidanceScale(1.5).build())) {
                // The same text, a longer one, a shorter one, one that is another from the eleventh token on.
                for (int[] prompt : List.of(TEXT, with(9, 10, 11), Arrays.copyOf(TEXT, 7), changed(10))) {
                    assertThat(write(model, prompt, config, cached))
                            .containsExactlyElementsOf(write(model, prompt, config, Controls.NONE));
                }
            }
            assertThat(write(model, TEXT, config().build(), cached.withDrafts(new PromptLookup(4))))
                    .containsExactlyElementsOf(write(model, TEXT, config().build(), Controls.NONE));
        }
    }

    private static int[] changed(int place) {
        int[] other = TEXT.clone();
        other[place]++;
        return other;
    }

    @Test
    void whatIsThereIsNotReadAgain() {
        try (PromptCache cache = PromptCache.of(model, TEXT)) {
            for (CacheKind kind : List.of(CacheKind.GROWING, CacheKind.fixed(30), CacheKind.paged(4, 60),
                    CacheKind.sharing(4, 60), CacheKind.INT8)) {
                for (int[] prompt : List.of(TEXT, with(9, 10, 11), changed(10))) {
                    try (Engine engine = new Engine(model, EngineSettings.DEFAULT.withCache(kind))) {
                        CompletableFuture<List<Continuation>> text = engine.submit(
                                prompt, config().build(), Controls.NONE.withPromptCache(cache));
                        engine.run();
                        int length = text.join().get(0).ids().length;
                        int shared = Math.min(prompt.length - 1, prompt[10] == TEXT[10] ? TEXT.length : 10);
                        assertThat(engine.tokensRead()).isEqualTo(prompt.length - shared + length - 1);
                        if (kind != CacheKind.INT8) {
                            assertThat(text.join().get(0).ids()).isEqualTo(
                                    write(model, prompt, config().build(), Controls.NONE).get(0));
                        }
                    }
                }
            }
        }
    }

    @Test
    void windowsSeeWhatTheyWouldSee() throws IOException {
        String json = """
                {"model_type": "mistral", "sliding_window": 5, "vocab_size": 130, "hidden_size": 16,
                "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 12,
                "max_position_embeddings": 400}""";
        int[] text = IntStream.range(0, 200).map(i -> 3 + i * 7 % 100).toArray();
        try (Model window = AutoModel.create(
                AutoConfig.parse(new ObjectMapper().readTree(json), "test"), Task.CAUSAL_LM, 4)) {
            Path file = saved(window, text);
            try (PromptCache cache = PromptCache.load(file, window)) {
                for (int length : new int[] {200, 90}) {
                    int[] prompt = Arrays.copyOf(text, length);
                    assertThat(write(window, prompt, config().build(), Controls.NONE.withPromptCache(cache)))
                            .containsExactlyElementsOf(write(window, prompt, config().build(), Controls.NONE));
                }
            }
        }
    }

    @Test
    void requestsThatGiveTheirRowsUpGoOnFromIt() {
        try (PromptCache cache = PromptCache.of(model, TEXT);
                Engine engine = new Engine(model, EngineSettings.DEFAULT.withTokens(60))) {
            List<CompletableFuture<List<Continuation>>> results = IntStream.range(0, 6)
                    .mapToObj(i -> engine.submit(
                            with(i), config().eosTokenId().build(), Controls.NONE.withPromptCache(cache)))
                    .toList();
            engine.run();
            assertThat(engine.evictions()).isPositive();
            for (int i = 0; i < 6; i++) {
                assertThat(results.get(i).join().get(0).ids()).isEqualTo(
                        write(model, with(i), config().eosTokenId().build(), Controls.NONE).get(0));
            }
        }
    }

    @Test
    void leavesNothing() {
        Path file = saved(model, TEXT);
        long before = 0;
        for (int i = 0; i < 4; i++) {
            before = i == 1 ? Pointer.totalCount() : before;
            try (PromptCache cache = PromptCache.load(file, model)) {
                write(model, TEXT, config().build(), Controls.NONE.withPromptCache(cache));
            }
            saved(model, TEXT);
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    @Test
    void refusesWhatItIsNotFor() throws IOException {
        Path file = saved(model, TEXT);
        try (PromptCache cache = PromptCache.of(model, TEXT)) {
            assertThatThrownBy(() -> write(model, new int[] {99, 3}, config().build(),
                    Controls.NONE.withPromptCache(cache)))
                    .isInstanceOf(JformersException.class).hasMessageContaining("a text that begins otherwise");
            try (Model other = AutoModel.load(Golden.of("gpt2-lm").folder())) {
                assertThatThrownBy(() -> write(other, TEXT, config().build(), Controls.NONE.withPromptCache(cache)))
                        .hasMessageContaining("a prompt cache of another model");
            }
        }
        try (Model other = AutoModel.load(Golden.writer("llama"))) {
            refused(file, other, "got one of GPT2LMHeadModel, 2 layers of 4 key/value heads of 8, float32, allowed"
                    + " LlamaForCausalLM, 2 layers of 1 key/value heads of 12, float32");
        }
        try (Model other = AutoModel.load(Golden.of("gpt2-lm").folder(),
                LoadRequest.of(Task.CAUSAL_LM).withPrecision(DType.BFLOAT16)).model()) {
            refused(file, other, "heads of 8, float32, allowed GPT2LMHeadModel, 2 layers of 4 key/value heads of 8,"
                    + " bfloat16");
        }
        try (Model other = AutoModel.create(AutoConfig.load(Golden.of("gpt2-lm").folder()), Task.CAUSAL_LM, 3)) {
            refused(file, other, "got layers.0.keys that this model does not make of the first token, allowed a cache"
                    + " of the same weights");
        }
        try (Model pair = AutoModel.load(Golden.writer("t5"))) {
            assertThatThrownBy(() -> PromptCache.of(pair, TEXT))
                    .hasMessageStartingWith("prompt cache: got T5ForConditionalGeneration, allowed decoders");
        }
        assertThatThrownBy(() -> PromptCache.of(model, new int[0])).hasMessageContaining("got no tokens");
        assertThatThrownBy(() -> PromptCache.of(model, new int[41]))
                .hasMessageContaining("got 41 tokens, allowed 40");
    }

    @Test
    void refusesFilesThatAreNone() throws IOException {
        Path file = saved(model, TEXT);
        byte[] bytes = Files.readAllBytes(file);
        for (int length : new int[] {0, 5, 100, bytes.length / 2, bytes.length - 1}) {
            Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(bytes, length));
            refused(cut, model, "");
        }
        refused(Golden.of("gpt2-lm").folder().resolve("model.safetensors"), model,
                "got format pt, allowed jformers.prompt_cache.1");
        refused(changed(file, (tensors, metadata) -> tensors.remove("layers.1.values")), model,
                "no tensor 'layers.1.values'");
        refused(changed(file, (tensors, metadata) -> tensors.remove("token_ids")), model, "no tensor 'token_ids'");
        refused(changed(file, (tensors, metadata) -> metadata.put("tokens", "17")), model, "allowed as many as tokens");
        refused(changed(file, (tensors, metadata) -> metadata.put("layers", "3")), model,
                "got one of GPT2LMHeadModel, 3");
        refused(changed(file, (tensors, metadata) ->
                tensors.put("layers.1.keys", tensors.get("layers.1.keys").narrow(2, 0, 9))), model,
                "got layers.1.keys of [1, 4, 9, 8] in float32, allowed [1, 4, 18, 8] in float32");
        refused(changed(file, (tensors, metadata) ->
                tensors.put("token_ids", Tensors.ofLongs(new long[18], 18).sub_(Tensors.constant(1)))), model,
                "that are no 18 token ids");
    }

    private interface Change {
        void make(Map<String, Tensor> tensors, Map<String, String> metadata);
    }

    private Path changed(Path file, Change change) {
        Path other = folder.resolve("changed.safetensors");
        Scopes.run(() -> {
            try (SafetensorsFile stored = SafetensorsFile.open(file)) {
                Map<String, Tensor> tensors = new LinkedHashMap<>();
                stored.tensors().keySet().forEach(name -> tensors.put(name, stored.read(name)));
                Map<String, String> metadata = new LinkedHashMap<>(stored.metadata());
                change.make(tensors, metadata);
                SafetensorsWriter.write(other, tensors, metadata);
            }
        });
        return other;
    }

    private static void refused(Path file, Model reader, String message) {
        assertThatThrownBy(() -> PromptCache.load(file, reader))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message)
                .hasMessageContaining(file.toString())
                .satisfies(error -> assertThat(error.getMessage()).hasLineCount(1));
    }
}
