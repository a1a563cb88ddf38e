package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jformers.pipeline.Jformers;
import org.jformers.pipeline.Pipeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of tasks is what the command, the door and the page say. */
final class RunTasksTest {
    private static final Path FOLDER = Path.of("src/test/resources/pipelines");
    private static final Path PAGE = Path.of("../docs/pipelines.md");

    private record Golden(TaskEntry task, Path model, JsonNode call) {
        @Override
        public String toString() {
            return task.name();
        }
    }

    private static List<String> options(TaskEntry task) {
        return task.options().stream().map(option -> option.replaceFirst(" .*", "")).toList();
    }

    /** The rows of the page's tables by the task that they begin with; some rows are for several. */
    private static Map<String, List<String>> rows() throws IOException {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        String before = "";
        for (String line : Files.readAllLines(PAGE)) {
            if (line.startsWith("| `")) {
                // "the same" is what the row above says
                String row = line.contains("the same") ? line + before : line;
                for (String task : line.split("\\|")[1].replaceAll("[` ]", "").split(",")) {
                    rows.computeIfAbsent(task, name -> new ArrayList<>()).add(row);
                }
                before = line;
            }
        }
        return rows;
    }

    @Test
    void thePageHasTheTasksWithTheirOptions() throws IOException {
        Map<String, List<String>> rows = rows();
        assertThat(rows.keySet()).containsExactlyInAnyOrderElementsOf(
                RunTasks.ALL.stream().map(TaskEntry::name).toList());
        for (TaskEntry task : RunTasks.ALL) {
            List<String> two = rows.get(task.name());
            assertThat(two).as(task.name()).hasSize(2);
            assertThat(options(task)).as(task.name()).isNotEmpty()
                    .allSatisfy(option -> assertThat(two.get(1)).contains("`" + option + "`"));
        }
    }

    @Test
    void theDoorOpensEach() {
        Set<Class<?>> opened = Arrays.stream(Jformers.class.getMethods()).map(Method::getReturnType)
                .filter(Pipeline.class::isAssignableFrom).collect(Collectors.toSet());
        assertThat(opened).containsAll(RunTasks.ALL.stream().map(TaskEntry::pipeline).toList());
    }

    @Test
    void flagsAreOptionsOfCalls() {
        for (TaskEntry task : RunTasks.ALL) {
            List<String> known = options(task);
            assertThat(task.flags()).as(task.name()).allSatisfy(flag ->
                    assertThat(known.contains(flag.option()) || task.inputs().contains("all settings")).isTrue());
            assertThat(Run.jformers("run", task.name(), "--help").out())
                    .contains(task.flags().stream().map(flag -> flag.flag().substring(2)).toList());
        }
    }

    static Stream<Golden> goldens() throws IOException {
        Map<String, Golden> goldens = new LinkedHashMap<>();
        try (Stream<Path> models = Files.list(FOLDER)) {
            for (Path model : models.sorted().toList()) {
                for (String line : Files.readAllLines(model.resolve("calls.jsonl"))) {
                    JsonNode golden = new JsonMapper().readTree(line);
                    String name = golden.get("task").asText();
                    if (golden.has("result") && golden.get("call").isObject()) {
                        goldens.computeIfAbsent(name, each -> new Golden(RunTasks.ALL.stream()
                                .filter(task -> task.name().equals(each)).findFirst().orElseThrow(),
                                model, golden.get("call")));
                    }
                }
            }
        }
        assertThat(goldens).hasSameSizeAs(RunTasks.ALL);
        return goldens.values().stream();
    }

    /** What a refused option gets to hear: all that is read, be it an option or a part of the inputs. */
    @ParameterizedTest
    @MethodSource("goldens")
    void callsReadTheOptionsOfTheTable(Golden golden) throws IOException {
        ObjectNode call = golden.call().deepCopy();
        String answer = StandardInput.jformers(call.put("unheard_of", 1).toString(), "run", golden.task().name(),
                "--model", golden.model().toString(), "--json").out();
        assertThat(answer).contains("got the option unheard_of, which the task does not have, allowed [");
        String read = answer.replaceFirst(".*allowed \\[", "").replaceFirst("\\].*\\s*$", "");
        List<String> allowed = List.of(read.split(", "));
        assertThat(options(golden.task())).allSatisfy(option ->
                assertThat(allowed.contains(option) || call.get("inputs").has(option)).as(option).isTrue());
    }
}
