package org.jformers.text.training;

import java.util.List;

/**
 * The settings that all trainings have.
 *
 * @param <B> the builder itself
 */
public abstract class TrainerBuilder<B extends TrainerBuilder<B>> {
    int vocabSize;
    long minFrequency = 2;
    int maxTokenLength = Integer.MAX_VALUE;
    int alphabetLimit = Integer.MAX_VALUE;
    String initialAlphabet = "";
    List<String> specialTokens;
    double shrinkingFactor = 0.75;
    int subIterations = 2;
    int longestPiece = 16;
    TrainingProgress progress = TrainingProgress.SILENT;

    TrainerBuilder(int vocabSize, String... specialTokens) {
        this.vocabSize = vocabSize;
        this.specialTokens = List.of(specialTokens);
    }

    abstract B self();

    /** Size of the vocabulary, special tokens included; smaller when the texts give no more. */
    public B vocabSize(int size) {
        vocabSize = size;
        return self();
    }

    /** Tokens with the first ids, which are never split. */
    public B specialTokens(String... tokens) {
        specialTokens = List.of(tokens);
        return self();
    }

    public B progress(TrainingProgress listener) {
        progress = listener;
        return self();
    }
}
