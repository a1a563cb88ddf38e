package org.jformers.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the parts of the house may know of each other, for the packages below one root. */
final class HouseRules {
    /** Each part with the parts that it may use, those that they use included. */
    private static final Map<String, Set<String>> MAY_USE = mayUse();

    private static final String ENGINE = "org.bytedeco.pytorch.";

    private static final Pattern MAKERS = Pattern.compile("(torch_)?(arange|empty(_quantized|_strided)?|eye"
            + "|from_(blob|file)|full|linspace|logspace|normal|ones|rand(int|n|perm)?|range|scalar_(tensor|to_tensor)"
            + "|tensor|tri[lu]_indices|zeros|(bartlett|blackman|hamming|hann|kaiser)_window)");

    private static final Set<String> MOVERS = Set.of("cpu", "create", "cuda", "device", "pin_memory");

    private static final Set<String> OF_DEVICES = Stream.of(
                    "Device", "DeviceOptional", "DeviceTypeOptional", "TensorOptions", "global.torch$DeviceType")
            .map(ENGINE::concat)
            .collect(Collectors.toUnmodifiableSet());

    private final String root;

    /** @param root package above all parts: {@code org.jformers}, or that of the samples that break the rules */
    HouseRules(String root) {
        this.root = root;
    }

    private static Map<String, Set<String>> mayUse() {
        Map<String, Set<String>> parts = new LinkedHashMap<>();
        allow(parts, "text");
        allow(parts, "tensor");
        allow(parts, "hub");
        allow(parts, "nn", "tensor");
        allow(parts, "checkpoint", "tensor", "text");
        allow(parts, "model", "nn", "checkpoint");
        allow(parts, "model.head", "model");
        allow(parts, "model.kind", "model.head");
        allow(parts, "model.family", "model.kind");
        allow(parts, "model.surgery", "model.kind");
        allow(parts, "model.auto", "model.family", "model.surgery", "hub");
        allow(parts, "model.convert", "model.auto");
        allow(parts, "vision", "model");
        allow(parts, "audio", "model");
        allow(parts, "artifacts", "model.convert");
        allow(parts, "generation", "model.auto", "text");
        allow(parts, "pipeline", "generation", "vision", "audio");
        allow(parts, "server", "pipeline");
        allow(parts, "langchain4j", "pipeline");
        allow(parts, "testkit", "pipeline");
        allow(parts, "settings");
        allow(parts, "data", "text", "settings");
        allow(parts, "objective", "model.kind", "data");
        allow(parts, "optim", "nn");
        allow(parts, "evaluation", "pipeline", "data");
        allow(parts, "conformance", "testkit", "evaluation", "optim");
        allow(parts, "training", "objective", "optim", "pipeline", "settings");
        allow(parts, "distributed", "training");
        allow(parts, "experiment", "distributed");
        allow(parts, "task", "experiment", "evaluation");
        allow(parts, "corpora", "data");
        allow(parts, "experiments", "task", "corpora");
        return parts;
    }

    private static void allow(Map<String, Set<String>> parts, String part, String... used) {
        Set<String> all = new LinkedHashSet<>();
        for (String below : used) {
            all.add(below);
            all.addAll(parts.get(below));
        }
        parts.put(part, all);
    }

    /** One rule per part: it uses no part but those below it. */
    List<ArchRule> directions() {
        List<ArchRule> rules = new ArrayList<>();
        MAY_USE.forEach((part, used) -> {
            Set<String> itself = new LinkedHashSet<>(used);
            itself.add(part);
            String[] below = packages(itself.toArray(String[]::new));
            rules.add(noClasses().that().resideInAPackage(packages(part)[0])
                    .should().dependOnClassesThat(resideInAPackage(root + ".*..").and(not(resideInAnyPackage(below))))
                    .as(part + " uses nothing but " + used)
                    .allowEmptyShould(true));
        });
        return rules;
    }

    /** No packages use each other, not even in a circle through others. */
    ArchRule circles() {
        return slices().matching(root + ".(**)").should().beFreeOfCycles().allowEmptyShould(true);
    }

    /** Only the parts that handle tensors name the engine. */
    ArchRule engine() {
        String[] free = packages(
                "tensor", "nn", "checkpoint", "model", "model.head", "model.kind", "model.surgery", "model.auto",
                "model.convert", "vision", "audio", "generation", "objective", "optim", "training", "distributed",
                "testkit", "conformance");
        return noClasses().that(resideInAPackage(root + "..").and(not(resideInAnyPackage(free))))
                .should().dependOnClassesThat().resideInAPackage("org.bytedeco..")
                .allowEmptyShould(true);
    }

    /** Only {@code tensor.Scopes} lets a native object outlive its scope. */
    ArchRule lifetimes() {
        return noClasses().that().doNotHaveFullyQualifiedName(root + ".tensor.Scopes")
                .should().accessTargetWhere(DescribedPredicate.describe(
                        "the lifetime of a native object is changed", access -> changesLifetime(access.getTarget())))
                .allowEmptyShould(true);
    }

    // Tensor.detach is something else: it leaves the graph of gradients.
    private static boolean changesLifetime(AccessTarget target) {
        String name = target.getName();
        String owner = target.getOwner().getFullName();
        boolean counts = name.equals("retainReference") && owner.startsWith("org.bytedeco.");
        boolean moves = (name.equals("attach") || name.equals("detach")) && owner.endsWith(".PointerScope");
        return counts || moves;
    }

    /** Only {@code tensor} makes tensors and names devices, so that what is made is where the model is. */
    ArchRule devices() {
        return noClasses().that(resideInAPackage(root + "..").and(not(resideInAPackage(packages("tensor")[0]))))
                .should().accessTargetWhere(DescribedPredicate.describe(
                        "a tensor is made or moved", access -> makesTensor(access.getTarget())))
                .orShould().dependOnClassesThat(DescribedPredicate.describe(
                        "are about devices", type -> OF_DEVICES.contains(type.getName())))
                .allowEmptyShould(true);
    }

    // zeros_like and its kind are where their model is.
    private static boolean makesTensor(AccessTarget target) {
        String owner = target.getOwner().getFullName();
        String name = target.getName();
        return owner.equals(ENGINE + "global.torch") && MAKERS.matcher(name).matches()
                || owner.equals(ENGINE + "Tensor") && MOVERS.contains(name);
    }

    /** Libraries print nothing; commands and measurements do. */
    ArchRule silence() {
        return noClasses().that().resideOutsideOfPackages(root + ".cli..", root + ".bench..")
                .should().accessField(System.class, "out")
                .orShould().accessField(System.class, "err")
                .allowEmptyShould(true);
    }

    /** The packages of parts: with all below them, unless some of those are parts of their own. */
    private String[] packages(String... parts) {
        String[] packages = new String[parts.length];
        for (int i = 0; i < parts.length; i++) {
            String within = parts[i] + ".";
            boolean divided = MAY_USE.keySet().stream().anyMatch(part -> part.startsWith(within));
            packages[i] = root + "." + parts[i] + (divided ? "" : "..");
        }
        return packages;
    }
}
