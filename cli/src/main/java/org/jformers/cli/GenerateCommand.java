package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.generation.Controls;
import org.jformers.generation.DraftModel;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.PromptCache;
import org.jformers.generation.PromptLookup;
import org.jformers.hub.HubContents;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.pipeline.Completion;
import org.jformers.pipeline.TextGeneration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers generate}: a decoder continues a text, shown as it is written. */
@Command(name = "generate", description = "Continue a text with a language model, shown as it is written.")
final class GenerateCommand implements Runnable {

    private static final int LENGTH = 100;

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", required = true, paramLabel = "DIR|ID", description = ModelArgument.DESCRIPTION)
    private String model;

    @Option(
            names = "--prompt",
            required = true,
            paramLabel = "TEXT",
            description = "The text to continue; an empty one stands for the token that begins a text.")
    private String prompt;

    @Mixin
    private SearchOptions search;

    @Option(
            names = "--negative-prompt",
            paramLabel = "TEXT",
            description = "What the text is led away from; with --set guidance_scale=X of more than 1.")
    private @Nullable String negativePrompt;

    @Option(
            names = "--prompt-cache",
            paramLabel = "FILE",
            description = "Keep what was read of the prompt in FILE; where FILE is there, read on from it as far as the"
                    + " prompt is the same.")
    private @Nullable Path promptCache;

    @Option(
            names = "--draft",
            paramLabel = "DIR|ID",
            description = "A smaller model of the same vocabulary that guesses tokens ahead: the same text, sooner.")
    private @Nullable String draft;

    @Option(
            names = "--prompt-lookup",
            paramLabel = "N",
            description = "Guess up to N tokens ahead from where the text stood before: the same text, sooner.")
    private @Nullable Integer promptLookup;

    @Mixin
    private LoadingOptions loading;

    @Mixin
    private DeviceOption device;

    @Override
    public void run() {
        Path folder = ModelArgument.folder(model, HubContents.MODEL, spec);
        try (TextGeneration generation = TextGeneration.load(folder, loading.request().withDevice(device.device()))) {
            GenerationConfig settings = limited(search.applyTo(generation.config()), generation.room(prompt));
            write(generation, settings);
        }
    }

    private void write(TextGeneration generation, GenerationConfig settings) {
        if (draft != null && promptLookup != null) {
            throw new JformersException("--draft: got it with --prompt-lookup, allowed one of them");
        }
        Controls controls = negativePrompt == null
                ? search.controls()
                : search.controls().withNegativePrompt(
                        IntStream.of(generation.tokens(negativePrompt, TextGeneration.PROMPT)).boxed().toList());
        if (promptCache == null) {
            writeGuessing(generation, settings, controls);
            return;
        }
        boolean there = Files.exists(promptCache);
        try (PromptCache cache = there ? generation.promptCache(promptCache) : generation.promptCache(prompt)) {
            if (!there) {
                cache.save(promptCache);
            }
            writeGuessing(generation, settings, controls.withPromptCache(cache));
        }
    }

    private void writeGuessing(TextGeneration generation, GenerationConfig settings, Controls controls) {
        if (draft == null) {
            write(generation, settings,
                    promptLookup == null ? controls : controls.withDrafts(new PromptLookup(promptLookup)));
            return;
        }
        Path folder = ModelArgument.folder(draft, HubContents.MODEL, spec);
        try (Model guessing = AutoModel.load(folder, loading.request().withDevice(device.device()).forInference())
                .model()) {
            write(generation, settings, controls.withDrafts(new DraftModel(guessing, DraftModel.USUAL)));
        }
    }

    private void write(TextGeneration generation, GenerationConfig settings, Controls controls) {
        PrintWriter out = spec.commandLine().getOut();
        if (settings.numBeams() == 1 && settings.numReturnSequences() == 1) {
            out.print(prompt);
            generation.stream(prompt, settings, controls, piece -> {
                out.print(piece);
                out.flush();
            });
            out.println();
            return;
        }
        for (Completion completion : generation.generate(List.of(prompt), settings, controls).get(0)) {
            out.println(prompt + completion.text());
        }
    }

    /** Where neither the folder nor the user says how much to write, what fits into the model. */
    private static GenerationConfig limited(GenerationConfig settings, int room) {
        return settings.maxNewTokens().isPresent() || settings.maxLength().isPresent()
                ? settings
                : settings.with().maxNewTokens(Math.max(1, Math.min(LENGTH, room))).build();
    }
}
