package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jformers.model.ConfigException;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.ModelFamilies;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every number of every family is refused where it has no meaning, by its name, its value and the file. */
class ConfigNumbersTest {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final Set<Class<?>> WHOLE = Set.of(int.class, Integer.class, OptionalInt.class);
    private static final Set<Class<?>> REAL = Set.of(double.class, Double.class, OptionalDouble.class);

    /** Keys below zero: ids that say "none", and limits whose -1 is no limit. */
    private static final Set<String> NEGATIVE = Set.of(
            "attn_type", "bos_id", "clamp_len", "decoder_start_token_id", "eos_id", "eos_token_id",
            "guided_attention_loss_scale", "lang_id", "logit_scale_init_value", "max_relative_positions", "pad_id",
            "pad_index", "position_buckets", "router_aux_loss_coef", "router_z_loss_coef", "sample_softmax");

    /** Keys that may be zero beside those. */
    private static final Set<String> ZERO = Set.of(
            "decoder_layers", "decoder_num_hidden_layers", "decoder_sparse_step", "duration_predictor_layers",
            "encoder_layers", "encoder_sparse_step", "energy_predictor_layers", "expert_capacity",
            "guided_attention_loss_num_heads", "mask_feature_length",
            "mask_feature_min_masks", "mask_time_length", "mask_time_min_masks", "max_window_layers", "mem_len",
            "n_langs", "n_layer", "n_layers", "num_adapter_layers", "num_decoder_layers", "num_encoder_layers",
            "num_hidden_layers", "num_languages", "num_layers", "num_sparse_decoder_layers",
            "num_sparse_encoder_layers", "num_speakers", "pitch_predictor_layers", "reuse_len", "speaker_embed_dim",
            "speaker_embedding_dim", "speech_decoder_postnet_layers", "speech_decoder_prenet_layers",
            "type_vocab_size");

    @TempDir
    private Path folder;

