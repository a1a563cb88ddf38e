package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenStoreTest {
    @TempDir
    private Path folder;
    private final List<String> texts = new ArrayList<>();
    private Tokenizer tokenizer;

    @BeforeEach
    void makeTexts() {
        Random random = new Random(1);
        for (int i = 0; i < 12_000; i++) {
            texts.add(i % 100 == 7 ? " " : "text " + random.nextInt(1_000) + " of many".repeat(random.nextInt(4)));
        }
        tokenizer = ByteLevelBpeTrainer.builder().vocabSize(300).specialTokens("<|end|>").build()
                .train(texts.subList(0, 500));
    }

    private List<String> kept() {
        return texts.stream().filter(text -> !text.isBlank()).toList();
    }

    private Path shards() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        for (int shard = 0; shard < 4; shard++) {
            Files.write(data.resolve("part-" + shard + ".jsonl"), texts.subList(shard * 3_000, (shard + 1) * 3_000)
                    .stream().map(text -> "{\"text\": \"" + text + "\", \"more\": 1}").toList());
        }
        return data;
    }

    private TokenSequences stored(Path data) throws IOException {
        try (var files = Files.walk(data)) {
            return TokenStore.of(folder.resolve("store"), DataSource.of(data),
                    files.filter(Files::isRegularFile).sorted().toList(), "text",
                    TextSource.Document.LINE, tokenizer);
        }
    }

    @Test
    void hasTheTokensOfTheTextsInTheirOrder() throws IOException {
        TokenSequences inMemory = TokenSequences.encodePlain(kept(), tokenizer);
        TokenSequences stored = stored(shards());
        assertThat(stored.size()).isEqualTo(inMemory.size()).isEqualTo(11_880);
        assertThat(stored.tokens()).isEqualTo(inMemory.tokens());
        assertThat(IntStream.range(0, stored.size()).allMatch(i ->
                java.util.Arrays.equals(stored.get(i), inMemory.get(i)))).isTrue();
        assertThat(stored.first(1_000).size()).isEqualTo(1_000);
        assertThat(stored.first(1_000).get(999)).isEqualTo(inMemory.get(999));
        PackedBlocks blocks = new PackedBlocks(stored, 0, 32, 8);
        PackedBlocks expected = new PackedBlocks(inMemory, 0, 32, 8);
        BatchStream batches = new BatchStream(blocks, 3);
        BatchStream same = new BatchStream(expected, 3);
        for (int i = 0; i < 50; i++) {
            BatchStreamTest.assertSame(batches.next(), same.next());
        }
    }

    @Test
    void isMadeOnceForTheSameTextsAndTokens() throws IOException {
        Path data = shards();
        stored(data);
        Path tokens = folder.resolve("store/tokens.bin");
        var made = Files.getLastModifiedTime(tokens);
        Files.setLastModifiedTime(tokens, java.nio.file.attribute.FileTime.fromMillis(1_000));
        stored(data);
        assertThat(Files.getLastModifiedTime(tokens).toMillis()).isEqualTo(1_000);
        tokenizer = ByteLevelBpeTrainer.builder().vocabSize(290).specialTokens("<|end|>").build()
                .train(texts.subList(0, 500));
        stored(data);
        assertThat(Files.getLastModifiedTime(tokens)).isGreaterThanOrEqualTo(made);
        Files.writeString(data.resolve("part-4.jsonl"), "{\"text\": \"one more\", \"more\": 2}\n");
        assertThat(stored(data).size()).isEqualTo(11_881);
    }

    /** The same file is other texts where it is cut in another way; who reads the old ones goes on. */
    @Test
    void isMadeAnewWhereTextsAreCutInAnotherWay() throws IOException {
        Path file = Files.writeString(folder.resolve("two.txt"), "text 1\ntext 2\n\ntext 3\n");
        TokenSequences lines = two(file, TextSource.Document.LINE);
        TokenSequences paragraphs = two(file, TextSource.Document.PARAGRAPH);
        assertThat(lines.size()).isEqualTo(3);
        assertThat(paragraphs.size()).isEqualTo(2);
        assertThat(lines.get(2)).isEqualTo(tokenizer.encodePlain("text 3").ids()).isEqualTo(paragraphs.get(1));
    }

    private TokenSequences two(Path file, TextSource.Document document) {
        return TokenStore.of(
                folder.resolve("store"), DataSource.of(file, document), List.of(file), "text", document, tokenizer);
    }

    /** What was not ended is made anew. */
    @Test
    void isMadeAnewWhereItWasCut() throws IOException {
        Path data = shards();
        stored(data);
        Files.delete(folder.resolve("store/tokens.json"));
        Files.write(folder.resolve("store/tokens.bin"), new byte[10]);
        assertThat(stored(data).size()).isEqualTo(11_880);
    }

    @Test
    void refusesWhatHasNoTexts() throws IOException {
        Path empty = Files.writeString(folder.resolve("blank.txt"), " \n\n");
        assertThatThrownBy(() -> two(empty, TextSource.Document.LINE))
                .isInstanceOf(DataException.class).hasMessageContaining("no texts");
        Path data = shards();
        Files.writeString(data.resolve("part-9.jsonl"), "{\"other\": 1}\n");
        assertThatThrownBy(() -> DataSource.of(data)).isInstanceOf(DataException.class)
                .hasMessageContaining("part-9.jsonl").hasMessageContaining("allowed those of");
    }
}
