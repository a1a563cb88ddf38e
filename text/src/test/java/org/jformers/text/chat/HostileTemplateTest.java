package org.jformers.text.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jformers.text.ProcessorTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates that want too much, or out of the box, end in an error; on a small stack, and soon. */
@Timeout(120)
@ExtendWith(ProcessorTime.class)
final class HostileTemplateTest {
    private static final int STACK = 256 * 1024;

    /** What rendering throws on a thread with a small stack. */
    private static Throwable failure(String template) throws InterruptedException {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(null, () -> {
            try {
                ChatTemplate.parse(template).render(
                        ChatRequest.builder(List.of(Map.of("role", "user", "content", "x"))).build());
            } catch (Throwable e) {
                failure.set(e);
            }
        }, "small", STACK);
        thread.start();
        thread.join();
        return failure.get();
    }

    static List<String> bombs() {
        List<String> bombs = new ArrayList<>(List.of(
                "{{ 'x' * 999999999 }}",
                "{{ [0] * 999999999 }}",
                "{{ range(99999999) }}",
                "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}",
                "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
                "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}",
                "{% set ns = namespace(l=(1,)) %}{% for i in range(99) %}{% set ns.l = (ns.l, ns.l) %}{% endfor %}{{ {ns.l: 1} }}",
                "{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
                "{% set ns = namespace(d={}) %}{% for i in range(9999) %}{% set ns.d = {'a': ns.d} %}{% endfor %}{{ ns.d | tojson }}",
                "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s | replace('x', 'xxxx') %}{% endfor %}",
                "{% set ns = namespace(s='x') %}{% for i in range(99999) %}{% set ns.s = ns.s ~ 'x' %}{% endfor %}",
                "{% set ns = namespace(n=3) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor %}{{ ns.n }}",
                "{{ 9 ** (9 ** 9) }}",
                "{{ 9 ** 99999999999 }}",
                "{{ '%999999999d' % 1 }}",
                "{{ '%*d' % (999999999, 1) }}",
                "{{ '%.999999f' % 1 }}",
                "{{ '{:>99999999}'.format(1) }}",
                "{{ '{:999999999999}'.format(1) }}",
                "{{ 'x'.center(999999999) }}",
                "{{ 'x' | center(999999999) }}",
                "{{ 'a\nb' | indent(999999999) }}",
                "{{ [1] | batch(999999999, 0) | list }}",
                "{{ [1] | slice(999999999) | list }}",
                "{{ [[1]] | tojson(indent=999999999) }}",
                "{{ 'x'.zfill(999999999) }}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% macro m(x) %}{% if true %}{% for i in [1] %}{{ m([x]) }}{% endfor %}{% endif %}{% endmacro %}{{ m(1) }}",
                "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
                "{% macro m(f) %}{{ f(f) }}{% endmacro %}{{ m(m) }}",
                "{% macro m(x=m()) %}{% endmacro %}{{ m() }}",
                "{% macro m(a) %}{{ [a] | map('string') | list ~ m(a) }}{% endmacro %}{{ m(1) }}",
                "{% set ns = namespace() %}{% set ns.f %}{% endset %}{% macro m() %}{{ dict(a=m()) }}{% endmacro %}{{ m() }}",
                "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "{% for x in messages recursive %}{% set y %}{{ loop(messages) | upper }}{% endset %}{{ y }}{% endfor %}"));
        int many = 20_000;
        for (String[] nest : new String[][] {
            {"(", "1", ")"}, {"[", "1", "]"}, {"{1:", "1", "}"}, {"-", "1", ""}, {"+", "1", ""}, {"f(", "1", ")"},
            {"1 if 1 else ", "1", ""}, {"x[", "1", "]"}, {"1 is eq(", "1", ")"}, {"1|d(", "1", ")"}, {"(1,", "1", ")"},
            {"not (", "1", ")"}, {"1 in [", "1", "]"}, {"'a'~(", "1", ")"}, {"x[1:", "1", "]"}}) {
            bombs.add("{{ " + nest[0].repeat(many) + nest[1] + nest[2].repeat(many) + " }}");
        }
        bombs.add("{% if 1 %}".repeat(many) + "{% endif %}".repeat(many));
        bombs.add("{% for i in [1] %}".repeat(many) + "{% endfor %}".repeat(many));
        bombs.add("{% macro m() %}".repeat(many) + "{% endmacro %}".repeat(many));
        bombs.add("{% set " + "(".repeat(many) + "a" + ")".repeat(many) + " = 1 %}");
        bombs.add("{{ " + "1 if 0 ".repeat(many) + "}}");
        return bombs;
    }

    @ParameterizedTest
    @MethodSource("bombs")
    void bombsEndInAnError(String template) throws InterruptedException {
        assertThat(failure(template)).as(template.substring(0, Math.min(99, template.length())))
                .isInstanceOf(ChatTemplateException.class).hasMessageMatching("(?s)chat template, line \\d+: .*");
    }

    static List<String> chains() {
        int many = 20_000;
        return List.of(
                "{{ 1" + " + 1".repeat(many) + " }}",
                "{{ 1" + " ~ 1".repeat(many) + " }}",
                "{{ 1" + " and 1".repeat(many) + " }}",
                "{{ 0" + " or 0".repeat(many) + " }}",
                "{{ 1" + " == 1".repeat(many) + " }}",
                "{{ 1" + "|string".repeat(many) + " }}",
                "{{ 'a'" + ".upper()".repeat(many) + " }}",
                "{{ " + "not ".repeat(many) + "1 }}",
                "{{ " + "'a' ".repeat(many) + " }}",
                "{{ 1" + " ** 1".repeat(many) + " }}",
                "{% if 0 %}" + "{% elif 0 %}".repeat(many) + "{% endif %}",
                "{{ 1 }}".repeat(many),
                "{{ [" + "1, ".repeat(many) + "] | length }}",
                "{{ " + "1".repeat(9_000).substring(0, 4_000) + " }}",
                "{{ 'x" + "_".repeat(many) + "' }}",
                "{#" + "-".repeat(many) + "#}",
                "{{ '" + "{% raw ".repeat(many) + "' }}");
    }

    @ParameterizedTest
    @MethodSource("chains")
    void longChainsNeedNoStack(String template) throws InterruptedException {
        assertThat(failure(template)).isNull();
    }

    @Test
    void reasonableNestingWorksOnASmallStack() throws InterruptedException {
        assertThat(failure("{{ " + "(".repeat(25) + "1" + ")".repeat(25) + " }}")).isNull();
        assertThat(failure("{% if 1 %}".repeat(25) + "x" + "{% endif %}".repeat(25))).isNull();
        assertThat(failure("{% macro m(n) %}{% if n %}{{ '<' ~ m(n - 1) ~ '>' }}{% endif %}{% endmacro %}{{ m(25) }}"))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''['__class__']['__base__'] }}",
        "{{ (''|attr('__class__')).x }}",
        "{{ messages.getClass() }}",
        "{{ ''.getClass().forName('java.lang.Runtime') }}",
        "{{ ''.class.protectionDomain.x }}",
        "{{ messages.class.forName('x') }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ joiner.__init__.__globals__ }}",
        "{{ namespace.__init__.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ range.__globals__.x }}",
        "{{ lipsum.__globals__['os'] }}",
        "{{ config.items() }}",
        "{{ request.application.__globals__ }}",
        "{{ '{0.__class__.__mro__}'.format('') }}",
        "{{ '{0.__class__}'.format(messages).x }}{{ messages.append(1) }}",
        "{{ messages[0].update({'role': 'system'}) }}",
        "{{ messages[0].__setitem__('role', 'x') }}",
        "{% set messages[0].role = 'x' %}",
        "{% set messages.x = 1 %}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{{ x|random }}",
        "{{ eval('1') }}"
    })
    void nothingLeadsOutOfTheSandbox(String template) throws InterruptedException {
        Throwable failure = failure(template);
        if (failure == null) {
            assertThat(ChatTemplate.parse(template).render(ChatRequest.of(List.of())).text()).isEmpty();
        } else {
            assertThat(failure).isInstanceOf(ChatTemplateException.class);
        }
    }

    @Test
    void refusesDataThatIsNotPlain() throws InterruptedException {
        List<Object> deep = new ArrayList<>();
        List<Object> inner = deep;
        for (int i = 0; i < 50_000; i++) {
            List<Object> next = new ArrayList<>();
            inner.add(next);
            inner = next;
        }
        for (Object data : List.of(deep, new Object(), Map.of(1, 2))) {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread thread = new Thread(null, () -> {
                try {
                    ChatTemplate.parse("{{ x }}").render(ChatRequest.builder(List.of()).variable("x", data).build());
                } catch (Throwable e) {
                    failure.set(e);
                }
            }, "small", STACK);
            thread.start();
            thread.join();
            assertThat(failure.get()).isInstanceOf(ChatTemplateException.class);
        }
    }

    @Test
    void namesTheLine() throws InterruptedException {
        assertThat(failure("a\n{% if 1 %}\n{{ x.y.z }}{% endif %}")).hasMessage(
                "chat template, line 3: 'x' is undefined");
        assertThat(failure("a\n\n{{ raise_exception('not so') }}")).hasMessage("chat template, line 3: not so");
        assertThat(failure("a\n{% macro m() %}\n{{ 1 + 'a' }}\n{% endmacro %}\n\n{{ m() }}"))
                .hasMessageStartingWith("chat template, line 3: ");
        assertThat(failure("a\n{{ 'x\ny' }}\n{{ ( }}")).hasMessageStartingWith("chat template, line 4: ");
        assertThat(failure("a\n{# x\n #}\n{% raw %}\n{% endraw %}{% nope %}"))
                .hasMessage("chat template, line 5: unknown tag 'nope'");
    }
}
