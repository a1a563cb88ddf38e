package org.jformers.model.convert;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.tensor.Tensors;

/**
 * Translators of OpenNMT as CTranslate2 keeps them: the Transformer with norms before its parts and one behind each
 * stack. Reference: OpenNMT/CTranslate2, {@code TransformerBase} and {@code TransformerBig} of format 2.
 *
 * <p>They become folders of {@link org.jformers.model.family.Pegasus}, which differs in nothing but its table of
 * positions, and that is stored. The smaller of two vocabularies is filled up; its scores of what is not there are so
 * low that they are never chosen.
 */
final class CTranslate2Format implements ForeignFormat {
    private static final String MODEL_TYPE = "pegasus";
    private static final Map<String, Integer> HEADS = Map.of("TransformerBase", 8, "TransformerBig", 16);
    private static final int POSITIONS = 512;
    private static final double NEVER = -1e9;
    /** Where {@code Translation} looks for the tokenizer of what it writes. */
    private static final String TARGET_FOLDER = "target";

    @Override
    public String name() {
        return "CTranslate2";
    }

    @Override
    public List<String> modelTypes() {
        return List.of(MODEL_TYPE);
    }

    @Override
    public String description() {
        return "a model.bin of CTranslate2 (format 2, OpenNMT's Transformer), or its folder";
    }

    @Override
    public boolean matches(Path source) {
        return Files.isRegularFile(file(source)) && CTranslate2File.matches(file(source));
    }

    @Override
    public Contents read(Path source) {
        CTranslate2File stored = CTranslate2File.read(file(source));
        int heads = Optional.ofNullable(HEADS.get(stored.architecture())).orElseThrow(() -> new CheckpointException(
                "CTranslate2: got " + stored.architecture() + ", allowed " + HEADS.keySet() + ", in " + source));
        long vocabulary = Math.max(rows(stored, "encoder/embeddings"), rows(stored, "decoder/embeddings"));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tables(tensors, stored, vocabulary);
        int encoderLayers = stack(tensors, stored, "encoder");
        int decoderLayers = stack(tensors, stored, "decoder");
        ObjectNode config = config(heads, vocabulary, encoderLayers, decoderLayers, stored);
        List<Path> vocabularies = Stream.of("source_vocabulary.txt", "target_vocabulary.txt", "shared_vocabulary.txt")
                .map(file(source)::resolveSibling).filter(Files::isRegularFile).toList();
        return new Contents(config, tensors, bytes(vocabularies), tokenizers(vocabularies, vocabulary));
    }

    private static Map<String, byte[]> bytes(List<Path> files) {
        Map<String, byte[]> bytes = new LinkedHashMap<>();
        for (Path file : files) {
            try {
                bytes.put(file.getFileName().toString(), Files.readAllBytes(file));
            } catch (IOException e) {
                throw new CheckpointException("CTranslate2: cannot read " + file + ": " + e.getMessage(), e);
            }
        }
        return bytes;
    }

    /** Tokens are the model's own affair; a text is their names with spaces between. */
    private static Map<String, ObjectNode> tokenizers(List<Path> vocabularies, long rows) {
        Map<String, ObjectNode> tokenizers = new LinkedHashMap<>();
        for (Path file : vocabularies) {
            boolean isTarget = file.endsWith("target_vocabulary.txt");
            tokenizers.put(isTarget ? TARGET_FOLDER : "", SpacedTokens.tokenizer(file, rows));
        }
        return tokenizers;
    }

    private static Path file(Path source) {
        return Files.isDirectory(source) ? source.resolve("model.bin") : source;
    }

    private static long rows(CTranslate2File stored, String module) {
        return stored.tensor(module + "/weight").size(0);
    }

    private static ObjectNode config(
            int heads, long vocabulary, int encoderLayers, int decoderLayers, CTranslate2File stored) {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.putArray("architectures").add("PegasusForConditionalGeneration");
        return config.put("activation_function", "relu").put("bos_token_id", 1)
                .put("d_model", stored.tensor("encoder/embeddings/weight").size(1))
                .put("decoder_attention_heads", heads)
                .put("decoder_ffn_dim", rows(stored, "decoder/layer_0/ffn/linear_0"))
                .put("decoder_layers", decoderLayers).put("decoder_start_token_id", 1).put("dtype", "float32")
                .put("encoder_attention_heads", heads)
                .put("encoder_ffn_dim", rows(stored, "encoder/layer_0/ffn/linear_0"))
                .put("encoder_layers", encoderLayers).put("eos_token_id", 2).putNull("forced_eos_token_id")
                .put("is_encoder_decoder", true).put("max_position_embeddings", POSITIONS).put("model_type", MODEL_TYPE)
                .put("pad_token_id", 0).put("scale_embedding", true).put("tie_word_embeddings", false)
                .put("vocab_size", vocabulary);
    }

