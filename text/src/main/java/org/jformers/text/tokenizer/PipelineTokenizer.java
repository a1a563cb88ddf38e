package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jformers.text.WorkBudget;
import org.jformers.text.tokenizer.TokenSink.WordTokens;

/**
 * A tokenizer as tokenizer.json describes it: added tokens are found, the rest is normalized, cut into words, turned
 * into tokens by a model, and completed by a template; a decoder leads back.
 *
 * <p>Reference: the file format of the tokenizers library, version 1.0.
 */
final class PipelineTokenizer implements Tokenizer {
    /** Parts that may put a space before a text, or know that one was put there. */
    private static final List<String> BYTE_LEVEL = List.of("ByteLevel", "RobertaProcessing");

    private static final String LANGUAGE = "src_lang";

    private final ObjectNode definition;
    private final ObjectNode config;
    private final Normalizer normalizer;
    private final PreTokenizers.Stages stages;
    private final Model model;
    private final PostProcessor postProcessor;
    private final Decoder decoder;
    private final boolean byteLevelDecoder;
    private final boolean bytesFallBack;
    private final AddedVocabulary added;
    private final String[] tokens;
    private final boolean[] special;
    private final SpecialTokens specialTokens;
    private final List<UnaryOperator<String>> steps;
    private final boolean wholeText;
    private final WordCache cache = new WordCache();

    /**
     * @param definition the tokenizer.json; its vocabulary is taken out
     * @param config the tokenizer_config.json, with the tokens that have a role
     */
    PipelineTokenizer(ObjectNode definition, ObjectNode config) {
        this.definition = definition;
        this.config = config;
        normalizer = Normalizers.of(definition.get("normalizer"));
        stages = PreTokenizers.stages(definition.get("pre_tokenizer"));
        model = Model.of(definition.get("model"));
        postProcessor = PostProcessor.of(definition.get("post_processor"));
        decoder = Decoders.of(definition.get("decoder"));
        bytesFallBack = definition.path("decoder").findValuesAsText("type").contains("ByteFallback");
        byteLevelDecoder = definition.path("decoder").path("type").asText().equals("ByteLevel");
        List<AddedToken> list = new ArrayList<>();
        definition.path("added_tokens").forEach(node -> list.add(AddedToken.of(node)));
        List<AddedToken> numbered = AddedVocabulary.numbered(list, model);
        added = new AddedVocabulary(numbered, normalizer, config.path("split_special_tokens").asBoolean(false));
        ArrayNode entries = definition.putArray("added_tokens");
        numbered.forEach(token -> entries.add(token.toJson()));
        tokens = new String[Math.max(model.limit(), added.limit())];
        special = new boolean[tokens.length];
        for (int id = 0; id < tokens.length; id++) {
            tokens[id] = added.token(id) == null ? model.token(id) : added.token(id);
            special[id] = tokens[id] != null && added.isSpecial(tokens[id]);
        }
        specialTokens = TokenizerFolder.roles(config, this)
                .withPad(definition.path("padding").path("pad_token").asText(""), this);
        steps = DecodedText.steps(config, definition.path("model").path("type").asText());
        wholeText = config.path("tokenizer_class").asText().startsWith("CLIPTokenizer");
        ObjectNode modelNode = (ObjectNode) definition.get("model");
        modelNode.remove(List.of("vocab", "merges"));
    }

    @Override
    public Encoding encode(String text) {
        return complete(List.of(encodeText(text, 0)), true);
    }

    @Override
    public Encoding encode(String first, String second) {
        return complete(List.of(encodeText(first, 0), encodeText(second, 1)), true);
    }

    @Override
    public Encoding encodePlain(String text) {
        return complete(List.of(encodeText(text, 0)), false);
    }

    @Override
    public Encoding encodeSegments(List<Segment> segments) {
        Text text = Text.of(Segment.text(segments));
        TokenBuffer out = new TokenBuffer(text);
        added.split(text, normalizer, Segment.data(segments), new Pieces(out));
        return complete(List.of(out.encoding(0)), false);
    }

    @Override
    public Encoding encode(String text, Truncation truncation) {
        return complete(truncation.cut(List.of(encodeText(text, 0)), postProcessor.added(false)), true);
    }

    @Override
    public Encoding encode(String first, String second, Truncation truncation) {
        List<Encoding> texts = List.of(encodeText(first, 0), encodeText(second, 1));
        return complete(truncation.cut(texts, postProcessor.added(true)), true);
    }

    @Override
    public Encoding encodeWords(List<String> words, Truncation truncation) {
        Encoding text = Encoding.ofWords(words.stream().map(word -> encodeText(word, 0)).toList());
        return complete(truncation.cut(List.of(text), postProcessor.added(false)), true);
    }

