package org.jformers.generation;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * Where a generation starts.
 *
 * @param inputs what {@link Model#decoding} reads before the first token; in the caller's scope
 * @param ids_BS the tokens that the new ones follow, all rows of one length: the prompt of a decoder, the start token
 *     of an encoder-decoder
 * @param longest most real tokens in a row, padding not counted
 * @param real_BS which of the tokens are no padding
 */
record Prompt(ModelInputs inputs, long[][] ids_BS, int longest, boolean[][] real_BS) {

    /** Rows of unequal length, padded where they go together: decoders' on the left, encoders' on the right. */
    static Prompt of(Model model, List<int[]> rows, GenerationConfig config) {
        long pad = Generator.padding(config);
        int longest = rows.stream().mapToInt(row -> row.length).max().orElse(0);
        boolean left = !(model instanceof Seq2SeqModel);
        boolean[][] real = new boolean[rows.size()][longest];
        long[][] ids = new long[rows.size()][longest];
        long[][] mask = new long[rows.size()][longest];
        for (int row = 0; row < ids.length; row++) {
            int[] tokens = rows.get(row);
            requireTokens(tokens.length);
            Arrays.fill(ids[row], pad);
            int start = left ? longest - tokens.length : 0;
            for (int i = 0; i < tokens.length; i++) {
                ids[row][start + i] = tokens[i];
                mask[row][start + i] = 1;
                real[row][start + i] = true;
            }
        }
        requireTokens(longest);
        boolean padded = rows.stream().anyMatch(row -> row.length < longest);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        if (padded) {
            inputs.put("attention_mask", Tensors.ofLongs(mask));
        }
        if (left) {
            return new Prompt(ModelInputs.of(inputs), ids, longest, real);
        }
        inputs.put("input_ids", Tensors.ofLongs(ids));
        return target(model, ModelInputs.of(inputs), config);
    }

    /** All of them tokens. */
    private static boolean[][] allReal(long[][] ids_BS) {
        boolean[][] real = new boolean[ids_BS.length][ids_BS[0].length];
        for (boolean[] row : real) {
            Arrays.fill(row, true);
        }
        return real;
    }

    /** A sequence for each row. */
    List<Strand> strands() {
        return IntStream.range(0, ids_BS.length)
                .mapToObj(row -> new Strand(row, real(row), ids_BS[row]))
                .toList();
    }

    /** The tokens of a row that are no padding. */
    int[] real(int row) {
        return IntStream.range(0, length()).filter(i -> real_BS[row][i]).map(i -> (int) ids_BS[row][i]).toArray();
    }

    /** The same for rows that go together, which read their padding. */
    Prompt together() {
        return new Prompt(inputs, ids_BS, longest, allReal(ids_BS));
    }

    static Prompt of(Model model, ModelInputs given, GenerationConfig config) {
        given.requireOnly(taken(model), "generate");
        ModelInputs inputs = withoutFullMask(given);
        return model instanceof Seq2SeqModel ? target(model, inputs, config) : continued(inputs);
    }

    /** What a generation starts from: the source and the beginning of the target, or a prompt. */
    private static Set<String> taken(Model model) {
        if (model instanceof Seq2SeqModel pair) {
            Set<String> names = new HashSet<>(pair.body().encoder().takes());
            names.add("decoder_input_ids");
            return names;
        }
        return Set.of("input_ids", "attention_mask");
    }

    /** Whether sound is written down: its target begins with several tokens that say how. */
    boolean isSpeech() {
        return inputs.find("input_features").isPresent();
    }

    /** Tokens of each source of an encoder-decoder or prompt of a decoder, for a setting that asks for them. */
    long[][] source(String setting) {
        if (inputs.features().isEmpty() && inputs.find("inputs_embeds").isEmpty()) {
            return inputs.find("input_ids").map(Prompt::rows).orElse(ids_BS);
        }
        throw new ConfigException(
                "generation: got " + setting + " for " + inputs.tensors().keySet() + ", allowed with input_ids");
    }

    int length() {
        return ids_BS[0].length;
    }

    private static Prompt continued(ModelInputs inputs) {
        long[][] ids_BS = rows(inputs.find("input_ids").orElseThrow(() -> missing("prompt", inputs)));
        int longest = ids_BS[0].length;
        boolean[][] real_BS = allReal(ids_BS);
        if (inputs.find("attention_mask").isPresent()) {
            long[][] mask_BS = rows(inputs.find("attention_mask").get());
            requireLeftPadding(mask_BS);
            for (int row = 0; row < mask_BS.length; row++) {
                for (int i = 0; i < mask_BS[row].length; i++) {
                    real_BS[row][i] = mask_BS[row][i] != 0;
                }
            }
            longest = (int) Arrays.stream(mask_BS).mapToLong(row -> LongStream.of(row).sum()).max().orElse(0);
        }
        return new Prompt(inputs, ids_BS, longest, real_BS);
    }

    private static Prompt target(Model model, ModelInputs inputs, GenerationConfig config) {
        long start = config.decoderStartTokenId().orElseGet(() -> config.bosTokenId().orElseThrow(
                () -> new ConfigException("generation: got neither decoder_start_token_id nor bos_token_id, one of"
                        + " which an encoder-decoder begins its target with")));
        if (inputs.find("input_features").isPresent() && inputs.find("decoder_input_ids").isEmpty()) {
            if (Boolean.TRUE.equals(config.other().get(SpeechGenerator.TIMES))) {
                throw new ConfigException("generation: got return_timestamps true, allowed false; times take passes of"
                        + " their own (SpeechGenerator)");
            }
            long[][] ids_BS = SpeechStart.of(model, inputs, start, config);
            return new Prompt(inputs, ids_BS, ids_BS[0].length, allReal(ids_BS));
        }
        Tensor source = inputs.find("input_ids")
                .or(() -> inputs.find("inputs_embeds"))
                .or(() -> inputs.find("input_features"))
                .orElseThrow(() -> missing("source", inputs));
        requireTokens(source.size(0) == 0 ? 0 : source.size(1));
        long[][] ids_BS = inputs.find("decoder_input_ids")
                .map(Prompt::rows)
                .orElseGet(() -> new long[Math.toIntExact(source.size(0))][0]);
        boolean speech = inputs.find("input_features").isPresent(); // whose target may begin with an earlier text
        boolean started = speech || ids_BS[0].length > 0 && Arrays.stream(ids_BS).anyMatch(row -> row[0] == start);
        if (!started) {
            ids_BS = Arrays.stream(ids_BS)
                    .map(row -> LongStream.concat(LongStream.of(start), LongStream.of(row)).toArray())
                    .toArray(long[][]::new);
        }
        return new Prompt(inputs, ids_BS, ids_BS[0].length, allReal(ids_BS));
    }

    /** A mask that hides nothing costs work at each token. */
    private static ModelInputs withoutFullMask(ModelInputs inputs) {
        boolean full = inputs.find("attention_mask")
                .map(mask -> LongStream.of(Tensors.toLongs(mask)).allMatch(value -> value != 0))
                .orElse(false);
        if (!full) {
            return inputs;
        }
        Map<String, Tensor> rest = new LinkedHashMap<>(inputs.tensors());
        rest.remove("attention_mask");
        return ModelInputs.of(rest);
    }

    private static long[][] rows(Tensor tensor) {
        Shapes.require("prompt", tensor, -1, -1);
        requireTokens(tensor.size(0) == 0 ? 0 : tensor.size(1));
        int width = Math.toIntExact(tensor.size(1));
        long[] flat = Tensors.toLongs(tensor);
        long[][] rows = new long[Math.toIntExact(tensor.size(0))][];
        Arrays.setAll(rows, row -> Arrays.copyOfRange(flat, row * width, (row + 1) * width));
        return rows;
    }

    private static ShapeException missing(String what, ModelInputs inputs) {
        return new ShapeException(what + ": got no input_ids, there are " + inputs.tensors().keySet());
    }

    private static void requireTokens(long tokens) {
        if (tokens == 0) {
            throw new ShapeException("prompt: got no tokens, allowed at least one per row");
        }
    }

    private static void requireLeftPadding(long[][] mask_BS) {
        for (long[] row : mask_BS) {
            if (row[row.length - 1] == 0) {
                throw new ShapeException("attention_mask: got 0 at the end of a row, allowed padding on the left only,"
                        + " before at least one token");
            }
        }
    }
}