    private static void tables(Map<String, Tensor> tensors, CTranslate2File stored, long vocabulary) {
        Tensor source = stored.tensor("encoder/embeddings/weight");
        Tensor positions = positions(source.size(1));
        Tensor bias = stored.tensor("decoder/projection/bias").unsqueeze(1);
        tensors.put("model.encoder.embed_tokens.weight", filled(source, vocabulary, 0));
        tensors.put("model.decoder.embed_tokens.weight",
                filled(stored.tensor("decoder/embeddings/weight"), vocabulary, 0));
        tensors.put("model.encoder.embed_positions.weight", positions);
        tensors.put("model.decoder.embed_positions.weight", positions.clone());
        tensors.put("lm_head.weight", filled(stored.tensor("decoder/projection/weight"), vocabulary, 0));
        tensors.put("final_logits_bias", filled(bias, vocabulary, NEVER).view(1, -1));
    }

    private static Tensor filled(Tensor rows, long count, double value) {
        Tensor more = torch.full_like(rows.narrow(0, 0, 1), new Scalar(value))
                .expand(count - rows.size(0), rows.size(1));
        return Tensors.cat(0, rows, more);
    }

    /** OpenNMT's sines and cosines: the first position is 1, and the longest wave belongs to the last frequency. */
    private static Tensor positions(long width) {
        int half = Math.toIntExact(width / 2);
        float[] values = new float[POSITIONS * 2 * half];
        for (int position = 0; position < POSITIONS; position++) {
            for (int i = 0; i < half; i++) {
                double angle = (position + 1) * Math.pow(10_000, -(double) i / Math.max(1, half - 1));
                values[position * 2 * half + i] = (float) Math.sin(angle);
                values[position * 2 * half + half + i] = (float) Math.cos(angle);
            }
        }
        return Tensors.ofFloats(values, POSITIONS, 2L * half);
    }

    /** All layers of a stack; returns how many there are. */
    private static int stack(Map<String, Tensor> tensors, CTranslate2File stored, String side) {
        norm(tensors, stored, side + "/layer_norm", "model." + side + ".layer_norm");
        int layers = 0;
        while (stored.has(side + "/layer_" + layers + "/ffn/linear_0/weight")) {
            String from = side + "/layer_" + layers + "/";
            String to = "model." + side + ".layers." + layers++ + ".";
            norm(tensors, stored, from + "self_attention/layer_norm", to + "self_attn_layer_norm");
            linear(tensors, stored, from + "self_attention/linear_0", to + "self_attn.", "q_proj", "k_proj", "v_proj");
            linear(tensors, stored, from + "self_attention/linear_1", to + "self_attn.", "out_proj");
            if (side.equals("decoder")) {
                norm(tensors, stored, from + "attention/layer_norm", to + "encoder_attn_layer_norm");
                linear(tensors, stored, from + "attention/linear_0", to + "encoder_attn.", "q_proj");
                linear(tensors, stored, from + "attention/linear_1", to + "encoder_attn.", "k_proj", "v_proj");
                linear(tensors, stored, from + "attention/linear_2", to + "encoder_attn.", "out_proj");
            }
            norm(tensors, stored, from + "ffn/layer_norm", to + "final_layer_norm");
            linear(tensors, stored, from + "ffn/linear_0", to, "fc1");
            linear(tensors, stored, from + "ffn/linear_1", to, "fc2");
        }
        return layers;
    }

    private static void norm(Map<String, Tensor> tensors, CTranslate2File stored, String from, String to) {
        tensors.put(to + ".weight", stored.tensor(from + "/gamma"));
        tensors.put(to + ".bias", stored.tensor(from + "/beta"));
    }

    /** One stored map that is several of equally many rows. */
    private static void linear(
            Map<String, Tensor> tensors, CTranslate2File stored, String from, String to, String... names) {
        for (String kind : List.of("weight", "bias")) {
            Tensor all = stored.tensor(from + "/" + kind);
            long rows = all.size(0) / names.length;
            for (int i = 0; i < names.length; i++) {
                tensors.put(to + names[i] + "." + kind, all.narrow(0, i * rows, rows).contiguous());
            }
        }
    }
}
