package org.jformers.text.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jformers.text.tokenizer.SentencePieceModel.Piece;
import org.jformers.text.tokenizer.SentencePieceModel.Type;

/**
 * A sentencepiece model at work: text to pieces and back. Source: Kudo and Richardson, arXiv:1808.06226; behaves as the
 * sentencepiece library does.
 */
final class SentencePiece {
    private static final String SPACE = Character.toString(Metaspace.DEFAULT);

    private final SentencePieceModel model;
    private final SentencePieceSegmenter segmenter;
    private final SentencePieceNormalizer normalizer;
    private final int[] byteIds = new int[256];
    private final int unknown;
    private final Map<String, Integer> ids;

    SentencePiece(SentencePieceModel model) {
        this.model = model;
        segmenter = new SentencePieceSegmenter(model);
        normalizer = new SentencePieceNormalizer(model, segmenter.userDefined());
        unknown = model.unknown();
        ids = model.ids();
        Arrays.fill(byteIds, unknown);
        for (int id = 0; id < model.pieces().size(); id++) {
            Piece piece = model.pieces().get(id);
            int value = piece.type() == Type.BYTE ? Decoders.byteValue(piece.text()) : -1;
            if (value >= 0) {
                byteIds[value] = id;
            }
        }
    }

    SentencePieceModel model() {
        return model;
    }

    String normalized(String text) {
        return normalizer.normalize(Text.of(text)).toString();
    }

    /**
     * A piece found in text.
     *
     * @param id its id
     * @param text the piece; for an unknown one, the text it stands for
     * @param start where it begins in the original text, in code points
     * @param end where it ends
     */
    record Found(int id, String text, int start, int end) {}

    List<Found> encode(Text original) {
        Text text = normalizer.normalize(original);
        TokenSink sink = new TokenSink();
        segmenter.segment(text, sink);
        TokenSink.WordTokens tokens = sink.tokens();
        List<Found> found = new ArrayList<>();
        for (int i = 0; i < tokens.ids().length; i++) {
            int begin = tokens.starts()[i];
            int last = i;
            while (tokens.ids()[i] == unknown
                    && !model.byteFallback()
                    && last + 1 < tokens.ids().length
                    && tokens.ids()[last + 1] == unknown) {
                last++;
            }
            int end = tokens.ends()[last];
            String piece = text.slice(begin, end).toString();
            if (tokens.ids()[i] == unknown && model.byteFallback()) {
                addBytes(piece, text.start(begin), text.end(end - 1), found);
            } else {
                found.add(new Found(tokens.ids()[i], piece, text.start(begin), text.end(end - 1)));
            }
            i = last;
        }
        return found;
    }

    /** The last byte of a character stands for it, those before it for nothing. */
    private void addBytes(String piece, int start, int end, List<Found> found) {
        byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            int id = byteIds[bytes[i] & 0xFF];
            found.add(new Found(id, model.pieces().get(id).text(), start, i == bytes.length - 1 ? end : start));
        }
    }

    /** Joins pieces, given as their texts, to text; what is no piece is kept as it is. */
    String decodeTexts(List<String> pieces) {
        return decode(pieces.stream()
                .map(piece -> new Found(ids.getOrDefault(piece, unknown), piece, 0, 0))
                .toList());
    }

    /** Joins pieces to text. An id may be that of an unknown piece whose text is known. */
    String decode(List<Found> pieces) {
        StringBuilder text = new StringBuilder();
        List<Integer> bytes = new ArrayList<>();
        boolean beginning = true;
        boolean spaceDropped = false;
        for (Found piece : pieces) {
            Type type = model.pieces().get(piece.id()).type();
            if (type == Type.BYTE) {
                bytes.add(Decoders.byteValue(model.pieces().get(piece.id()).text()));
                continue;
            }
            flush(bytes, text);
            beginning &= !spaceDropped && text.isEmpty();
            String content = piece.text();
            if (type == Type.CONTROL) {
                spaceDropped = false;
                continue;
            }
            if (type == Type.UNKNOWN) {
                boolean asIs = content.equals(model.pieces().get(piece.id()).text());
                text.append(asIs ? model.unknownSurface() : content);
                spaceDropped = false;
                continue;
            }
            boolean strip =
                    beginning && (model.dummyPrefix() || model.removeExtraSpaces()) && content.startsWith(SPACE);
            spaceDropped = strip && !model.removeExtraSpaces();
            text.append((strip ? content.substring(1) : content).replace(SPACE, " "));
        }
        flush(bytes, text);
        return text.toString();
    }

    private static void flush(List<Integer> run, StringBuilder text) {
        byte[] bytes = new byte[run.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (int) run.get(i);
        }
        run.clear();
        for (int at = 0; at < bytes.length; ) {
            int length = characterLength(bytes, at);
            text.append(length == 0 ? "\uFFFD" : new String(bytes, at, length, StandardCharsets.UTF_8));
            at += Math.max(length, 1);
        }
    }

    /** Bytes of the character that begins at the index; 0 if none does. */
    private static int characterLength(byte[] bytes, int at) {
        int lead = bytes[at] & 0xFF;
        int length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
        if (length < 2 || at + length > bytes.length) {
            return at + length > bytes.length ? 0 : length;
        }
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        boolean replacement = lead == 0xEF && bytes[at + 1] == (byte) 0xBF && bytes[at + 2] == (byte) 0xBD;
        boolean valid = text.codePointCount(0, text.length()) == 1 && text.codePointAt(0) != 0xFFFD;
        return valid || replacement ? length : 0;
    }
}
