package org.jformers.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jformers run}: a model does a task, as the pipelines of transformers do it. */
@Command(
        name = "run",
        description = "Let a model do a task, with the results of the pipelines of transformers.",
        synopsisSubcommandLabel = "TASK",
        subcommands = {
            TextClassificationCommand.class,
            ZeroShotClassificationCommand.class,
            TokenClassificationCommand.class,
            QuestionAnsweringCommand.class,
            FillMaskCommand.class,
            TextGenerationCommand.class,
            Text2TextGenerationCommand.class,
            SummarizationCommand.class,
            TranslationCommand.class,
            FeatureExtractionCommand.class,
            EmbeddingsCommand.class,
            SentenceSimilarityCommand.class,
            RerankingCommand.class,
            ImageClassificationCommand.class,
            ZeroShotImageClassificationCommand.class,
            ImageFeatureExtractionCommand.class,
            AutomaticSpeechRecognitionCommand.class,
            AudioClassificationCommand.class
        })
final class RunCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Without a task: wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a task");
    }
}
