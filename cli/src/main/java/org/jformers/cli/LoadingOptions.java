package org.jformers.cli;

import java.util.List;
import org.jformers.checkpoint.LoadMode;
import org.jformers.hub.HubContents;
import org.jformers.model.auto.LoadRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a command makes of the folder that it loads. */
final class LoadingOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--allow-missing",
            paramLabel = "PATTERN",
            description = "Weights that may be missing and then start at random, by name; * stands for any characters,"
                    + " a module for all in it. May be given several times.")
    private List<String> missing = List.of();

    @Option(
            names = "--adapter",
            paramLabel = "DIR|ID",
            description = "A LoRA adapter that is merged into the model: its folder, or its id on the hub.")
    private @Nullable String adapter;

    @Option(
            names = "--weights",
            paramLabel = "TYPE",
            description = "How weights are kept: float32, bfloat16, float16 or float64; or those of linear maps as"
                    + " int8, int4 (groups of 32), int4-64, int4-128 or int4-256. Default: float32, and in 8 or 4 bits"
                    + " what the folder has so.")
    private @Nullable String weights;

    /** A model of any task; an adapter that is not here is downloaded. */
    LoadRequest request() {
        LoadRequest request = LoadRequest.DECLARED.withMode(LoadMode.DEFAULT.allowingMissing(missing));
        LoadRequest kept = weights == null ? request : request.withWeights(weights);
        return adapter == null
                ? kept
                : kept.withAdapter(ModelArgument.folder(adapter, HubContents.ADAPTER, spec));
    }
}
