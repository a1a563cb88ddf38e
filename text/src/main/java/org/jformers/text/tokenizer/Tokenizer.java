package org.jformers.text.tokenizer;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Text to token ids and back. Implementations are immutable and may be shared by any number of threads. */
public interface Tokenizer {

    /** Encodes one text, with the special tokens that the tokenizer's template adds around it. */
    Encoding encode(String text);

    /** Encodes a pair of texts, with the special tokens that the template adds around and between them. */
    Encoding encode(String first, String second);

    /** Encodes one text without adding special tokens. */
    Encoding encodePlain(String text);

    /**
     * Encodes a text made of pieces, without adding special tokens. Added tokens are found only where they stand wholly
     * in pieces that a template wrote; elsewhere what looks like one is text. Otherwise the pieces are one text.
     *
     * @throws TokenizerException if this kind of tokenizer cannot tell them apart
     */
    default Encoding encodeSegments(List<Segment> segments) {
        throw new TokenizerException(getClass().getSimpleName() + " finds special tokens in any text");
    }

    /** Encodes one text, cut so that it and the template's tokens fit; what was cut off is in the overflow. */
    Encoding encode(String text, Truncation truncation);

    /** Encodes a pair of texts, cut so that they and the template's tokens fit; what was cut off is in the overflow. */
    Encoding encode(String first, String second, Truncation truncation);

    /**
     * Encodes a text that is already cut into words: each is encoded by itself, {@link Encoding#words} gives its index
     * in the list, and offsets count from its beginning. Where a space before a word belongs to its tokens, it takes
     * {@link #withPrefixSpace} to get those that the word has within a text.
     *
     * @throws TokenizerException if this kind of tokenizer takes texts alone
     */
    default Encoding encodeWords(List<String> words) {
        return encodeWords(words, Truncation.to(Integer.MAX_VALUE));
    }

    /** The same, cut so that the words and the template's tokens fit; what was cut off is in the overflow. */
    default Encoding encodeWords(List<String> words, Truncation truncation) {
        throw new TokenizerException(getClass().getSimpleName() + " takes no words, only texts");
    }

    /** Encodes texts on all cores; the results are in the order of the texts. */
    default List<Encoding> encodeBatch(List<String> texts) {
        return texts.parallelStream().map(this::encode).toList();
    }

    /**
     * Encodes texts and pairs on all cores, cuts them, and fills them to one length, in one call. Windows that
     * truncation cuts off become rows of their own.
     */
    default EncodedBatch encodeBatch(List<TextInput> inputs, EncodeOptions options) {
        return EncodedBatch.of(this, inputs, options);
    }

    /** Decodes ids to text; special tokens are left out. */
    String decode(int[] ids);

    /** Decodes ids to text; special tokens appear as they are written in the vocabulary. */
    String decodeWithSpecialTokens(int[] ids);

    /**
     * What a model heard, of the likeliest token of each frame; an id that is no token's is an unknown one.
     *
     * @throws TokenizerException if the tokenizer has no token for frames without one
     */
    default CtcTranscript transcript(int[] frames) {
        throw new TokenizerException(getClass().getSimpleName() + " has no token for a frame without one, only those of"
                + " Wav2Vec2CTCTokenizer do");
    }

    /** Decodes ids to text. */
    default String decode(int[] ids, DecodeOptions options) {
        String text = options.specialTokens() ? decodeWithSpecialTokens(ids) : decode(ids);
        return options.spaces() == DecodeOptions.Spaces.TAKEN_OUT ? DecodedText.withoutSpaces(text) : text;
    }

    /** Joins tokens, as written in the vocabulary, to text; none is left out, and spaces stay as they come. */
    default String join(List<String> joined) {
        return String.join(" ", joined);
    }

    /** Whether a token shows by a prefix that it goes on a word, such as WordPiece's {@code ##}. */
    default boolean marksContinuations() {
        return false;
    }

    /** A decoder that takes one id at a time and never returns half a character; one per stream, not thread-safe. */
    TokenStream stream();

    /** Size of the vocabulary, added tokens included: every id is below it. */
    int vocabSize();

    /**
     * Size of the vocabulary that any text is made of: the ids from here on are those of tokens that were added and
     * whose own names must stand in a text; none, unless a kind of tokenizer tells them apart.
     */
    default int textVocabSize() {
        return vocabSize();
    }

    /** Whether {@link #decode} leaves a token out. */
    default boolean isSpecial(int id) {
        SpecialTokens roles = specialTokens();
        return Stream.of(roles.bos(), roles.eos(), roles.pad(), roles.unk(), roles.sep(), roles.cls(), roles.mask())
                .anyMatch(role -> role.isPresent() && role.getAsInt() == id);
    }

    /** The id of a token as written in the vocabulary. */
    OptionalInt id(String token);

    /** The token of an id as written in the vocabulary. Throws {@link TokenizerException} for an id out of range. */
    String token(int id);

    /** Ids of the tokens with a role: beginning, end, padding, unknown, separator, class, mask. */
    SpecialTokens specialTokens();

    /** How rows of a batch are filled to the longest; empty without a padding token. */
    default Optional<Padding> padding() {
        OptionalInt id = specialTokens().pad();
        return id.isEmpty()
                ? Optional.empty()
                : Optional.of(Padding.longest(id.getAsInt(), token(id.getAsInt())));
    }

    /** Cuts to so many tokens, the longer text first, at the end that the files name: the right one as a rule. */
    default Truncation truncation(int maxLength) {
        return Truncation.to(maxLength);
    }

    /** How many tokens a row may have as far as the files say so. */
    default OptionalInt maxLength() {
        return OptionalInt.empty();
    }

    /** Whether a model is given the types of tokens, as the files say, or else the tokenizer's class. */
    default boolean givesTypes() {
        return false;
    }

    /** Whether the reference's class tells where tokens stand in the text; those in plain Python do not. */
    default boolean tellsPlaces() {
        return true;
    }

    /**
     * Writes {@code tokenizer.json}, {@code tokenizer_config.json} and {@code special_tokens_map.json} into a folder.
     */
    void save(Path folder);

    /**
     * The same tokenizer with tokens that are found in the text before everything else and never split. Those it has
     * keep their ids, the others get the next ones; the model's vocabulary must then be resized.
     *
     * @throws TokenizerException if this kind of tokenizer takes no further tokens
     */
    default Tokenizer withTokens(String... tokens) {
        throw new TokenizerException(getClass().getSimpleName() + " takes no further tokens, only tokenizer.json does");
    }

    /**
     * The same tokenizer with a space before each text that begins with none, where the spaces before words belong to
     * their tokens (GPT-2, RoBERTa), which is {@code add_prefix_space} in its files; others are this one.
     */
    default Tokenizer withPrefixSpace() {
        return this;
    }

    /**
     * The code of the language that the tokenizer writes beside each text, as those of mBART do; empty for others.
     */
    default Optional<String> language() {
        return Optional.empty();
    }

    /**
     * The same tokenizer for texts of another language, which is {@code src_lang} in its files.
     *
     * @param code a token such as {@code de_DE}
     * @throws TokenizerException if it has no such token, or marks no texts with a language
     */
    default Tokenizer withLanguage(String code) {
        throw new TokenizerException("language: got " + code + " for a tokenizer that marks texts with none");
    }

    /** The same as {@link #withTokens}, for tokens that are left out when decoding. */
    default Tokenizer withSpecialTokens(String... tokens) {
        return withTokens(tokens);
    }
}
