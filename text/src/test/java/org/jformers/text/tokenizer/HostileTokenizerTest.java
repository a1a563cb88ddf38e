package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jformers.JformersException;
import org.jformers.text.ProcessorTime;
import org.jformers.text.WorkLimitException;
import org.jformers.text.regex.Regex;
import org.jformers.text.regex.RegexException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Definitions that want more work or memory than any honest one end in one error, soon, on a small stack and in a small
 * heap; those that only look like it go on working.
 */
@Timeout(120)
@ExtendWith(ProcessorTime.class)
final class HostileTokenizerTest {
    private static final int STACK = 512 * 1024;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a call gives on a thread with a small stack. */
    private static <T> T onSmallStack(Supplier<T> call) {
        FutureTask<T> task = new FutureTask<>(call::get);
        new Thread(null, task, "small", STACK).start();
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof JformersException known) {
                throw known;
            }
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static ObjectNode json(String text) {
        try {
            return (ObjectNode) JSON.readTree(text.replace('\'', '"'));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static ObjectNode definition() {
        ObjectNode definition = TokenizerJson.empty();
        definition.set("model", json("{'type': 'BPE', 'vocab': {'a': 0, 'b': 1}, 'merges': []}"));
        return definition;
    }

    private static Tokenizer tokenizer(String part, ObjectNode content) {
        ObjectNode definition = definition();
        definition.set(part, content);
        return TokenizerJson.of(definition, JSON.createObjectNode());
    }

    private static ObjectNode split(String regex) {
        ObjectNode node = json("{'type': 'Split', 'behavior': 'Isolated', 'invert': false}");
        node.putObject("pattern").put("Regex", regex);
        return node;
    }

    private static ObjectNode replace(String kind, String pattern, String content) {
        ObjectNode node = json("{'type': 'Replace'}");
        node.putObject("pattern").put(kind, pattern);
        return node.put("content", content);
    }

    private static ObjectNode sequence(String list, List<ObjectNode> steps) {
        ObjectNode node = json("{'type': 'Sequence'}");
        steps.forEach(node.putArray(list)::add);
        return node;
    }

    private static ObjectNode nested(String list, String leaf, int depth) {
        ObjectNode node = json(leaf);
        for (int i = 0; i < depth; i++) {
            node = sequence(list, List.of(node));
        }
        return node;
    }

    private static List<ObjectNode> times(int count, ObjectNode node) {
        List<ObjectNode> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(node);
        }
        return nodes;
    }

    /** Expressions that are slow on a row of a, without, in and at the end of what is possessive or looks around. */
    @ParameterizedTest
    @ValueSource(strings = {
        "(?:(?:a?){23}(?:a){23}c)|a", "(a+)+$b", "(?:a|a)*c", "(?:a|aa)+c", "(a*)*\\1c", "(?>a*?c)|a", "(?:a*+c)|a",
        "(?:(?:a+)++c)|a", "(?<=a*c)a", "(?<!a*c)c", "(?=a*c)|a", "(?!a*+c)(?=a*c)a", "(?=(a+)c)\\1|a", "(a+)\\1c|a",
        "(?:a?){20}c|a", "(?=(?:a|a)*c)", "(?<=(?:a|a){0,40}c)a", "\\X*c|a", "(?i:A|a)*c", "[ab]*[ab]*[ab]*c",
        "(?:a*)*?c", "(?:.*.*.*)=", "a*a*a*a*c", "(?:(?=a)a?)*c|(?:a|a)*d"
    })
    void endsExpressionsThatTakeTooLong(String regex) {
        Tokenizer tokenizer = tokenizer("pre_tokenizer", split(regex));

        assertThat(tokenizer.encode("aab").length()).isEqualTo(3);
        assertThatThrownBy(() -> onSmallStack(() -> tokenizer.encode("a".repeat(20_000))))
                .isInstanceOf(WorkLimitException.class)
                .hasMessageContaining("encoding a text of 20000 characters takes more than the allowed 16000000 steps")
                .hasMessageContaining("in the regular expression");
    }

    @Test
    void endsTheExpressionOfTheReportOnItsText() {
        Tokenizer tokenizer = tokenizer("pre_tokenizer", split("(?:(?:a?){23}(?:a){23}c)|a"));

        assertThatThrownBy(() -> tokenizer.encode("a".repeat(2000))).isInstanceOf(WorkLimitException.class);
    }

    /** A deadline is that of a future, whose thread is interrupted when it is cancelled. */
    @Test
    void endsWhenItsThreadIsInterrupted() {
        Tokenizer tokenizer = tokenizer("pre_tokenizer", split("(?:(?:a?){23}(?:a){23}c)|a"));

        assertThatThrownBy(() -> onSmallStack(() -> {
            Thread.currentThread().interrupt();
            return tokenizer.encode("a".repeat(2000));
        })).isInstanceOf(WorkLimitException.class).hasMessageContaining("a text of 2000 characters was interrupted");
    }

    @Test
    void countsTheWorkOfAllPartsTogether() {
        ObjectNode slow = split("a*a*c");
        Tokenizer once = tokenizer("pre_tokenizer", slow);
        ObjectNode replace = replace("Regex", "a*a*c", "");
        Tokenizer often = tokenizer("normalizer", sequence("normalizers", times(90, replace)));
        String text = "a".repeat(200);

        assertThat(once.encode(text).length()).isEqualTo(200);
        assertThatThrownBy(() -> often.encode(text)).isInstanceOf(WorkLimitException.class);
    }

    @Test
    void countsTheWorkOfDecoders() {
        Tokenizer tokenizer = tokenizer("decoder", sequence("decoders",
                List.of(json("{'type': 'Fuse'}"), replace("Regex", "(a+)+c", ""))));

        assertThat(tokenizer.decode(new int[] {0, 1})).isEqualTo("ab");
        assertThatThrownBy(() -> tokenizer.decode(new int[5000])).isInstanceOf(WorkLimitException.class)
                .hasMessageContaining("decoding 5000 tokens");
    }

    @Test
    void limitsTheWaysBackThatAreKept() {
        Tokenizer tokenizer = tokenizer("pre_tokenizer", split("(?:(?:(?:(?:a)?)?)?)+c|(?:a|b)+"));

        assertThat(tokenizer.encode("ab".repeat(50_000)).length()).isEqualTo(100_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "(?:){100000}", "(?:(?:(?:){100000}){100000}){100000}", "(?:a{0}){100000}{100000}", "(?:(?:a*)*)*{9}{9}{9}"
    })
    void compilesOrRefusesRepetitionsOfNothing(String regex) {
        try {
            onSmallStack(() -> Regex.compile(regex));
        } catch (RegexException e) {
            assertThat(e).hasMessageContaining(regex);
        }
    }

    private static List<String> large() {
        StringBuilder sets = new StringBuilder();
        StringBuilder classes = new StringBuilder("[");
        for (int i = 0; i < 10_000; i++) {
            sets.append('[').appendCodePoint(0x10000 + i).append(']');
            classes.append("\\p{Han}\\p{InBasicLatin}\\P{L}");
        }
        return List.of(sets.toString(), classes + "]", "a".repeat(300_000), "(?:" + "(?:)".repeat(40_000) + "){100000}",
                "a" + "*".repeat(100_000), "a" + "{1}".repeat(50_000), "(?:" + "()".repeat(50_000) + "){100000}");
    }

    @ParameterizedTest
    @MethodSource("large")
    void refusesExpressionsThatAreTooLarge(String regex) {
        assertThatThrownBy(() -> onSmallStack(() -> Regex.compile(regex)))
                .isInstanceOf(RegexException.class)
                .hasMessageContaining("more than");
    }

    /** A dot a hundred thousand times, a set of a hundred thousand characters, the same letter in any case. */
    @ParameterizedTest
    @ValueSource(strings = {".", "(?i:x)", "\\w", "[a-z]", "\\p{Han}"})
    void sharesSetsThatAreWrittenAlike(String part) {
        Regex regex = Regex.compile(part.repeat(180_000 / part.length()));
        regex.findAll(new int[] {'x'}, 0, 1, Work.ofText(1), (start, end) -> { });
    }

    @Test
    void readsSetsOfManyCharacters() {
        StringBuilder set = new StringBuilder("[");
        for (int c = 0x4E00; c < 0x4E00 + 20_000; c++) {
            set.appendCodePoint(c);
        }
        List<Integer> found = new ArrayList<>();
        onSmallStack(() -> {
            Regex.compile(set + "]").findAll(new int[] {'a', 0x5000, 'b'}, 0, 3, Work.ofText(3),
                    (start, end) -> found.add(start));
            return found;
        });
        assertThat(found).containsExactly(1);
    }

    private static List<ObjectNode> growing() {
        ObjectNode twice = replace("String", "a", "aa");
        ObjectNode everywhere = replace("String", "", "aaaa");
        int units = 512;
        ByteBuffer charsmap = ByteBuffer.allocate(4 + 4 * units + 4000).order(ByteOrder.LITTLE_ENDIAN);
        charsmap.putInt(4 * units).putInt(256 << 10);
        charsmap.putInt(4 + 4 * (256 ^ 'a'), 'a' | 1 << 8 | 1 << 10);
        charsmap.putInt(4 + 4 * (256 ^ 'a' ^ 1), 1 << 31);
        for (int i = 0; i < 3900; i++) {
            charsmap.put(4 + 4 * units + i, (byte) 'a');
        }
        return List.of(
                sequence("normalizers", times(40, twice)),
                sequence("normalizers", times(40, everywhere)),
                replace("String", "a", "a".repeat(1_000_000)),
                json("{'type': 'Prepend', 'prepend': '%s'}".formatted("a".repeat(3_000_000))),
                sequence("normalizers", times(3, json("{'type': 'Precompiled', 'precompiled_charsmap': '%s'}"
                        .formatted(Base64.getEncoder().encodeToString(charsmap.array()))))));
    }

    @ParameterizedTest
    @MethodSource("growing")
    void limitsTextsThatGrow(ObjectNode normalizer) {
        Tokenizer tokenizer = tokenizer("normalizer", normalizer);

        assertThatThrownBy(() -> tokenizer.encode("ab".repeat(1000)))
                .isInstanceOf(WorkLimitException.class)
                .hasMessageContaining("encoding a text of 2000 characters");
        assertThatThrownBy(() -> tokenizer.encodeSegments(List.of(new Segment("a".repeat(9), Segment.Origin.DATA))))
                .isInstanceOf(WorkLimitException.class);
    }

    @Test
    void limitsDecodedTextsThatGrow() {
        Tokenizer doubling = tokenizer("decoder", sequence("decoders", times(40, replace("String", "a", "aa"))));
        ObjectNode spaces = json("{'type': 'BPEDecoder', 'suffix': ''}");
        Tokenizer spaced = tokenizer("decoder", sequence("decoders", times(40, spaces)));

        assertThatThrownBy(() -> doubling.decode(new int[] {0, 0})).isInstanceOf(WorkLimitException.class)
                .hasMessageContaining("decoding 2 tokens makes more than the allowed");
        assertThatThrownBy(() -> spaced.decode(new int[] {0, 0})).isInstanceOf(WorkLimitException.class);
    }

    @Test
    void limitsTokensThatAFormOfACharacterBecomes() {
        ObjectNode definition = definition();
        ObjectNode model = (ObjectNode) definition.get("model");
        model.put("byte_fallback", true).put("continuing_subword_prefix", "x".repeat(1_000_000));
        for (int b = 0; b < 256; b++) {
            ((ObjectNode) model.get("vocab")).put(String.format("<0x%02X>", b), b + 2);
        }
        Tokenizer tokenizer = TokenizerJson.of(definition, JSON.createObjectNode());

        assertThatThrownBy(() -> tokenizer.encode("ab".repeat(1000))).isInstanceOf(WorkLimitException.class);
    }

    @Test
    void limitsTemplates() {
        ObjectNode repeated = json("{'type': 'TemplateProcessing', 'special_tokens': {}}");
        ArrayNode single = repeated.putArray("single");
        for (int i = 0; i < 100_000; i++) {
            single.add(json("{'Sequence': {'id': 'A', 'type_id': 0}}"));
        }
        repeated.putArray("pair").add(json("{'Sequence': {'id': 'A', 'type_id': 0}}"))
                .add(json("{'Sequence': {'id': 'B', 'type_id': 0}}"));
        assertThatThrownBy(() -> tokenizer("post_processor", repeated))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("single must name the texts at most 16 times");

        ObjectNode special = json("{'type': 'TemplateProcessing', 'special_tokens': {'x': {'id': 'x'}}}");
        ArrayNode ids = ((ObjectNode) special.at("/special_tokens/x")).putArray("ids");
        ArrayNode tokens = ((ObjectNode) special.at("/special_tokens/x")).putArray("tokens");
        for (int i = 0; i < 5000; i++) {
            ids.add(0);
            tokens.add("a");
        }
        ArrayNode pieces = special.putArray("single");
        for (int i = 0; i < 5000; i++) {
            pieces.add(json("{'SpecialToken': {'id': 'x', 'type_id': 0}}"));
        }
        special.set("pair", repeated.get("pair"));
        assertThatThrownBy(() -> tokenizer("post_processor", special))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("single must add at most 10000 tokens");

        ObjectNode ends = json("{'type': 'BertProcessing', 'sep': ['a', 0], 'cls': ['b', 1]}");
        Tokenizer doubling = tokenizer("post_processor", sequence("processors", times(40, ends)));
        assertThatThrownBy(() -> doubling.encode("a"))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("more than the allowed 1000 parts");
    }

    @ParameterizedTest
    @ValueSource(ints = {63, 450})
    void refusesSequencesThatNestTooDeeply(int depth) {
        for (String[] part : new String[][] {
            {"normalizer", "normalizers", "{'type': 'Lowercase'}"},
            {"pre_tokenizer", "pretokenizers", "{'type': 'Whitespace'}"},
            {"decoder", "decoders", "{'type': 'Fuse'}"},
            {"post_processor", "processors", "{'type': 'ByteLevel'}"}}) {
            assertThatThrownBy(() -> onSmallStack(() -> tokenizer(part[0], nested(part[1], part[2], depth))))
                    .isInstanceOf(TokenizerException.class)
                    .hasMessageContaining("must nest at most 127 deep");
        }
    }

    @Test
    void followsSequencesAsDeepAsTheReferenceDoes() {
        Tokenizer lower = tokenizer("normalizer", nested("normalizers", "{'type': 'Lowercase'}", 62));
        Tokenizer words = tokenizer("pre_tokenizer", nested("pretokenizers", "{'type': 'Whitespace'}", 62));
        Tokenizer fused = tokenizer("decoder", nested("decoders", "{'type': 'Fuse'}", 62));

        assertThat(onSmallStack(() -> lower.encode("AB")).tokens()).containsExactly("a", "b");
        assertThat(onSmallStack(() -> words.encode("a b")).tokens()).containsExactly("a", "b");
        assertThat(onSmallStack(() -> fused.decode(new int[] {0, 1}))).isEqualTo("ab");
    }

    @Test
    void limitsTheStepsOfSequences() {
        ObjectNode step = json("{'type': 'WhitespaceSplit'}");
        Tokenizer most = tokenizer("pre_tokenizer", sequence("pretokenizers", times(100, step)));

        assertThat(onSmallStack(() -> most.encode("a b")).tokens()).containsExactly("a", "b");
        assertThatThrownBy(() -> tokenizer("pre_tokenizer", sequence("pretokenizers", times(101, step))))
                .isInstanceOf(TokenizerException.class)
                .hasMessage("pre-tokenizer: must have at most 100 steps, got 101");
        ObjectNode lower = json("{'type': 'Lowercase'}");
        Tokenizer many = tokenizer("normalizer", sequence("normalizers", times(200_000, lower)));
        assertThatThrownBy(() -> onSmallStack(() -> many.encode("ab".repeat(5000))))
                .isInstanceOf(WorkLimitException.class);
    }

    /** Long tokens are looked for at every place of a text that is nearly made of them. */
    @Test
    void paysForLookingAtLongTokens() {
        String longest = "a".repeat(100_000) + "b";
        String text = "a".repeat(100_000);
        ObjectNode added = definition();
        added.putArray("added_tokens").add(new AddedToken(2, longest, false, false, false, false, true).toJson());
        ObjectNode unigram = definition();
        unigram.set("model",
                json("{'type': 'Unigram', 'unk_id': 1, 'vocab': [['a', 0], ['%s', 0]]}".formatted(longest)));
        ObjectNode wordPiece = definition();
        wordPiece.set("model", json("{'type': 'WordPiece', 'unk_token': 'a', 'continuing_subword_prefix': '',"
                + " 'max_input_chars_per_word': 1000000, 'vocab': {'a': 0}}"));
        ((ObjectNode) wordPiece.at("/model/vocab")).put(longest, 1);

        for (ObjectNode definition : List.of(added, unigram, wordPiece)) {
            Tokenizer tokenizer = TokenizerJson.of(definition, JSON.createObjectNode());
            assertThatThrownBy(() -> tokenizer.encode(text)).isInstanceOf(WorkLimitException.class);
            assertThat(tokenizer.encode("aaa").length()).isEqualTo(3);
        }
    }

    @Test
    void paysForSpacesThatTokensTakeAlong() {
        ObjectNode definition = definition();
        definition.putArray("added_tokens").add(new AddedToken(2, " ", false, true, true, false, true).toJson());
        Tokenizer tokenizer = TokenizerJson.of(definition, JSON.createObjectNode());

        assertThatThrownBy(() -> tokenizer.encode(" ".repeat(200_000))).isInstanceOf(WorkLimitException.class);
    }
}
