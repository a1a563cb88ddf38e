package org.jformers.text.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jformers.text.ProcessorTime;
import org.jformers.text.WorkBudget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a template does again and again with large values, its work is paid for at its real cost, and ends soon. */
@Timeout(120)
@ExtendWith(ProcessorTime.class)
final class TemplateWorkTest {
    /** Large values: a text and one that nearly occurs in it, equal keys that are not the same, huge numbers. */
    private static final String VALUES = "{%% set n = %d %%}{%% set s = 'a' * n %%}{%% set t = 'a' * (n // 2) ~ 'b' %%}"
            + "{%% set r = 'b' ~ 'a' * (n // 2) %%}{%% set u = '\uD83D\uDE00' * (n // 4) %%}"
            + "{%% set w = 'ab ' * (n // 4) %%}"
            + "{%% set q = '\\n<' * (n // 4) %%}{%% set k = 'k' * n %%}{%% set e = 'k' * (n - 1) ~ 'k' %%}"
            + "{%% set l = range(n // 4) | list %%}{%% set d = {k: 1} %%}{%% set b = 7 ** 5000 %%}"
            + "{%% set c = 3 ** 4000 %%}"
            + "{%% set m = dict(l | batch(2)) %%}{%% set f = 1e-300 %%}{%% set td = {(k,): 1} %%}";
    private static final String LARGE = String.format(VALUES, 400_000);
    private static final String SMALL = String.format(VALUES, 4_000);
    private static final String AGAIN = "{%% for i in range(99999) %%}{%% for j in range(99999) %%}"
            + "{%% set y = %s %%}{%% endfor %%}{%% endfor %%}";
    private static final ChatRequest REQUEST = ChatRequest.of(List.of(Map.of("role", "user", "content", "x")));

    @ParameterizedTest
    @ValueSource(strings = {"t in s", "s.find(t)", "s.rfind(r)", "s.replace(t, 'x')", "s.split(t)", "s.rsplit(r)",
        "d[e]", "m.items", "b // c", "b == f", "f ~ ''", "u[99999]", "u[1:]", "s | title"})
    void theWholeBudgetOfARenderingIsSoonSpent(String expression) {
        assertThatThrownBy(() -> ChatTemplate.parse(LARGE + String.format(AGAIN, expression)).render(REQUEST))
                .isInstanceOf(ChatTemplateException.class).hasMessageContaining("takes more than the allowed");
    }

    /** With a part of the budget, so that there can be many of them. */
    @ParameterizedTest
    @ValueSource(strings = {
        "s.count(t)", "s.partition(t)", "s.rpartition(r)", "s.startswith(t)", "s.startswith((t, t, t, t))",
        "s.strip(t)", "w.split()", "w.split('c')", "q.splitlines()", "s.upper()", "s.title()", "s.expandtabs()",
        "s | wordcount", "u | length", "u[900]", "u[:-1]", "s[::2]", "s[:-1] == s[1:]", "k == e", "s < t", "d.get(e)",
        "e in d", "td[(e,)]", "{k: 1, e: 2}", "m.items()", "m.keys()", "m[5]", "m.copy()", "-1 in l", "l.index(999)",
        "l.count(5)", "l == l[:]", "l + l", "l * 2", "l[1:]", "l[::-1]", "l | sum", "l | max", "l | sort", "w | list",
        "[k, e] | unique | list", "[k, e] | sort", "[e] | groupby(0)", "l | reverse | first",
        "l | map('string') | list",
        "l | select('odd') | list", "l | batch(2) | list", "l | slice(2) | list", "l | join", "l | groupby('real')",
        "l | tojson", "l | string", "l | pprint", "m | dictsort", "m | items | list", "m | tojson(sort_keys=true)",
        "b * 3", "b % c", "b + c", "b < c", "b | string", "b | int", "2 ** 14000", "b.bit_length()",
        "b.as_integer_ratio()", "'%.400f' % f", "'{:,}'.format(b)", "'%d' % b", "('9' * 4200) | int", "f | round(300)",
        "q | escape", "q | indent", "q | trim('<')", "q | reverse", "q | tojson", "q | pprint", "q.encode()",
        "q.translate({97: 'b'})", "q.isprintable()", "q.center(40000)", "q ~ 'x'", "('<' | safe) + q",
        "('%s' | safe) % q", "'%s' % q", "'{}'.format(q)", "s is upper", "s is eq t", "(k,) == (e,)", "range(100000)",
        "namespace(a=1)", "cycler(1, 2)", "dict(m)", "[]", "{}", "nothing.at.all if false", "s.nope", "s.upper",
        "strftime_now('%d' * 1000)", "loop.changed(l)"})
    void everyOperationIsPaidFor(String expression) {
        Meter meter = new Meter(WorkBudget.of("the template", Meter.STEPS / 200, Meter.CHARACTERS));
        ChatTemplate template = ChatTemplate.parse(SMALL + String.format(AGAIN, expression));

        assertThatThrownBy(() -> template.render(REQUEST, meter))
                .isInstanceOf(ChatTemplateException.class).hasMessageContaining("takes more than the allowed");
    }

