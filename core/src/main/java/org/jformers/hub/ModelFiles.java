package org.jformers.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The files of a repository that make a model folder. Repositories hold much else: other formats, several precisions.
 */
public final class ModelFiles {
    static final String CONFIG = "config.json";

    /** Configuration, tokenizer and templates; a model has some of them. */
    static final List<String> SMALL = List.of(
            CONFIG, "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
            "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt", "tokenizer.model", "spiece.model",
            "spm.model", "spm_char.model", "sentencepiece.bpe.model", "source.spm", "target.spm", "target_vocab.json",
            "bpe.codes", "dict.txt", "chat_template.jinja", "chat_template.json", "preprocessor_config.json",
            "processor_config.json");

    /** Where the weights are: the first that a model has counts. */
    static final List<String> WEIGHTS = List.of(
            "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json");

    private static final long MAX_INDEX_BYTES = 100_000_000;

    private ModelFiles() {}

    /**
     * The folders that hold a configuration and weights beside it. A folder inside another one is a part of it.
     *
     * @param files names with {@code /} between folders
     * @return the names of the folders, each with a {@code /} at its end, or the empty name for the top
     */
    public static Set<String> folders(Set<String> files) {
        Set<String> folders = new TreeSet<>();
        for (String file : files) {
            String folder = file.substring(0, file.lastIndexOf('/') + 1);
            if (file.equals(folder + CONFIG) && WEIGHTS.stream().anyMatch(name -> files.contains(folder + name))) {
                folders.add(folder);
            }
        }
        return folders.stream()
                .filter(folder -> folders.stream().noneMatch(
                        above -> !above.equals(folder) && folder.startsWith(above)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    static boolean isIndex(String name) {
        return name.endsWith(".index.json");
    }

    /**
     * The files that an index of shards names.
     *
     * @throws HubException if it is no index, or names anything but files beside it
     */
    static Set<String> shards(Path index) {
        JsonNode map;
        try {
            if (Files.size(index) > MAX_INDEX_BYTES) {
                throw new HubException("shard index: got " + Files.size(index) + " bytes, allowed at most "
                        + MAX_INDEX_BYTES + ", in " + index);
            }
            map = new JsonMapper().readTree(Files.readAllBytes(index)).path("weight_map");
        } catch (JsonProcessingException e) {
            throw new HubException("shard index: no valid JSON, in " + index, e);
        } catch (IOException e) {
            throw new HubException("cannot read " + index, e);
        }
        Set<String> shards = new TreeSet<>();
        map.forEach(shard -> {
            if (!shard.isTextual() || shard.textValue().contains("/") || shard.textValue().startsWith(".")) {
                throw new HubException("shard index: got shard " + Names.quote(shard.asText())
                        + ", allowed names of files in the same folder, in " + index);
            }
            shards.add(Names.requireInside(shard.textValue(), index.toString()));
        });
        if (shards.isEmpty()) {
            throw new HubException("shard index: weight_map must list tensor names and their files, in " + index);
        }
        return shards;
    }

    /** A file that a snapshot in the cache lacks; empty if it can be used as it is. */
    static Optional<String> lacking(HubCache cache, String commit, HubContents contents) {
        if (contents == HubContents.TOKENIZER) {
            // Which of its files a tokenizer has is not known; the configuration alone is none.
            return contents.small().stream().skip(2).anyMatch(name -> cache.find(commit, name).isPresent())
                    ? Optional.empty()
                    : Optional.of("a tokenizer");
        }
        String first = contents.small().get(0);
        if (cache.find(commit, first).isEmpty()) {
            return Optional.of(first);
        }
        Optional<Path> weights = contents.weights().stream()
                .flatMap(name -> cache.find(commit, name).stream())
                .findFirst();
        if (weights.isEmpty()) {
            return Optional.of("the weights");
        }
        return isIndex(weights.get().getFileName().toString())
                ? shards(weights.get()).stream().filter(shard -> cache.find(commit, shard).isEmpty()).findFirst()
                : Optional.empty();
    }

    /** Whether the hub was asked for every file that a snapshot may have, so that nothing can be added to it. */
    static boolean isSettled(HubCache cache, String commit, HubContents contents) {
        boolean asked = contents.small().stream()
                .allMatch(name -> cache.find(commit, name).isPresent() || cache.isKnownMissing(commit, name));
        if (!asked || contents == HubContents.TOKENIZER) {
            return asked;
        }
        return contents.weights().stream()
                .filter(name -> !cache.isKnownMissing(commit, name))
                .findFirst()
                .filter(name -> cache.find(commit, name).isPresent())
                .isPresent();
    }
}
