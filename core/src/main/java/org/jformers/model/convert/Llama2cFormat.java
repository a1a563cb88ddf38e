package org.jformers.model.convert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.tensor.Tensors;

/**
 * The checkpoints of llama2.c before they had versions: seven int32 (width, inner width, layers, heads, key/value
 * heads, vocabulary, positions), then float32 weights, all layers of a kind together. A vocabulary below zero says that
 * the output layer has a table of its own. Reference: karpathy/llama2.c, {@code run.c} and {@code export.py}.
 *
 * <p>Differences from Llama's folders: a head's values turn in neighbouring pairs, here value i with value i + D / 2,
 * so that the rows of queries and keys change places; tables of angles are in the file, here they are computed.
 */
final class Llama2cFormat implements ForeignFormat {
    private static final String MODEL_TYPE = "llama";
    private static final int HEADER_BYTES = 7 * Integer.BYTES;

    /** The seven numbers; {@code vocabulary} may be negative. */
    private record Header(
            int width, int inner, int layers, int heads, int keyValueHeads, int vocabulary, int positions) {

        boolean isSound() {
            return width > 0 && inner > 0 && layers > 0 && heads > 0 && keyValueHeads > 0 && positions > 0
                    && vocabulary != 0 && vocabulary != Integer.MIN_VALUE
                    && width % heads == 0 && heads % keyValueHeads == 0 && headDim() % 2 == 0;
        }

        int headDim() {
            return width / heads;
        }

        long rows() {
            return Math.abs((long) vocabulary);
        }

        boolean tied() {
            return vocabulary > 0;
        }

        /** Bytes of a whole file; not exact where it overflows, which no file reaches. */
        double bytes() {
            double attention = 2.0 * width * width + 2.0 * width * keyValueHeads * headDim();
            double layer = 2.0 * width + attention + 3.0 * width * inner;
            double tables = (double) rows() * width * (tied() ? 1 : 2);
            return HEADER_BYTES + 4 * (tables + layers * layer + width + (double) positions * headDim());
        }
    }

    @Override
    public String name() {
        return "llama2.c";
    }

    @Override
    public List<String> modelTypes() {
        return List.of(MODEL_TYPE);
    }

    @Override
    public String description() {
        return "a .bin of llama2.c (its first format: seven int32, then float32)";
    }

    @Override
    public boolean matches(Path source) {
        return header(source).isPresent();
    }

    /** The header, if it is sound and the file is as long as it says. */
    private static Optional<Header> header(Path source) {
        if (!Files.isRegularFile(source)) {
            return Optional.empty();
        }
        try (FileChannel file = FileChannel.open(source, StandardOpenOption.READ)) {
            if (file.size() < HEADER_BYTES) {
                return Optional.empty();
            }
            ByteBuffer in = bytes(file, HEADER_BYTES);
            Header header = new Header(
                    in.getInt(), in.getInt(), in.getInt(), in.getInt(), in.getInt(), in.getInt(), in.getInt());
            return header.isSound() && header.bytes() == file.size() ? Optional.of(header) : Optional.empty();
        } catch (IOException e) {
            throw failure(source, e);
        }
    }

    @Override
    public Contents read(Path source) {
        Header header = header(source).orElseThrow();
        try (FileChannel file = FileChannel.open(source, StandardOpenOption.READ)) {
            file.position(HEADER_BYTES);
            return new Contents(config(header), tensors(header, file), tokenizers(source), Map.of());
        } catch (IOException e) {
            throw failure(source, e);
        }
    }

    private static ObjectNode config(Header header) {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.putArray("architectures").add("LlamaForCausalLM");
        config.put("bos_token_id", 1).put("dtype", "float32").put("eos_token_id", 2).put("hidden_act", "silu")
                .put("hidden_size", header.width()).put("intermediate_size", header.inner())
                .put("max_position_embeddings", header.positions()).put("model_type", MODEL_TYPE)
                .put("num_attention_heads", header.heads()).put("num_hidden_layers", header.layers())
                .put("num_key_value_heads", header.keyValueHeads()).put("rms_norm_eps", 1e-5);
        config.putObject("rope_parameters").put("rope_theta", 10_000.0).put("rope_type", "default");
        return config.put("tie_word_embeddings", header.tied()).put("vocab_size", header.rows());
    }

    private static Map<String, Tensor> tensors(Header header, FileChannel file) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        long width = header.width();
        long shared = (long) header.keyValueHeads() * header.headDim();
        String attention = ".self_attn.";
        tensors.put("model.embed_tokens.weight", tensor(file, header.rows(), width));
        perLayer(tensors, header, file, ".input_layernorm", width);
        perLayer(tensors, header, file, attention + "q_proj", width, width);
        perLayer(tensors, header, file, attention + "k_proj", shared, width);
        perLayer(tensors, header, file, attention + "v_proj", shared, width);
        perLayer(tensors, header, file, attention + "o_proj", width, width);
        perLayer(tensors, header, file, ".post_attention_layernorm", width);
        perLayer(tensors, header, file, ".mlp.gate_proj", header.inner(), width);
        perLayer(tensors, header, file, ".mlp.down_proj", width, header.inner());
        perLayer(tensors, header, file, ".mlp.up_proj", header.inner(), width);
        tensors.put("model.norm.weight", tensor(file, width));
        if (!header.tied()) {
            file.position(file.position() + (long) header.positions() * header.headDim() * Float.BYTES);
            tensors.put("lm_head.weight", tensor(file, header.rows(), width));
        }
        tensors.replaceAll((name, tensor) -> name.endsWith("q_proj.weight") || name.endsWith("k_proj.weight")
                ? halved(tensor, header.headDim())
                : tensor);
        return tensors;
    }

    private static void perLayer(
            Map<String, Tensor> tensors, Header header, FileChannel file, String name, long... shape)
            throws IOException {
        for (int layer = 0; layer < header.layers(); layer++) {
            tensors.put("model.layers." + layer + name + ".weight", tensor(file, shape));
        }
    }

    /** Rows of each head [N * D, C]: first those of the pairs' first values, then those of the second. */
    private static Tensor halved(Tensor rows, long headDim) {
        long width = rows.size(1);
        return rows.view(-1, headDim / 2, 2, width).transpose(1, 2).reshape(-1, width);
    }

    private static Tensor tensor(FileChannel file, long... shape) throws IOException {
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        float[] values = new float[Math.toIntExact(count)];
        bytes(file, count * Float.BYTES).asFloatBuffer().get(values);
        return Tensors.ofFloats(values, shape);
    }

    private static ByteBuffer bytes(FileChannel file, long count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(count)).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (file.read(buffer) < 0) {
                throw new EOFException("the file ends " + buffer.remaining() + " bytes too early");
            }
        }
        return buffer.flip();
    }

    /** The tokenizers that llama2.c keeps beside its models. */
    private static Map<String, byte[]> tokenizers(Path source) throws IOException {
        Map<String, byte[]> tokenizers = new TreeMap<>();
        try (DirectoryStream<Path> beside = Files.newDirectoryStream(source.toAbsolutePath().getParent(), "tok*.bin")) {
            for (Path file : beside) {
                String name = file.getFileName().toString();
                if (name.matches("tok[a-z0-9]*\\.bin")) {
                    tokenizers.put(name, Files.readAllBytes(file));
                }
            }
        }
        return tokenizers;
    }

    private static CheckpointException failure(Path source, IOException e) {
        return new CheckpointException("convert: cannot read " + source + ": " + e.getMessage(), e);
    }
}