    @Override
    public String decode(int[] ids) {
        return cleaned(decodedParts(prompt(ids), true));
    }

    @Override
    public String decodeWithSpecialTokens(int[] ids) {
        return cleaned(decodedParts(ids, false));
    }

    @Override
    public String decode(int[] ids, DecodeOptions options) {
        String text = options.specialTokens() ? decodedParts(ids, false) : decodedParts(prompt(ids), true);
        String type = definition.path("model").path("type").asText();
        return DecodedText.apply(DecodedText.steps(config, type, options.spaces()), text);
    }

    /** Whisper's text without the earlier one that its decoder was given. */
    private int[] prompt(int[] ids) {
        return config.path("tokenizer_class").asText().startsWith("WhisperTokenizer")
                ? WhisperPrompt.without(ids, this)
                : ids;
    }

    private String decodedParts(int[] ids, boolean skipSpecial) {
        return join(tokens(ids, skipSpecial));
    }

    @Override
    public String join(List<String> joined) {
        WorkBudget budget = Work.ofTokens(joined.size());
        return String.join("", decoder.decode(DecodedTokens.of(joined, budget), budget));
    }

    @Override
    public boolean marksContinuations() {
        return !definition.path("model").path("continuing_subword_prefix").asText("").isEmpty();
    }

    @Override
    public boolean givesTypes() {
        return RowDefaults.givesTypes(config);
    }

    private String cleaned(String text) {
        return DecodedText.apply(steps, text);
    }

    @Override
    public TokenStream stream() {
        if (wholeText) {
            return new WindowStream(this::decode, this::waits, "");
        }
        TokenStream stream = byteLevelDecoder
                ? new ByteLevelStream(this::streamed)
                : new WindowStream(ids -> decodedParts(ids, true), this::waits, "");
        return steps.isEmpty() ? stream : new CleanedStream(stream, steps);
    }

    /** Whether what is decoded can still change behind a token: it is a byte, or left out. */
    private boolean waits(int id) {
        boolean shows = id >= 0 && id < tokens.length && tokens[id] != null && !special[id];
        return bytesFallBack && (!shows || Decoders.byteValue(tokens[id]) >= 0);
    }

    @Override
    public int vocabSize() {
        return tokens.length;
    }

    @Override
    public int textVocabSize() {
        return model.limit();
    }

    @Override
    public boolean isSpecial(int id) {
        return id >= 0 && id < special.length && special[id];
    }

