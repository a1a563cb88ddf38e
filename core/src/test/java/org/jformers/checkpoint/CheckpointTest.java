package org.jformers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    private static final String INDEX = "model.safetensors.index.json";

    @TempDir
    Path folder;

    @Test
    void opensAModelFolder() {
        Path model = Fixtures.model(folder.resolve("m"), "gpt2-lm.safetensors");
        try (PointerScope scope = new PointerScope();
                Checkpoint checkpoint = Checkpoint.open(model)) {
            assertThat(checkpoint.names()).hasSize(28).startsWith("transformer.h.0.attn.c_attn.bias");
            assertThat(checkpoint.info("transformer.wte.weight").shape()).containsExactly(121L, 32L);
            assertThat(checkpoint.tensors()).hasSize(28);
            assertThat(checkpoint.metadata()).containsEntry("format", "pt");
        }
    }

    @Test
    void writesShardsAndReadsThemBack() throws IOException {
        try (PointerScope scope = new PointerScope();
                Checkpoint single = Checkpoint.open(Fixtures.resource("bert-base.safetensors"))) {
            Map<String, Tensor> tensors = single.tensors();

            CheckpointWriter.write(folder, tensors, 20_000);

            assertThat(files()).containsExactly("model-00001-of-00005.safetensors", "model-00002-of-00005.safetensors",
                    "model-00003-of-00005.safetensors", "model-00004-of-00005.safetensors",
                    "model-00005-of-00005.safetensors", INDEX);
            assertThat(folder.resolve(INDEX)).content().contains("\"total_size\" : 77096");
            try (Checkpoint sharded = Checkpoint.open(folder)) {
                assertThat(sharded.names()).containsExactlyInAnyOrderElementsOf(single.names());
                tensors.forEach((name, tensor) ->
                        assertThat(Fixtures.bytes(sharded.tensor(name))).isEqualTo(Fixtures.bytes(tensor)));
            }
        }
    }

    @Test
    void givesATensorBeyondTheLimitAShardOfItsOwn() throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("a", Fixtures.zeros(1));
            tensors.put("huge", Fixtures.zeros(100));
            tensors.put("b", Fixtures.zeros(1));
            CheckpointWriter.write(folder, tensors, 8);
            assertThat(files()).hasSize(4);
            assertThat(SafetensorsHeader.read(folder.resolve("model-00002-of-00003.safetensors")).tensors())
                    .containsOnlyKeys("huge");
        }
    }

    @Test
    void leavesNothingOfAnEarlierSaveInAnotherForm() throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = Map.of("a", Fixtures.zeros(10), "b", Fixtures.zeros(10));
            CheckpointWriter.write(folder, tensors, 40);
            CheckpointWriter.write(folder, tensors);
            assertThat(files()).containsExactly("model.safetensors");
            CheckpointWriter.write(folder, tensors, 40);
            assertThat(files()).containsExactly("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                    INDEX);
        }
    }

    @Test
    void saysWhatAFolderLacks() throws IOException {
        assertRefused("no weights: none of [model.safetensors, pytorch_model.bin] nor an index of their shards is in "
                + folder);
        assertThatThrownBy(() -> Checkpoint.open(folder.resolve("none")))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("no such model folder: " + folder.resolve("none"));
    }

    @Test
    void saysWhichShardIsMissing() throws IOException {
        writeTwoShards();
        Files.delete(folder.resolve("model-00002-of-00002.safetensors"));
        assertRefused("shard model-00002-of-00002.safetensors is missing, listed in " + folder.resolve(INDEX));
    }

    @Test
    void takesWhatTheShardsHaveWhateverTheIndexSays() throws IOException {
        writeTwoShards();
        String index = Files.readString(folder.resolve(INDEX));
        Files.writeString(folder.resolve(INDEX), index.replace("\"a\"", "\"x\""));
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).containsExactlyInAnyOrder("a", "b");
        }
        try (PointerScope scope = new PointerScope()) {
            SafetensorsWriter.write(folder.resolve("model-00001-of-00002.safetensors"),
                    Map.of("a", Fixtures.zeros(10), "unlisted", Fixtures.zeros(1)));
        }
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.names()).containsExactlyInAnyOrder("a", "b", "unlisted");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.safetensors", "2.safetensors", "3.safetensors"})
    void takesOfSeveralShardsTheOneThatTheIndexNames(String named) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            for (int i = 1; i <= 3; i++) {
                SafetensorsWriter.write(folder.resolve(i + ".safetensors"),
                        Map.of("a", Fixtures.counting(i), "only" + i, Fixtures.zeros(1)));
            }
            Files.writeString(folder.resolve(INDEX), """
                    {"weight_map": {"a": "%s", "only1": "1.safetensors", "only2": "2.safetensors",
                     "only3": "3.safetensors"}}""".formatted(named));
            try (Checkpoint checkpoint = Checkpoint.open(folder)) {
                long rows = Long.parseLong(named.substring(0, 1));
                assertThat(checkpoint.info("a").shape()).containsExactly(rows);
                assertThat(checkpoint.names()).containsExactlyInAnyOrder("a", "only1", "only2", "only3");
            }
        }
    }

    @Test
    void refusesATensorInTwoShardsOfWhichTheIndexNamesNeither() throws IOException {
        writeTwoShards();
        String index = Files.readString(folder.resolve(INDEX));
        Files.copy(folder.resolve("model-00001-of-00002.safetensors"), folder.resolve("copy.safetensors"));
        Files.writeString(folder.resolve(INDEX), index.replace("\"a\"", "\"c\" : \"copy.safetensors\", \"d\""));
        assertRefused("tensor 'a' is both in " + folder.resolve("copy.safetensors") + " and in "
                + folder.resolve("model-00001-of-00002.safetensors") + ", and the index names neither");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"weight_map\":{\"a\":\"../model.safetensors\"}}",
        "{\"weight_map\":{\"a\":\"/etc/model.safetensors\"}}",
        "{\"weight_map\":{\"a\":\"sub\\\\model.safetensors\"}}",
        "{\"weight_map\":{\"a\":\"..\"}}",
        "{\"weight_map\":{\"a\":\"C:model.safetensors\"}}",
        "{\"weight_map\":{\"a\":\"\"}}",
        "{\"weight_map\":{\"a\":7}}",
        "{\"weight_map\":{\"a\":\"s\",\"a\":\"t\"}}",
        "{\"weight_map\":{}}",
        "{\"weight_map\":[]}",
        "{\"metadata\":{}}",
        "{\"weight_map\":{\"a\":\"s\"}} x",
        "[1]",
        "",
        "{"
    })
    void refusesAMalformedIndex(String json) throws IOException {
        Path index = Files.writeString(folder.resolve(INDEX), json);
        assertThatThrownBy(() -> Checkpoint.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("not a shard index: ")
                .hasMessageEndingWith(", in " + index);
    }

    @Test
    void leavesNoNativeHandlesAlsoWhenOpeningFails() throws IOException {
        writeTwoShards();
        Path broken = Files.createDirectories(folder.resolve("broken"));
        for (String name : files()) {
            if (Files.isRegularFile(folder.resolve(name))) {
                Files.copy(folder.resolve(name), broken.resolve(name));
            }
        }
        Files.writeString(broken.resolve("model-00002-of-00002.safetensors"), "short");
        openAndFail(broken);
        long before = Pointer.totalCount();
        for (int i = 0; i < 10; i++) {
            openAndFail(broken);
        }
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }

    private void openAndFail(Path broken) {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            Scopes.run(checkpoint::tensors);
        }
        assertThatThrownBy(() -> Checkpoint.open(broken)).hasMessageContaining("5 bytes");
    }

    private void writeTwoShards() {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("a", Fixtures.zeros(10));
            tensors.put("b", Fixtures.zeros(10));
            CheckpointWriter.write(folder, tensors, 40);
        }
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> Checkpoint.open(folder)).isInstanceOf(CheckpointException.class).hasMessage(message);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
