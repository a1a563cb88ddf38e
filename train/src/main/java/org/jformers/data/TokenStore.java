package org.jformers.data;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Token ids of texts that need not fit into memory: in a folder, made once while the texts are read, and mapped. {@code
 * tokens.bin} has the ids as 32-bit numbers, lowest byte first, one text behind the other; {@code lengths.bin} how many
 * each has; {@code tokens.json}, which is written last, what they were made of.
 */
public final class TokenStore {
    private static final String ABOUT = "tokens.json";
    private static final String TOKENS = "tokens.bin";
    private static final String LENGTHS = "lengths.bin";
    private static final int VERSION = 1;
    /** Groups of texts that are encoded at once: what is in memory meanwhile. */
    private static final int TOGETHER = 32;
    /** Ids of a mapped piece at most, but for a group that is larger by itself. */
    private static final long PIECE = 1L << 27;
    private static final JsonMapper JSON = new JsonMapper();

    private TokenStore() {}

    /**
     * The ids of the texts of a source, without special tokens; blank texts are left out. Makes the folder if it is not
     * there, or was made of other texts or by another tokenizer.
     *
     * @param folder where they are kept
     * @param source the texts
     * @param files what the source reads: the store counts as theirs while neither sizes nor times change
     * @param column of the text
     * @param document what a text of a plain file is
     * @throws DataException if there are no texts, or the folder cannot be written
     */
    public static TokenSequences of(
            Path folder, DataSource source, List<Path> files, String column, TextSource.Document document,
            Tokenizer tokenizer) {
        try {
            ObjectNode about = about(files, column, document, tokenizer);
            if (!isOf(folder, about)) {
                Files.createDirectories(folder);
                Files.deleteIfExists(folder.resolve(ABOUT));
                write(folder, source, column, tokenizer);
                for (String file : List.of(TOKENS, LENGTHS)) {
                    take(folder, file);
                }
                Files.write(part(folder, ABOUT), JSON.writeValueAsBytes(about));
                take(folder, ABOUT);
            }
            return read(folder);
        } catch (IOException e) {
            throw new DataException(folder + ": tokens cannot be kept there: " + e.getMessage(), e);
        }
    }

    private static Path part(Path folder, String file) {
        return folder.resolve(file + ".part");
    }

    /** A new file in the place of an old one, which stays whole for those who have mapped it. */
    private static void take(Path folder, String file) throws IOException {
        Files.move(part(folder, file), folder.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    private static boolean isOf(Path folder, ObjectNode about) throws IOException {
        Path file = folder.resolve(ABOUT);
        return Files.exists(file) && JSON.readTree(Files.readAllBytes(file)).equals(JSON.readTree(about.toString()));
    }

    private static ObjectNode about(
            List<Path> files, String column, TextSource.Document document, Tokenizer tokenizer) throws IOException {
        ObjectNode about = JSON.createObjectNode().put("version", VERSION).put("column", column)
                .put("document", document.name())
                .put("tokenizer", fingerprint(tokenizer));
        for (Path file : files) {
            about.withArray("files").addObject().put("name", file.toString()).put("bytes", Files.size(file))
                    .put("modified", Files.getLastModifiedTime(file).toMillis());
        }
        return about;
    }

    /** What a tokenizer is, by the files that it saves. */
    private static String fingerprint(Tokenizer tokenizer) throws IOException {
        Path folder = Files.createTempDirectory("jformers-tokenizer");
        try {
            tokenizer.save(folder);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (Stream<Path> saved = Files.list(folder)) {
                for (Path file : saved.sorted().toList()) {
                    digest.update(Files.readAllBytes(file));
                    Files.delete(file);
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        } finally {
            Files.deleteIfExists(folder);
        }
    }

    private static void write(Path folder, DataSource source, String column, Tokenizer tokenizer) throws IOException {
        long texts = 0;
        try (FileChannel ids = open(part(folder, TOKENS));
                DataOutputStream lengths = new DataOutputStream(new BufferedOutputStream(
                        Channels.newOutputStream(open(part(folder, LENGTHS)))));
                Stream<List<String>> rows = source.rows(List.of(column))) {
            Iterator<String> left = rows.map(row -> row.get(0)).filter(text -> !text.isBlank()).iterator();
            while (left.hasNext()) {
                List<String> some = new ArrayList<>();
                while (left.hasNext() && some.size() < TOGETHER * TokenSequences.GROUP) {
                    some.add(left.next());
                }
                texts += some.size();
                for (int[] encoded : IntStream.range(0, some.size()).parallel()
                        .mapToObj(i -> tokenizer.encodePlain(some.get(i)).ids()).toList()) {
                    lengths.writeInt(encoded.length);
                    ByteBuffer bytes = ByteBuffer.allocate(4 * encoded.length).order(ByteOrder.LITTLE_ENDIAN);
                    bytes.asIntBuffer().put(encoded);
                    while (bytes.hasRemaining()) {
                        ids.write(bytes);
                    }
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (texts == 0) {
            throw new DataException(source.name() + ": no texts");
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
    }

    private static TokenSequences read(Path folder) throws IOException {
        List<int[]> ends = ends(folder.resolve(LENGTHS));
        TokenSequences.Group[] groups = new TokenSequences.Group[ends.size()];
        try (FileChannel ids = FileChannel.open(folder.resolve(TOKENS), StandardOpenOption.READ)) {
            long begin = 0;
            for (int first = 0; first < groups.length;) {
                int next = first;
                long size = 0;
                do {
                    size += last(ends.get(next++));
                } while (next < groups.length && size + last(ends.get(next)) <= PIECE);
                IntBuffer piece = ids.map(FileChannel.MapMode.READ_ONLY, 4 * begin, 4 * size)
                        .order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
                int at = 0;
                for (int group = first; group < next; group++) {
                    int length = last(ends.get(group));
                    groups[group] = new TokenSequences.Group(piece.slice(at, length), ends.get(group));
                    at += length;
                }
                begin += size;
                first = next;
            }
            return new TokenSequences(groups);
        }
    }

    private static int last(int[] ends) {
        return ends[ends.length - 1];
    }

    /** Where the texts of each group end in it. */
    private static List<int[]> ends(Path file) throws IOException {
        long left = Files.size(file) / 4;
        List<int[]> groups = new ArrayList<>();
        try (DataInputStream lengths = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            while (left > 0) {
                int[] ends = new int[(int) Math.min(TokenSequences.GROUP, left)];
                int end = 0;
                for (int i = 0; i < ends.length; i++) {
                    end = Math.addExact(end, lengths.readInt());
                    ends[i] = end;
                }
                groups.add(ends);
                left -= ends.length;
            }
        }
        return groups;
    }
}
