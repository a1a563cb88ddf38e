package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.tensor.Scopes;
import org.jformers.testkit.Check;
import org.jformers.testkit.Conformance;
import org.jformers.testkit.ConformanceResult;

/**
 * Whatever holds golden values: folders of {@link Conformance}, folders with {@code case.json}, files of optimizers,
 * schedules and metrics, and files of chat template expressions.
 */
public final class Cases {
    private static final Map<String, Operation> OPERATIONS = operations();

    private Cases() {}

    private static Map<String, Operation> operations() {
        Map<String, Operation> operations = new LinkedHashMap<>();
        operations.putAll(ModelOperations.all());
        operations.putAll(TextOperations.all());
        operations.putAll(DataOperations.all());
        return operations;
    }

    /**
     * What there is to run: this file or folder if it holds golden values, otherwise what is in the folder.
     *
     * @throws JformersException if there is nothing
     */
    public static List<Path> in(Path path) {
        if (isOwn(path) || Files.isRegularFile(path) && GoldenFile.isNamedSo(path)) {
            return List.of(path);
        }
        if (!Files.isDirectory(path)) {
            throw new JformersException("conformance: no such folder, or file of golden values, " + path);
        }
        if (Conformance.isGolden(path)) {
            return List.of(path);
        }
        List<Path> below = entries(path).stream()
                .filter(entry -> isOwn(entry) || Files.isDirectory(entry) && Conformance.isGolden(entry))
                .toList();
        if (below.isEmpty()) {
            throw new JformersException("conformance: none of " + Case.FILE + ", golden.jsonl and golden.json is in "
                    + path + " or a folder in it");
        }
        return below;
    }

    /**
     * Runs one of those.
     *
     * @throws JformersException if it holds no golden values
     */
    public static ConformanceResult run(Path path) {
        if (Files.isRegularFile(path)) {
            return GoldenFile.isNamedSo(path) ? GoldenFile.run(path) : TemplateExpressions.run(path);
        }
        if (!isOwn(path)) {
            return Conformance.run(path);
        }
        String name = String.valueOf(path.toAbsolutePath().normalize().getFileName());
        return new ConformanceResult(name, run(Case.read(path)));
    }

    private static boolean isOwn(Path path) {
        return Files.isRegularFile(path.resolve(Case.FILE))
                || Files.isRegularFile(path) && TemplateExpressions.isNamedSo(path);
    }

    private static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new JformersException("cases: cannot be listed, " + e.getMessage() + ", in " + folder, e);
        }
    }

    private static List<Check> run(Case one) {
        Operation operation = OPERATIONS.get(one.op());
        if (operation == null) {
            return List.of(Check.unsupported(
                    "op", "got " + one.op() + ", allowed " + String.join(", ", OPERATIONS.keySet())));
        }
        if (!one.unknown(operation.keys()).isEmpty()) {
            return List.of(Check.unsupported(one.op(), "keys " + one.unknown(operation.keys())));
        }
        JsonNode result;
        try {
            result = Scopes.get(() -> operation.result().apply(one));
        } catch (RuntimeException | StackOverflowError e) {
            return List.of(one.refused() ? refusal(one.op(), e) : Check.thrown(one.op(), e));
        }
        return one.refused()
                ? List.of(Check.failed(one.op(), "got " + Comparison.brief(result) + ", expected an error"))
                : Comparison.checks(one.op(), result, one.expected(), one.tolerance());
    }

    /** A refusal is an exception of the library with one line; what slipped through to elsewhere is none. */
    static Check refusal(String name, Throwable e) {
        boolean clear = e instanceof JformersException
                && e.getMessage() != null
                && !e.getMessage().isBlank()
                && e.getMessage().lines().count() == 1;
        return clear ? Check.passed(name, "refused: " + e.getMessage()) : Check.thrown(name + " is to be refused", e);
    }
}
