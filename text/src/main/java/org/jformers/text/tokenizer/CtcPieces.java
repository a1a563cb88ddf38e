package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The letters of wav2vec 2.0 (arXiv:2006.11477) and its kin, with a token for the space between words. Decoding is that
 * of connectionist temporal classification: a run of one token is one, and padding, which parts runs, goes.
 *
 * <p>Reference: Wav2Vec2CTCTokenizer of transformers 5.18. As there, decoding without special tokens takes padding out
 * before it looks for runs; what a model hears is decoded with special tokens.
 */
final class CtcPieces implements PieceTokenizer.Pieces {
    private final String padding;
    private final String delimiter;
    private final String space;
    private final boolean upper;

    private CtcPieces(TokenizerSettings settings) {
        padding = settings.token("pad_token");
        delimiter = settings.token("word_delimiter_token");
        space = settings.config().path("replace_word_delimiter_char").asText(" ");
        upper = settings.flag("do_lower_case", false);
    }

    static Tokenizer load(Path folder, TokenizerSettings settings) {
        ObjectNode file = TokenizerFolder.read(folder.resolve("vocab.json"));
        Map<String, Integer> ids = new LinkedHashMap<>(Vocabulary.of(letters(file, settings)).ids());
        settings.roleTexts("bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>", "pad_token", "<pad>",
                "word_delimiter_token", "|");
        CtcPieces pieces = new CtcPieces(settings);
        Set<String> special = settings.specialTokens();
        special.add(pieces.delimiter);
        List<AddedToken> added = added(ids, settings, special, pieces.delimiter);
        String unknown = settings.token("unk_token");
        if (unknown.isEmpty()) {
            throw new TokenizerException("unk_token must name a token, got none, in tokenizer_config.json");
        }
        Map<String, Integer> all = new LinkedHashMap<>(ids);
        added.forEach(token -> all.put(token.content(), token.id()));
        return new PieceTokenizer(new PieceTokenizer.Settings(
                PieceTokenizer.byId(all, unknown),
                all,
                settings.id("unk_token", all),
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                added,
                pieces,
                settings.config(),
                Map.of("vocab.json", file.toString().getBytes(StandardCharsets.UTF_8))));
    }

    private static JsonNode letters(ObjectNode file, TokenizerSettings settings) {
        String language = settings.config().path("target_lang").asText("");
        boolean nested = file.elements().hasNext() && file.elements().next().isObject();
        if (nested != settings.config().hasNonNull("target_lang") || (nested && !file.path(language).isObject())) {
            List<String> names = new ArrayList<>();
            file.fieldNames().forEachRemaining(names::add);
            throw new TokenizerException("target_lang must name one of the languages of vocab.json, got \"" + language
                    + "\", allowed " + (nested ? names : "none: the file has one vocabulary")
                    + ", in tokenizer_config.json");
        }
        return nested ? file.get(language) : file;
    }

    /** Tokens that are found whole: those the files list, special ones, and letters of more than one character. */
    private static List<AddedToken> added(
            Map<String, Integer> ids, TokenizerSettings settings, Set<String> special, String delimiter) {
        Map<String, AddedToken> added = AddedTokenList.asListed(ids, settings, special);
        ids.forEach((token, id) -> {
            if (token.codePointCount(0, token.length()) > 1) {
                added.put(token, new AddedToken(id, token, false, true, true, false, special.contains(token)));
            }
        });
        added.computeIfPresent(delimiter, (content, token) ->
                new AddedToken(token.id(), content, false, token.lstrip(), token.rstrip(), false, false));
        return List.copyOf(added.values());
    }

    @Override
    public List<PieceTokenizer.Piece> split(Text text) {
        List<PieceTokenizer.Piece> pieces = new ArrayList<>();
        for (int i = 0; i < text.length(); i++) {
            String letter = Character.toString(text.at(i));
            String written = letter.equals(" ") ? delimiter : upper ? letter.toUpperCase(Locale.ROOT) : letter;
            int start = text.start(i);
            int end = text.end(i);
            written.codePoints().forEach(character ->
                    pieces.add(new PieceTokenizer.Piece(Character.toString(character), start, end, false)));
        }
        return pieces;
    }

    @Override
    public String join(List<String> tokens, Predicate<String> special) {
        return written(runs(tokens));
    }

    @Override
    public CtcTranscript transcript(List<String> tokens) {
        List<CtcTranscript.Stretch> characters = runs(tokens);
        return new CtcTranscript(written(characters), characters, words(characters));
    }

    /** Runs of one token as they are written, with their places; padding is left out. */
    private List<CtcTranscript.Stretch> runs(List<String> tokens) {
        List<CtcTranscript.Stretch> runs = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= tokens.size(); i++) {
            String token = tokens.get(start);
            if (i < tokens.size() && tokens.get(i).equals(token)) {
                continue;
            }
            if (!token.equals(padding)) {
                runs.add(new CtcTranscript.Stretch(token.equals(delimiter) ? space : token, start, i));
            }
            start = i;
        }
        return runs;
    }

    private String written(List<CtcTranscript.Stretch> characters) {
        StringBuilder text = new StringBuilder();
        characters.forEach(character -> text.append(character.text()));
        String joined = SentencePiecePieces.trimmed(text.toString());
        return upper ? joined.toLowerCase(Locale.ROOT) : joined;
    }

    private List<CtcTranscript.Stretch> words(List<CtcTranscript.Stretch> characters) {
        List<CtcTranscript.Stretch> words = new ArrayList<>();
        boolean within = false;
        for (CtcTranscript.Stretch character : characters) {
            boolean letter = !character.text().equals(space);
            if (letter && within) {
                words.set(words.size() - 1, words.get(words.size() - 1).with(character));
            } else if (letter) {
                words.add(character);
            }
            within = letter;
        }
        return words;
    }
}
