package org.jformers.text.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sentencepiece as the cutting part of a tokenizer.
 *
 * @param encoder the model that cuts text
 * @param decoder the model that joins pieces; null where they are simply put together
 * @param codes whether a text may begin with a language code, as in {@code >>fra<<}
 * @param afterSpecial what follows a special token in decoded text
 * @param trim whether decoded text loses the spaces at its ends
 */
record SentencePiecePieces(
        SentencePiece encoder, @Nullable SentencePiece decoder, boolean codes, String afterSpecial, boolean trim)
        implements PieceTokenizer.Pieces {

    @Override
    public List<PieceTokenizer.Piece> split(Text text) {
        List<PieceTokenizer.Piece> pieces = new ArrayList<>();
        int code = codes ? codeLength(text) : 0;
        if (code > 0) {
            String language = text.slice(0, code).toString();
            pieces.add(new PieceTokenizer.Piece(language, text.start(0), text.end(code - 1), true));
        }
        for (SentencePiece.Found found : encoder.encode(text.slice(code, text.length()))) {
            boolean startsWord = !found.text().isEmpty() && found.text().codePointAt(0) == Metaspace.DEFAULT;
            pieces.add(new PieceTokenizer.Piece(found.text(), found.start(), found.end(), startsWord));
        }
        return pieces;
    }

    @Override
    public String join(List<String> tokens, Predicate<String> special) {
        if (decoder == null) {
            return trimmed(String.join("", tokens).replace((char) Metaspace.DEFAULT, ' '));
        }
        StringBuilder text = new StringBuilder();
        List<String> run = new ArrayList<>();
        for (String token : tokens) {
            if (special.test(token)) {
                text.append(decoder.decodeTexts(run)).append(token).append(afterSpecial);
                run.clear();
            } else {
                run.add(token);
            }
        }
        text.append(decoder.decodeTexts(run));
        return trim ? trimmed(text.toString().replace((char) Metaspace.DEFAULT, ' ')) : text.toString();
    }

    /** Without white space at the ends, as Python counts it. */
    static String trimmed(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    private static boolean isSpace(char c) {
        return CodePoints.isWhitespace(c) || (c >= 0x1C && c <= 0x1F);
    }

    private static int codeLength(Text text) {
        if (text.length() < 4 || text.at(0) != '>' || text.at(1) != '>') {
            return 0;
        }
        for (int i = 2; i + 1 < text.length(); i++) {
            if (text.at(i) == '<' && text.at(i + 1) == '<') {
                return i + 2;
            }
        }
        return 0;
    }
}
