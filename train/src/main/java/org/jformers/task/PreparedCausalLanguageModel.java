package org.jformers.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.PackedBlocks;
import org.jformers.data.Table;
import org.jformers.data.TokenSequences;
import org.jformers.experiment.Console;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.objective.NextToken;
import org.jformers.objective.Objective;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.jformers.training.report.ReportData;

/** A causal language model over a byte-level BPE vocabulary of its own. */
final class PreparedCausalLanguageModel implements PreparedTask {
    /** The token that ends a document, as GPT-2 names it. */
    static final String END_OF_TEXT = "<|endoftext|>";

    private final CausalLanguageModel task;
    private final RunStart start;
    private final HeldOut rows;
    private final Tokenizer tokenizer;
    private final TokenSequences trainingDocuments;

    PreparedCausalLanguageModel(CausalLanguageModel task, RunStart start, Console console) {
        this.task = task;
        this.start = start;
        rows = HeldOut.texts(task.data(), start.experiment().seed());
        console.say(rows.toString());
        tokenizer = ByteLevelBpeTrainer.builder()
                .vocabSize(task.vocabSize())
                .specialTokens(END_OF_TEXT)
                .build()
                .train(text(rows.training()));
        trainingDocuments = TokenSequences.encodePlain(text(rows.training()), tokenizer);
        console.say(String.format("vocabulary of %,d tokens, %,d tokens to train on",
                tokenizer.vocabSize(), trainingDocuments.tokens()));
    }

    private List<String> text(Table table) {
        return table.column(task.data().column());
    }

    private PackedBlocks blocks(TokenSequences documents) {
        return new PackedBlocks(documents, tokenizer.id(END_OF_TEXT).orElseThrow(),
                task.batches().length(), task.batches().blocks());
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
    public Objective objective(Model model) {
        return new NextToken(model);
    }

    @Override
    public Model model() {
        ObjectNode config = VocabularyKeys.languageModel(start.experiment().model().config(), tokenizer.vocabSize(),
                tokenizer.id(END_OF_TEXT).orElseThrow());
        return start.create(config, Task.CAUSAL_LM);
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
        return new CausalLanguageModelEvaluation(
                task, start.experiment().seed(), tokenizer, trainingDocuments, text(rows.test()))
                .run(modelFolder);
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        String text = text(rows.test()).get(0);
        String prompt = text.contains(":") ? text.substring(0, text.indexOf(':') + 1) : "The";
        return new ReportData.Command("Let the model write", "./jformers generate --model "
                + Shell.quoted(modelFolder.toString()) + " --prompt " + Shell.quoted(prompt));
    }

    @Override
    public String pipelineTag() {
        return "text-generation";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().source()).getFileName().toString();
    }
}
