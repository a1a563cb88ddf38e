package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jformers.text.tokenizer.SentencePieceModel.Algorithm;

/** Makes the tokenizer of a model folder as {@code AutoTokenizer} of transformers 5 does, out of all its files. */
final class FolderTokenizers {
    private static final List<String> SENTENCEPIECE_FILES = List.of("tokenizer.model", "spiece.model",
            "sentencepiece.bpe.model", "spm.model", "sentencepiece.model");

    private FolderTokenizers() {}

    static Tokenizer load(Path folder) {
        ObjectNode config = TokenizerFolder.readIfPresent(folder.resolve("tokenizer_config.json"));
        ObjectNode model = TokenizerFolder.readIfPresent(folder.resolve("config.json"));
        String name = TokenizerClasses.of(config, model);
        Path json = folder.resolve("tokenizer.json");
        boolean plain = TokenizerClasses.isPlain(name) && LegacyTokenizers.hasFiles(folder, name);
        if (plain || !Files.isRegularFile(json)) {
            return older(folder, name.isEmpty() && model.path("model_type").isTextual()
                    ? TokenizerClasses.BACKEND
                    : name);
        }
        ObjectNode definition = TokenizerFolder.read(json);
        try {
            return of(definition, TokenizerSettings.read(folder, definition), name);
        } catch (TokenizerException e) {
            throw new TokenizerException(e.getMessage() + ", in " + json, e);
        }
    }

    /** A tokenizer.json read by a class: one that builds itself, or else as the file has it. */
    static Tokenizer of(ObjectNode definition, TokenizerSettings settings, String name) {
        if (!definition.path("model").isObject()) {
            throw new TokenizerException("tokenizer definition has no model");
        }
        TokenizerClasses.Known known = TokenizerClasses.known(name);
        VocabularySource source = VocabularySource.of(definition);
        if (known != null && (known.form() == TokenizerClasses.Form.TABLE || source.hasScores())) {
            return build(known, settings, source, name);
        }
        TokenizerBuild build = new TokenizerBuild(settings, definition);
        build.addTokens();
        return build.tokenizer();
    }

    private static Tokenizer build(
            TokenizerClasses.Known known, TokenizerSettings settings, VocabularySource source, String name) {
        settings.config().put("tokenizer_class", name + "Tokenizer");
        TokenizerBuild build = new TokenizerBuild(settings, source);
        known.builder().accept(build);
        return build.tokenizer();
    }

    private static Tokenizer older(Path folder, String said) {
        try {
            String name = said.isEmpty() ? LegacyTokenizers.suggested(folder) : said;
            TokenizerSettings settings = TokenizerSettings.read(folder, null);
            TokenizerClasses.Known known = TokenizerClasses.known(name);
            if (known != null) {
                return build(known, settings, source(folder, known, name), name);
            }
            if (TokenizerClasses.isPlain(name)) {
                settings.config().put("tokenizer_class", name + "Tokenizer");
            }
            Optional<Tokenizer> own = LegacyTokenizers.load(folder, name, settings);
            if (own.isPresent()) {
                return own.get();
            }
            Optional<Path> model = sentencePieceFile(folder, "tokenizer.model");
            if (name.equals(TokenizerClasses.BACKEND) && model.isPresent()) {
                return backend(SentencePieceModel.read(model.get()), settings);
            }
            throw new TokenizerException(refusal(folder, name));
        } catch (TokenizerException e) {
            throw new TokenizerException(e.getMessage() + ", in " + folder, e);
        }
    }

    private static String refusal(Path folder, String name) {
        if (name.isEmpty()) {
            return "no tokenizer found: looked for tokenizer.json, vocab.json with merges.txt, vocab.txt,"
                    + " sentencepiece models, .gguf, .tiktoken and tok*.bin";
        }
        String what = name.equals(TokenizerClasses.BACKEND)
                ? "the tokenizer of this model type is in tokenizer.json alone"
                : "tokenizer_class \"" + name + "Tokenizer\" is not known without a tokenizer.json, known: "
                        + TokenizerClasses.names();
        return what + "; the folder has " + files(folder);
    }

