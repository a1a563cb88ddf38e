package org.jformers.model.auto;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.LoadMode;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.Model;
import org.jformers.model.surgery.LoraAdapter;
import org.jformers.tensor.Scopes;

/**
 * Loads a model folder with an adapter merged into it. The adapter may bring weights that the folder lacks, such as a
 * head, and in a {@code config.json} of its own what the head is for. Weights that are mapped
 * from a file are changed in
 * memory alone.
 */
final class AdaptedLoading {
    /** What a configuration beside an adapter decides. */
    private static final List<String> OF_HEAD = List.of("architectures", "id2label", "label2id", "problem_type");

    private AdaptedLoading() {}

    static AutoModel.Loaded run(Path folder, LoadRequest request, LoraAdapter adapter) {
        Set<String> brought = adapter.whole();
        LoadMode mode = request.mode().isStrict()
                ? request.mode()
                : new LoadMode(request.mode().unexpected(), request.mode().missing().and(brought),
                        request.mode().replaced().and(brought));
        LoadRequest plain = headed(request.unquantized(), adapter).withMode(mode);
        AutoModel.Loaded loaded = new ModelLoading(folder, plain, brought).run();
        Model model = loaded.model();
        try {
            Set<String> apart = adapter.apart(model);
            model = apart.isEmpty() ? model : untied(model, apart);
            adapter.mergeInto(model);
            return new AutoModel.Loaded(model, loaded.report());
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static LoadRequest headed(LoadRequest request, LoraAdapter adapter) {
        JsonNode config = adapter.config();
        LoadRequest headed = request;
        if (OF_HEAD.stream().noneMatch(request.config()::containsKey)) {
            for (String key : OF_HEAD) {
                headed = config.has(key) ? headed.withConfig(key, config.get(key)) : headed;
            }
        }
        return config.has("id2label") && !request.config().containsKey("num_labels")
                ? headed.withConfig("num_labels", null)
                : headed;
    }

    /**
     * The same model with some of the weights that it ties held apart; takes the parameters of the one that is given.
     */
    private static Model untied(Model model, Collection<String> apart) {
        Model untied = model.device().making(() ->
                AutoModel.network(ModelLoading.untied(model.identity(), apart)));
        Map<String, Tensor> old = model.network().tensors();
        WeightMap names = model.identity().weights();
        untied.network().tensors().forEach((name, tensor) -> Scopes.run(() -> {
            Tensor same = old.get(name);
            if (same == null) {
                String stored = untied.identity().weights().stored(name).orElseThrow();
                same = Objects.requireNonNull(old.get(names.heldBy(stored, old.keySet()).get(0))).clone();
            }
            tensor.set_data(same);
        }));
        model.close();
        return untied;
    }
}
