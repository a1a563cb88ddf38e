package org.jformers.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.RunStart;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.SpecialTokens;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;

/**
 * A decoder to be trained and the tokens that its texts are made of: those of the folder that the run starts from, or
 * of a vocabulary made from the data.
 *
 * @param base the folder's model; empty for a new one
 * @param begin stands before a document
 * @param end stands behind it
 * @param room tokens of a row at most
 */
record Language(RunStart start, Optional<TextModel> base, Tokenizer tokenizer, int begin, int end, int room) {
    /** The token that ends a document of a new model, as GPT-2 names it. */
    static final String END_OF_TEXT = "<|endoftext|>";

    /** Tokens of a row where the model can read more and the settings do not say how many. */
    private static final int LONGEST = 1024;

    /**
     * The folder's.
     *
     * @param maxLength tokens of a row at most; 0 for as many as the model can read, {@link #LONGEST} if more
     */
    static Language of(RunStart start, int maxLength) {
        TextModel base = TextModel.of(start, Task.CAUSAL_LM);
        AutoModel.requireCausal(base.config(), Task.CAUSAL_LM, "model.from");
        SpecialTokens special = base.tokenizer().specialTokens();
        int end = base.end().orElseThrow(() -> new ExperimentException("model.from: got "
                + start.experiment().model().from()
                + " without a token that ends a text (eos_token), allowed models with one"));
        return new Language(start, Optional.of(base), base.tokenizer(), special.bos().orElse(end), end,
                base.room(maxLength, LONGEST));
    }

    /** A new one of such texts. */
    static Language create(RunStart start, int vocabSize, int maxLength, List<String> texts) {
        Tokenizer tokenizer = ByteLevelBpeTrainer.builder()
                .vocabSize(vocabSize)
                .specialTokens(END_OF_TEXT)
                .build()
                .train(texts);
        int end = tokenizer.id(END_OF_TEXT).orElseThrow();
        OptionalInt room = AutoModel.spec(
                AutoConfig.parse(config(start, tokenizer, end), "experiment " + start.experiment().name()),
                Task.CAUSAL_LM).room();
        return new Language(start, Optional.empty(), tokenizer, end, end,
                maxLength == 0 ? Math.min(LONGEST, room.orElse(LONGEST)) : maxLength);
    }

    private static ObjectNode config(RunStart start, Tokenizer tokenizer, int end) {
        return VocabularyKeys.languageModel(start.experiment().model().config(), tokenizer.vocabSize(), end);
    }

    Model model() {
        return base.isPresent()
                ? start.load(LoadRequest.of(Task.CAUSAL_LM))
                : start.create(config(start, tokenizer, end), Task.CAUSAL_LM);
    }

    /** The files beside the weights. */
    void complete(Path modelFolder) {
        if (base.isPresent()) {
            base.get().complete(modelFolder);
            return;
        }
        tokenizer.save(modelFolder);
        // The best token each time leads a small model into a circle.
        GenerationConfig.builder().bosTokenId(end).eosTokenId(end)
                .doSample(true).temperature(0.7).topP(0.9)
                .build().save(modelFolder);
    }
}
