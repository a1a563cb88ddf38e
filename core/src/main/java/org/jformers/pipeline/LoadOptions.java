package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jformers.checkpoint.LoadMode;
import org.jformers.hub.HubContents;
import org.jformers.hub.HubSettings;
import org.jformers.hub.ModelSource;
import org.jformers.hub.TransferListener;
import org.jformers.model.auto.LoadRequest;
import org.jformers.nn.Quantization;
import org.jformers.tensor.DType;
import org.jformers.tensor.Device;

/**
 * How {@link Jformers} loads a model; as they come, float32 on the graphics card if there is one, otherwise on the
 * processor, all weights there. Immutable: each method returns other options.
 */
public final class LoadOptions {
    /** What is loaded unless a caller says otherwise. */
    public static final LoadOptions DEFAULT =
            new LoadOptions(LoadRequest.DECLARED, Optional.empty(), Optional.empty(), TransferListener.NONE);

    private final LoadRequest request;
    private final Optional<String> adapter;
    private final Optional<HubSettings.Access> access;
    private final TransferListener listener;

    private LoadOptions(
            LoadRequest request, Optional<String> adapter, Optional<HubSettings.Access> access,
            TransferListener listener) {
        this.request = request;
        this.adapter = adapter;
        this.access = access;
        this.listener = listener;
    }

    private LoadOptions with(LoadRequest other) {
        return new LoadOptions(other, adapter, access, listener);
    }

    /** Weights of another type: float32, bfloat16, float16 or float64. */
    public LoadOptions precision(DType type) {
        return with(request.withPrecision(type));
    }

    /** The matrices of linear maps in fewer bits, whatever the folder has. */
    public LoadOptions quantization(Quantization kind) {
        return with(request.withQuantization(kind));
    }

    /** Where the model computes. */
    public LoadOptions device(Device device) {
        return with(request.withDevice(device));
    }

    /** A LoRA adapter that is merged into the model: its folder, or its id on the hub. */
    public LoadOptions adapter(String folderOrId) {
        return new LoadOptions(request, Optional.of(folderOrId), access, listener);
    }

    /** Weights that may be missing and then start at random; * stands for any characters, a module for all in it. */
    public LoadOptions allowMissing(String... names) {
        return with(request.withMode(request.mode().allowingMissing(List.of(names))));
    }

    /** No difference between the files and the model is let pass. */
    public LoadOptions strict() {
        return with(request.withMode(LoadMode.STRICT));
    }

    /** Nothing is asked of the network: what is not here is not had. */
    public LoadOptions offline() {
        return new LoadOptions(request, adapter, Optional.of(HubSettings.Access.OFFLINE), listener);
    }

    /** Hears how far a download is. */
    public LoadOptions listener(TransferListener hears) {
        return new LoadOptions(request, adapter, access, hears);
    }

    /**
     * The folder of a model, loaded into the cache if it is not here.
     *
     * @param model whatever {@link Jformers} takes
     */
    public Path folder(String model) {
        return folder(model, HubContents.MODEL);
    }

    private Path folder(String model, HubContents contents) {
        return ModelSource.folder(model, contents, access.orElseGet(ModelSource::access), listener);
    }

    /** What is to be made of it, for any task. */
    public LoadRequest request() {
        return adapter.map(from -> request.withAdapter(folder(from, HubContents.ADAPTER))).orElse(request);
    }
}
