package org.jformers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightMapTest {
    private static final WeightMap GPT2 = WeightMap.builder()
            .prefix("transformer.")
            .map("transformer.wte.weight", "embed.weight")
            .map("transformer.wpe.weight", "position.weight")
            .map("transformer.h.{}.ln_1.weight", "layers.{}.attentionNorm.weight")
            .map("transformer.h.{}.ln_1.bias", "layers.{}.attentionNorm.bias")
            .transposed("transformer.h.{}.attn.c_attn.weight", "layers.{}.attention.qkv.weight")
            .map("transformer.h.{}.attn.c_attn.bias", "layers.{}.attention.qkv.bias")
            .transposed("transformer.h.{}.attn.c_proj.weight", "layers.{}.attention.out.weight")
            .map("transformer.h.{}.attn.c_proj.bias", "layers.{}.attention.out.bias")
            .map("transformer.h.{}.ln_2.weight", "layers.{}.feedForwardNorm.weight")
            .map("transformer.h.{}.ln_2.bias", "layers.{}.feedForwardNorm.bias")
            .transposed("transformer.h.{}.mlp.c_fc.weight", "layers.{}.feedForward.in.weight")
            .map("transformer.h.{}.mlp.c_fc.bias", "layers.{}.feedForward.in.bias")
            .transposed("transformer.h.{}.mlp.c_proj.weight", "layers.{}.feedForward.out.weight")
            .map("transformer.h.{}.mlp.c_proj.bias", "layers.{}.feedForward.out.bias")
            .map("transformer.ln_f.weight", "norm.weight")
            .map("transformer.ln_f.bias", "norm.bias")
            .ignored("transformer.h.{}.attn.bias")
            .tied("lm_head.weight", "embed.weight")
            .build();

    @TempDir
    Path folder;

    private PointerScope scope;

    @BeforeEach
    void openScope() {
        scope = new PointerScope();
    }

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void loadsAndSavesGpt2BitForBit() {
        Path source = Fixtures.resource("gpt2-lm.safetensors");
        Map<String, Tensor> parameters = gpt2Parameters();

        LoadReport report = load(GPT2, source, parameters, LoadMode.STRICT);

        assertThat(report.exact()).isTrue();
        assertThat(report.loaded()).isEqualTo(28);
        CheckpointWriter.write(folder, GPT2.save(parameters));
        assertThat(folder.resolve("model.safetensors")).hasSameBinaryContentAs(source);
    }

    @Test
    void keepsTheLayoutOfAParameterThatIsThereAlready() {
        Map<String, Tensor> parameters = gpt2Parameters();
        try (Checkpoint checkpoint = Checkpoint.open(Fixtures.resource("gpt2-lm.safetensors"))) {
            GPT2.load(checkpoint, parameters, LoadMode.STRICT);
            Tensor ours = parameters.get("layers.1.feedForward.in.weight");
            Tensor stored = checkpoint.tensor("transformer.h.1.mlp.c_fc.weight");
            assertThat(ours.shape()).containsExactly(64, 32);
            assertThat(ours.is_contiguous()).isTrue();
            assertThat(ours.equal(stored.t())).isTrue();

            GPT2.load(checkpoint, parameters, LoadMode.STRICT, DType.FLOAT32);
            assertThat(ours.is_contiguous()).isFalse();
            assertThat(ours.equal(stored.t())).isTrue();
            assertThat(ours.data_ptr().address()).isEqualTo(stored.data_ptr().address());

            GPT2.load(checkpoint, parameters, LoadMode.STRICT);
            assertThat(ours.is_contiguous()).isFalse();
        }
    }

    @Test
    void usesTheMapItselfWhereNothingIsToBeConverted() {
        Map<String, Tensor> parameters = gpt2Parameters();
        try (Checkpoint checkpoint = Checkpoint.open(Fixtures.resource("gpt2-lm.safetensors"))) {
            GPT2.load(checkpoint, parameters, LoadMode.STRICT);
            assertThat(parameters.get("embed.weight").data_ptr().address())
                    .isEqualTo(checkpoint.tensor("transformer.wte.weight").data_ptr().address());
        }
        assertThat(parameters.get("embed.weight").requires_grad()).isTrue();
        assertThat(parameters.get("embed.weight").is_leaf()).isTrue();
    }

    @Test
    void trainsOnMappedWeightsWithoutTouchingTheFile() throws Exception {
        Path copy = Files.copy(Fixtures.resource("gpt2-lm.safetensors"), folder.resolve("copy"));
        Map<String, Tensor> parameters = gpt2Parameters();
        load(GPT2, copy, parameters, LoadMode.STRICT);

        Tensor weight = parameters.get("norm.weight");
        weight.mul(new Scalar(3f)).sum().backward();
        weight.detach().sub_(weight.grad());

        assertThat(copy).hasSameBinaryContentAs(Fixtures.resource("gpt2-lm.safetensors"));
        assertThat(GPT2.save(Map.of("norm.weight", weight.grad())))
                .containsEntry("transformer.ln_f.weight", weight.grad());
    }

    @Test
    void convertsToTheTypeOfTheParameter() {
        Map<String, Tensor> parameters = gpt2Parameters();
        parameters.replaceAll((name, tensor) -> tensor.detach().to(ScalarType.BFloat16));
        Path source = Fixtures.resource("gpt2-lm.safetensors");

        load(GPT2, source, parameters, LoadMode.STRICT);

        try (Checkpoint checkpoint = Checkpoint.open(source)) {
            assertThat(parameters.get("embed.weight").equal(
                    checkpoint.tensor("transformer.wte.weight").to(ScalarType.BFloat16))).isTrue();
        }
    }

    @Test
    void loadsABaseModelIntoAHeadedOneAndBack() {
        WeightMap bert = bertNorms().build();
        Map<String, Tensor> headed = Fixtures.blank(
                Map.of("norm.weight", new long[] {32}, "head.bias", new long[] {101}));
        Map<String, Tensor> base = Fixtures.blank(Map.of("norm.weight", new long[] {32}));

        LoadReport toHead = load(bert, Fixtures.resource("bert-base.safetensors"), headed, LoadMode.NEW_HEAD);
        LoadReport toBase = load(bert, Fixtures.resource("bert-masked-lm.safetensors"), base, LoadMode.DEFAULT);

        assertThat(toHead.missing())
                .containsExactly(Map.entry("head.bias", "the checkpoint has no cls.predictions.bias"));
        assertThat(toBase.missing()).isEmpty();
        assertThat(toBase.unexpected()).containsEntry("cls.predictions.bias", "the model has no parameter 'head.bias'");
        assertThat(headed.get("norm.weight").count_nonzero().item_long()).isEqualTo(32);
        assertThat(base.get("norm.weight").count_nonzero().item_long()).isEqualTo(32);
    }

    @Test
    void savesABaseModelWithoutThePrefix() {
        WeightMap bert = bertNorms().build();
        Map<String, Tensor> parameters = Map.of("norm.weight", Fixtures.zeros(1));

        assertThat(bert.save(parameters)).containsOnlyKeys("bert.embeddings.LayerNorm.weight");
        assertThat(bert.withoutPrefix().save(parameters)).containsOnlyKeys("embeddings.LayerNorm.weight");
    }

    private static WeightMap.Builder bertNorms() {
        return WeightMap.builder()
                .prefix("bert.")
                .map("bert.embeddings.LayerNorm.weight", "norm.weight")
                .map("cls.predictions.bias", "head.bias");
    }

    @Test
    void joinsStoredTensorsAndTakesThemApartAgain() {
        String self = "bert.encoder.layer.{}.attention.self.";
        WeightMap.Builder builder = WeightMap.builder().prefix("bert.");
        for (String part : List.of("weight", "bias")) {
            builder.concatenated(List.of(self + "query." + part, self + "key." + part, self + "value." + part),
                    "layers.{}.qkv." + part);
        }
        WeightMap map = builder.build();
        Map<String, Tensor> parameters = Fixtures.blank(Map.of("layers.0.qkv.weight", new long[] {96, 32},
                "layers.0.qkv.bias", new long[] {96}, "layers.1.qkv.weight", new long[] {96, 32},
                "layers.1.qkv.bias", new long[] {96}));
        Path source = Fixtures.resource("bert-masked-lm.safetensors");

        load(map, source, parameters, LoadMode.DEFAULT);

        try (Checkpoint checkpoint = Checkpoint.open(source)) {
            Tensor key = checkpoint.tensor("bert.encoder.layer.1.attention.self.key.weight");
            assertThat(parameters.get("layers.1.qkv.weight").narrow(0, 32, 32).equal(key)).isTrue();
            Map<String, Tensor> saved = map.save(parameters);
            assertThat(saved).hasSize(12);
            saved.forEach((name, tensor) ->
                    assertThat(Fixtures.bytes(tensor)).isEqualTo(Fixtures.bytes(checkpoint.tensor(name))));
        }
    }

    @Test
    void splitsUnequalPartsByTheirRows() {
        WeightMap map = WeightMap.builder()
                .concatenated(List.of("q", "k", "v"), List.of(4L, 2L, 2L), "qkv")
                .build();
        Tensor qkv = Fixtures.counting(8, 3);

        Map<String, Tensor> saved = map.save(Map.of("qkv", qkv));
        assertThat(saved.get("q").shape()).containsExactly(4, 3);
        assertThat(saved.get("v").shape()).containsExactly(2, 3);

        Path file = write(saved);
        Map<String, Tensor> parameters = Fixtures.blank(Map.of("qkv", new long[] {8, 3}));
        load(map, file, parameters, LoadMode.STRICT);
        assertThat(parameters.get("qkv").equal(qkv)).isTrue();
    }

    @Test
    void dividesAStoredTensorAndJoinsItsPartsAgain() {
        WeightMap map = WeightMap.builder()
                .divided("in_proj_{}", List.of(4L, 2L), List.of("{}.q", "{}.kv"))
                .build();
        Tensor stored = Fixtures.counting(6, 3);
        Map<String, Tensor> parameters = Fixtures.blank(Map.of("0.kv", new long[] {2, 3}, "0.q", new long[] {4, 3}));

        load(map, write(Map.of("in_proj_0", stored)), parameters, LoadMode.STRICT);

        assertThat(parameters.get("0.kv").equal(stored.narrow(0, 4, 2))).isTrue();
        assertThat(map.save(parameters)).containsOnlyKeys("in_proj_0");
        assertThat(map.save(parameters).get("in_proj_0").equal(stored)).isTrue();
        assertThatThrownBy(() -> map.save(Map.of("0.q", Fixtures.zeros(4, 3))))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("'in_proj_0' has 6 rows, the parameters to be stored in it only 4");
        Path taller = write(Map.of("in_proj_0", Fixtures.zeros(7, 3)));
        assertThatThrownBy(() -> load(map, taller, parameters, LoadMode.DEFAULT))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("expected 6 rows in the checkpoint, got [7, 3]");
    }

    @Test
    void mapsWholeModules() {
        WeightMap map = WeightMap.builder()
                .module("ln", "norm")
                .conv1d("fc", "in")
                .stacked(List.of("q", "k"), "qk")
                .build();
        Map<String, Tensor> saved = map.save(Map.of("norm.bias", Fixtures.zeros(2), "in.weight", Fixtures.zeros(3, 2),
                "in.bias", Fixtures.zeros(3), "qk.weight", Fixtures.zeros(4, 5), "qk.bias", Fixtures.zeros(4)));

        assertThat(saved).containsOnlyKeys(
                "ln.bias", "fc.weight", "fc.bias", "q.weight", "k.weight", "q.bias", "k.bias");
        assertThat(saved.get("fc.weight").shape()).containsExactly(2, 3);
        assertThat(saved.get("k.weight").shape()).containsExactly(2, 5);
    }

    @Test
    void refusesPartsOfOtherSizesThanTheMapSays() {
        WeightMap equal = WeightMap.builder().concatenated(List.of("q", "k"), "qk").build();
        WeightMap uneven = WeightMap.builder().concatenated(List.of("q", "k"), List.of(2L, 4L), "qk").build();
        Path file = write(Map.of("q", Fixtures.zeros(4, 3), "k", Fixtures.zeros(2, 3)));

        for (WeightMap map : List.of(equal, uneven)) {
            assertThatThrownBy(() -> load(map, file, Fixtures.blank(Map.of("qk", new long[] {6, 3})), LoadMode.DEFAULT))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("parts have shapes [[4, 3], [2, 3]], expected are");
        }
        assertThatThrownBy(() -> equal.save(Map.of("qk", Fixtures.zeros(5, 3))))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("parameter 'qk' has 5 rows, which do not split into 2");
        assertThatThrownBy(() -> uneven.save(Map.of("qk", Fixtures.zeros(7, 3))))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("parameter 'qk' has 7 rows, which do not split into [2, 4]");
    }

    @Test
    void reportsWhyNamesDidNotMeet() {
        WeightMap map = WeightMap.builder().map("a.{}", "ours.{}").map("b", "second").ignored("buffer.{}").build();
        Path file = write(Map.of("a.0", Fixtures.zeros(2), "a.7", Fixtures.zeros(2), "a.x", Fixtures.zeros(1),
                "buffer.3", Fixtures.zeros(1)));
        Map<String, Tensor> parameters = Fixtures.blank(
                Map.of("ours.0", new long[] {2}, "second", new long[] {1}, "unmapped", new long[] {1}));

        assertThatThrownBy(() -> load(map, file, parameters, LoadMode.DEFAULT))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("lacks weights that the model computes with: 2 missing (", "'b'", "'unmapped'",
                        "of its tensors 2 mean nothing to the model ('a.7', 'a.x')", ", in " + file);

        LoadMode allowed = LoadMode.DEFAULT.allowingMissing(List.of("b", "un*"));
        LoadReport report = load(map, file, parameters, allowed);

        assertThat(report.ignored()).containsOnlyKeys("buffer.3");
        assertThat(report.loaded()).isOne();
        assertThat(report.missing()).containsOnly(
                Map.entry("second", "the checkpoint has no b"),
                Map.entry("unmapped", "the weight map has no checkpoint name for it"));
        assertThat(report.unexpected()).containsOnly(
                Map.entry("a.7", "the model has no parameter 'ours.7'"),
                Map.entry("a.x", "the weight map does not know it"));
        assertThatThrownBy(() -> load(map, file, parameters, LoadMode.STRICT))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("the checkpoint does not fit the model: 1 loaded; 2 missing ('")
                .hasMessageContaining("; 2 unexpected ('a.7': the model has no parameter 'ours.7', 'a.x': ")
                .hasMessageEndingWith(", in " + file);
    }

    @Test
    void stopsAtOtherShapesBeforeAnythingChanges() {
        WeightMap map = WeightMap.builder().map("a", "a").map("b", "b").map("ids", "ids").build();
        Path file = write(Map.of("a", Fixtures.counting(2, 3), "b", Fixtures.counting(2), "ids",
                Fixtures.zeros(1).to(ScalarType.Long)));
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        parameters.put("b", Fixtures.zeros(2));
        parameters.put("a", Fixtures.zeros(2, 4));
        parameters.put("ids", Fixtures.zeros(1));

        assertThatThrownBy(() -> load(map, file, parameters, LoadMode.DEFAULT))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("'a': shape [2, 3] in the checkpoint, [2, 4] in the model")
                .hasMessageContaining("'ids': type int64 in the checkpoint, float32 in the model");
        assertThat(parameters.get("b").sum().item_float()).isZero();

        TensorNames others = new TensorNames(List.of("a", "ids"));
        LoadReport report = load(
                map, file, parameters, new LoadMode(LoadMode.Unexpected.REPORTED, TensorNames.NONE, others));
        assertThat(report.mismatched()).containsOnlyKeys("a", "ids");
        assertThat(parameters.get("a").shape()).containsExactly(2, 4);
        assertThat(parameters.get("b").sum().item_float()).isEqualTo(1f);
    }

    @Test
    void takesATiedNameForAMissingOneAndChecksItOtherwise() {
        WeightMap map = WeightMap.builder().prefix("t.").map("t.wte", "embed").tied("lm_head", "embed").build();
        Tensor values = Fixtures.counting(3, 2);
        Map<String, Tensor> parameters = Fixtures.blank(Map.of("embed", new long[] {3, 2}));

        load(map, write(Map.of("lm_head", values)), parameters, LoadMode.STRICT);
        assertThat(parameters.get("embed").equal(values)).isTrue();

        load(map, write(Map.of("wte", values, "lm_head", values)), parameters, LoadMode.STRICT);
        load(map, write(Map.of("t.wte", values, "lm_head", values)), parameters, LoadMode.STRICT);
        assertThat(map.save(parameters)).containsOnlyKeys("t.wte");

        Path different = write(Map.of("t.wte", values, "lm_head", values.add(new Scalar(1f))));
        assertThatThrownBy(() -> load(map, different, parameters, LoadMode.DEFAULT))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("the model ties lm_head to t.wte, but they differ in the checkpoint");
    }

    @Test
    void readsOlderNamesAndWritesTheCurrentOnes() {
        WeightMap map = WeightMap.builder()
                .prefix("bert.")
                .transposed("bert.layer.{}.dense.weight", "layers.{}.dense")
                .alias("bert.layer.{}.dense.gamma", "layers.{}.dense")
                .build();
        Map<String, Tensor> parameters = Fixtures.blank(Map.of("layers.3.dense", new long[] {2, 3}));

        load(map, write(Map.of("layer.3.dense.gamma", Fixtures.counting(3, 2))), parameters, LoadMode.STRICT);

        assertThat(parameters.get("layers.3.dense").t().equal(Fixtures.counting(3, 2))).isTrue();
        assertThat(map.save(parameters)).containsOnlyKeys("bert.layer.3.dense.weight");
    }

    @Test
    void readsNormsUnderTheirOldNames() {
        WeightMap map = WeightMap.builder().module("layer.{}.LayerNorm", "norms.{}").build();
        Map<String, Tensor> parameters =
                Fixtures.blank(Map.of("norms.0.weight", new long[] {3}, "norms.0.bias", new long[] {3}));

        load(map, write(Map.of("layer.0.LayerNorm.gamma", Fixtures.counting(3),
                "layer.0.LayerNorm.beta", Fixtures.zeros(3))), parameters, LoadMode.STRICT);

        assertThat(parameters.get("norms.0.weight").equal(Fixtures.counting(3))).isTrue();
        assertThat(map.save(parameters)).containsOnlyKeys("layer.0.LayerNorm.weight", "layer.0.LayerNorm.bias");
    }

    @Test
    void saysUnderWhichNameATiedTensorIsWritten() {
        WeightMap map = WeightMap.builder().prefix("t.").map("t.wte", "embed").tied("lm_head", "embed").build();

        assertThat(map.written("lm_head")).isEqualTo("t.wte");
        assertThat(map.written("t.wte")).isEqualTo("t.wte");
    }

    @Test
    void readsTheNamesOfTodaysModulesAndWritesThoseOfTheFiles() {
        WeightMap map = WeightMap.builder()
                .prefix("vit.")
                .renamed("layers.", "encoder.layer.")
                .renamed(".q_proj.", ".query.")
                .map("vit.encoder.layer.{}.query.weight", "blocks.{}.query")
                .build();
        for (String name : List.of(
                "layers.3.q_proj.weight", "vit.layers.3.q_proj.weight", "encoder.layer.3.query.weight")) {
            Map<String, Tensor> parameters = Fixtures.blank(Map.of("blocks.3.query", new long[] {3, 2}));

            load(map, write(Map.of(name, Fixtures.counting(3, 2))), parameters, LoadMode.STRICT);

            assertThat(parameters.get("blocks.3.query").equal(Fixtures.counting(3, 2))).as(name).isTrue();
            assertThat(map.save(parameters)).containsOnlyKeys("vit.encoder.layer.3.query.weight");
        }
        assertThat(map.known("vit.layers.3.q_proj.weight")).isEqualTo("vit.encoder.layer.3.query.weight");
    }

    @Test
    void namesWhatIsUnexpectedAsTheFileDoes() {
        WeightMap map = WeightMap.builder().renamed("layers.", "encoder.layer.").build();

        LoadReport report = load(
                map, write(Map.of("layers.3.gate", Fixtures.counting(3, 2))), Map.of(), LoadMode.DEFAULT);

        assertThat(report.unexpected()).containsOnlyKeys("layers.3.gate");
    }

    @Test
    void leavesOutDimensionsInFront() {
        WeightMap map = WeightMap.builder().widened("cls_token", 2, "classToken").build();
        Map<String, Tensor> parameters = Fixtures.blank(Map.of("classToken", new long[] {6}));

        load(map, write(Map.of("cls_token", Fixtures.counting(1, 1, 6))), parameters, LoadMode.STRICT);

        assertThat(parameters.get("classToken").equal(Fixtures.counting(6))).isTrue();
        assertThat(map.save(parameters).get("cls_token").shape()).containsExactly(1, 1, 6);
        assertThatThrownBy(() -> load(
                        map, write(Map.of("cls_token", Fixtures.counting(2, 3))), parameters, LoadMode.STRICT))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("2 dimensions of size 1 in front").hasMessageContaining("[2, 3]");
    }

    @Test
    void fillsTwoIndicesInOrder() {
        WeightMap map = WeightMap.builder()
                .map("layers.{}.experts.{}.w1.weight", "blocks.{}.expert{}.in")
                .map("layers.{}.experts.0.shared", "blocks.{}.shared")
                .build();
        Map<String, Tensor> parameters = Map.of("blocks.10.expert3.in", Fixtures.zeros(1), "blocks.2.shared",
                Fixtures.zeros(1));

        assertThat(map.save(parameters))
                .containsOnlyKeys("layers.10.experts.3.w1.weight", "layers.2.experts.0.shared");
        assertThat(load(map, write(map.save(parameters)), new LinkedHashMap<>(parameters), LoadMode.STRICT).loaded())
                .isEqualTo(2);
    }

    @Test
    void refusesToLoseAParameterWhenSaving() {
        assertThatThrownBy(() -> GPT2.save(Map.of("layers.x.norm", Fixtures.zeros(1))))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("no checkpoint name is known for parameter 'layers.x.norm'");
    }

    @Test
    void refusesNamesWithDifferentNumbersOfIndices() {
        assertThatThrownBy(() -> WeightMap.builder().map("h.{}.a", "layers.a"))
                .hasMessage("h.{}.a and layers.a need equally many {}");
    }

    @Test
    void leavesNoNativeHandles() {
        Map<String, Tensor> parameters = gpt2Parameters();
        List<Long> counts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            load(GPT2, Fixtures.resource("gpt2-lm.safetensors"), parameters, LoadMode.STRICT);
            counts.add(Pointer.totalCount());
        }
        assertThat(counts.get(5)).isEqualTo(counts.get(1));
    }

    private static LoadReport load(WeightMap map, Path source, Map<String, Tensor> parameters, LoadMode mode) {
        try (Checkpoint checkpoint = Checkpoint.open(source)) {
            return map.load(checkpoint, parameters, mode);
        }
    }

    private Path write(Map<String, Tensor> tensors) {
        Path file = folder.resolve("weights.safetensors");
        SafetensorsWriter.write(file, tensors);
        return file;
    }

    private static Map<String, Tensor> gpt2Parameters() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("embed.weight", new long[] {121, 32});
        shapes.put("position.weight", new long[] {40, 32});
        for (int layer = 0; layer < 2; layer++) {
            String block = "layers." + layer + ".";
            for (String norm : List.of("attentionNorm", "feedForwardNorm")) {
                shapes.put(block + norm + ".weight", new long[] {32});
                shapes.put(block + norm + ".bias", new long[] {32});
            }
            linear(shapes, block + "attention.qkv", 96, 32);
            linear(shapes, block + "attention.out", 32, 32);
            linear(shapes, block + "feedForward.in", 64, 32);
            linear(shapes, block + "feedForward.out", 32, 64);
        }
        shapes.put("norm.weight", new long[] {32});
        shapes.put("norm.bias", new long[] {32});
        return Fixtures.blank(shapes);
    }

    private static void linear(Map<String, long[]> shapes, String name, long out, long in) {
        shapes.put(name + ".weight", new long[] {out, in});
        shapes.put(name + ".bias", new long[] {out});
    }
}