    @Override
    public OptionalInt id(String token) {
        int id = added.id(token) == Vocabulary.NONE ? model.id(token) : added.id(token);
        return id == Vocabulary.NONE ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public String token(int id) {
        if (id < 0 || id >= tokens.length || tokens[id] == null) {
            throw new TokenizerException(
                    "token id " + id + " is not in the vocabulary of " + tokens.length + " tokens");
        }
        return tokens[id];
    }

    @Override
    public SpecialTokens specialTokens() {
        return specialTokens;
    }

    @Override
    public Optional<Padding> padding() {
        return RowDefaults.padding(config, definition, this);
    }

    @Override
    public Truncation truncation(int maxLength) {
        return Truncation.to(maxLength).on(RowDefaults.truncationSide(config, definition));
    }

    @Override
    public OptionalInt maxLength() {
        return RowDefaults.maxLength(config);
    }

    @Override
    public void save(Path folder) {
        TokenizerFolder.write(folder, definition(), config, byteLevelDecoder);
    }

    /** A copy of the tokenizer.json, with the vocabulary. */
    ObjectNode definition() {
        ObjectNode json = definition.deepCopy();
        model.write((ObjectNode) json.get("model"));
        return json;
    }

    /** A copy of the tokenizer_config.json. */
    ObjectNode config() {
        return config.deepCopy();
    }

    @Override
    public Tokenizer withTokens(String... more) {
        return with(more, false);
    }

    @Override
    public Tokenizer withSpecialTokens(String... more) {
        return with(more, true);
    }

    @Override
    public Tokenizer withPrefixSpace() {
        ObjectNode json = definition();
        boolean changed = putPrefixSpace(json.path("pre_tokenizer"));
        if (!changed) {
            return this;
        }
        putPrefixSpace(json.path("post_processor"));
        ObjectNode settings = config();
        settings.put("add_prefix_space", true);
        return new PipelineTokenizer(json, settings);
    }

    @Override
    public Optional<String> language() {
        boolean marks = config.has(LANGUAGE)
                || config.path("tokenizer_class").asText().matches("(MBart|Nllb).*");
        boolean written = definition.path("post_processor").path("type").asText().equals("TemplateProcessing");
        return marks && written
                ? encode("").tokens().stream().filter(token -> !hasRole(token)).findFirst()
                : Optional.empty();
    }

    private boolean hasRole(String token) {
        return TokenizerFolder.ROLES.stream().anyMatch(role -> TokenizerFolder.roleToken(config, role).equals(token));
    }

    @Override
    public Tokenizer withLanguage(String code) {
        String before = language().orElseThrow(() ->
                new TokenizerException("language: got " + code + " for a tokenizer that marks texts with none"));
        int id = id(code).orElseThrow(() -> new TokenizerException(
                "language: got " + code + ", which is no token, allowed codes such as " + before));
        ObjectNode json = definition();
        ObjectNode template = (ObjectNode) json.get("post_processor");
        for (String form : List.of("single", "pair")) {
            for (JsonNode piece : template.get(form)) {
                if (piece.path("SpecialToken").path("id").asText().equals(before)) {
                    ((ObjectNode) piece.get("SpecialToken")).put("id", code);
                }
            }
        }
        ObjectNode special = (ObjectNode) template.get("special_tokens");
        special.remove(before);
        ObjectNode entry = special.putObject(code).put("id", code);
        entry.putArray("ids").add(id);
        entry.putArray("tokens").add(code);
        ObjectNode settings = config();
        settings.put(LANGUAGE, code);
        return new PipelineTokenizer(json, settings);
    }

    /** Sets the flag of byte-level parts; true if one had it unset. */
    private static boolean putPrefixSpace(JsonNode part) {
        boolean changed = false;
        if (part.isObject() && !part.path("add_prefix_space").asBoolean(true)
                && BYTE_LEVEL.contains(part.path("type").asText())) {
            ((ObjectNode) part).put("add_prefix_space", true);
            changed = true;
        }
        for (JsonNode inner : part) {
            changed |= putPrefixSpace(inner);
        }
        return changed;
    }

    private Tokenizer with(String[] more, boolean special) {
        ObjectNode json = definition();
        for (String token : more) {
            if (token.isEmpty()) {
                throw new TokenizerException("added token: got an empty text, allowed at least one character");
            }
            if (added.id(token) == Vocabulary.NONE) {
                AddedToken entry = new AddedToken(vocabSize(), token, false, false, false, !special, special);
                json.withArray("added_tokens").add(entry.toJson());
            }
        }
        return new PipelineTokenizer(json, config());
    }

    private Encoding complete(List<Encoding> texts, boolean addSpecialTokens) {
        return Encoding.joined(postProcessor.process(texts, addSpecialTokens));
    }

    private Encoding encodeText(String string, int sequence) {
        Text text = Text.of(string);
        TokenBuffer out = new TokenBuffer(text);
        added.split(text, normalizer, new Pieces(out));
        return out.encoding(sequence);
    }

    /** Takes the pieces of a text, and the words of each, and appends their tokens. */
    private final class Pieces implements AddedVocabulary.Pieces, Consumer<Text> {
        private final TokenBuffer out;

        Pieces(TokenBuffer out) {
            this.out = out;
        }

        @Override
        public void text(Text text) {
            stages.splitter().split(text, this);
        }

        @Override
        public void token(AddedToken token, Text text) {
            out.add(token.id(), text);
        }

        @Override
        public void accept(Text word) {
            out.add(wordTokens(word), word, tokens);
        }
    }

    private WordTokens wordTokens(Text word) {
        int hash = WordCache.hash(word);
        WordTokens known = cache.find(word, hash);
        if (known != null) {
            return known;
        }
        int[] characters = Arrays.copyOfRange(word.chars, word.from, word.to);
        Text bare = Text.of(characters, word.budget);
        Text mapped = stages.mapping().normalize(bare);
        TokenSink sink = new TokenSink();
        model.tokenize(mapped, sink);
        WordTokens found = mapped == bare ? sink.tokens() : sink.tokens(mapped);
        cache.put(characters, hash, found);
        return found;
    }

    /** The tokens of ids, without those that are unknown. */
    private List<String> tokens(int[] ids, boolean skipSpecial) {
        List<String> result = new ArrayList<>(ids.length);
        for (int id : ids) {
            if (id < 0) {
                throw new TokenizerException("token id must be >= 0, got " + id);
            }
            if (id < tokens.length && tokens[id] != null && !(skipSpecial && special[id])) {
                result.add(tokens[id]);
            }
        }
        return result;
    }

    private byte[] streamed(int id) {
        return tokens(new int[] {id}, true).stream().findFirst().map(ByteLevel::bytes).orElse(new byte[0]);
    }
}