    @Test
    void searchesTakeTimeThatGrowsWithTheTextsAndNotWithTheirProduct() {
        String text = "{{ [t in s, s.find(t), s.rfind(r), s.replace(t, ''), s.split(t), s.count(t)] | length }}";

        assertThat(ChatTemplate.parse(LARGE + text).render(REQUEST).text()).isEqualTo("6");
    }

    @Test
    void searchesFindWhatIsThere() {
        String needle = "abcabcabdabcabcabc";
        String text = "xx" + "abc".repeat(9) + needle + "abc" + needle + needle.substring(1);

        assertThat(TextSearch.of(needle).first(text, 0)).isEqualTo(text.indexOf(needle));
        assertThat(TextSearch.of(needle).first(text, 35)).isEqualTo(text.indexOf(needle, 35));
        for (int end = 0; end <= text.length(); end++) {
            int expected = end < needle.length() ? -1 : text.lastIndexOf(needle, end - needle.length());
            assertThat(TextSearch.backward(needle).last(text, end)).isEqualTo(expected);
        }
    }

    @Test
    void keysThatHashAlikeAreFoundSoon() {
        StringBuilder keys = new StringBuilder("{% set d = {");
        for (int i = 0; i < 4096; i++) {
            keys.append("'");
            for (int bit = 0; bit < 12; bit++) {
                keys.append((i >> bit & 1) == 0 ? "Aa" : "BB"); // of one hash code
            }
            keys.append("': ").append(i).append(",");
        }
        String again = "{% for i in range(200) %}{% for k in d %}{% set y = d[k] %}{% endfor %}{% endfor %}";

        assertThat(ChatTemplate.parse(keys + "} %}" + again + "{{ d | length }}").render(REQUEST).text())
                .isEqualTo("4096");
    }

    @Test
    void aRequestMayLimitTheTime() {
        ChatRequest request = ChatRequest.builder(List.of()).timeLimit(Duration.ofMillis(1)).build();
        String endless = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}";

        assertThatThrownBy(() -> ChatTemplate.parse(endless).render(request)).isInstanceOf(ChatTemplateException.class)
                .hasMessageContaining("longer than the time allowed");
        assertThat(ChatTemplate.parse("x").render(
                ChatRequest.builder(List.of()).timeLimit(Duration.ofMinutes(1)).build()).text()).isEqualTo("x");
    }

    @Test
    void longConversationsDoNotNotice() {
        String text = "Hello there, this is a text. ".repeat(700);
        List<?> messages = Collections.nCopies(200, Map.of("role", "user", "content", text));
        ChatTemplate template = ChatTemplate.parse(GoldenChatTest.resource("templates/qwen3-thinking.jinja"));

        assertThat(template.render(ChatRequest.of(messages)).text()).hasSizeGreaterThan(200 * text.length());
    }

    @Test
    void messagesAreShortWhateverATemplateSays() {
        for (String template : List.of("{{ raise_exception('x' * 9999999) }}", "{{ none['x' * 999999].y }}",
                "{{ none.x" + "x".repeat(99999) + ".y }}",
                "{{ 'x' | nope" + "x".repeat(99999) + " }}", "{% " + "x".repeat(99999) + " %}",
                "{{ ('%(' ~ 'k' * 99999 ~ ')s') % {} }}")) {
            assertThatThrownBy(() -> ChatTemplate.parse(template).render(REQUEST))
                    .isInstanceOf(ChatTemplateException.class)
                    .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(1000));
        }
    }
}
