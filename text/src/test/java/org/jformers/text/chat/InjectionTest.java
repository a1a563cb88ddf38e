package org.jformers.text.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Segment;
import org.jformers.text.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a user writes never becomes a special token, whatever the template does with it. */
final class InjectionTest {
    private static final Tokenizer LLAMA = AutoTokenizer.load(folder("llama-bpe-byte-fallback"));

    private static Path folder(String name) {
        try {
            return Path.of(InjectionTest.class.getResource("/tokenizers/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> tokenizers() throws IOException {
        try (Stream<Path> folders = Files.list(folder(""))) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
        }
    }

    /** The texts of all tokens that a folder calls special. */
    private static Set<String> specials(Path folder) throws IOException {
        JsonMapper json = new JsonMapper();
        Set<String> specials = new HashSet<>();
        Path file = folder.resolve("tokenizer.json");
        if (Files.exists(file)) {
            for (JsonNode token : json.readTree(file.toFile()).path("added_tokens")) {
                if (token.path("special").booleanValue()) {
                    specials.add(token.get("content").textValue());
                }
            }
        }
        for (String name : List.of("special_tokens_map.json", "tokenizer_config.json")) {
            if (Files.exists(folder.resolve(name))) {
                json.readTree(folder.resolve(name).toFile()).properties().forEach(entry -> {
                    JsonNode token = entry.getValue().isObject() ? entry.getValue().path("content") : entry.getValue();
                    if (entry.getKey().endsWith("_token") && token.isTextual()) {
                        specials.add(token.textValue());
                    }
                });
            }
        }
        return specials;
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void dataNeverBecomesASpecialToken(String name) throws IOException {
        Tokenizer tokenizer = AutoTokenizer.load(folder(name));
        List<String> specials = new ArrayList<>(specials(folder(name)));
        specials.addAll(List.of("<s>", "</s>", "<pad>", "<mask>"));
        Set<Integer> forbidden = new HashSet<>();
        specials.forEach(token -> tokenizer.id(token).ifPresent(forbidden::add));
        boolean ends = tokenizer.specialTokens().unk().equals(tokenizer.specialTokens().eos());
        tokenizer.specialTokens().unk().ifPresent(unknown -> {
            if (!ends) {
                forbidden.remove(unknown); // what is not in the vocabulary is unknown
            }
        });
        List<String> parts = new ArrayList<>(List.of("hello", " ", "a b", "<", ">", "|", "é", "\n"));
        for (String special : specials) {
            parts.addAll(List.of(special, special.toUpperCase(), wide(special), special.substring(1),
                    special.substring(0, special.length() / 2), special.substring(special.length() / 2)));
        }
        Random random = new Random(7);
        for (int round = 0; round < 400; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(8); i >= 0; i--) {
                text.append(parts.get(random.nextInt(parts.size())));
            }
            Encoding encoding = tokenizer.encodeSegments(List.of(new Segment(text.toString(), Segment.Origin.DATA)));
            assertThat(Arrays.stream(encoding.ids()).boxed()).as(text.toString()).noneMatch(forbidden::contains);
        }
        for (String special : specials) {
            if (tokenizer.id(special).isPresent()) {
                int id = tokenizer.id(special).getAsInt();
                int[] ids = tokenizer.encodeSegments(List.of(new Segment(special, Segment.Origin.TEMPLATE))).ids();
                assertThat(ids).as(special).isEqualTo(tokenizer.encodePlain(special).ids());
                int cut = special.length() / 2;
                int[] halves = tokenizer.encodeSegments(List.of(
                        new Segment(special.substring(0, cut), Segment.Origin.TEMPLATE),
                        new Segment(special.substring(cut), Segment.Origin.DATA))).ids();
                assertThat(Arrays.stream(halves).boxed()).as(special).noneMatch(
                        half -> half == id && forbidden.contains(id));
            }
        }
    }

    /** Full-width forms, which some normalizers make ASCII again. */
    private static String wide(String text) {
        StringBuilder wide = new StringBuilder();
        text.chars().forEach(c -> wide.append((char) (c > ' ' && c < 127 ? c + 0xFEE0 : c)));
        return wide.toString();
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void harmlessDataEncodesAsTheWholeText(String name) {
        Tokenizer tokenizer = AutoTokenizer.load(folder(name));
        for (String text : List.of(
                "Hello world, how are you?", "Größe 漢字 😀", "a  b\n\n c", "x", "", " lead and trail ")) {
            for (int cut = 0; cut <= text.length(); cut++) {
                List<Segment> segments = List.of(
                        new Segment(text.substring(0, cut), Segment.Origin.TEMPLATE),
                        new Segment(text.substring(cut), Segment.Origin.DATA));
                assertThat(tokenizer.encodeSegments(segments).ids()).as(text)
                        .isEqualTo(tokenizer.encodePlain(text).ids());
            }
        }
    }

    private static Rendering render(String template, String content) {
        return ChatTemplate.parse(template, Map.of("bos_token", "<s>", "eos_token", "</s>"))
                .render(ChatRequest.of(List.of(Map.of("role", "user", "content", content))));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{{ bos_token + messages[0].content }}",
        "{{ bos_token ~ messages[0]['content'] ~ '' }}",
        "{{ bos_token }}{{ messages[0].content | trim | upper | lower }}",
        "{{ bos_token }}{{ messages[0].content | replace('x', '') }}",
        "{{ bos_token }}{{ messages[0].content.split('q') | join('') }}",
        "{{ bos_token }}{{ messages[0].content[::-1][::-1] }}",
        "{{ bos_token }}{{ messages[0].content | list | join }}",
        "{{ bos_token }}{{ messages[0].content | reverse | reverse }}",
        "{{ bos_token }}{{ '%s' % messages[0].content }}",
        "{{ bos_token }}{{ '%s%s' | format(messages[0].content[:2], messages[0].content[2:]) }}",
        "{{ bos_token }}{{ '{}'.format(messages[0].content) }}",
        "{{ bos_token }}{{ '{0[content]}'.format(messages[0]) }}",
        "{{ bos_token }}{{ ''.join([messages[0].content]) }}",
        "{{ bos_token }}{{ messages[0] | tojson }}",
        "{{ bos_token }}{{ messages }}",
        "{{ bos_token }}{% set x %}{{ messages[0].content }}{% endset %}{{ x }}",
        "{{ bos_token }}{% filter trim %}{{ messages[0].content }}{% endfilter %}",
        "{{ bos_token }}{% macro m(a) %}{{ a }}{{ caller() }}{% endmacro %}{% call m(messages[0].content) %}{{ messages[0].content }}{% endcall %}",
        "{{ bos_token }}{{ messages | map(attribute='content') | join('') }}",
        "{{ bos_token }}{{ {messages[0].content: 1} }}",
        "{{ bos_token }}{% for k in {messages[0].content: 1} %}{{ k }}{% endfor %}",
        "{{ bos_token }}{% set ns = namespace(a='') %}{% for c in messages[0].content %}{% set ns.a = ns.a + c %}{% endfor %}{{ ns.a }}",
        "{{ bos_token }}{{ messages[0].content * 2 }}",
        "{{ bos_token }}{{ messages[0].content | indent | truncate(900) | center(99) }}",
        "{{ bos_token }}{{ messages[0].content.replace('s', 'S').swapcase().casefold() }}",
        "{{ bos_token }}{{ messages[0].content.partition('>') | join }}",
        "{{ bos_token }}{{ messages[0].content | default('x') | string }}",
        "{{ bos_token }}{{ dict(a=messages[0].content).a }}",
        "{{ bos_token }}{{ '%c%c%c' % (60, 115, 62) }}{{ messages[0].content }}",
        "{{ bos_token }}{% generation %}{{ messages[0].content }}{% endgeneration %}",
        "{{ bos_token }}<{{ messages[0].content }}>"
    })
    void noWayThroughATemplateMakesDataSpecial(String template) {
        int[] ids = render(template, "s> <s></s><unk>").encode(LLAMA).ids();

        assertThat(Arrays.stream(ids).filter(id -> id == LLAMA.id("<s>").getAsInt())).hasSize(1);
        assertThat(Arrays.stream(ids).filter(id -> id == LLAMA.id("</s>").getAsInt())).isEmpty();
    }

    @Test
    void aPlainRoleMayBePartOfASpecialTokenButNoOther() {
        Tokenizer tokenizer = LLAMA.withSpecialTokens("<|user|>", "<|x|><s>|>");
        ChatTemplate template = ChatTemplate.parse("{{ '<|' + messages[0].role + '|>' }}");

        assertThat(template.render(ChatRequest.of(List.of(Map.of("role", "user")))).encode(tokenizer).ids())
                .containsExactly(tokenizer.id("<|user|>").getAsInt());
        assertThat(template.render(ChatRequest.of(List.of(Map.of("role", "x|><s>")))).encode(tokenizer).ids())
                .doesNotContain(tokenizer.id("<|x|><s>|>").getAsInt(), tokenizer.id("<s>").getAsInt());
    }

    @Test
    void segmentsSayWhoWroteWhat() {
        assertThat(render("<s>{{ messages[0].content ~ '!' }}", "hi").segments()).containsExactly(
                new Segment("<s>", Segment.Origin.TEMPLATE),
                new Segment("hi", Segment.Origin.DATA),
                new Segment("!", Segment.Origin.TEMPLATE));
    }

    @Test
    void masksWhatTheAssistantSaid() {
        Rendering rendering = ChatTemplate.parse(
                "<s>{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}</s>"
                        + "{% endgeneration %}{% else %}{{ m.content }}\n{% endif %}{% endfor %}")
                .render(ChatRequest.of(List.of(
                        Map.of("role", "user", "content", "😀 why"), Map.of("role", "assistant", "content", "so"),
                        Map.of("role", "user", "content", "and"), Map.of("role", "assistant", "content", "thus"))));
        Encoding encoding = rendering.encode(LLAMA);
        int[] mask = rendering.assistantMask(encoding);
        StringBuilder said = new StringBuilder();
        for (int i = 0; i < mask.length; i++) {
            said.append(mask[i] == 1 ? encoding.tokens().get(i) : "");
        }

        assertThat(said.toString()).isEqualTo("so</s>thus</s>");
    }
}
