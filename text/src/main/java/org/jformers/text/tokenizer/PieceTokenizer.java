package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A tokenizer of the time before tokenizer.json whose pieces get their ids from a table: added tokens are found first,
 * the rest is cut into pieces, and an end token may follow.
 */
final class PieceTokenizer implements Tokenizer {
    private final Settings settings;
    private final AddedVocabulary added;
    private final SpecialTokens specialTokens;
    private final List<UnaryOperator<String>> steps;
    /** Whether what looks like an added token is text like any other. */
    private final boolean splitSpecial;

    /** Cuts text into pieces and joins them again. */
    interface Pieces {
        List<Piece> split(Text text);

        /** Joins tokens to text; {@code special} tells which are special. */
        String join(List<String> tokens, Predicate<String> special);

        /** What a model heard in frames, each with its token. */
        default CtcTranscript transcript(List<String> tokens) {
            throw new TokenizerException("the tokenizer has no token for a frame without one, only those of"
                    + " Wav2Vec2CTCTokenizer do");
        }

        /** What joined text ends with whose last token goes on in the next; empty if there is no such mark. */
        default String unfinished() {
            return "";
        }
    }

    /**
     * A piece of a text.
     *
     * @param token the piece as text
     * @param start where it begins, in code points of the text
     * @param end where it ends
     * @param startsWord whether a word begins with it
     */
    record Piece(String token, int start, int end, boolean startsWord) {}

    /**
     * What makes up a tokenizer.
     *
     * @param tokens all tokens by id
     * @param ids ids by token
     * @param unknown id of what is not in the table
     * @param unknownAsIs whether an unknown piece is shown as it is, not as the unknown token
     * @param begin the token before every encoded text
     * @param between the token between two texts
     * @param end the token that follows every encoded text
     * @param added tokens that are found in the text first
     * @param config the tokenizer_config.json
     * @param files the vocabulary files to write when saving
     */
    record Settings(
            List<String> tokens,
            Map<String, Integer> ids,
            int unknown,
            boolean unknownAsIs,
            OptionalInt begin,
            OptionalInt between,
            OptionalInt end,
            List<AddedToken> added,
            Pieces pieces,
            ObjectNode config,
            Map<String, byte[]> files) {}

    /** Tokens by id; the unknown one where there is none. */
    static List<String> byId(Map<String, Integer> ids, String unknown) {
        String[] tokens = new String[ids.values().stream().mapToInt(id -> id + 1).max().orElse(0)];
        Arrays.fill(tokens, unknown);
        ids.forEach((token, id) -> tokens[id] = token);
        return List.of(tokens);
    }

    PieceTokenizer(Settings settings) {
        this.settings = settings;
        added = new AddedVocabulary(settings.added(), Normalizer.NONE);
        splitSpecial = settings.config().path("split_special_tokens").asBoolean(false);
        steps = DecodedText.steps(settings.config(), "");
        specialTokens = TokenizerFolder.roles(settings.config(), this);
    }

    /** The model of sentencepiece that cuts text, if it is one. */
    Optional<SentencePieceModel> sentencePiece() {
        return settings.pieces() instanceof SentencePiecePieces pieces
                ? Optional.of(pieces.encoder().model())
                : Optional.empty();
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
        added.split(text, Normalizer.NONE, Segment.data(segments), new Buffered(out));
        return out.encoding(0);
    }

    @Override
    public Encoding encode(String text, Truncation truncation) {
        return complete(truncation.cut(List.of(encodeText(text, 0)), ends(1)), true);
    }

    @Override
    public Encoding encode(String first, String second, Truncation truncation) {
        List<Encoding> texts = List.of(encodeText(first, 0), encodeText(second, 1));
        return complete(truncation.cut(texts, ends(2)), true);
    }

    @Override
    public Encoding encodeWords(List<String> words, Truncation truncation) {
        Encoding text = Encoding.ofWords(words.stream().map(word -> encodeText(word, 0)).toList());
        return complete(truncation.cut(List.of(text), ends(1)), true);
    }

    @Override
    public String decode(int[] ids) {
        return cleaned(joined(ids));
    }

    private String joined(int[] ids) {
        List<String> kept = new ArrayList<>();
        for (int id : ids) {
            String token = token(id);
            if (!added.isSpecial(token)) {
                kept.add(token);
            }
        }
        return settings.pieces().join(kept, added::isSpecial);
    }

    @Override
    public String decodeWithSpecialTokens(int[] ids) {
        return cleaned(whole(ids));
    }

    private String whole(int[] ids) {
        return join(IntStream.of(ids).mapToObj(this::token).toList());
    }

