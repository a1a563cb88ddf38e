package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointWriter;
import org.jformers.checkpoint.LoadMode;
import org.jformers.model.CommonConfig;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables that the configuration ties and a checkpoint holds apart, or holds under another name only. */
class TiesTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String LLAMA = "'hidden_size': 8, 'num_hidden_layers': 1, 'num_attention_heads': 2,"
            + " 'num_key_value_heads': 2, 'intermediate_size': 6, 'head_dim': 4, 'num_local_experts': 2,"
            + " 'num_experts_per_tok': 1, 'max_position_embeddings': 16, 'rope_theta': 10000.0, 'rms_norm_eps': 1e-5,"
            + " 'hidden_act': 'silu', 'tie_word_embeddings': true";
    private static final String BERT = "'hidden_size': 8, 'num_hidden_layers': 1, 'num_attention_heads': 2,"
            + " 'intermediate_size': 6, 'max_position_embeddings': 16, 'embedding_size': 8, 'hidden_act': 'gelu',"
            + " 'type_vocab_size': 2, 'relative_attention': true";
    private static final String SEQ2SEQ = "'d_model': 8, 'encoder_layers': 1, 'decoder_layers': 1,"
            + " 'encoder_attention_heads': 2, 'decoder_attention_heads': 2, 'encoder_ffn_dim': 6,"
            + " 'decoder_ffn_dim': 6, 'max_position_embeddings': 16, 'pad_token_id': 1, 'd_kv': 4, 'd_ff': 6,"
            + " 'num_layers': 1, 'num_heads': 2, 'num_experts': 2, 'expert_capacity': 9,"
            + " 'relative_attention_num_buckets': 4, 'decoder_start_token_id': 0";

    @TempDir
    Path folder;

    /** A family that ties its output layer to its token table. */
    private record Tied(String type, String keys, Task task, String table, String output) {}

    static Stream<Tied> tied() {
        String model = "model.embed_tokens.weight";
        String head = "lm_head.weight";
        String gpt = "'n_embd': 8, 'n_layer': 1, 'n_head': 2, 'n_positions': 16, 'dff': 6";
        List<Tied> families = new ArrayList<>(List.of(
                new Tied("gpt2", gpt, Task.CAUSAL_LM, "transformer.wte.weight", head),
                new Tied("openai-gpt", gpt, Task.CAUSAL_LM, "transformer.tokens_embed.weight", head),
                new Tied("ctrl", gpt, Task.CAUSAL_LM, "transformer.w.weight", head),
                new Tied("gpt_neo", "'hidden_size': 8, 'num_layers': 1, 'num_heads': 2, 'max_position_embeddings': 16,"
                        + " 'attention_types': [[['global'], 1]]", Task.CAUSAL_LM, "transformer.wte.weight", head),
                new Tied("opt", "'hidden_size': 8, 'ffn_dim': 6, 'num_hidden_layers': 1, 'num_attention_heads': 2,"
                        + " 'max_position_embeddings': 16", Task.CAUSAL_LM, "model.decoder.embed_tokens.weight", head),
                new Tied("distilbert", "'dim': 8, 'n_layers': 1, 'n_heads': 2, 'hidden_dim': 6, 'activation': 'gelu',"
                        + " 'max_position_embeddings': 16", Task.MASKED_LM,
                        "distilbert.embeddings.word_embeddings.weight", "vocab_projector.weight"),
                new Tied("xlm", "'emb_dim': 8, 'n_layers': 1, 'n_heads': 2, 'max_position_embeddings': 16",
                        Task.MASKED_LM, "transformer.embeddings.weight", "pred_layer.proj.weight"),
                new Tied("xlnet", "'d_model': 8, 'n_layer': 1, 'n_head': 2, 'd_inner': 6", Task.CAUSAL_LM,
                        "transformer.word_embedding.weight", "lm_loss.weight"),
                new Tied("modernbert", BERT, Task.MASKED_LM, "model.embeddings.tok_embeddings.weight",
                        "decoder.weight"),
                new Tied("electra", BERT, Task.MASKED_LM, "electra.embeddings.word_embeddings.weight",
                        "generator_lm_head.weight"),
                new Tied("bert", BERT, Task.MASKED_LM, "bert.embeddings.word_embeddings.weight",
                        "cls.predictions.decoder.weight"),
                new Tied("albert", BERT, Task.MASKED_LM, "albert.embeddings.word_embeddings.weight",
                        "predictions.decoder.weight"),
                new Tied("deberta-v2", BERT, Task.MASKED_LM, "deberta.embeddings.word_embeddings.weight",
                        "cls.predictions.decoder.weight")));
        for (String roberta : List.of("roberta", "xlm-roberta", "camembert")) {
            families.add(new Tied(roberta, BERT, Task.MASKED_LM, "roberta.embeddings.word_embeddings.weight",
                    "lm_head.decoder.weight"));
        }
        for (String llama : List.of("llama", "mistral", "mixtral", "qwen2", "qwen3", "gemma2", "gemma3_text")) {
            families.add(new Tied(llama, LLAMA, Task.CAUSAL_LM, model, head));
        }
        return families.stream();
    }

    @ParameterizedTest
    @MethodSource("tied")
    void computesWithAnOutputLayerThatTheCheckpointHoldsApart(Tied family) throws IOException {
        Map<String, Tensor> weights = weights(create(family, ""));
        weights.put(family.output(), weights.get(family.table()).flip(0).mul(new Scalar(2)));
        write(family, "", weights);
        float[] logits = logits(load(family.task()));
        assertRoundTrip(family.task(), family.output(), logits);

        // The same said by the configuration, where constants are two as well.
        String bias = family.output().replace("weight", "bias");
        String spare = bias.replace("decoder.", "");
        if (!family.type().equals("modernbert") && weights.containsKey(spare)) {
            weights.put(bias, weights.get(spare).clone());
        }
        write(family, ", 'tie_word_embeddings': false", weights);
        assertThat(logits(load(family.task()))).containsExactly(logits, within(1e-6f));
    }

    /** Shards, pickles, and shards that are pickles hold a layer apart as one file does. */
    @ParameterizedTest
    @CsvSource({"gpt2, SHARDS", "gpt2, PICKLE", "gpt2, PICKLED_SHARDS", "bert, SHARDS", "bert, PICKLE",
        "bert, PICKLED_SHARDS"})
    void readsTheSameOutOfEveryFormOfAFolder(String type, WeightForm form) throws IOException {
        Tied family = tied().filter(one -> one.type().equals(type)).findFirst().orElseThrow();
        Map<String, Tensor> weights = weights(create(family, ""));
        weights.put(family.output(), weights.get(family.table()).flip(0).mul(new Scalar(2)));
        write(family, "", weights);
        float[] apart = logits(load(family.task()));
        Files.delete(folder.resolve("model.safetensors"));
        form.write(folder, weights);
        assertThat(logits(load(family.task()))).containsExactly(apart);

        weights.put(family.output(), weights.remove(family.table()));
        write(family, "", weights);
        float[] outputOnly = logits(load(family.task()));
        Files.delete(folder.resolve("model.safetensors"));
        form.write(folder, weights);
        assertThat(logits(load(family.task()))).containsExactly(outputOnly);
    }

    /** TensorFlow's names where the reference reads them in no norm: ALBERT's and XLM's. */
    @ParameterizedTest
    @CsvSource({"albert, full_layer_layer_norm", "xlm, layer_norm_emb"})
    void saysWhatNormsDoThatTheReferenceDoesNotRead(String type, String norm) throws IOException {
        Tied family = tied().filter(one -> one.type().equals(type)).findFirst().orElseThrow();
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights(create(family, "")).forEach((name, tensor) -> weights.put(
                name.replace(norm + ".weight", norm + ".gamma").replace(norm + ".bias", norm + ".beta"), tensor));
        write(family, "", weights);
        AutoModel.Loaded loaded = load(family.task());
        try (Model model = loaded.model()) {
            assertThat(loaded.report().missing()).hasSize(2).allSatisfy((name, reason) -> {
                assertThat(reason).contains("scales of 1 and constants of 0");
                float[] values = Tensors.toFloats(model.network().tensors().get(name));
                assertThat(values).containsOnly(name.endsWith("bias") ? 0 : 1);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("tied")
    void readsATableThatIsStoredAsTheOutputLayerOnly(Tied family) throws IOException {
        Model model = create(family, "");
        Map<String, Tensor> weights = weights(model);
        float[] logits = logits(new AutoModel.Loaded(model, null));
        weights.put(family.output(), weights.remove(family.table()));
        write(family, "", weights);
        assertThat(logits(load(family.task()))).containsExactly(logits, within(1e-6f));
    }

    /** Which of the tables A, B, C a checkpoint holds (- is none), and which each reader reads then. */
    @ParameterizedTest
    @CsvSource({
        "t5, A---, AAA", "t5, -A--, AAA", "t5, --A-, AAA", "t5, ---A, AAA", "t5, A--B, AAB", "t5, A-B-, ABA",
        "t5, AB--, BAA", "t5, --AB, AAB", "t5, -ABC, ABC", "t5, ABBA, BBA", "t5, -AAB, AAB",
        "t5, AAAA, AAA", "mt5, ---A, AAA", "mt5, A--B, AAB", "mt5, AB-C, BAC", "switch_transformers, A--B, AAB",
        "switch_transformers, A-B-, ABA", "switch_transformers, --A-, AAA", "bart, A---, AAA", "bart, -A--, AAA",
        "bart, --A-, AAA", "bart, ---A, AAA", "bart, A--B, AAB", "bart, A-B-, ABA", "bart, AB--, BAA",
        "bart, ABCA, BCA", "bart, --AB, BAB", "bart, AB-B, BAB", "mbart, A--B, AAB", "mbart, A-B-, ABA",
        "pegasus, A--B, AAB", "pegasus, ---A, AAA", "marian, A--B, AAB", "marian, A-B-, ABA", "marian, --A-, AAA"
    })
    void givesEachReaderTheTableThatTheReferenceGivesIt(String type, String stored, String read) throws IOException {
        Task task = Task.SEQ2SEQ_LM;
        Tied family = new Tied(type, SEQ2SEQ, task, "", "");
        String base = type.contains("t5") || type.startsWith("switch") ? "" : "model.";
        List<String> names = List.of(base + "shared.weight", base + "encoder.embed_tokens.weight",
                base + "decoder.embed_tokens.weight", "lm_head.weight");
        Map<String, Tensor> weights = weights(create(family, ""));
        Tensor first = weights.remove(names.get(0));
        Map<Character, Tensor> tables =
                Map.of('A', first, 'B', first.flip(0).clone(), 'C', first.mul(new Scalar(3)));
        for (int i = 0; i < names.size(); i++) {
            if (stored.charAt(i) != '-') {
                weights.put(names.get(i), tables.get(stored.charAt(i)));
            }
        }
        write(family, "", weights);
        AutoModel.Loaded loaded = load(task);
        Seq2SeqModel model = (Seq2SeqModel) loaded.model();
        assertThat(loaded.report().missing()).isEmpty();
        Map<String, Tensor> parameters = model.network().tensors();
        Tensor output = parameters.getOrDefault("head.weight",
                model.body().outputTable().orElseThrow().table());
        List<Tensor> readers = List.of(model.body().encoder().input().tokens().orElseThrow().table(),
                model.body().decoder().input().tokens().orElseThrow().table(), output);
        for (int i = 0; i < readers.size(); i++) {
            assertThat(readers.get(i).equal(tables.get(read.charAt(i)))).as("reader " + i).isTrue();
        }
        float[] logits = logits(loaded);
        assertRoundTrip(task, null, logits);
    }

    @ParameterizedTest
    @CsvSource({"A-, AA", "-A, AA", "AB, AB"})
    void tiesTheOutputToTheDecoderWhereVocabulariesDiffer(String stored, String read) throws IOException {
        String more = ", 'share_encoder_decoder_embeddings': false, 'decoder_vocab_size': 9";
        Tied family = new Tied("marian", SEQ2SEQ, Task.SEQ2SEQ_LM, "model.decoder.embed_tokens.weight",
                "lm_head.weight");
        Map<String, Tensor> weights = weights(create(family, more));
        assertThat(weights.get("model.encoder.embed_tokens.weight").shape()).containsExactly(11, 8);
        assertThat(weights.get(family.table()).shape()).containsExactly(9, 8);
        Tensor first = weights.remove(family.table());
        Map<Character, Tensor> tables = Map.of('A', first, 'B', first.flip(0).clone());
        for (int i = 0; i < 2; i++) {
            if (stored.charAt(i) != '-') {
                weights.put(i == 0 ? family.table() : family.output(), tables.get(stored.charAt(i)));
            }
        }
        write(family, more, weights);
        AutoModel.Loaded loaded = load(family.task());
        Map<String, Tensor> parameters = loaded.model().network().tensors();
        Tensor table = parameters.get("body.decoder.input.tokens.weight");
        assertThat(table.equal(tables.get(read.charAt(0)))).isTrue();
        assertThat(parameters.getOrDefault("head.weight", table).equal(tables.get(read.charAt(1)))).isTrue();
        assertRoundTrip(family.task(), null, logits(loaded));
    }

    /** What is held apart stays so in a folder that the model is saved in, and the folder says nothing new. */
    private void assertRoundTrip(Task task, String output, float[] logits) throws IOException {
        Path again = folder.resolve("again");
        try (Model model = load(task).model()) {
            model.save(again);
            assertThat(Files.readString(again.resolve("config.json"))).doesNotContain(CommonConfig.APART);
            AutoModel.Loaded loaded = AutoModel.load(again, task, LoadMode.DEFAULT);
            assertThat(loaded.model().network().tensors().keySet()).isEqualTo(model.network().tensors().keySet());
            if (output != null) {
                assertThat(model.named(model.network().tensors())).containsKey(output);
            }
            assertThat(logits(loaded)).containsExactly(logits);
        }
    }

    private Model create(Tied family, String more) throws JsonProcessingException {
        Model model = AutoModel.create(AutoConfig.parse(json(family, more), "the test"), family.task(), 3);
        try (NoGrad noGrad = new NoGrad()) {
            model.network().tensors().values().forEach(tensor -> Tensors.fillNormal(tensor, 0, 0.4));
        }
        return model;
    }

    private static ObjectNode json(Tied family, String more) throws JsonProcessingException {
        String text = ("{'model_type': '%s', 'vocab_size': 11, %s}").formatted(family.type(), family.keys());
        ObjectNode json = (ObjectNode) JSON.readTree(text.replace('\'', '"'));
        json.setAll((ObjectNode) JSON.readTree(("{'vocab_size': 11" + more + "}").replace('\'', '"')));
        return json;
    }

    private static Map<String, Tensor> weights(Model model) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        model.named(model.network().tensors()).forEach((name, tensor) -> weights.put(name, tensor.detach()));
        return weights;
    }

    private void write(Tied family, String more, Map<String, Tensor> weights) throws IOException {
        Files.writeString(folder.resolve("config.json"), json(family, more).toString());
        CheckpointWriter.write(folder, weights);
        try (Checkpoint written = Checkpoint.open(folder)) {
            assertThat(written.names()).isEqualTo(weights.keySet());
        }
    }

    private AutoModel.Loaded load(Task task) {
        return AutoModel.load(folder, task, LoadMode.DEFAULT);
    }

    private static float[] logits(AutoModel.Loaded loaded) {
        return Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad(); Model model = loaded.model()) {
                Map<String, Tensor> inputs = new LinkedHashMap<>();
                inputs.put("input_ids", Tensors.ofLongs(new long[] {3, 5, 2, 7}, 1, 4));
                if (model instanceof Seq2SeqModel) {
                    inputs.put("decoder_input_ids", Tensors.ofLongs(new long[] {2, 8, 4}, 1, 3));
                }
                return Tensors.toFloats(model.forward(ModelInputs.of(inputs)).get("logits").flatten());
            }
        });
    }
}
