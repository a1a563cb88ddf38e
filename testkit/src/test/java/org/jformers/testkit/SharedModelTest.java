package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jformers.audio.FeatureExtractor;
import org.jformers.audio.Sound;
import org.jformers.audio.WaveformExtractor;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.pipeline.AutomaticSpeechRecognition;
import org.jformers.pipeline.Completion;
import org.jformers.pipeline.FeatureExtraction;
import org.jformers.pipeline.ImageClassification;
import org.jformers.pipeline.SoundWindows;
import org.jformers.pipeline.TextClassification;
import org.jformers.pipeline.TextGeneration;
import org.jformers.pipeline.TokenClassification;
import org.jformers.pipeline.Translation;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.GoldenModel.Case;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.jformers.vision.ImageProcessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several threads that use one model, generator or pipeline at once get what each gets alone. */
@Timeout(120)
final class SharedModelTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 5;

    static List<Path> folders() {
        return ConformanceTest.folders();
    }

    @ParameterizedTest
    @MethodSource("folders")
    void computesInEachThreadWhatItComputesAlone(Path folder) throws Exception {
        try (Model model = AutoModel.load(folder);
                GoldenModel golden = GoldenModel.open(folder)) {
            List<Callable<Map<String, double[]>>> uses = new ArrayList<>();
            for (Case one : golden.cases()) {
                uses.add(() -> outputs(golden, model, one));
            }
            assertSame(uses, (alone, shared) -> {
                assertThat(shared.keySet()).isEqualTo(alone.keySet());
                alone.forEach((name, values) -> assertThat(shared.get(name)).as(name).hasSameSizeAs(values)
                        .satisfies(got -> IntStream.range(0, values.length).forEach(i ->
                                assertThat(Tolerance.FLOAT32.accepts(got[i], values[i])
                                        || Double.isNaN(got[i]) && Double.isNaN(values[i]))
                                        .as(name + " [" + i + "]: " + got[i] + " for " + values[i]).isTrue())));
            });
        }
    }

    private static Map<String, double[]> outputs(GoldenModel golden, Model model, Case one) {
        return Scopes.get(() -> {
            Map<String, double[]> outputs = new TreeMap<>();
            try (NoGrad noGrad = new NoGrad()) {
                new GoldenCase(golden, model, one).run().tensors().forEach((name, tensor) -> {
                    float[] values = Tensors.toFloats(tensor);
                    outputs.put(name, IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray());
                });
            }
            return outputs;
        });
    }

    @ParameterizedTest
    @MethodSource("generating")
    void generatesInEachThreadWhatItGeneratesAlone(String name) throws Exception {
        List<GenerationConfig> settings = List.of(
                GenerationConfig.builder().maxNewTokens(9).build(),
                GenerationConfig.builder().maxNewTokens(7).numBeams(3).build(),
                GenerationConfig.builder().maxNewTokens(8).doSample(true).temperature(1.3).build(),
                GenerationConfig.builder().maxNewTokens(6).repetitionPenalty(1.4).noRepeatNgramSize(2).build());
        List<List<int[]>> prompts = List.of(
                List.of(new int[] {5, 9, 14, 7}), List.of(new int[] {8, 10}, new int[] {11, 12}),
                List.of(new int[] {21, 6, 6, 40, 33, 9, 10}), List.of(new int[] {30, 31}));
        try (Model model = AutoModel.load(Fixtures.folder("models/" + name))) {
            Generator generator = new Generator(model);
            List<Callable<List<List<Integer>>>> uses = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                GenerationConfig config = settings.get(i).with().decoderStartTokenId(2).build();
                List<int[]> prompt = prompts.get(i);
                Controls controls = Controls.NONE.withSeed(i);
                uses.add(() -> generator.generate(prompt, config, controls).stream()
                        .flatMap(List::stream)
                        .map(one -> IntStream.of(one.ids()).boxed().toList())
                        .toList());
            }
            assertSame(uses, (alone, shared) -> assertThat(shared).isEqualTo(alone));
        }
    }

    static List<String> generating() {
        return List.of("gpt2-lm", "qwen2-lm", "mixtral-lm-router-loss", "xlnet-mems", "marian-lm", "mt5-lm");
    }

    @Test
    void continuesTextsInEachThreadAsAlone() throws Exception {
        Tokenizer tokenizer = tokenizer();
        GenerationConfig settings = GenerationConfig.builder().maxNewTokens(30).doSample(true).topK(0).build();
        try (TextGeneration pipeline = new TextGeneration(
                model("""
                        {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": 300,
                         "n_positions": 80, "n_embd": 16, "n_layer": 2, "n_head": 4}
                        """, Task.CAUSAL_LM), tokenizer,
                GenerationConfig.builder().bosTokenId(0).build())) {
            List<Callable<String>> uses = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                String prompt = "Der Fluß fließt. ".substring(i);
                Controls controls = Controls.NONE.withSeed(i);
                boolean streams = i % 2 == 0;
                uses.add(() -> {
                    StringBuilder text = new StringBuilder();
                    if (streams) {
                        pipeline.stream(prompt, settings, controls, text::append);
                        return text.toString();
                    }
                    return pipeline.generate(List.of(prompt, prompt + "x"), settings, controls).stream()
                            .flatMap(List::stream).map(Completion::text).toList().toString();
                });
            }
            assertSame(uses, (alone, shared) -> assertThat(shared).isEqualTo(alone));
        }
    }

    @Test
    void translatesInEachThreadAsAlone() throws Exception {
        Tokenizer tokenizer = tokenizer();
        GenerationConfig settings = GenerationConfig.builder().maxNewTokens(12).numBeams(2).decoderStartTokenId(0)
                .eosTokenId(1).padTokenId(2).build();
        try (Translation pipeline = new Translation(
                model("""
                        {"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "vocab_size": 300,
                         "d_model": 16, "d_kv": 4, "d_ff": 24, "num_layers": 2, "num_heads": 4}
                        """, Task.SEQ2SEQ_LM), tokenizer, tokenizer, settings)) {
            List<Callable<String>> uses = IntStream.range(0, THREADS).<Callable<String>>mapToObj(i -> () ->
                    pipeline.translate("Größe über alles".substring(i)).text()).toList();
            assertSame(uses, (alone, shared) -> assertThat(shared).isEqualTo(alone));
        }
    }

    @Test
    void classifiesImagesInEachThreadAsAlone(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("preprocessor_config.json"),
                "{\"image_processor_type\": \"ViTImageProcessor\", \"do_resize\": false}");
        try (ImageClassification pipeline = new ImageClassification(
                model("""
                        {"model_type": "vit", "architectures": ["ViTForImageClassification"], "hidden_size": 16,
                         "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 24, "image_size": 32,
                         "patch_size": 8, "id2label": {"0": "a", "1": "b", "2": "c"}}
                        """, Task.IMAGE_CLASSIFICATION), ImageProcessor.load(folder))) {
            List<Callable<String>> uses = IntStream.range(0, THREADS).<Callable<String>>mapToObj(i -> () ->
                    pipeline.classify(List.of(image(i))).get(0).stream()
                            .map(label -> label.label() + " " + Math.round(label.score() * 1e4)).toList().toString())
                    .toList();
            assertSame(uses, (alone, shared) -> assertThat(shared).isEqualTo(alone));
        }
    }

    @Test
    void recognisesSpeechInEachThreadAsAlone(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("vocab.json"),
                "{\"<pad>\": 0, \"<s>\": 1, \"</s>\": 2, \"<unk>\": 3, \"|\": 4, \"A\": 5, \"B\": 6, \"C\": 7}");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"wav2vec2\"}");
        FeatureExtractor extractor = new WaveformExtractor(16_000, 0,
                WaveformExtractor.Normalization.ZERO_MEAN_UNIT_VARIANCE, WaveformExtractor.Mask.LEFT_OUT);
        try (AutomaticSpeechRecognition pipeline = new AutomaticSpeechRecognition(
                model("""
                        {"model_type": "wav2vec2", "architectures": ["Wav2Vec2ForCTC"], "vocab_size": 8,
                         "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4,
                         "intermediate_size": 24, "conv_dim": [8, 8], "conv_stride": [5, 4], "conv_kernel": [10, 8],
                         "num_conv_pos_embeddings": 8, "num_conv_pos_embedding_groups": 2}
                        """, Task.CTC), extractor, AutoTokenizer.load(folder), GenerationConfig.DEFAULT)) {
            List<Callable<String>> uses = IntStream.range(0, THREADS).<Callable<String>>mapToObj(i -> () ->
                    pipeline.transcribe(sound(i), AutomaticSpeechRecognition.Options.DEFAULT
                            .inWindows(SoundWindows.of(0.05))
                            .with(AutomaticSpeechRecognition.Times.CHARACTERS)).toString())
                    .toList();
            assertSame(uses, (alone, shared) -> assertThat(shared).isEqualTo(alone));
        }
    }

    private static Sound sound(int seed) {
        Random random = new Random(seed);
        float[] samples = new float[4000 + 100 * seed];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) (random.nextGaussian() * Math.sin(i / 700.0));
        }
        return new Sound(samples, 16_000);
    }

    @Test
    void readsTextsInEachThreadAsAlone() throws Exception {
        String config = """
                {"model_type": "bert", "vocab_size": 300, "hidden_size": 16, "num_hidden_layers": 2,
                 "num_attention_heads": 4, "intermediate_size": 24, "max_position_embeddings": 64}
                """;
        Tokenizer tokenizer = tokenizer();
        try (TextClassification texts = new TextClassification(model(config, Task.SEQUENCE_CLASSIFICATION), tokenizer);
                TokenClassification tokens = new TokenClassification(
                        model(config, Task.TOKEN_CLASSIFICATION), tokenizer);
                FeatureExtraction vectors = new FeatureExtraction(model(config, Task.BASE), tokenizer)) {
            List<Callable<String>> uses = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                String text = "Größe über alles".substring(i);
                uses.add(() -> texts.classify(text) + " "
                        + tokens.classify(text, TokenClassification.Options.DEFAULT) + " "
                        + Arrays.deepToString(vectors.extract(text).vectors()));
            }
            assertSame(uses, (alone, shared) -> assertThat(shared).isEqualTo(alone));
        }
    }

    private static BufferedImage image(int seed) {
        BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 32 * 32; i++) {
            image.setRGB(i % 32, i / 32, (i * 7919 + seed * 104_729) & 0xFFFFFF);
        }
        return image;
    }

    private static Tokenizer tokenizer() {
        return ByteLevelBpeTrainer.builder().vocabSize(300).specialTokens("<s>", "</s>", "<pad>").build()
                .train(List.of("Der Fluß fließt. Größe über alles: 水は流れる、水は流れる。"));
    }

    private static Model model(String config, Task task) throws IOException {
        return AutoModel.create(AutoConfig.parse(new ObjectMapper().readTree(config), "test"), task, 5);
    }

    /** Compares what a use gives. */
    private interface Comparison<T> {
        void same(T alone, T shared);
    }

    /** Runs each use alone, then all of them on their own threads at the same time, some rounds long. */
    private static <T> void assertSame(List<Callable<T>> uses, Comparison<T> comparison) throws Exception {
        List<T> alone = new ArrayList<>();
        for (Callable<T> use : uses) {
            alone.add(use.call());
        }
        CyclicBarrier start = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<List<T>>> results = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int first = thread;
                results.add(threads.submit(() -> {
                    List<T> own = new ArrayList<>();
                    for (int round = 0; round < ROUNDS; round++) {
                        start.await();
                        own.add(uses.get((first + round) % uses.size()).call());
                    }
                    return own;
                }));
            }
            for (int thread = 0; thread < THREADS; thread++) {
                List<T> shared = results.get(thread).get();
                for (int round = 0; round < ROUNDS; round++) {
                    comparison.same(alone.get((thread + round) % uses.size()), shared.get(round));
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
