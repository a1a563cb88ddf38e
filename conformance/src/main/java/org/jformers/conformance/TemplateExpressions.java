package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jformers.JformersException;
import org.jformers.testkit.Check;
import org.jformers.testkit.Check.Outcome;
import org.jformers.testkit.ConformanceResult;
import org.jformers.testkit.Tolerance;
import org.jformers.text.chat.ChatRequest;
import org.jformers.text.chat.ChatTemplate;

/**
 * A file of templates, one JSON object a line, also with {@code .gz} behind: first the {@code context} of variables,
 * then each a {@code template} with the text that Jinja renders as {@code expected}, or {@code refused}.
 */
final class TemplateExpressions {
    private TemplateExpressions() {}

    static boolean isNamedSo(Path file) {
        return file.getFileName().toString().matches(".*\\.jsonl(\\.gz)?");
    }

    /** One check for all templates together, then one for each that differs. */
    static ConformanceResult run(Path file) {
        List<Check> differing = new ArrayList<>();
        int count = 0;
        try (BufferedReader lines = open(file)) {
            Map<?, ?> context = context(lines.readLine(), file);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                count++;
                JsonNode one = Case.JSON.readTree(line);
                Check check = check(one, context);
                if (check.outcome() != Outcome.PASSED) {
                    differing.add(check);
                }
            }
        } catch (IOException e) {
            throw new JformersException("expressions: cannot be read, " + e.getMessage() + ", in " + file, e);
        }
        String detail = count - differing.size() + " as expected, " + differing.size() + " not, of " + count;
        List<Check> checks = new ArrayList<>();
        checks.add(differing.isEmpty() && count > 0
                ? Check.passed("templates", detail)
                : Check.failed("templates", detail));
        checks.addAll(differing);
        return new ConformanceResult(file.getFileName().toString(), checks);
    }

    private static BufferedReader open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        return new BufferedReader(new InputStreamReader(
                file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in, StandardCharsets.UTF_8));
    }

    private static Map<?, ?> context(String line, Path file) throws IOException {
        JsonNode first = Case.JSON.readTree(line == null ? "" : line);
        if (!first.path("context").isObject()) {
            throw new JformersException("expressions: got a first line without a context, in " + file);
        }
        return Case.JSON.convertValue(first.get("context"), Map.class);
    }

    private static Check check(JsonNode one, Map<?, ?> context) {
        String name = one.path("template").toString();
        boolean refused = one.path("refused").asBoolean();
        ChatRequest.Builder request = ChatRequest.builder(List.of());
        context.forEach((key, value) -> request.variable(String.valueOf(key), value));
        JsonNode text;
        try {
            text = Case.JSON.getNodeFactory().textNode(
                    ChatTemplate.parse(one.path("template").asText()).render(request.build()).text());
        } catch (RuntimeException | StackOverflowError e) {
            return refused ? Cases.refusal(name, e) : Check.thrown(name, e);
        }
        return refused
                ? Check.failed(name, "got " + Comparison.brief(text) + ", expected an error")
                : Comparison.checks(name, text, one.path("expected"), Tolerance.EXACT).get(0);
    }
}