    @Override
    public String decode(int[] ids, DecodeOptions options) {
        String text = options.specialTokens() ? whole(ids) : joined(ids);
        return DecodedText.apply(DecodedText.steps(settings.config(), "", options.spaces()), text);
    }

    @Override
    public String join(List<String> joined) {
        return settings.pieces().join(joined, added::isSpecial);
    }

    @Override
    public CtcTranscript transcript(int[] frames) {
        int size = settings.tokens().size();
        CtcTranscript transcript = settings.pieces().transcript(Arrays.stream(frames)
                .mapToObj(id -> settings.tokens().get(id >= 0 && id < size ? id : settings.unknown()))
                .toList());
        return new CtcTranscript(cleaned(transcript.text()), transcript.characters(), transcript.words());
    }

    @Override
    public boolean givesTypes() {
        return RowDefaults.givesTypes(settings.config());
    }

    @Override
    public boolean tellsPlaces() {
        return false;
    }

    private String cleaned(String text) {
        return DecodedText.apply(steps, text);
    }

    @Override
    public TokenStream stream() {
        TokenStream stream = new WindowStream(this::joined, id -> false, settings.pieces().unfinished());
        return steps.isEmpty() ? stream : new CleanedStream(stream, steps);
    }

    @Override
    public int vocabSize() {
        return settings.tokens().size();
    }

    @Override
    public boolean isSpecial(int id) {
        return id >= 0 && id < settings.tokens().size() && added.isSpecial(settings.tokens().get(id));
    }

    @Override
    public OptionalInt id(String token) {
        Integer id = settings.ids().get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public String token(int id) {
        if (id < 0 || id >= settings.tokens().size()) {
            throw new TokenizerException(
                    "token id " + id + " is not in the vocabulary of " + settings.tokens().size() + " tokens");
        }
        return settings.tokens().get(id);
    }

    @Override
    public SpecialTokens specialTokens() {
        return specialTokens;
    }

    @Override
    public Optional<Padding> padding() {
        return RowDefaults.padding(settings.config(), MissingNode.getInstance(), this);
    }

    @Override
    public Truncation truncation(int maxLength) {
        return Truncation.to(maxLength).on(RowDefaults.truncationSide(settings.config(), MissingNode.getInstance()));
    }

    @Override
    public OptionalInt maxLength() {
        return RowDefaults.maxLength(settings.config());
    }

    @Override
    public void save(Path folder) {
        ObjectNode config = settings.config().deepCopy();
        ObjectNode listed = config.putObject("added_tokens_decoder");
        settings.added().forEach(token -> listed.set(Integer.toString(token.id()), token.asListed()));
        TokenizerFolder.write(folder, settings.files(), config);
    }

    private Encoding encodeText(String string, int sequence) {
        Text text = Text.of(string);
        TokenBuffer out = new TokenBuffer(text);
        Buffered pieces = new Buffered(out);
        if (splitSpecial && text.length() > 0) {
            pieces.text(text);
        } else {
            added.split(text, Normalizer.NONE, pieces);
        }
        return out.encoding(sequence);
    }

    /** Takes the pieces of a text and appends their tokens. */
    private final class Buffered implements AddedVocabulary.Pieces {
        private final TokenBuffer out;

        Buffered(TokenBuffer out) {
            this.out = out;
        }

        @Override
        public void text(Text text) {
            for (Piece piece : settings.pieces().split(text)) {
                Integer known = settings.ids().get(piece.token());
                int id = known == null ? settings.unknown() : known;
                String shown = known == null && settings.unknownAsIs() ? piece.token() : settings.tokens().get(id);
                out.add(id, shown, piece.start(), piece.end(), piece.startsWord());
            }
            out.nextWord();
        }

        @Override
        public void token(AddedToken token, Text text) {
            out.add(token.id(), token.content(), text.start(0), text.end(text.length() - 1), true);
            out.nextWord();
        }
    }

    private Encoding complete(List<Encoding> texts, boolean addSpecialTokens) {
        List<Encoding> parts = new ArrayList<>(texts);
        if (addSpecialTokens) {
            if (texts.size() > 1) {
                settings.between().ifPresent(id -> parts.add(1, special(id)));
            }
            settings.begin().ifPresent(id -> parts.add(0, special(id)));
            settings.end().ifPresent(id -> parts.add(special(id)));
        }
        return Encoding.joined(parts);
    }

    private Encoding special(int id) {
        return Encoding.special(new int[] {id}, List.of(token(id)), 0);
    }

    /** How many tokens stand around one text, or around and between two. */
    private int ends(int texts) {
        long around = settings.begin().stream().count() + settings.end().stream().count();
        return (int) (around + (texts - 1) * settings.between().stream().count());
    }
}