    @Test
    void everyNumberOfEveryFamilyHasARange() throws IOException {
        Set<String> negative = new TreeSet<>();
        Set<String> zero = new TreeSet<>();
        List<String> loaded = new ArrayList<>();
        Set<String> families = new TreeSet<>();
        for (Path model : Fixtures.children(Fixtures.folder("models"))) {
            ObjectNode good = (ObjectNode) MAPPER.readTree(Files.readAllBytes(model.resolve("config.json")));
            String family = good.get("model_type").textValue();
            if (!families.add(family)) {
                continue;
            }
            for (RecordComponent component : ModelFamilies.of(family).configType().getRecordComponents()) {
                JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
                String key = named == null ? new SnakeCaseStrategy().translate(component.getName()) : named.value();
                boolean whole = WHOLE.contains(component.getType());
                if (!whole && !REAL.contains(component.getType())) {
                    continue;
                }
                if (loads(good, key, new IntNode(-1))) {
                    negative.add(key);
                } else if (whole && loads(good, key, new IntNode(0))) {
                    zero.add(key);
                }
                for (double number : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -Double.MAX_VALUE * 10}) {
                    if (loads(good, key, new DoubleNode(number))) {
                        loaded.add(family + ": " + key + " = " + number);
                    }
                }
            }
        }
        assertThat(families).hasSizeGreaterThanOrEqualTo(ModelFamilies.builtIn().size());
        assertThat(loaded).isEmpty();
        assertThat(negative).isEqualTo(new TreeSet<>(NEGATIVE));
        assertThat(zero).isEqualTo(new TreeSet<>(ZERO));
    }

    @Test
    void everyShareIsBetweenZeroAndOneAndNoEpsilonIsNegative() throws IOException {
        List<String> loaded = new ArrayList<>();
        int tried = 0;
        for (Path model : Fixtures.children(Fixtures.folder("models"))) {
            ObjectNode good = (ObjectNode) MAPPER.readTree(Files.readAllBytes(model.resolve("config.json")));
            for (var entry : good.properties()) {
                String key = entry.getKey();
                double wrong = key.contains("drop") ? 1.25 : key.contains("eps") ? -1e-9 : 0;
                if (wrong != 0 && entry.getValue().isNumber() && !AutoConfig.parse(good, "").other().containsKey(key)) {
                    tried++;
                    if (loads(good, key, new DoubleNode(wrong))) {
                        loaded.add(model.getFileName() + ": " + key);
                    }
                }
            }
        }
        assertThat(loaded).isEmpty();
        assertThat(tried).isGreaterThan(150);
    }

    @Test
    void namesTheKeyTheNumberWhatIsAllowedAndTheFile() throws IOException {
        ObjectNode config = config("gpt2-lm");
        assertThat(message(config.deepCopy().put("n_layer", -1))).isEqualTo("gpt2: key n_layer has an unsupported "
                + "value, got -1, allowed at least 0, in " + folder.resolve("config.json"));
        assertThat(message(config.deepCopy().put("n_head", 0))).contains("got 0, allowed at least 1");
        assertThat(message(config.deepCopy().put("layer_norm_epsilon", -1e-5))).contains("allowed at least 0");
        assertThat(message(config.deepCopy().put("attn_pdrop", 1.5))).contains("allowed between 0 and 1");
        assertThat(message(config.deepCopy().put("num_labels", -3))).contains("key num_labels");
        assertThat(message(config.toString().replace("1.0E-5", "1e400"))).contains("got Infinity, allowed at least 0");
        assertThat(message(config.toString().replaceAll("\"embd_pdrop\":[^,]*", "\"embd_pdrop\":NaN")))
                .contains("key embd_pdrop", "got NaN");
    }

    /** Halves of a model, rotary settings of all and of one type of layers, lists and short forms of a size. */
    @Test
    void numbersWithinObjectsAndListsHaveThemToo() throws IOException {
        ObjectNode clip = config("clip");
        ((ObjectNode) clip.get("text_config")).put("num_hidden_layers", -1);
        assertThat(message(clip)).contains("key text_config.num_hidden_layers");
        for (String size : List.of("0", "[8, -8]", "{\"height\": 8, \"width\": 0}")) {
            ObjectNode vit = config("vit-base");
            vit.set("image_size", MAPPER.readTree(size));
            assertThat(message(vit)).contains("key image_size has an unsupported value");
        }
        ObjectNode swin = config("swin-image-classification");
        swin.withArray("/num_heads").removeAll().add(2).add(-2);
        assertThat(message(swin)).contains("key num_heads", "got -2");
        ObjectNode llama = config("llama-sequence-classification");
        for (String rope : List.of("{\"rope_type\": \"linear\", \"factor\": 0}",
                "{\"rope_type\": \"default\", \"rope_theta\": -10000.0}",
                "{\"rope_type\": \"yarn\", \"factor\": 2.0, \"beta_fast\": -1}",
                "{\"rope_type\": \"longrope\", \"short_factor\": [1.0, -1.0], \"long_factor\": [1.0, 1.0]}")) {
            llama.set("rope_parameters", MAPPER.readTree(rope));
            assertThat(message(llama)).contains("key rope_parameters.", ", allowed ");
        }
        ObjectNode gemma = config("gemma3-sequence-classification");
        gemma.set("rope_parameters", MAPPER.readTree("{\"full_attention\": {\"rope_theta\": 0}}"));
        assertThat(message(gemma)).contains("key rope_parameters.full_attention.rope_theta");
    }

    private static ObjectNode config(String model) throws IOException {
        Path file = Fixtures.folder("models").resolve(model).resolve("config.json");
        return (ObjectNode) MAPPER.readTree(Files.readAllBytes(file));
    }

    private static boolean loads(ObjectNode good, String key, JsonNode value) {
        ObjectNode changed = good.deepCopy();
        changed.set(key, value);
        try {
            return !AutoConfig.parse(changed, "here").other().containsKey(key);
        } catch (ConfigException e) {
            assertThat(e).hasMessageEndingWith("in here").hasMessageNotContaining("\n");
            return false;
        }
    }

    private String message(Object config) throws IOException {
        Files.writeString(folder.resolve("config.json"), config.toString());
        return catchThrowableOfType(ConfigException.class, () -> AutoConfig.load(folder)).getMessage();
    }
}
