package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.surgery.Lora;
import org.jformers.nn.Module;
import org.jformers.tensor.DType;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights go to the device of the request, and stay there through whatever a model becomes. */
final class DeviceLoadingTest {
    private static final LoadRequest META = LoadRequest.DECLARED.withDevice(Device.META);

    @Test
    void everyCheckpointGoesToADevice() throws IOException {
        for (Path folder : Fixtures.children(Fixtures.folder("models"))) {
            Scopes.run(() -> {
                try (Model host = AutoModel.load(folder, LoadRequest.DECLARED.withDevice(Device.CPU)).model();
                        Model meta = AutoModel.load(folder, META).model();
                        Model half = AutoModel.load(folder, META.withPrecision(DType.BFLOAT16)).model()) {
                    assertThat(shapes(meta.network())).as(folder.toString()).isEqualTo(shapes(host.network()));
                    assertThat(meta.device()).isEqualTo(Device.META);
                    for (Model there : List.of(meta, half)) {
                        requireOnMeta(there);
                    }
                    assertThat(half.network().tensors().values().stream()
                            .filter(tensor -> Tensors.type(tensor) == ScalarType.Float)).isEmpty();
                }
            });
        }
    }

    @Test
    void changedModelsStayWhereTheyAre(@TempDir Path folder) {
        Scopes.run(() -> {
            try (Model model = AutoModel.load(Fixtures.folder("models").resolve("bert-masked-lm"), META).model();
                    Model resized = AutoModel.resized(model, model.identity().spec().tokenTable().get().entries() + 3);
                    Model pruned = AutoModel.pruned(model, Map.of(0, List.of(1)))) {
                requireOnMeta(resized);
                requireOnMeta(pruned);
                Lora.attach(model, new Lora.Spec(2, 4, 0.1, List.of(), false));
                requireOnMeta(model);
                Tensor ids = Tensors.ofLongs(new long[][] {{1, 2, 3}});
                for (Model there : List.of(model, resized, pruned)) {
                    assertThat(Device.of(there.forward(ModelInputs.of(ids)).logits())).isEqualTo(Device.META);
                }
                assertThatThrownBy(() -> resized.save(folder.resolve("saved"))).isInstanceOf(JformersException.class)
                        .hasMessageContaining("got a tensor on meta");
            }
        });
    }

    private static void requireOnMeta(Model model) {
        model.network().tensors().forEach((name, tensor) ->
                assertThat(Device.of(tensor)).as(name).isEqualTo(Device.META));
    }

    private static Map<String, String> shapes(Module module) {
        Map<String, String> shapes = new LinkedHashMap<>();
        module.tensors().forEach((name, tensor) -> shapes.put(name, Arrays.toString(tensor.shape())));
        return shapes;
    }
}
