package org.jformers.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * What llama.cpp calls the tensors of a model folder, and what it does to them: families write it as data. In both
 * names {@code {}} stands for an index.
 */
public final class GgufTensors {
    /** The tensors of a file as they are, for those who do not ask for a model. */
    public static final GgufTensors PLAIN = new GgufTensors(List.of(), List.of(), true);

    private record Rule(NamePattern file, NamePattern folder, GgufChange change) {}

    /** A tensor under the other name, and how it becomes that. */
    public record Target(String name, GgufChange change) {
        /**
         * The tensor of the file, from the folder's one.
         *
         * @throws CheckpointException if it cannot be changed so
         */
        public Tensor toFile(Tensor tensor) {
            try {
                return change.toFile(tensor);
            } catch (IllegalArgumentException e) {
                throw new CheckpointException("GGUF: the tensor to be " + name + " " + e.getMessage(), e);
            }
        }
    }

    private final List<Rule> rules;
    private final List<NamePattern> ignored;
    private final boolean plain;

    private GgufTensors(List<Rule> rules, List<NamePattern> ignored, boolean plain) {
        this.rules = List.copyOf(rules);
        this.ignored = List.copyOf(ignored);
        this.plain = plain;
    }

    /** An empty map to fill. */
    public static Builder builder() {
        return new Builder();
    }

    /** What a tensor of the file is in the folder; empty if it is nothing there, or not known. */
    Optional<Target> inFolder(String name) {
        if (plain) {
            return Optional.of(new Target(name, new GgufChange.None()));
        }
        return rules.stream()
                .flatMap(rule -> rule.file().match(name).stream()
                        .map(indices -> new Target(rule.folder().fill(indices), rule.change())))
                .findFirst();
    }

    /** What a tensor of the folder is in the file; empty if it is nothing there, or not known. */
    public Optional<Target> inFile(String name) {
        return rules.stream()
                .flatMap(rule -> rule.folder().match(name).stream()
                        .map(indices -> new Target(rule.file().fill(indices), rule.change())))
                .findFirst();
    }

    /** Whether a tensor of either is one that the other does without. */
    public boolean ignores(String name) {
        return ignored.stream().anyMatch(pattern -> pattern.match(name).isPresent());
    }

    /** Collects the lines of a map. Names of modules are without {@code .weight} and {@code .bias}. */
    public static final class Builder {
        private final List<Rule> rules = new ArrayList<>();
        private final List<NamePattern> ignored = new ArrayList<>();

        private Builder() {}

        /** A tensor, by its whole names. */
        public Builder tensor(String file, String folder) {
            return add(file, folder, new GgufChange.None());
        }

        /** The weight and the bias of a module. */
        public Builder module(String file, String folder) {
            return both(file, folder, new GgufChange.None());
        }

        /** A linear map that the folder stores as [in, out], as GPT's Conv1D, the file as [out, in]. */
        public Builder conv1d(String file, String folder) {
            return add(file + ".weight", folder + ".weight", new GgufChange.Transposed())
                    .add(file + ".bias", folder + ".bias", new GgufChange.None());
        }

        /** A linear map whose rows ggml turns in neighbouring pairs, the folder's model in halves of each head. */
        public Builder paired(String file, String folder, long heads) {
            return both(file, folder, new GgufChange.Paired(heads));
        }

        /** A norm of which the file holds what it multiplies with, the folder that less 1. */
        public Builder onePlus(String file, String folder) {
            return add(file + ".weight", folder + ".weight", new GgufChange.OnePlus());
        }

        /** A table of which the file lacks the first rows. Such files are written, not read. */
        public Builder withoutRows(String file, String folder, long rows) {
            return add(file + ".weight", folder + ".weight", new GgufChange.WithoutRows(rows));
        }

        /** A tensor, by its whole name in either, that says nothing that the other needs. */
        public Builder ignored(String name) {
            ignored.add(new NamePattern(name));
            return this;
        }

        private Builder both(String file, String folder, GgufChange change) {
            return add(file + ".weight", folder + ".weight", change).add(file + ".bias", folder + ".bias", change);
        }

        private Builder add(String file, String folder, GgufChange change) {
            NamePattern one = new NamePattern(file);
            NamePattern other = new NamePattern(folder);
            if (one.indices() != other.indices()) {
                throw new IllegalArgumentException(file + " and " + folder + " need equally many {}");
            }
            rules.add(new Rule(one, other, change));
            return this;
        }

        /** The map. */
        public GgufTensors build() {
            return new GgufTensors(rules, ignored, false);
        }
    }
}
