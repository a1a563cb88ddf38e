package org.jformers.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jformers.model.Model;
import org.jformers.nn.Parameter;

/**
 * A model and others that are trained with it, as what a run trains. All stay the caller's. A folder has the files of
 * the first, and those of each other one in a folder of its name.
 *
 * @param model what the run is about
 * @param others those beside it, by name
 */
public record TrainedGroup(Model model, Map<String, Member> others) implements Trainable {

    /**
     * A model beside the first.
     *
     * @param model itself
     * @param shared those of its parameters that are the first model's
     */
    public record Member(Model model, Set<String> shared) {
        public Member {
            shared = Set.copyOf(shared);
        }

        private TrainedModel trained() {
            return new TrainedModel(model);
        }
    }

    public TrainedGroup {
        others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
    }

    private TrainedModel first() {
        return new TrainedModel(model);
    }

    @Override
    public Map<String, Parameter> parameters() {
        Map<String, Parameter> all = new LinkedHashMap<>(first().parameters());
        others.forEach((name, member) -> member.trained().parameters().forEach((own, parameter) -> {
            if (!member.shared.contains(own)) {
                all.put(name + "." + own, parameter);
            }
        }));
        return all;
    }

    @Override
    public Set<String> storedNames(String parameter) {
        for (Map.Entry<String, Member> other : others.entrySet()) {
            String prefix = other.getKey() + ".";
            if (parameter.startsWith(prefix)) {
                return other.getValue().trained().storedNames(parameter.substring(prefix.length())).stream()
                        .map(stored -> prefix + stored).collect(Collectors.toSet());
            }
        }
        return first().storedNames(parameter);
    }

    @Override
    public void train(boolean on) {
        first().train(on);
        others.values().forEach(member -> member.trained().train(on));
    }

    @Override
    public boolean training() {
        return first().training();
    }

    @Override
    public Snapshot snapshot() {
        Map<String, Snapshot> beside = new LinkedHashMap<>();
        others.forEach((name, member) -> beside.put(name, member.trained().snapshot()));
        return new All(first().snapshot(), beside);
    }

    private record All(Snapshot first, Map<String, Snapshot> others) implements Snapshot {
        @Override
        public void write(Path folder) {
            first.write(folder);
            others.forEach((name, snapshot) -> snapshot.write(folder.resolve(name)));
        }

        @Override
        public long bytes() {
            return first.bytes() + others.values().stream().mapToLong(Snapshot::bytes).sum();
        }

        @Override
        public void close() {
            List<Snapshot> all = new ArrayList<>(others.values());
            all.add(first);
            all.forEach(Snapshot::close);
        }
    }

    @Override
    public void restore(Path folder) {
        first().restore(folder);
        others.forEach((name, member) -> member.trained().restore(folder.resolve(name)));
    }
}
