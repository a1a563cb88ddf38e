package org.jformers.training;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jformers.model.Model;
import org.jformers.nn.Parameter;

/**
 * A model and another one that is trained with it, as what a run trains. Both stay the caller's. A folder has the files
 * of the first, and those of the other in a folder of its name.
 *
 * @param model what the run is about
 * @param helper what is trained beside it
 * @param name of the helper, before the names of its parameters
 * @param shared those of the helper's parameters that are the model's
 */
public record TrainedPair(Model model, Model helper, String name, Set<String> shared) implements Trainable {
    public TrainedPair {
        shared = Set.copyOf(shared);
    }

    private TrainedModel first() {
        return new TrainedModel(model);
    }

    private TrainedModel second() {
        return new TrainedModel(helper);
    }

    @Override
    public Map<String, Parameter> parameters() {
        Map<String, Parameter> all = new LinkedHashMap<>(first().parameters());
        second().parameters().forEach((own, parameter) -> {
            if (!shared.contains(own)) {
                all.put(name + "." + own, parameter);
            }
        });
        return all;
    }

    @Override
    public Set<String> storedNames(String parameter) {
        return parameter.startsWith(name + ".")
                ? second().storedNames(parameter.substring(name.length() + 1)).stream()
                        .map(stored -> name + "." + stored).collect(Collectors.toSet())
                : first().storedNames(parameter);
    }

    @Override
    public void train(boolean on) {
        first().train(on);
        second().train(on);
    }

    @Override
    public boolean training() {
        return first().training();
    }

    @Override
    public Snapshot snapshot() {
        return new Both(first().snapshot(), second().snapshot(), name);
    }

    private record Both(Snapshot first, Snapshot second, String name) implements Snapshot {
        @Override
        public void write(Path folder) {
            first.write(folder);
            second.write(folder.resolve(name));
        }

        @Override
        public long bytes() {
            return first.bytes() + second.bytes();
        }

        @Override
        public void close() {
            first.close();
            second.close();
        }
    }

    @Override
    public void restore(Path folder) {
        first().restore(folder);
        second().restore(folder.resolve(name));
    }
}
