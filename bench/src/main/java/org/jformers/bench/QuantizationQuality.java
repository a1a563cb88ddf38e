package org.jformers.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * What fewer bits cost: perplexity of a text by each kind of weights, and how often the likeliest next token is that of
 * the first kind. Arguments: folder of a decoder, a file of texts, one in each line, number of tokens at most, kinds of
 * weights. bench/quantization.sh calls it.
 */
public final class QuantizationQuality {
    /** Tokens that a text is cut to. */
    private static final int LONGEST = 256;

    private record Reading(double loss, long[] likeliest) {}

    private QuantizationQuality() {}

    /** @param args model folder, texts, tokens, and kinds of weights such as bfloat16, int8 and int4 */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        List<int[]> texts = texts(folder, Path.of(args[1]), Integer.parseInt(args[2]));
        double first = 0;
        long[] expected = {};
        for (String kind : List.of(args).subList(3, args.length)) {
            LoadRequest request = LoadRequest.of(Task.CAUSAL_LM).forInference().withWeights(kind);
            try (Model model = AutoModel.load(folder, request).model()) {
                Reading reading = read(model, texts);
                double perplexity = Math.exp(reading.loss());
                if (expected.length == 0) {
                    first = perplexity;
                    expected = reading.likeliest();
                }
                System.out.printf(Locale.ROOT, "%-10s perplexity %.4f (%+.2f %%), same next token %.2f %%%n", kind,
                        perplexity, 100 * (perplexity / first - 1), 100 * same(expected, reading.likeliest()));
            }
        }
    }

    private static List<int[]> texts(Path folder, Path file, int tokens) throws IOException {
        Tokenizer tokenizer = AutoTokenizer.load(folder);
        List<int[]> texts = new ArrayList<>();
        int count = 0;
        for (String line : Files.readAllLines(file)) {
            int[] ids = tokenizer.encode(line).ids();
            if (ids.length > 1 && count < tokens) {
                texts.add(Arrays.copyOf(ids, Math.min(ids.length, LONGEST)));
                count += texts.get(texts.size() - 1).length - 1;
            }
        }
        return texts;
    }

    private static Reading read(Model model, List<int[]> texts) {
        double[] sum = new double[1];
        List<long[]> likeliest = new ArrayList<>();
        for (int[] text : texts) {
            Scopes.run(() -> {
                try (NoGrad noGrad = new NoGrad()) {
                    Tensor ids_1T = Tensors.ofLongs(Arrays.stream(text).asLongStream().toArray(), 1, text.length);
                    Tensor logits_TV = model.forward(ModelInputs.of(ids_1T)).logits().squeeze(0)
                            .narrow(0, 0, text.length - 1).to(ScalarType.Float);
                    Tensor next_T = ids_1T.squeeze(0).narrow(0, 1, text.length - 1);
                    sum[0] += torch.cross_entropy_loss(logits_TV, next_T).item_double() * (text.length - 1);
                    likeliest.add(Tensors.toLongs(logits_TV.argmax(new LongOptional(1), false)));
                }
            });
        }
        long[] all = likeliest.stream().flatMapToLong(Arrays::stream).toArray();
        return new Reading(sum[0] / all.length, all);
    }

    private static double same(long[] one, long[] other) {
        long same = 0;
        for (int i = 0; i < one.length; i++) {
            same += one[i] == other[i] ? 1 : 0;
        }
        return (double) same / one.length;
    }
}
