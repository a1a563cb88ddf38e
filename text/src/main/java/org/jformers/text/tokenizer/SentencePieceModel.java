package org.jformers.text.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The content of a sentencepiece model file. Reference: {@code sentencepiece_model.proto} of the sentencepiece library;
 * defaults are those of its fields.
 *
 * @param pieces the vocabulary by id
 * @param algorithm how text is segmented
 * @param byteFallback unknown characters become bytes
 * @param unknownSurface what the unknown piece is decoded to
 * @param spaceAsSuffix the mark for a space stands at the end of a word, not at its beginning
 * @param charsmap the normalization table, empty for none
 * @param dummyPrefix a space is put before the text
 * @param removeExtraSpaces runs of spaces shrink to one, and those at the ends go
 * @param escapeSpaces spaces are written as U+2581
 * @param file the bytes of the file
 */
record SentencePieceModel(
        List<Piece> pieces,
        Algorithm algorithm,
        boolean byteFallback,
        String unknownSurface,
        boolean spaceAsSuffix,
        byte[] charsmap,
        boolean dummyPrefix,
        boolean removeExtraSpaces,
        boolean escapeSpaces,
        byte[] file) {

    /** One piece of the vocabulary. */
    record Piece(String text, float score, Type type) {
        /** Whether it is found in text. */
        boolean inText() {
            return type == Type.NORMAL || type == Type.USER_DEFINED || type == Type.UNUSED;
        }
    }

    /** Kinds of pieces, in the order of their numbers in the file, from 1. */
    enum Type {
        NORMAL,
        UNKNOWN,
        CONTROL,
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    /** Ways of segmentation, in the order of their numbers in the file, from 1. */
    enum Algorithm {
        UNIGRAM,
        BPE,
        WORD,
        CHAR
    }

    static SentencePieceModel read(Path file) {
        try {
            return parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + file + ": " + e.getMessage(), e);
        } catch (TokenizerException e) {
            throw new TokenizerException(e.getMessage() + ", in " + file, e);
        }
    }

    static SentencePieceModel parse(byte[] bytes) {
        Fields fields = new Fields();
        Protobuf message = Protobuf.of(bytes);
        while (message.next()) {
            switch (message.field()) {
                case 1 -> fields.pieces.add(piece(message.message()));
                case 2 -> fields.trainer(message.message());
                case 3 -> fields.normalizer(message.message());
                default -> { } // self-test data and the denormalizer, which is for training
            }
        }
        if (fields.pieces.stream().filter(piece -> piece.type() == Type.UNKNOWN).count() != 1) {
            throw new TokenizerException("a sentencepiece model must have one unknown piece among its pieces, got "
                    + fields.pieces.size() + " pieces");
        }
        return new SentencePieceModel(
                List.copyOf(fields.pieces),
                fields.algorithm,
                fields.byteFallback,
                fields.unknownSurface,
                fields.spaceAsSuffix,
                fields.charsmap,
                fields.dummyPrefix,
                fields.removeExtraSpaces,
                fields.escapeSpaces,
                bytes);
    }

    /** Id of the unknown piece. */
    int unknown() {
        int id = 0;
        while (pieces.get(id).type() != Type.UNKNOWN) {
            id++;
        }
        return id;
    }

    /** The pieces by text. */
    Map<String, Integer> ids() {
        Map<String, Integer> ids = new HashMap<>();
        for (int id = 0; id < pieces.size(); id++) {
            ids.put(pieces.get(id).text(), id);
        }
        return ids;
    }

    private static Piece piece(Protobuf message) {
        String text = "";
        float score = 0;
        int type = 1;
        while (message.next()) {
            switch (message.field()) {
                case 1 -> text = message.string();
                case 2 -> score = message.real();
                case 3 -> type = message.integer();
                default -> { }
            }
        }
        if (type < 1 || type > Type.values().length) {
            throw new TokenizerException("sentencepiece model: piece \"" + text + "\" has the unknown type " + type);
        }
        return new Piece(text, score, Type.values()[type - 1]);
    }

    private static final class Fields {
        private final List<Piece> pieces = new ArrayList<>();
        private Algorithm algorithm = Algorithm.UNIGRAM;
        private boolean byteFallback;
        private String unknownSurface = " \u2047 ";
        private boolean spaceAsSuffix;
        private byte[] charsmap = new byte[0];
        private boolean dummyPrefix = true;
        private boolean removeExtraSpaces = true;
        private boolean escapeSpaces = true;

        void trainer(Protobuf message) {
            while (message.next()) {
                switch (message.field()) {
                    case 3 -> {
                        int type = message.integer();
                        if (type < 1 || type > Algorithm.values().length) {
                            throw new TokenizerException("sentencepiece model: unknown model type " + type);
                        }
                        algorithm = Algorithm.values()[type - 1];
                    }
                    case 24 -> spaceAsSuffix = message.flag();
                    case 35 -> byteFallback = message.flag();
                    case 44 -> unknownSurface = message.string();
                    default -> { }
                }
            }
        }

        void normalizer(Protobuf message) {
            while (message.next()) {
                switch (message.field()) {
                    case 2 -> charsmap = message.bytes();
                    case 3 -> dummyPrefix = message.flag();
                    case 4 -> removeExtraSpaces = message.flag();
                    case 5 -> escapeSpaces = message.flag();
                    default -> { }
                }
            }
        }
    }
}
