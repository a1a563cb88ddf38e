package org.jformers.generation;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.model.Decoding;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Continues prompts with a decoder, or writes targets for sources with an encoder-decoder: greedily, at random or by
 * beam search, with the results of the reference (transformers 5.18, {@code generate}). Uses a model that somebody else
 * owns; a model may serve several threads.
 *
 * <p>Differences: prompts come with their padding marked and none is guessed from token ids; a prompt with more new
 * tokens than the model has positions is refused before the first token.
 */
public final class Generator {
    private static final LongSupplier ANY_SEED = new SecureRandom()::nextLong;

    private final Model model;

    /** A generator over a model, which stays the caller's. */
    public Generator(Model model) {
        this.model = model;
    }

    /** Continues prompts of any lengths; see {@link #generate(ModelInputs, GenerationConfig, Controls)}. */
    public List<List<Continuation>> generate(List<int[]> prompts, GenerationConfig config, Controls controls) {
        long pad = padding(config);
        return Scopes.get(() -> generate(Prompt.padded(model, prompts, pad), config, controls));
    }

    /**
     * Continues prompts.
     *
     * @param inputs for decoders {@code input_ids} and, if there is padding on the left, {@code attention_mask}; for
     *     encoder-decoders those of the source, and {@code decoder_input_ids} if the target has a beginning already
     * @return per row its continuations, the best first
     * @throws org.jformers.JformersException before anything is generated, if prompt and settings do not fit the model
     */
    public List<List<Continuation>> generate(ModelInputs inputs, GenerationConfig config, Controls controls) {
        return Scopes.get(() -> {
            Prompt prompt = Prompt.of(model, inputs, config);
            Plan plan = Plan.of(model, prompt, config, controls);
            if (controls.listener().isPresent()) {
                requireSingle("a listener", prompt, config);
            }
            try (NoGrad noGrad = new NoGrad();
                    Sampler sampler = sampler(config, controls);
                    Decoding decoding = model.decoding(prompt.inputs())) {
                return config.numBeams() == 1
                        ? new TokenSearch(
                                plan, prompt.ids_BS(), sampler, decoding, config, controls.listener()).run()
                        : new BeamSearch(plan, sampler, config).run(prompt.ids_BS(), decoding);
            }
        });
    }

    /**
     * Continues a prompt token by token, as the caller asks for them, who closes it.
     *
     * @param config for one sequence without beams
     * @throws org.jformers.JformersException if prompt and settings do not fit the model
     */
    public TokenSteps steps(int[] ids, GenerationConfig config, Controls controls) {
        return Scopes.get(() -> {
            Prompt prompt = Prompt.of(model, Prompt.padded(model, List.of(ids), padding(config)), config);
            Plan plan = Plan.of(model, prompt, config, controls);
            requireSingle("a sequence token by token", prompt, config);
            Decoding decoding;
            try (NoGrad noGrad = new NoGrad()) {
                decoding = model.decoding(prompt.inputs());
            }
            Sampler sampler = sampler(config, controls);
            return new TokenSteps(
                    new TokenSearch(plan, prompt.ids_BS(), sampler, decoding, config, controls.listener()),
                    sampler, decoding);
        });
    }

    /** How many tokens the model can tell apart by place, prompt and new ones together; empty if any number. */
    public OptionalInt positions() {
        return model.identity().spec().room();
    }

    /**
     * Reads each prompt once and repeats the rows of what was read.
     *
     * @return scores of the next token, [B * copies, V], on the host: what is chosen is the same on all devices
     */
    static Tensor first(Decoding decoding, long[][] prompt_BS, int copies) {
        Tensor scores_BV = Tensors.to(decoding.next(Tensors.ofLongs(prompt_BS)), Device.CPU);
        if (copies == 1) {
            return scores_BV;
        }
        long[] rows = new long[prompt_BS.length * copies];
        Arrays.setAll(rows, i -> i / copies);
        Tensor rows_B = Tensors.ofLongs(rows, rows.length);
        decoding.reorder(rows_B);
        return scores_BV.index_select(0, rows_B);
    }

    /** Reads the last token of each row; scores of the next one on the host. */
    static Tensor next(Decoding decoding, long[][] ids_BS) {
        long[] last = new long[ids_BS.length];
        Arrays.setAll(last, row -> ids_BS[row][ids_BS[row].length - 1]);
        return Tensors.to(decoding.next(Tensors.ofLongs(last, last.length, 1)), Device.CPU);
    }

    private static Sampler sampler(GenerationConfig config, Controls controls) {
        return config.doSample()
                ? new MultinomialSampler(controls.seed().orElseGet(ANY_SEED))
                : new GreedySampler();
    }

    /** The token that fills rows: padding, else the first end token; a negative id is none. */
    static long padding(GenerationConfig config) {
        return IntStream.concat(
                        config.padTokenId().stream(), config.eosTokenId().stream().mapToInt(Integer::intValue))
                .filter(id -> id >= 0)
                .findFirst()
                .orElse(0);
    }

    private static void requireSingle(String what, Prompt prompt, GenerationConfig config) {
        if (prompt.ids_BS().length * Math.max(config.numBeams(), config.numReturnSequences()) > 1) {
            throw new ConfigException("generation: got " + what + " for " + prompt.ids_BS().length
                    + " prompts, num_beams " + config.numBeams() + ", num_return_sequences "
                    + config.numReturnSequences() + ", allowed for a single sequence");
        }
    }
}
