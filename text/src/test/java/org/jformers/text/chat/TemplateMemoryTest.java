package org.jformers.text.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Templates that keep all that they can make fit into a quarter of a gigabyte; tried in a process that has no more. */
final class TemplateMemoryTest {
    private static final String HEAP = "-Xmx256m";
    private static final ChatRequest REQUEST = ChatRequest.of(List.of(Map.of("role", "user", "content", "c")));
    private static final String AGAIN = "{% set ns = namespace(v=0, l=[]) %}{% for i in range(99999) %}"
            + "{% for j in range(999) %}{% set p = ns.v %}";
    private static final String END = "{% endfor %}{% endfor %}";

    /** Values that hold the one before, so that none is ever free. */
    private static final List<String> CHAINS = List.of(
            "{% macro m() %}{{ p }}{% endmacro %}{% set ns.v = m %}",
            "{% for x in [p] recursive %}{% set ns.v = loop %}{% endfor %}",
            "{% set ns.v = cycler(p) %}",
            "{% set ns.v = namespace(a=p) %}",
            "{% set ns.v = [p] | map('string') %}");

    /** Small values, of which a list has very many. */
    private static final List<String> ELEMENTS = List.of("{}", "{1: 2}", "i / 7", "'a' ~ i", "('a', i)", "'a'.split()");

    /** Large values, of which a list has some. */
    private static final List<String> WHOLES = List.of(
            "'\u5b57' * 15000000",
            "('\u5b57' * 9000000) | list",
            "('\u5b57' * 9000000) | map('upper') | list",
            "('a b ' * 4000000).split()",
            "('ab\n' * 4000000).splitlines()",
            "('xy' * 4000000) | batch(1) | list",
            "('\u5b57' * 4000000) | groupby(0)",
            "'x'.join(messages[0].content * 5000000)",
            "'{:09999999,}'.format(1)");

    /** Renders every so many of them, as the argument says, in the process with the small heap. */
    public static void main(String[] arguments) {
        int step = Integer.parseInt(arguments[0]);
        some(CHAINS, step).forEach(chain -> render(AGAIN + chain + END));
        for (String element : some(ELEMENTS, step)) {
            String many = String.join(", ", Collections.nCopies(1000, element));
            render(AGAIN + "{% set ns.l = ns.l + [[" + many + "]] %}" + END);
        }
        for (String whole : some(WHOLES, step)) {
            render(AGAIN + "{% set ns.l = ns.l + [" + whole + "] %}" + END);
            render("{{ " + whole + " }}");
        }
        System.out.print("done");
    }

    private static List<String> some(List<String> all, int step) {
        return IntStream.range(0, all.size()).filter(i -> (i + 1) % step == 0).mapToObj(all::get).toList();
    }

    private static void render(String template) {
        try {
            ChatTemplate.parse(template).render(REQUEST).text();
        } catch (ChatTemplateException e) {
            // Most want too much.
        } catch (OutOfMemoryError e) {
            System.out.println("out of memory: " + template.substring(0, Math.min(300, template.length())));
        }
    }

    @Test
    @Timeout(120)
    void noTemplateFillsTheHeap() throws IOException, InterruptedException {
        fillTheHeap(3);
    }

    @Test
    @Tag("slow")
    @Timeout(600)
    void noneOfAllOfThemDoes() throws IOException, InterruptedException {
        fillTheHeap(1);
    }

    private static void fillTheHeap(int step) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), HEAP,
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"), TemplateMemoryTest.class.getName(), Integer.toString(step))
                .redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).isEqualTo("done");
    }
}
