package org.jformers.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.PackedBlocks;
import org.jformers.data.Table;
import org.jformers.data.TokenSequences;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.objective.NextToken;
import org.jformers.objective.Objective;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;

/** A causal language model over a byte-level BPE vocabulary of its own. */
final class LanguageModelRecipe implements Recipe {
    /** The token that ends a document, as GPT-2 names it. */
    static final String END_OF_TEXT = "<|endoftext|>";

    private final Experiment experiment;
    private final HeldOut rows;
    private final Tokenizer tokenizer;
    private final TokenSequences trainingDocuments;

    LanguageModelRecipe(Experiment experiment, Console console) {
        this.experiment = experiment;
        rows = HeldOut.read(experiment.data(), experiment.seed());
        console.say(rows.toString());
        tokenizer = ByteLevelBpeTrainer.builder()
                .vocabSize(experiment.tokenizer().vocabSize())
                .specialTokens(END_OF_TEXT)
                .build()
                .train(text(rows.training()));
        trainingDocuments = TokenSequences.encodePlain(text(rows.training()), tokenizer);
        console.say(String.format("vocabulary of %,d tokens, %,d tokens to train on",
                tokenizer.vocabSize(), trainingDocuments.tokens()));
    }

    private List<String> text(Table table) {
        return table.column(experiment.data().sourceColumn());
    }

    private PackedBlocks blocks(TokenSequences documents) {
        return new PackedBlocks(documents, tokenizer.id(END_OF_TEXT).orElseThrow(),
                experiment.batches().maxTargetLength(), experiment.batches().blocks());
    }

    @Override
    public BatchedExamples training() {
        return blocks(trainingDocuments);
    }

    @Override
    public Iterable<Batch> validation() {
        return blocks(TokenSequences.encodePlain(text(rows.validation()), tokenizer)).evaluationBatches();
    }

    @Override
    public Task task() {
        return Task.CAUSAL_LM;
    }

    @Override
    public Objective objective(Model model) {
        return new NextToken(model);
    }

    @Override
    public ObjectNode modelConfig() {
        return VocabularyKeys.languageModel(
                experiment.model(), tokenizer.vocabSize(), tokenizer.id(END_OF_TEXT).orElseThrow());
    }

    @Override
    public void complete(Path modelFolder) {
        tokenizer.save(modelFolder);
        int endOfText = tokenizer.id(END_OF_TEXT).orElseThrow();
        // The best token each time leads a small model into a circle.
        GenerationConfig.builder().bosTokenId(endOfText).eosTokenId(endOfText)
                .doSample(true).temperature(0.7).topP(0.9)
                .build().save(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        return new LanguageModelEvaluation(experiment, tokenizer, trainingDocuments, text(rows.test()))
                .run(modelFolder);
    }
}
