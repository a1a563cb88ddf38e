package org.jformers.model.auto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderFilesTest {
    @TempDir
    private Path folder;

    @Test
    void saysOfEachFileWhetherItIsRead() throws IOException {
        for (String name : List.of("config.json", "model.safetensors", "preprocessor_config.json",
                "processor_config.json", "tokenizer.json", "vocab.json", "training_args.bin")) {
            Files.writeString(folder.resolve(name), "{}");
        }

        List<FolderFiles.Entry> entries = FolderFiles.of(folder, Set.of("model.safetensors"));

        assertThat(entries).filteredOn(FolderFiles.Entry::read).extracting(FolderFiles.Entry::name)
                .containsExactly("config.json", "model.safetensors", "preprocessor_config.json",
                        "processor_config.json", "tokenizer.json");
        assertThat(entries).filteredOn(entry -> !entry.read()).extracting(FolderFiles.Entry::name)
                .containsExactly("training_args.bin", "vocab.json");
    }
}
