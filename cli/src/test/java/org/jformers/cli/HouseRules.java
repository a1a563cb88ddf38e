package org.jformers.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the parts of the house may know of each other, for the packages below one root. */
final class HouseRules {
    /** Each part with the parts that it may use, those that they use included. */
    private static final Map<String, Set<String>> MAY_USE = mayUse();

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
        allow(parts, "model", "nn", "checkpoint", "hub");
        allow(parts, "artifacts", "model");
        allow(parts, "generation", "model", "text");
        allow(parts, "pipeline", "generation");
        allow(parts, "testkit", "pipeline");
        allow(parts, "settings");
        allow(parts, "data", "text", "settings");
        allow(parts, "objective", "model", "data");
        allow(parts, "optim", "nn");
        allow(parts, "evaluation", "pipeline", "data");
        allow(parts, "conformance", "testkit", "evaluation");
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
            String[] allowed = packages(used.toArray(String[]::new));
            String[] below = new String[allowed.length + 1];
            System.arraycopy(allowed, 0, below, 0, allowed.length);
            below[allowed.length] = root + "." + part + "..";
            rules.add(noClasses().that().resideInAPackage(root + "." + part + "..")
                    .should().dependOnClassesThat(resideInAPackage(root + ".*..").and(not(resideInAnyPackage(below))))
                    .as(part + " uses nothing but " + used)
                    .allowEmptyShould(true));
        });
        return rules;
    }

    /** Only the parts that handle tensors name the engine. */
    ArchRule engine() {
        String[] free = packages(
                "tensor", "nn", "checkpoint", "model", "generation", "objective", "optim", "training", "distributed",
                "testkit", "conformance");
        return noClasses().that(resideInAPackage(root + "..")
                        .and(not(resideInAnyPackage(free)).or(resideInAPackage(root + ".model.family.."))))
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

    /** Libraries print nothing. */
    ArchRule silence() {
        return noClasses().that().resideOutsideOfPackages(root + ".cli", root + ".cli..")
                .should().accessField(System.class, "out")
                .orShould().accessField(System.class, "err")
                .allowEmptyShould(true);
    }

    private String[] packages(String... parts) {
        String[] packages = new String[parts.length];
        for (int i = 0; i < parts.length; i++) {
            packages[i] = root + "." + parts[i] + "..";
        }
        return packages;
    }
}
