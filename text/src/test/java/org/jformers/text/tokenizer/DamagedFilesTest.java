package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.text.gguf.GgufSamples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every file of every kind of tokenizer, cut and spoiled at random places: it works or gives one clear error. */
final class DamagedFilesTest {
    private static final int ROUNDS = 12;
    private static final Pattern VALUE =
            Pattern.compile("(?<=: ?)(\"(?:[^\"\\\\]|\\\\.)*+\"|-?\\d[\\d.e-]*|true|false|null)");
    private static final String[] STRANGE = {
        "null", "true", "-1", "1e400", "2147483647", "99999999999999999999", "\"\"", "\"\\n\"", "[]", "{}", "[[[",
        "3.5", "NaN"
    };

    @TempDir
    private Path folder;

    private static List<Path> fixtures() throws IOException {
        return GoldenTokenizersTest.fixtures().stream().map(GoldenTokenizersTest::folder).toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void foldersLoadOrSayWhy(boolean modern) throws IOException {
        int refused = 0;
        int total = 0;
        for (Path fixture : fixtures()) {
            Path copy = Files.createDirectory(folder.resolve(fixture.getFileName()));
            Map<Path, byte[]> files = new TreeMap<>();
            try (Stream<Path> all = Files.list(fixture)) {
                for (Path file : all.toList()) {
                    boolean kept = modern || !file.endsWith("tokenizer.json");
                    if (kept && !file.getFileName().toString().startsWith("golden")) {
                        files.put(copy.resolve(file.getFileName()), Files.readAllBytes(file));
                    }
                }
            }
            for (Map.Entry<Path, byte[]> file : files.entrySet()) {
                Files.write(file.getKey(), file.getValue());
            }
            for (Map.Entry<Path, byte[]> file : files.entrySet()) {
                refused += refusals(file.getKey(), file.getValue(), copy);
                total += ROUNDS;
                Files.write(file.getKey(), file.getValue());
            }
        }
        assertThat(refused).isGreaterThan(total / 4);
    }

    @Test
    void singleFilesLoadOrSayWhy() throws IOException {
        Map<String, byte[]> files = Map.of(
                "tokenizer.bin", LegacyTokenizersTest.llama2c(),
                "r50k.tiktoken", LegacyTokenizersTest.ranks().getBytes(StandardCharsets.UTF_8),
                "model.gguf", GgufSamples.llamaTokenizer());
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = Files.write(folder.resolve(file.getKey()), file.getValue());
            assertThat(AutoTokenizer.load(path).encode("ab").ids()).isNotEmpty();
            int refused = 0;
            for (int i = 0; i < 20; i++) {
                refused += refusals(path, file.getValue(), path);
            }
            assertThat(refused).isPositive();
        }
    }

    /** How many damaged versions of a file are refused; the others have to work. */
    private static int refusals(Path file, byte[] whole, Path load) throws IOException {
        Random random = new Random(file.getFileName().toString().hashCode());
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = damaged(whole, round, random);
            Files.write(file, bytes);
            try {
                Tokenizer tokenizer = AutoTokenizer.load(load);
                int[] ids = tokenizer.encode("Hello wörld <s> 漢字 e\u0301 12").ids();
                tokenizer.decode(ids);
                tokenizer.decodeWithSpecialTokens(ids);
            } catch (JformersException e) {
                refused++;
                assertThat(e.getMessage().lines()).as(e.getMessage()).hasSize(1);
                assertThat(e.getMessage()).hasSizeBetween(10, 800);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(file + ", round " + round, e);
            }
        }
        return refused;
    }

    private static byte[] damaged(byte[] whole, int round, Random random) {
        // Half of the damage is near the beginning, where counts and settings are.
        int at = random.nextInt(random.nextBoolean() ? whole.length : Math.min(whole.length, 2000));
        byte[] bytes = whole.clone();
        switch (round % 4) {
            case 0:
                return Arrays.copyOf(whole, at);
            case 1:
                bytes[at] = (byte) random.nextInt(256);
                return bytes;
            case 2:
                Arrays.fill(bytes, at, Math.min(at + 4, bytes.length), (byte) -random.nextInt(2));
                return bytes;
            default:
                return strangeValue(new String(whole, StandardCharsets.UTF_8), random);
        }
    }

    /** A value of a JSON file replaced by another; of other files a word. */
    private static byte[] strangeValue(String text, Random random) {
        String strange = STRANGE[random.nextInt(STRANGE.length)];
        List<MatchResult> values = new ArrayList<>(VALUE.matcher(text).results().toList());
        if (values.isEmpty()) {
            values.addAll(Pattern.compile("\\S+").matcher(text).results().toList());
        }
        MatchResult value =
                values.get(random.nextInt(random.nextBoolean() ? values.size() : Math.min(60, values.size())));
        return (text.substring(0, value.start()) + strange + text.substring(value.end()))
                .getBytes(StandardCharsets.UTF_8);
    }
}