    private static List<String> files(Path folder) {
        try (Stream<Path> list = Files.list(folder)) {
            return list.map(file -> file.getFileName().toString()).sorted().limit(20).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static VocabularySource source(Path folder, TokenizerClasses.Known known, String name) {
        if (!known.file().endsWith(".model")) {
            Optional<VocabularySource> source = VocabularySource.of(folder, known.file());
            if (source.isPresent()) {
                return source.get();
            }
        }
        Path file = sentencePieceFile(folder, known.file()).orElseThrow(() -> new TokenizerException(
                "no tokenizer found: " + name + "Tokenizer needs tokenizer.json or "
                        + (known.file().equals("vocab.json") ? "vocab.json with merges.txt" : known.file())
                        + ", the folder has " + files(folder)));
        SentencePieceModel model = SentencePieceModel.read(file);
        if (model.algorithm() != Algorithm.UNIGRAM && model.algorithm() != Algorithm.BPE) {
            throw new TokenizerException(
                    "a sentencepiece model of the kind " + model.algorithm() + " has no tokenizer.json form");
        }
        return VocabularySource.of(model);
    }

    private static Optional<Path> sentencePieceFile(Path folder, String usual) {
        List<String> names = new ArrayList<>(SENTENCEPIECE_FILES);
        names.remove(usual);
        names.add(names.contains("tokenizer.model") ? 1 : 0, usual);
        return names.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /** A sentencepiece model of no known class: its pieces, spaces as marks, nothing around a text by itself. */
    private static Tokenizer backend(SentencePieceModel model, TokenizerSettings settings) {
        TokenizerBuild build = new TokenizerBuild(settings, VocabularySource.of(model));
        SentencePieceRoles roles = SentencePieceRoles.of(model);
        roles.names().forEach(build::roles);
        String unknown = model.pieces().get(model.unknown()).text();
        String mark = Character.toString(Metaspace.DEFAULT);
        if (model.algorithm() == Algorithm.UNIGRAM) {
            build.unigram(build.source().pieces(), model.unknown());
            ((ObjectNode) build.json().get("model")).put("byte_fallback", model.byteFallback());
        } else {
            ObjectNode bpe = build.bpe().put("unk_token", unknown).put("fuse_unk", true);
            bpe.put("byte_fallback", model.byteFallback());
            renamed((ObjectNode) bpe.get("vocab"), settings);
        }
        List<ObjectNode> steps = new ArrayList<>();
        build.precompiled(steps::add);
        steps.add(TokenizerBuild.replace("String", " ", mark));
        build.normalizer(steps);
        ObjectNode spaces = TokenizerBuild.replace("String", mark, " ");
        build.decoder(model.byteFallback()
                ? List.of(spaces, TokenizerBuild.step("ByteFallback"), TokenizerBuild.step("Fuse"))
                : List.of(TokenizerBuild.step("Sequence").set("decoders", spaces.arrayNode().add(spaces))));
        build.addTokens();
        return build.tokenizer();
    }

    /** A token that is listed under the id of another piece takes its place. */
    private static void renamed(ObjectNode vocabulary, TokenizerSettings settings) {
        settings.listed().forEach((id, token) -> {
            if (!vocabulary.has(token.content())) {
                List<String> old = vocabulary.properties().stream()
                        .filter(entry -> entry.getValue().asInt() == id)
                        .map(Map.Entry::getKey)
                        .toList();
                old.forEach(piece -> {
                    JsonNode place = vocabulary.remove(piece);
                    vocabulary.set(token.content(), place);
                });
            }
        });
    }

    /** Whether the class that a configuration names would make the same tokenizer of a definition again. */
    static boolean rebuilds(ObjectNode definition, ObjectNode config) {
        String name = TokenizerClasses.of(config, config.objectNode());
        TokenizerClasses.Known known = TokenizerClasses.known(name);
        if (known == null) {
            return true;
        }
        ObjectNode copy = definition.deepCopy();
        VocabularySource source = VocabularySource.of(copy);
        if (known.form() == TokenizerClasses.Form.SCORED && !source.hasScores()) {
            return true;
        }
        TokenizerBuild build = new TokenizerBuild(TokenizerSettings.of(config.deepCopy(), copy), source);
        known.builder().accept(build);
        return plain(build.json()).equals(plain(definition));
    }

    /** A definition without what says nothing: nulls, false and empty texts; merges of either form are pairs. */
    private static JsonNode plain(JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode kept = object.objectNode();
            object.properties().forEach(entry -> {
                JsonNode value = entry.getValue();
                boolean says = !value.isNull() && !(value.isBoolean() && !value.asBoolean())
                        && !(value.isTextual() && value.asText().isEmpty());
                if (says && !List.of("vocab", "merges", "version").contains(entry.getKey())) {
                    kept.set(entry.getKey(), plain(value));
                }
            });
            return kept;
        }
        if (node.isArray()) {
            ArrayNode list = JsonNodeFactory.instance.arrayNode();
            node.forEach(element -> list.add(plain(element)));
            return list;
        }
        return node;
    }
}
