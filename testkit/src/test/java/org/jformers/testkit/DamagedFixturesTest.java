package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.checkpoint.CheckpointWriter;
import org.jformers.checkpoint.LoadMode;
import org.jformers.checkpoint.LoadReport;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.nn.Parameter;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Golden models of all families with weights taken out, or under the names that other programs give them. */
class DamagedFixturesTest {
    /** How many weights of a model are taken out, one at a time, evenly spread. */
    private static final int TAKEN = 4;

    @TempDir
    Path folder;

    static Stream<Path> models() {
        return Fixtures.children(Fixtures.folder("models")).stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void refusesEachWeightThatIsNotThereOrComputesItsOwn(Path golden) throws IOException {
        List<String> names = new ArrayList<>();
        WeightMap map;
        try (Checkpoint checkpoint = Checkpoint.open(golden);
                Model model = AutoModel.load(golden)) {
            names.addAll(checkpoint.names());
            map = model.identity().weights();
        }
        int step = Math.max(1, names.size() / TAKEN);
        for (int i = golden.hashCode() & 1; i < names.size(); i += step) {
            String name = names.get(i);
            copy(golden, weights -> {
                weights.remove(name);
                return weights;
            });
            Throwable refused = catchThrowable(() -> {
                AutoModel.Loaded loaded = AutoModel.load(folder, LoadRequest.DECLARED);
                try (Model model = loaded.model()) {
                    assertDispensable(model, loaded.report());
                }
            });
            if (refused != null) {
                assertThat(refused).as(name).isInstanceOf(CheckpointException.class);
                assertThat(refused.getMessage()).as(name)
                        .containsAnyOf("1 missing ('" + name + "')", "1 missing ('" + map.known(name) + "')");
            }
        }
    }

    private static void assertDispensable(Model model, LoadReport report) {
        Map<String, Parameter> parameters = model.network().parameters();
        report.missing().forEach((parameter, reason) -> assertThat(
                        reason.endsWith("no pooler") || parameters.get(parameter).dispensable())
                .as(parameter).isTrue());
    }

    @ParameterizedTest
    @MethodSource("models")
    void findsNamesInsideOtherModules(Path golden) throws IOException {
        LoadReport before = report(golden);
        for (String around : List.of("module.", "_orig_mod.module.", "model.", "base_model.model.")) {
            copy(golden, weights -> {
                Map<String, Tensor> wrapped = new LinkedHashMap<>();
                weights.forEach((name, tensor) -> wrapped.put(around + name, tensor));
                return wrapped;
            });
            LoadReport after = report(folder);
            assertThat(after.loaded()).as(around).isEqualTo(before.loaded());
            assertThat(after.missing()).as(around).isEqualTo(before.missing());
            assertThat(after.unexpected()).as(around).hasSameSizeAs(before.unexpected());
        }
    }

    private static LoadReport report(Path model) {
        AutoModel.Loaded loaded = AutoModel.load(model, LoadRequest.DECLARED.withMode(LoadMode.DEFAULT));
        loaded.model().close();
        return loaded.report();
    }

    private void copy(Path golden, UnaryOperator<Map<String, Tensor>> change) throws IOException {
        Files.writeString(folder.resolve("config.json"), Files.readString(golden.resolve("config.json")));
        try (Checkpoint checkpoint = Checkpoint.open(golden)) {
            Scopes.run(() -> CheckpointWriter.write(
                    folder, change.apply(new LinkedHashMap<>(checkpoint.tensors()))));
        }
    }
}
