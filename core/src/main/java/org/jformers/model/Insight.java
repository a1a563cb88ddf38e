package org.jformers.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * What happens in a model of one stack while it reads one text, as plain numbers: predictions, attention, and which
 * tokens' states are alike.
 *
 * <p>Dimensions: T tokens, V vocabulary, N heads, C width, K what is kept of each.
 *
 * @param predicts what its predictions are of
 * @param predictions one for each token; none where it predicts no tokens
 * @param maps attention of each layer that has weights, and of each head, at most {@link #OVERVIEW} rows and columns:
 *     of a longer text the largest weight of the tokens that share a cell
 * @param neighbours for the embeddings and the state behind each layer, and for each token: the tokens whose states are
 *     nearest, the nearest first
 */
public record Insight(
        Predicts predicts, List<Prediction> predictions, List<List<float[][]>> maps,
        List<List<List<Neighbour>>> neighbours) {
    /** Rows and columns of a map of all tokens. */
    public static final int OVERVIEW = 16;

    /** Rows of scores that are looked at together. */
    private static final int ROWS = 64;
    private static final double LEAST_LENGTH = 1e-12;

    /** Which token the scores of a place are about. */
    public enum Predicts {
        /** The one behind it. */
        NEXT,
        /** The one in it. */
        OWN,
        /** None. */
        NOTHING
    }

    /**
     * How likely a token is.
     *
     * @param id the token
     * @param probability 0 to 1
     */
    public record Choice(int id, float probability) {}

    /**
     * What a place predicts.
     *
     * @param best the likeliest tokens, the best first
     * @param actual the token that is there; empty where the text is over
     * @param rank its place among all tokens by likelihood, from 1 on; 0 where the text is over
     */
    public record Prediction(List<Choice> best, Optional<Choice> actual, int rank) {}

    /**
     * Another token of the text.
     *
     * @param token its place
     * @param cosine of its state and that of the one that is asked about, -1 to 1
     */
    public record Neighbour(int token, float cosine) {}

    /**
     * Reads a text.
     *
     * @param model of one stack
     * @param inputs one row
     * @param choices how many of the likeliest tokens are told
     * @param near how many of the nearest tokens are told
     * @throws JformersException if the model computes no finite numbers
     */
    public static Insight of(Model model, ModelInputs inputs, int choices, int near) {
        return Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                ModelOutput output = model.forward(inputs.askingAttentions().askingHiddenStates());
                Predicts predicts = predicts(model, output);
                List<Prediction> predictions = predicts == Predicts.NOTHING
                        ? List.of()
                        : predictions(output.logits().select(0, 0), ids(inputs), predicts, choices);
                return new Insight(predicts, predictions,
                        all(output, "attentions").stream().map(Insight::overview).toList(),
                        all(output, "hidden_states").stream().map(state -> nearest(state.select(0, 0), near)).toList());
            }
        });
    }

    /**
     * Attention of a layer that has weights.
     *
     * @param layer among those of {@link #maps}
     * @param head one of its heads; empty for the mean of all
     * @return for each token, how much it takes of each
     * @throws JformersException if there is no such layer or head
     */
    public static float[][] attention(Model model, ModelInputs inputs, int layer, OptionalInt head) {
        return Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                List<Tensor> layers = all(model.forward(inputs.askingAttentions()), "attentions");
                require("layer", layer, layers.size());
                Tensor weight_NTT = layers.get(layer).select(0, 0).to(ScalarType.Float);
                head.ifPresent(one -> require("head", one, (int) weight_NTT.size(0)));
                return rows(head.isPresent() ? weight_NTT.select(0, head.getAsInt()) : weight_NTT.mean(0));
            }
        });
    }

    /** Heads of all layers that have weights, by a pass over some tokens. */
    public static int heads(Model model, ModelInputs inputs) {
        return Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                return all(model.forward(inputs.askingAttentions()), "attentions").stream()
                        .mapToInt(weight -> (int) weight.size(1)).sum();
            }
        });
    }

    private static void require(String name, int got, int count) {
        if (got < 0 || got >= count) {
            throw new JformersException(name + ": got " + got + ", allowed "
                    + (count == 0 ? "none: the model has no attention weights" : "0 to " + (count - 1)));
        }
    }

    private static Predicts predicts(Model model, ModelOutput output) {
        if (output.find("logits").filter(logits -> logits.dim() == 3).isEmpty()) {
            return Predicts.NOTHING;
        }
        return switch (model.identity().task()) {
            case CAUSAL_LM, DOUBLE_HEADS -> Predicts.NEXT;
            case MASKED_LM -> Predicts.OWN;
            default -> Predicts.NOTHING;
        };
    }

    private static long[] ids(ModelInputs inputs) {
        return Tensors.toLongs(inputs.require("input_ids"));
    }

    /** Of scores [T, V]. */
    private static List<Prediction> predictions(Tensor score_TV, long[] ids, Predicts predicts, int choices) {
        List<Prediction> predictions = new ArrayList<>();
        int shift = predicts == Predicts.NEXT ? 1 : 0;
        long kept = Math.min(choices, score_TV.size(1));
        for (int from = 0; from < ids.length; from += ROWS) {
            int count = Math.min(ROWS, ids.length - from);
            int first = from;
            long[] actual = IntStream.range(from, from + count)
                    .mapToLong(t -> ids[Math.min(t + shift, ids.length - 1)]).toArray();
            Scopes.run(() -> {
                Tensor probability_TV = score_TV.narrow(0, first, count).to(ScalarType.Float).softmax(-1);
                var best = probability_TV.topk(kept, -1, true, true);
                Tensor actual_T1 = probability_TV.gather(1,
                        Tensors.beside(Tensors.ofLongs(actual, count, 1), probability_TV));
                float[][] likely = rows(best.get0());
                long[] likeliest = Tensors.toLongs(best.get1());
                float[] own = finite(Tensors.toFloats(actual_T1));
                long[] better = Tensors.toLongs(probability_TV.gt(actual_T1).sum(1));
                for (int t = 0; t < count; t++) {
                    long[] tokens = Arrays.copyOfRange(likeliest, (int) (t * kept), (int) ((t + 1) * kept));
                    float[] probabilities = likely[t];
                    List<Choice> choice = IntStream.range(0, tokens.length)
                            .mapToObj(i -> new Choice((int) tokens[i], probabilities[i])).toList();
                    boolean over = first + t + shift >= ids.length;
                    predictions.add(new Prediction(choice,
                            over ? Optional.empty() : Optional.of(new Choice((int) actual[t], own[t])),
                            over ? 0 : Math.toIntExact(better[t]) + 1));
                }
            });
        }
        return predictions;
    }

    /** Those outputs that are of the tokens of the text. */
    private static List<Tensor> all(ModelOutput output, String name) {
        return output.tensors().entrySet().stream()
                .filter(entry -> entry.getKey().matches(name + "\\.\\d+"))
                .map(entry -> entry.getValue())
                .filter(tensor -> name.equals("hidden_states")
                        ? tensor.dim() == 3
                        : tensor.dim() == 4 && tensor.size(2) == tensor.size(3))
                .toList();
    }

    /** Of weights [1, N, T, T]. */
    private static List<float[][]> overview(Tensor weight_1NTT) {
        return Scopes.get(() -> {
            Tensor plain_1NTT = weight_1NTT.to(ScalarType.Float);
            Tensor small_NTT = (plain_1NTT.size(2) <= OVERVIEW
                    ? plain_1NTT
                    : torch.adaptive_max_pool2d(plain_1NTT, OVERVIEW, OVERVIEW).get0()).select(0, 0);
            return IntStream.range(0, (int) small_NTT.size(0))
                    .mapToObj(head -> rows(small_NTT.select(0, head))).toList();
        });
    }

    /** Of states [T, C]. */
    private static List<List<Neighbour>> nearest(Tensor state_TC, int near) {
        return Scopes.get(() -> {
            Tensor plain_TC = state_TC.to(ScalarType.Float);
            Tensor length_T1 = plain_TC.square().sum(1).sqrt().clamp_min(new Scalar(LEAST_LENGTH)).unsqueeze(1);
            Tensor unit_TC = plain_TC.div(length_T1);
            Tensor cosine_TT = unit_TC.matmul(unit_TC.t()).fill_diagonal_(new Scalar(Double.NEGATIVE_INFINITY));
            long kept = Math.min(near, cosine_TT.size(0) - 1);
            if (kept == 0) {
                return List.of(List.of());
            }
            var best = cosine_TT.topk(kept, -1, true, true);
            float[] cosines = finite(Tensors.toFloats(best.get0()));
            long[] tokens = Tensors.toLongs(best.get1());
            return IntStream.range(0, (int) cosine_TT.size(0))
                    .mapToObj(t -> IntStream.range((int) (t * kept), (int) ((t + 1) * kept))
                            .mapToObj(i -> new Neighbour((int) tokens[i], cosines[i])).toList())
                    .toList();
        });
    }

    /** A tensor [rows, columns]. */
    private static float[][] rows(Tensor tensor) {
        float[] values = finite(Tensors.toFloats(tensor));
        int columns = (int) tensor.size(1);
        return IntStream.range(0, (int) tensor.size(0))
                .mapToObj(row -> Arrays.copyOfRange(values, row * columns, (row + 1) * columns))
                .toArray(float[][]::new);
    }

    private static float[] finite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new JformersException("look inside: the model computed " + value + ", allowed finite numbers");
            }
        }
        return values;
    }
}
