package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import org.jformers.hub.HubException;
import org.jformers.model.Config;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A text in place of a folder. */
final class LoadByIdTest {

    @Test
    void aTextMayBeAFolder(@TempDir Path folder) throws Exception {
        Config config = AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "gpt2", "vocab_size": 30, "n_positions": 8, "n_embd": 4, "n_layer": 1,
                "n_head": 2}"""), "test");
        try (Model model = AutoModel.create(config, Task.CAUSAL_LM, 1)) {
            model.save(folder);
        }
        try (Model model = AutoModel.load(folder.toString())) {
            assertThat(model.identity().architecture()).isEqualTo("GPT2LMHeadModel");
        }
        assertThatThrownBy(() -> AutoModel.load(folder + "/none")).isInstanceOf(HubException.class)
                .hasMessageContainingAll("no such folder", "no model id");
    }
}
