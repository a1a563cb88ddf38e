package org.jformers.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jformers.generation.GenerationConfig;
import org.jformers.hub.HubContents;
import org.jformers.pipeline.AttentionMap;
import org.jformers.pipeline.Completion;
import org.jformers.pipeline.Translation;
import org.jformers.training.report.AttentionPlot;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers translate}: an encoder-decoder turns texts into other texts, and shows where it looked. */
@Command(
        name = "translate",
        description = "Translate texts with an encoder-decoder; without TEXT, the lines of standard input.")
final class TranslateCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", required = true, paramLabel = "DIR|ID", description = ModelArgument.DESCRIPTION)
    private String model;

    @Parameters(paramLabel = "TEXT", arity = "0..*", description = "Texts to translate.")
    private List<String> texts = List.of();

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "Draw where each head looked in the (only) text, as .svg or .png.")
    private @Nullable Path plot;

    @Option(names = "--layer", paramLabel = "N", description = "Layer to draw, from 1; by default the last.")
    private @Nullable Integer layer;

    @Mixin
    private SearchOptions search;

    @Mixin
    private LoadingOptions loading;

    @Mixin
    private DeviceOption device;

    @Override
    public void run() {
        List<String> inputs = texts.isEmpty() ? lines() : texts;
        if (plot != null && inputs.size() != 1) {
            throw new ParameterException(
                    spec.commandLine(), "--plot: got " + inputs.size() + " texts, allowed exactly one");
        }
        Path folder = ModelArgument.folder(model, HubContents.MODEL, spec);
        try (Translation translation = Translation.load(folder, loading.request().withDevice(device.device()))) {
            GenerationConfig settings = search.applyTo(translation.config());
            List<List<Completion>> results = translation.translate(inputs, settings, search.controls());
            PrintWriter out = spec.commandLine().getOut();
            results.forEach(best -> best.forEach(one -> out.println(one.text())));
            if (plot != null) {
                draw(plot, inputs.get(0), translation.attention(inputs.get(0), results.get(0).get(0), settings));
            }
        }
    }

    private void draw(Path file, String text, AttentionMap map) {
        int layers = map.weights().length;
        int drawn = layer == null ? layers : layer;
        if (drawn < 1 || drawn > layers) {
            throw new ParameterException(spec.commandLine(), "--layer: got " + drawn + ", allowed 1 to " + layers);
        }
        new AttentionPlot(text + ", layer " + drawn, "target", "source", map.target(), map.source(),
                        map.weights()[drawn - 1])
                .write(file);
        spec.commandLine().getErr().println("drew " + file);
    }

    private static List<String> lines() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
