package org.jformers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Config;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.family.Gpt2;
import org.jformers.model.family.Llama;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files and values of tools/golden/make_gguf_fixtures.py. */
class GgufFileTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void readsAllTypesUnderTheNamesOfTheModelFolder(String family) {
        Scopes.run(() -> {
            try (Checkpoint file = Checkpoint.open(Fixtures.resource(family + ".gguf"), names(family));
                    Checkpoint golden = Checkpoint.open(Fixtures.resource(family + "-gguf.safetensors"))) {
                golden.names().stream().filter(name -> !name.matches("(in|out)\\..*")).forEach(name -> {
                    Tensor expected = golden.tensor(name);
                    for (Tensor got : new Tensor[] {file.tensor(name), file.read(name)}) {
                        assertThat(got.to(ScalarType.Float).equal(expected)).as(name).isTrue();
                    }
                    assertThat(file.info(name).shape()).as(name).isEqualTo(golden.info(name).shape());
                });
                assertThat(file.names()).hasSize(golden.names().size() - 2);
                assertThat(file.names().stream().map(name -> file.info(name).dtype()).distinct()).hasSize(3);
            }
        });
    }

    @Test
    void isAModel() {
        try (Model model = AutoModel.load(Fixtures.resource("gpt2.gguf"));
                Checkpoint golden = Checkpoint.open(Fixtures.resource("gpt2-gguf.safetensors"));
                NoGrad noGrad = new NoGrad()) {
            Scopes.run(() -> {
                Tensor logits = model.forward(ModelInputs.of(golden.tensor("in.input_ids"))).logits();
                assertThat(logits.allclose(golden.tensor("out.logits"), 1e-4, 2e-5, false)).isTrue();
            });
            model.save(folder);
            AutoModel.load(folder).close();
        }
    }

    @Test
    void refusesOtherTypesByName() throws IOException {
        byte[] file = Files.readAllBytes(Fixtures.resource("gpt2.gguf"));
        int type = at(file, "blk.0.attn_qkv.weight") + 4 + 2 * 8;
        assertRefused(with(file, type, 16),
                "tensor 'blk.0.attn_qkv.weight' has elements of ggml type IQ2_XXS, supported are "
                + "[F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, Q8_K, IQ4_NL, IQ4_XS, F64,"
                + " BF16]");
        assertRefused(with(file, type, 12), "does not divide into blocks of 256");
        assertRefused(with(file, type, 99), "ggml type number 99");
    }

    @Test
    void refusesWhatItsPlacesCannotBe() throws IOException {
        byte[] file = Files.readAllBytes(Fixtures.resource("gpt2.gguf"));
        int shape = at(file, "blk.0.attn_qkv.weight") + 4;
        assertRefused(with(file, shape, 33), "does not divide into blocks of 32");
        assertRefused(with(file, shape + 7, 0x40), "more bytes than 64 bits can count");
        assertRefused(with(file, shape + 8 + 3, 1), "reaches beyond the end of the file");
        assertRefused(with(file, shape + 16 + 4, 0), "overlaps another one");
        Path unknown = Files.write(folder.resolve("unknown.gguf"), with(file, shape - 4 - 1, 'x'));
        assertThatThrownBy(() -> Checkpoint.open(unknown, names("gpt2")))
                .isInstanceOf(CheckpointException.class).hasMessageContaining("has no counterpart in a model folder");
        Checkpoint.open(unknown).close();
        assertRefused(Arrays.copyOf(file, file.length - 1), "reaches beyond the end of the file");
    }

    /** A block of zeros has a scale of zero; one of infinity is damage. */
    @Test
    void refusesScalesThatAreInfinite() throws IOException {
        byte[] content = Files.readAllBytes(Fixtures.resource("gpt2.gguf"));
        String name = "blk.0.attn_qkv.weight";
        int block;
        try (GgufFile file = GgufFile.open(Fixtures.resource("gpt2.gguf"))) {
            block = (int) file.tensors().get(name).offset();
        }
        Scopes.run(() -> {
            try (GgufFile zero = GgufFile.open(scaled(content, block, 0))) {
                Tensor values = zero.tensor(name).flatten(0, 1);
                assertThat(values.narrow(0, 0, 32).abs().max().item_float()).isZero();
                assertThat(values.narrow(0, 32, 32).abs().max().item_float()).isPositive();
            }
            Path damaged = scaled(content, block, 0x7C00);
            try (GgufFile infinite = GgufFile.open(damaged)) {
                assertThatThrownBy(() -> infinite.tensor(name)).isInstanceOf(CheckpointException.class)
                        .hasMessage("a scale of quantized weights makes them infinite or no numbers, allowed are finite"
                                + " ones, of tensor '" + name + "', in " + damaged);
            }
        });
    }

    private Path scaled(byte[] content, int block, int half) {
        try {
            return Files.write(folder.resolve("scaled.gguf"),
                    with(with(content, block, half), block + 1, half >> 8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void leavesNoNativeHandles() {
        readOnce();
        long before = Pointer.totalCount();
        for (int i = 0; i < 5; i++) {
            readOnce();
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    private static void readOnce() {
        try (GgufFile file = GgufFile.open(Fixtures.resource("llama.gguf"))) {
            Scopes.run(() -> file.tensors().keySet().forEach(file::tensor));
        }
    }

    private static GgufTensors names(String family) {
        Config config = AutoConfig.load(Fixtures.resource(family + ".gguf"));
        return family.equals("gpt2")
                ? new Gpt2().gguf().get(0).tensors().apply((Gpt2.Config) config)
                : new Llama().gguf().get(0).tensors().apply((Llama.Config) config);
    }

    private void assertRefused(byte[] content, String message) throws IOException {
        Path file = Files.write(folder.resolve("refused.gguf"), content);
        assertThatThrownBy(() -> Checkpoint.open(file).close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message)
                .hasMessageEndingWith("in " + file);
    }

    /** The place behind a text in the file. */
    private static int at(byte[] file, String text) {
        String all = new String(file, StandardCharsets.ISO_8859_1);
        int at = all.indexOf(text);
        assertThat(at).isPositive();
        return at + text.length();
    }

    private static byte[] with(byte[] file, int at, int value) {
        byte[] copy = file.clone();
        copy[at] = (byte) value;
        return copy;
    }
}
