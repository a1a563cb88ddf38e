package org.jformers.generation;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Scopes;

/**
 * Continues prompts with a decoder, or writes targets for sources with an encoder-decoder: greedily, at random or by
 * beam search, with the results of the reference (transformers 5.18, {@code generate}). Uses a model that somebody else
 * owns; a model may serve several threads.
 *
 * <p>Differences: prompts come with their padding marked and none is guessed from token ids; a prompt with more new
 * tokens than the model has positions is refused before the first token.
 */
public final class Generator {
    private final Model model;

    /** A generator over a model, which stays the caller's. */
    public Generator(Model model) {
        this.model = model;
    }

    /** Continues prompts of any lengths; see {@link #generate(ModelInputs, GenerationConfig, Controls)}. */
    public List<List<Continuation>> generate(List<int[]> prompts, GenerationConfig config, Controls controls) {
        return generated(() -> Prompt.of(model, prompts, config), config, controls);
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
        return generated(() -> Prompt.of(model, inputs, config), config, controls);
    }

    private List<List<Continuation>> generated(
            Supplier<Prompt> start, GenerationConfig config, Controls controls) {
        return Scopes.get(() -> {
            Prompt prompt = start.get();
            try (Engine engine = new Engine(model, EngineSettings.DEFAULT)) {
                Job job = engine.submit(prompt, prompt::inputs, config, controls);
                engine.run();
                return job.outcome();
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
        Engine engine = new Engine(model, EngineSettings.DEFAULT);
        try {
            return Scopes.get(() -> {
                List<int[]> rows = List.of(ids.clone());
                Prompt prompt = Prompt.of(model, rows, config);
                Engine.requireSingle("a sequence token by token", prompt, config);
                return new TokenSteps(engine, engine.submit(
                        prompt, () -> Prompt.of(model, rows, config).inputs(), config, controls));
            });
        } catch (RuntimeException | Error e) {
            engine.close();
            throw e;
        }
    }

    /** How many tokens the model can tell apart by place, prompt and new ones together; empty if any number. */
    public OptionalInt positions() {
        return model.identity().spec().room();
    }

    /** The token that fills rows: padding, else the first end token; a negative id is none. */
    static long padding(GenerationConfig config) {
        return IntStream.concat(
                        config.padTokenId().stream(), config.eosTokenId().stream().mapToInt(Integer::intValue))
                .filter(id -> id >= 0)
                .findFirst()
                .orElse(0);
    }
}
