package org.jformers.generation;

import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Shapes;

/**
 * Writes down a recording of any length with Whisper: pass by pass over as many frames as the model reads, each from
 * where the one before it ended. Source: arXiv:2212.04356, 3.8; transformers 5.18, {@code WhisperGenerationMixin}, for
 * one recording. Uses a model that somebody else owns; a model may serve several threads.
 *
 * <p>Beside the settings of {@link Generator}, the keys {@code return_timestamps}, {@code max_initial_timestamp_index},
 * {@code condition_on_prev_tokens} and {@code prev_sot_token_id} of {@code generation_config.json} decide, and those
 * that say how a target begins: {@code language}, {@code task} and what belongs to them. Tokens are never drawn: passes
 * that are repeated at higher temperatures are refused by the names of their thresholds.
 */
public final class SpeechGenerator {
    /** The key that says whether times are written. */
    public static final String TIMES = "return_timestamps";

    private final Model model;

    /**
     * What was written.
     *
     * @param ids the tokens of all passes, without those that a target begins and ends with
     * @param language the token of the language; empty where the model knows of none
     */
    public record Written(int[] ids, OptionalInt language) {}

    /** A generator over a model, which stays the caller's. */
    public SpeechGenerator(Model model) {
        this.model = model;
    }

    /**
     * Writes down a recording.
     *
     * @param inputs {@code input_features}, float32 [1, bands, frames]
     * @throws org.jformers.JformersException if the settings do not fit the model, or leave no room for a token
     */
    public Written generate(ModelInputs inputs, GenerationConfig config) {
        return Scopes.get(() -> {
            inputs.requireOnly(Set.of("input_features"), "generate");
            Tensor features_1MF = inputs.require("input_features");
            Shapes.require("input_features", features_1MF, 1, -1, -1);
            return new SpeechPasses(model, features_1MF, config).written();
        });
    }
}
