package org.jformers.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Hidden states of the last layer for each text of a file, in batches with padding. Arguments: model folder, texts (a
 * JSON string a line), file to write; there, for each text, the number of its tokens and the width (int32), the ids
 * (int32) and the hidden states (float32), all little-endian. bench/onnx-agreement.sh compares them with those of ONNX
 * Runtime.
 */
public final class OnnxAgreement {
    private static final int BATCH = 32;

    private OnnxAgreement() {}

    /** @param args model folder, file of texts, file to write */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        ObjectMapper json = new ObjectMapper();
        List<int[]> ids = new ArrayList<>();
        Tokenizer tokenizer = AutoTokenizer.load(folder);
        for (String line : Files.readAllLines(Path.of(args[1]))) {
            ids.add(tokenizer.encode(json.readValue(line, String.class)).ids());
        }
        try (Model model = AutoModel.load(folder);
                NoGrad noGrad = new NoGrad();
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(Path.of(args[2])))) {
            for (int begin = 0; begin < ids.size(); begin += BATCH) {
                write(model, ids.subList(begin, Math.min(begin + BATCH, ids.size())), out);
            }
        }
    }

    private static void write(Model model, List<int[]> rows, OutputStream out) throws IOException {
        int longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
        long[][] ids = new long[rows.size()][longest];
        long[][] mask = new long[rows.size()][longest];
        for (int i = 0; i < ids.length; i++) {
            for (int t = 0; t < rows.get(i).length; t++) {
                ids[i][t] = rows.get(i)[t];
                mask[i][t] = 1;
            }
        }
        float[] hidden = Scopes.get(() -> Tensors.toFloats(model
                .forward(ModelInputs.of(Tensors.ofLongs(ids)).with("attention_mask", Tensors.ofLongs(mask)))
                .find("last_hidden_state").orElseThrow()));
        int width = hidden.length / (ids.length * longest);
        for (int i = 0; i < ids.length; i++) {
            int length = rows.get(i).length;
            ByteBuffer bytes = ByteBuffer.allocate(4 * (2 + length + length * width)).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putInt(length).putInt(width);
            Arrays.stream(rows.get(i)).forEach(bytes::putInt);
            int first = i * longest * width;
            bytes.asFloatBuffer().put(hidden, first, length * width);
            out.write(bytes.array());
        }
    }
}
