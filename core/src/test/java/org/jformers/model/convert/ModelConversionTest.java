package org.jformers.model.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ModelConversionTest {
    private static final int LAYERS = 2;
    private static final int HEADS = 6;
    private static final int GROUPS = 2;
    private static final int WIDTH = 24;
    private static final int INNER = 10;
    private static final int VOCABULARY = 17;
    private static final int POSITIONS = 9;

    @TempDir
    private Path folder;

    private static Model model(boolean tied) throws IOException {
        return AutoModel.create(AutoConfig.parse(new ObjectMapper().readTree("""
                {"model_type": "llama", "vocab_size": 17, "hidden_size": 24, "intermediate_size": 10,
                 "num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 2, "rms_norm_eps": 1e-5,
                 "initializer_range": 0.3, "tie_word_embeddings": %s}
                """.formatted(tied)), "test"), Task.CAUSAL_LM, 3);
    }

    /** Writes a model as llama2.c does. */
    private Path bin(Model model, boolean tied) throws IOException {
        Map<String, Tensor> tensors = model.named(model.network().tensors());
        ByteBuffer out = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int number : new int[] {
            WIDTH, INNER, LAYERS, HEADS, GROUPS, tied ? VOCABULARY : -VOCABULARY, POSITIONS}) {
            out.putInt(number);
        }
        put(out, tensors.get("model.embed_tokens.weight"));
        for (String kind : List.of(
                "input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
                "post_attention_layernorm", "mlp.gate_proj", "mlp.down_proj", "mlp.up_proj")) {
            for (int layer = 0; layer < LAYERS; layer++) {
                Tensor weight = tensors.get("model.layers." + layer + "." + kind + ".weight");
                boolean turned = kind.endsWith("q_proj") || kind.endsWith("k_proj");
                put(out, turned ? neighbours(weight) : weight);
            }
        }
        put(out, tensors.get("model.norm.weight"));
        out.position(out.position() + POSITIONS * (WIDTH / HEADS) * Float.BYTES);
        if (!tied) {
            put(out, tensors.get("lm_head.weight"));
        }
        Path file = folder.resolve("tiny.bin");
        Files.write(file, Arrays.copyOf(out.array(), out.position()));
        return file;
    }

    /** Value i + D / 2 of each head beside value i. */
    private static Tensor neighbours(Tensor rows) {
        int headDim = WIDTH / HEADS;
        return rows.view(-1, 2, headDim / 2, WIDTH).transpose(1, 2).reshape(-1, WIDTH);
    }

    private static void put(ByteBuffer out, Tensor tensor) {
        for (float value : Tensors.toFloats(tensor)) {
            out.putFloat(value);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileOfLlama2cBecomesTheModelItWas(boolean tied) throws IOException {
        Path out = folder.resolve("made");
        Files.write(folder.resolve("tok17.bin"), new byte[] {1, 2, 3});
        try (Model model = model(tied)) {
            ModelConversion.convert(bin(model, tied), out);
            try (Model made = AutoModel.load(out); NoGrad noGrad = new NoGrad()) {
                assertThat(made.config().common().eosTokenId()).contains(2);
                Scopes.run(() -> {
                    ModelInputs inputs = ModelInputs.of(Tensors.ofLongs(new long[][] {{3, 16, 0, 5, 5, 11, 2}}));
                    assertThat(Tensors.toFloats(made.forward(inputs).logits()))
                            .isEqualTo(Tensors.toFloats(model.forward(inputs).logits()));
                });
            }
        }
        assertThat(out.resolve("tok17.bin")).hasBinaryContent(new byte[] {1, 2, 3});
    }

    @Test
    void refusesWhatItDoesNotKnow() throws IOException {
        try (Model model = model(true)) {
            Path file = bin(model, true);
            byte[] bytes = Files.readAllBytes(file);
            Path out = folder.resolve("made");
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 4));
            assertThatThrownBy(() -> ModelConversion.convert(file, out))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("unknown format").hasMessageContaining("llama2.c")
                    .hasMessageContaining("tiny.bin");
            assertThatThrownBy(() -> ModelConversion.convert(folder.resolve("nothing"), out))
                    .isInstanceOf(CheckpointException.class).hasMessageContaining("nothing");
            assertThat(out).doesNotExist();
        }
    }

    @Test
    void leavesAFolderAloneThatHoldsSomething() throws IOException {
        try (Model model = model(true)) {
            Path file = bin(model, true);
            assertThatThrownBy(() -> ModelConversion.convert(file, folder))
                    .isInstanceOf(CheckpointException.class).hasMessageContaining("not empty");
            assertThat(folder.resolve("config.json")).doesNotExist();
        }
    }
}
