package org.jformers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import org.jformers.JformersException;
import org.jformers.model.AutoConfig;
import org.jformers.model.AutoModel;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files end in a result or in the documented exception: no other one, no crash, no hang, and no more memory than
 * a fixed amount beyond the files. The build tries a few thousand; {@code -Djformers.fuzz.inputs=1000000} tries more, and
 * {@code -Djformers.fuzz.seed=2} others.
 */
class FuzzTest {
    private static final int INPUTS = Integer.getInteger("jformers.fuzz.inputs", 3000);
    private static final long SEED = Long.getLong("jformers.fuzz.seed", 1);
    private static final Duration SLOW = Duration.ofSeconds(20);

    /** Beyond the highest before; a fraction of what one lying length could ask for. */
    private static final long MEMORY = 512L << 20;

    @TempDir
    static Path folder;

    @BeforeAll
    static void startTheEngine() {
        Scopes.run(() -> Fixtures.zeros(1));
    }

    @Test
    void safetensors() throws IOException {
        byte[] good = Files.readAllBytes(Fixtures.resource("all-types.safetensors"));
        int header = (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong();
        fuzz("f.safetensors", List.of(good), header, INPUTS, UnaryOperator.identity(), FuzzTest::readAll);
    }

    @Test
    void pytorch() throws IOException {
        byte[] good = Files.readAllBytes(Fixtures.resource("pytorch_model.bin"));
        fuzz("f.bin", List.of(good), 2000, INPUTS, FuzzTest::repaired, FuzzTest::readAll);
    }

    @Test
    void gguf() throws IOException {
        List<byte[]> good = List.of(
                Files.readAllBytes(Fixtures.resource("gpt2.gguf")), Files.readAllBytes(Fixtures.resource("llama.gguf")));
        fuzz("f.gguf", good, 1800, INPUTS / 2, UnaryOperator.identity(), file -> {
            readAll(file);
            AutoConfig.load(file);
        });
    }

    @Test
    void shardIndex() throws IOException {
        Fixtures.model(folder, "bert-base.safetensors");
        Files.move(folder.resolve("model.safetensors"), folder.resolve("model-00001-of-00001.safetensors"));
        StringBuilder index = new StringBuilder("{\"metadata\": {\"total_size\": 1}, \"weight_map\": {");
        try (SafetensorsFile shard = SafetensorsFile.open(folder.resolve("model-00001-of-00001.safetensors"))) {
            shard.tensors().keySet().forEach(name ->
                    index.append('"').append(name).append("\": \"model-00001-of-00001.safetensors\","));
        }
        byte[] good = index.replace(index.length() - 1, index.length(), "}}").toString().getBytes("UTF-8");
        fuzz(ShardIndex.FILE, List.of(good), good.length, INPUTS, UnaryOperator.identity(), file -> readAll(folder));
    }

    @Test
    void config() throws IOException {
        List<byte[]> good = new ArrayList<>();
        Path models = folder.resolve("models");
        for (Map.Entry<String, Task> one : Map.of(
                        "{\"model_type\": \"gpt2\", \"vocab_size\": 11, \"n_positions\": 8, \"n_embd\": 6, "
                                + "\"n_layer\": 2, \"n_head\": 2}", Task.CAUSAL_LM,
                        "{\"model_type\": \"bert\", \"vocab_size\": 11, \"max_position_embeddings\": 8, "
                                + "\"hidden_size\": 6, \"num_hidden_layers\": 2, \"num_attention_heads\": 2, "
                                + "\"intermediate_size\": 8, \"type_vocab_size\": 2}", Task.SEQUENCE_CLASSIFICATION)
                .entrySet()) {
            try (Model model = AutoModel.create(
                    AutoConfig.parse(new JsonMapper().readTree(one.getKey()), "test"), one.getValue(), 1)) {
                model.save(models);
                good.add(Files.readAllBytes(models.resolve("config.json")));
            }
        }
        fuzz("models/config.json", good, Integer.MAX_VALUE, INPUTS / 10, UnaryOperator.identity(), file ->
                AutoModel.load(models).close());
    }

    private static void readAll(Path path) {
        Scopes.run(() -> {
            try (Checkpoint checkpoint = Checkpoint.open(path)) {
                checkpoint.names().forEach(name -> {
                    checkpoint.tensor(name).clone();
                    checkpoint.read(name);
                });
            }
        });
    }

    private static void fuzz(
            String name, List<byte[]> good, int head, int inputs, UnaryOperator<byte[]> repair, Consumer<Path> reader)
            throws IOException {
        Path file = folder.resolve(name);
        Mutator mutator = new Mutator(SEED);
        long before = peakBytes();
        int refused = 0;
        long slowest = 0;
        for (int i = 0; i < inputs; i++) {
            byte[] mutant = mutator.mutate(good.get(i % good.size()), head);
            Files.write(file, i % 2 == 0 ? repair.apply(mutant) : mutant);
            long start = System.nanoTime();
            try {
                reader.accept(file);
            } catch (JformersException e) {
                refused++;
                assertThat(e.getMessage().lines()).hasSize(1);
            } catch (RuntimeException | Error e) {
                Path kept = Files.createTempFile("jformers-fuzz", file.getFileName().toString());
                Files.copy(file, kept, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                fail("input " + i + " of seed " + SEED + ", kept as " + kept, e);
            }
            slowest = Math.max(slowest, System.nanoTime() - start);
        }
        Files.delete(file);
        assertThat(refused).as("both ways must be seen").isBetween(inputs / 4, inputs - 1);
        assertThat(Duration.ofNanos(slowest)).isLessThan(SLOW);
        assertThat(peakBytes() - before).isLessThan(MEMORY);
    }

    /** Puts the checksum of an archive's first entry, which is the pickle, right where there is one. */
    private static byte[] repaired(byte[] archive) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
            int directory = bytes.getInt(archive.length - 22 + 16);
            int offset = 30 + bytes.getShort(26) + bytes.getShort(28);
            CRC32 crc = new CRC32();
            crc.update(archive, offset, bytes.getInt(directory + 24));
            bytes.putInt(directory + 16, (int) crc.getValue());
        } catch (IndexOutOfBoundsException e) {
            return archive; // too damaged for that
        }
        return archive;
    }

    private static long peakBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
