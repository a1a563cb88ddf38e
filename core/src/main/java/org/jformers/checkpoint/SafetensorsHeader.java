package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jformers.tensor.DType;
import org.jformers.text.ForeignJson;

/**
 * The first part of a safetensors file: which tensors it holds and where. Format: 8 bytes little-endian length, that
 * many bytes of JSON, the tensors without gaps to the end of the file (https://huggingface.co/docs/safetensors).
 *
 * <p>Reading checks everything that the reference reader checks, and refuses duplicate names besides, so that each byte
 * of the file belongs to exactly one tensor. It needs no native library.
 *
 * @param metadata the free text of the file, such as {@code format=pt}
 * @param tensors the tensors by name, in the order of the file
 * @param bytes the length of the header, which is where the first tensor begins
 */
public record SafetensorsHeader(Map<String, String> metadata, Map<String, TensorInfo> tensors, long bytes) {
    /** The reference reader's limit for the JSON part. */
    static final int MAX_JSON_BYTES = 100_000_000;

    static final String METADATA = "__metadata__";
    static final int LENGTH_BYTES = Long.BYTES;

    /** The engine's iterators go no further. */
    private static final int MAX_DIMENSIONS = 64;

    // Names come from outside: no interning, no shared symbol table, no limit below that of the header itself.
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(MAX_JSON_BYTES)
                    .maxNameLength(MAX_JSON_BYTES)
                    .build())
            .build();

    public SafetensorsHeader {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /**
     * Reads and checks the header of a file.
     *
     * @throws CheckpointException if the file cannot be read or is not exactly a safetensors file
     */
    public static SafetensorsHeader read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException("cannot read " + file + ": no such file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new Reader(file, channel.size()).read(channel);
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file + ": " + CheckpointException.reason(e), e);
        }
    }

    /** One pass over one file; holds what error messages and checks need. */
    private static final class Reader {
        private final Path file;
        private final long fileBytes;
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final List<TensorInfo> tensors = new ArrayList<>();
        private long headerBytes;

        Reader(Path file, long fileBytes) {
            this.file = file;
            this.fileBytes = fileBytes;
        }

        SafetensorsHeader read(FileChannel channel) throws IOException {
            if (fileBytes < LENGTH_BYTES) {
                throw broken("the file has " + fileBytes + " bytes, at least " + LENGTH_BYTES + " are needed");
            }
            long jsonBytes = fill(channel, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
            if (Long.compareUnsigned(jsonBytes, MAX_JSON_BYTES) > 0) {
                throw broken("the header claims " + Long.toUnsignedString(jsonBytes) + " bytes, at most "
                        + MAX_JSON_BYTES + " are allowed");
            }
            if (jsonBytes > fileBytes - LENGTH_BYTES) {
                throw broken("the header claims " + jsonBytes + " bytes, the file has only "
                        + (fileBytes - LENGTH_BYTES) + " after its length");
            }
            headerBytes = LENGTH_BYTES + jsonBytes;
            parse(decode(fill(channel, (int) jsonBytes)));
            return new SafetensorsHeader(metadata, inFileOrder(), headerBytes);
        }

        private ByteBuffer fill(FileChannel channel, int bytes) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(bytes);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new EOFException("the file became shorter while it was read");
                }
            }
            return buffer.flip();
        }

        private String decode(ByteBuffer json) {
            try {
                // Strict, unlike the parser's own decoder; and the parser must not guess UTF-16.
                return StandardCharsets.UTF_8.newDecoder().decode(json).toString();
            } catch (CharacterCodingException e) {
                throw broken("the header is not UTF-8");
            }
        }

        private void parse(String json) throws IOException {
            try (JsonParser parser = JSON.createParser(json)) {
                expect(parser, parser.nextToken(), JsonToken.START_OBJECT, "the header");
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = text(parser.currentName());
                    if (name.equals(METADATA)) {
                        metadata(parser);
                    } else {
                        tensors.add(tensor(name, parser));
                    }
                }
                if (parser.nextToken() != null) {
                    throw broken("text follows the header's JSON object");
                }
            } catch (JsonProcessingException e) {
                throw broken("the header is not valid JSON: " + ForeignJson.problem(e));
            }
        }

        private void metadata(JsonParser parser) throws IOException {
            if (parser.nextToken() == JsonToken.VALUE_NULL) {
                return; // as the reference writes it where there is none
            }
            expect(parser, parser.currentToken(), JsonToken.START_OBJECT, METADATA);
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = text(parser.currentName());
                expect(parser, parser.nextToken(), JsonToken.VALUE_STRING, METADATA + " key " + quote(key));
                metadata.put(key, text(parser.getText()));
            }
        }

        /** JSON can escape half a character; the reference reader takes no such text, and no file could be named so. */
        private String text(String text) {
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
                throw broken("the header has a text with half a character (a lone surrogate), " + quote(text));
            }
            return text;
        }

        private TensorInfo tensor(String name, JsonParser parser) throws IOException {
            String what = "tensor " + quote(name);
            expect(parser, parser.nextToken(), JsonToken.START_OBJECT, what);
            DType dtype = null;
            List<Long> shape = null;
            List<Long> range = null;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String key = parser.currentName();
                JsonToken value = parser.nextToken();
                if (key.equals("dtype")) {
                    expect(parser, value, JsonToken.VALUE_STRING, what + " dtype");
                    dtype = dtype(what, parser.getText());
                } else if (key.equals("shape")) {
                    shape = sizes(parser, what + " shape", MAX_DIMENSIONS);
                } else if (key.equals("data_offsets")) {
                    range = sizes(parser, what + " data_offsets", 2);
                } else {
                    parser.skipChildren(); // the reference reader allows further keys
                }
            }
            if (dtype == null || shape == null || range == null) {
                throw broken(what + " lacks dtype, shape or data_offsets");
            }
            if (range.size() != 2 || range.get(1) < range.get(0)) {
                throw broken(what + " has data_offsets " + range + ", needed are a begin and an end not before it");
            }
            long bytes = range.get(1) - range.get(0);
            if (bytes != size(what, dtype, shape)) {
                throw broken(what + " has " + bytes + " bytes, its shape " + shape + " of " + dtype.code() + " needs "
                        + size(what, dtype, shape));
            }
            if (range.get(1) > fileBytes - headerBytes) {
                throw broken(what + " ends at byte " + range.get(1) + " of the data, the file holds "
                        + (fileBytes - headerBytes));
            }
            return new TensorInfo(name, dtype, shape, headerBytes + range.get(0), bytes);
        }

        private DType dtype(String what, String code) {
            return DType.ofCode(code)
                    .orElseThrow(() -> broken(what + " has dtype " + quote(code) + ", known are "
                            + String.join(", ", List.of(DType.values()).stream().map(DType::code).toList())));
        }

        private List<Long> sizes(JsonParser parser, String what, int limit) throws IOException {
            expect(parser, parser.currentToken(), JsonToken.START_ARRAY, what);
            List<Long> sizes = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                expect(parser, parser.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
                if (parser.getText().startsWith("-")) {
                    throw broken(what + " holds a negative number");
                }
                if (sizes.size() == limit) {
                    throw broken(what + " has more than " + limit + " entries");
                }
                sizes.add(parser.getLongValue());
            }
            return sizes;
        }

        private long size(String what, DType dtype, List<Long> shape) {
            try {
                long elements = 1;
                for (long size : shape) {
                    elements = Math.multiplyExact(elements, size);
                }
                return Math.multiplyExact(elements, dtype.bytes());
            } catch (ArithmeticException e) {
                throw broken(what + " has shape " + shape + ", more bytes than 64 bits can count");
            }
        }

        /** Sorts by place and refuses gaps, overlaps and bytes that belong to no tensor. */
        private Map<String, TensorInfo> inFileOrder() {
            tensors.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::bytes));
            Map<String, TensorInfo> byName = new LinkedHashMap<>();
            long end = headerBytes;
            for (TensorInfo tensor : tensors) {
                if (tensor.offset() != end) {
                    throw broken("tensor " + quote(tensor.name()) + " begins at byte "
                            + (tensor.offset() - headerBytes) + " of the data, expected is " + (end - headerBytes)
                            + " (tensors must neither overlap nor leave gaps)");
                }
                end += tensor.bytes();
                byName.put(tensor.name(), tensor);
            }
            if (end != fileBytes) {
                throw broken("the file has " + fileBytes + " bytes, its tensors end at " + end);
            }
            return byName;
        }

        private void expect(JsonParser parser, JsonToken token, JsonToken wanted, String what) {
            if (token != wanted) {
                throw broken(what + " must be " + describe(wanted) + ", got " + describe(token));
            }
        }

        private static String describe(JsonToken token) {
            if (token == null) {
                return "nothing";
            }
            return switch (token) {
                case START_OBJECT -> "a JSON object";
                case START_ARRAY -> "a list of whole numbers";
                case VALUE_STRING -> "a text";
                case VALUE_NUMBER_INT -> "a whole number";
                case VALUE_NUMBER_FLOAT -> "a number with fraction or exponent";
                case VALUE_NULL -> "null";
                case VALUE_TRUE, VALUE_FALSE -> "a truth value";
                default -> token.asString() == null ? token.name() : quote(token.asString());
            };
        }

        private CheckpointException broken(String what) {
            return new CheckpointException("not a safetensors file: " + what + ", in " + file);
        }
    }
}
