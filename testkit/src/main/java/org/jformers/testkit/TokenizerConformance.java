package org.jformers.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jformers.JformersException;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.TokenizerException;

/** Runs one tokenizer folder: every line of its golden file, one check for each kind of line. */
final class TokenizerConformance {
    /** The file with the golden lines. */
    static final String LINES = "golden.jsonl";

    private static final ObjectMapper JSON = new ObjectMapper();

    private TokenizerConformance() {}

    /** What was found in the lines of one kind. */
    private static final class Tally {
        private int lines;
        private final List<String> differences = new ArrayList<>();
    }

    static ConformanceResult run(Path folder) {
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        GoldenLine golden;
        try {
            golden = new GoldenLine(AutoTokenizer.loadPlain(folder), AutoTokenizer.loadTarget(folder));
        } catch (TokenizerException e) {
            return new ConformanceResult(name, List.of(Check.unsupported("load", e.getMessage())));
        } catch (RuntimeException e) {
            return new ConformanceResult(name, List.of(Check.thrown("load", e)));
        }
        Map<String, Tally> tallies = new LinkedHashMap<>();
        int number = 0;
        for (JsonNode line : lines(folder.resolve(LINES))) {
            number++;
            Tally tally = tallies.computeIfAbsent(line.path("kind").asText(), kind -> new Tally());
            tally.lines++;
            for (String difference : golden.differences(line)) {
                tally.differences.add("line " + number + ": " + difference);
            }
        }
        List<Check> checks = new ArrayList<>();
        tallies.forEach((kind, tally) -> checks.add(check(kind, tally)));
        return new ConformanceResult(name, checks);
    }

    private static Check check(String kind, Tally tally) {
        if (!GoldenLine.KINDS.contains(kind)) {
            return Check.unsupported(kind, tally.lines + " lines of a kind that no tokenizer here answers");
        }
        return tally.differences.isEmpty()
                ? Check.passed(kind, tally.lines + " lines")
                : Check.failed(kind, tally.differences.size() + " differences in " + tally.lines
                        + " lines, the first in " + tally.differences.get(0));
    }

    private static List<JsonNode> lines(Path file) {
        try {
            List<JsonNode> nodes = new ArrayList<>();
            for (String line : Files.readAllLines(file)) {
                nodes.add(JSON.readTree(line));
            }
            return nodes;
        } catch (JsonProcessingException e) {
            throw new JformersException("golden.jsonl: no valid JSON, " + e.getOriginalMessage() + ", in " + file, e);
        } catch (IOException e) {
            throw new JformersException("golden.jsonl: cannot be read, " + e.getMessage() + ", " + file, e);
        }
    }
}
