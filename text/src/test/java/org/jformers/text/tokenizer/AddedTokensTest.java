package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.jformers.text.training.ByteLevelBpeTrainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddedTokensTest {
    private final Tokenizer base = ByteLevelBpeTrainer.builder()
            .vocabSize(300)
            .specialTokens("<|endoftext|>")
            .build()
            .train(List.of("the cat sat on the mat", "the hat of the cat"));

    @Test
    void givesNewTokensTheNextIdsAndFindsThemWhole() {
        Tokenizer more = base.withTokens("<place>", "the cat");
        assertThat(more.vocabSize()).isEqualTo(base.vocabSize() + 2);
        assertThat(more.encodePlain("on<place>").tokens()).endsWith("<place>");
        assertThat(more.encodePlain("the cat").ids()).containsExactly(base.vocabSize() + 1);
        assertThat(more.encodePlain("a mat").ids()).containsExactly(base.encodePlain("a mat").ids());
        assertThat(base.id("<place>")).isEmpty();
    }

    @Test
    void leavesSpecialTokensOutWhenDecodingAndSavesThem(@TempDir Path folder) {
        base.withSpecialTokens("<user>").save(folder);
        Tokenizer loaded = AutoTokenizer.load(folder);
        int[] ids = loaded.encodePlain("<user>the hat").ids();
        assertThat(ids[0]).isEqualTo(base.vocabSize());
        assertThat(loaded.decode(ids)).isEqualTo("the hat");
        assertThat(loaded.decodeWithSpecialTokens(ids)).isEqualTo("<user>the hat");
    }

    @Test
    void keepsTheIdOfATokenThatIsThere() {
        Tokenizer same = base.withSpecialTokens("<|endoftext|>");
        assertThat(same.vocabSize()).isEqualTo(base.vocabSize());
        assertThat(same.id("<|endoftext|>")).hasValue(0);
    }

    @Test
    void refusesAnEmptyToken() {
        assertThatThrownBy(() -> base.withTokens("")).isInstanceOf(TokenizerException.class)
                .hasMessageContaining("empty");
    }
}
