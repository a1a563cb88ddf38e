package org.jformers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jformers.JformersException;
import org.jformers.Measured;
import org.jformers.model.auto.AutoConfig;
import org.jformers.tensor.Scopes;

/** Reads files that may be damaged, and watches what that takes. */
final class DamagedCheckpoints {
    private static final int DAMAGED = 400;

    /** What Java may allocate for one of these files, none of which has more than 200 kB. */
    private static final long HEAP = 64L << 20;

    /** What the process may grow by while it reads one; a fraction of what one lying length could ask for. */
    private static final long RESIDENT = 256L << 20;

    private static final String SHARD = "model-00001-of-00001.safetensors";

    private final Path folder;

    /** Starts the engine. */
    DamagedCheckpoints(Path folder) throws IOException {
        this.folder = folder;
        Scopes.run(() -> Fixtures.zeros(1));
        Files.copy(Fixtures.resource("bert-base.safetensors"), folder.resolve(SHARD));
        for (String name : new String[] {"gptq", "bnb-nf4", "fp8-block", "integers-4"}) {
            Files.createDirectory(folder.resolve(name));
            Files.copy(Fixtures.resource("/packed/" + name + "/config.json"), folder.resolve(name + "/config.json"));
        }
    }

    /** What is damaged. */
    enum Kind {
        SAFETENSORS("f.safetensors") {
            @Override
            Stream<byte[]> inputs() throws IOException {
                byte[] good = Files.readAllBytes(Fixtures.resource("all-types.safetensors"));
                return damaged(good, (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong());
            }
        },
        PYTORCH("f.bin") {
            @Override
            Stream<byte[]> inputs() throws IOException {
                return damaged(Files.readAllBytes(Fixtures.resource("pytorch_model.bin")), 2000);
            }
        },
        GGUF("f.gguf") {
            @Override
            Stream<byte[]> inputs() throws IOException {
                return Stream.of("gpt2.gguf", "llama.gguf", "/gguf/gemma3.gguf", "/gguf/t5.gguf", "/gguf/bert.gguf")
                        .flatMap(Kind::damagedGguf);
            }
        },
        GPTQ("gptq/model.safetensors") {
            @Override
            Stream<byte[]> inputs() throws IOException {
                return packed("gptq");
            }
        },
        BITS_AND_BYTES("bnb-nf4/model.safetensors") {
            @Override
            Stream<byte[]> inputs() throws IOException {
                return packed("bnb-nf4");
            }
        },
        FLOAT8("fp8-block/model.safetensors") {
            @Override
            Stream<byte[]> inputs() throws IOException {
                return packed("fp8-block");
            }
        },
        WHOLE_NUMBERS("integers-4/model.safetensors") {
            @Override
            Stream<byte[]> inputs() throws IOException {
                return packed("integers-4");
            }
        },
        SHARD_INDEX(ShardIndex.FILE) {
            @Override
            Stream<byte[]> inputs() {
                StringBuilder index = new StringBuilder("{\"metadata\": {\"total_size\": 1}, \"weight_map\": {");
                try (SafetensorsFile shard = SafetensorsFile.open(Fixtures.resource("bert-base.safetensors"))) {
                    shard.tensors().keySet().forEach(name ->
                            index.append('"').append(name).append("\": \"").append(SHARD).append("\","));
                }
                index.replace(index.length() - 1, index.length(), "}}");
                return damaged(index.toString().getBytes(StandardCharsets.UTF_8), index.length());
            }
        };

        private final String file;

        Kind(String file) {
            this.file = file;
        }

        /** Files as they are, each with damaged copies behind it, the same in each run. */
        abstract Stream<byte[]> inputs() throws IOException;

        /** Whether the input with this number is as it was. */
        boolean isGood(int input) {
            return input % (DAMAGED + 1) == 0;
        }

        private static Stream<byte[]> damagedGguf(String name) {
            try {
                return damaged(Files.readAllBytes(Fixtures.resource(name)), 1800);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Of a quantized folder the head, and as many of the parts. */
        private static Stream<byte[]> packed(String name) throws IOException {
            byte[] good = Files.readAllBytes(Fixtures.resource("/packed/" + name + "/model.safetensors"));
            return damaged(good, 2 * (int) ByteBuffer.wrap(good).order(ByteOrder.LITTLE_ENDIAN).getLong());
        }

        private static Stream<byte[]> damaged(byte[] good, int head) {
            Mutator mutator = new Mutator(1);
            return Stream.concat(Stream.of(good), Stream.generate(() -> mutator.mutate(good, head)).limit(DAMAGED));
        }
    }

    /** Reads a file in every way there is for its kind; whether one of them gave a result. */
    boolean read(Kind kind, byte[] input) throws IOException {
        Path file = folder.resolve(kind.file);
        return switch (kind) {
            case SAFETENSORS -> read(file, input, () -> readAll(file));
            // Once as it is, which ends at the archive's checksums, and once with the pickle's put right.
            case PYTORCH -> read(file, input, () -> readAll(file)) | read(file, repaired(input), () -> readAll(file));
            case GPTQ, BITS_AND_BYTES, FLOAT8, WHOLE_NUMBERS -> read(file, input, () -> readAll(file.getParent()));
            case GGUF -> read(file, input, () -> readAll(file)) | read(file, input, () -> AutoConfig.load(file));
            case SHARD_INDEX -> read(file, input, () -> readAll(folder));
        };
    }

    private boolean read(Path file, byte[] input, Runnable reader) throws IOException {
        Files.write(file, input);
        boolean[] reads = new boolean[1];
        within(file + ", " + input.length + " bytes", () -> {
            try {
                reader.run();
                reads[0] = true;
            } catch (JformersException e) {
                assertThat(e.getMessage().lines()).hasSize(1);
            }
        });
        return reads[0];
    }

    /** Watches the memory that a reader takes: what Java allocates, and, on Linux, what the process grows by. */
    static void within(String what, Runnable reader) {
        Measured.memory(what, HEAP, RESIDENT, reader);
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

    /** Puts the checksum of an archive's first entry, which is the pickle, right where there is one. */
    private static byte[] repaired(byte[] archive) {
        byte[] repaired = archive.clone();
        try {
            ByteBuffer bytes = ByteBuffer.wrap(repaired).order(ByteOrder.LITTLE_ENDIAN);
            int directory = bytes.getInt(archive.length - 22 + 16);
            int offset = 30 + bytes.getShort(26) + bytes.getShort(28);
            CRC32 crc = new CRC32();
            crc.update(repaired, offset, bytes.getInt(directory + 24));
            bytes.putInt(directory + 16, (int) crc.getValue());
        } catch (IndexOutOfBoundsException e) {
            return archive; // too damaged for that
        }
        return repaired;
    }
}
