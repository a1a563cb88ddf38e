package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The directory of a zip archive whose entries are not compressed, so that they can be used in place. Format: PKWARE
 * APPNOTE 6.3, the part that PyTorch writes, ZIP64 included.
 *
 * <p>Strict: the directory ends the file, each local header repeats its directory entry, entries neither overlap nor
 * share a name, and nothing is compressed or encrypted.
 */
final class StoredZip {
    /** Where an entry begins, and where its content is. */
    record Entry(String name, long start, long offset, long bytes, long crc) {}

    private static final int MAX_ENTRIES = 100_000;
    private static final int MAX_DIRECTORY_BYTES = 100_000_000;

    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int LOCATOR64_BYTES = 20;
    private static final int END64 = 0x06064b50;
    private static final int END64_BYTES = 56;
    private static final int CENTRAL = 0x02014b50;
    private static final int CENTRAL_BYTES = 46;
    private static final int LOCAL = 0x04034b50;
    private static final int LOCAL_BYTES = 30;
    private static final int EXTRA_ZIP64 = 1;
    private static final int SIZES_FOLLOW = 1 << 3;
    private static final int UTF8 = 1 << 11;
    private static final long IN_ZIP64 = 0xFFFFFFFFL;

    private final FileChannel channel;
    private final Path file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private long directoryStart;

    private StoredZip(FileChannel channel, Path file) {
        this.channel = channel;
        this.file = file;
    }

    /**
     * Reads and checks the directory.
     *
     * @return the entries by name, in the order of the directory
     * @throws CheckpointException if the file is not exactly such an archive
     */
    static Map<String, Entry> read(FileChannel channel, Path file) throws IOException {
        StoredZip zip = new StoredZip(channel, file);
        zip.readDirectory();
        zip.requireSeparate();
        return zip.entries;
    }

    private void readDirectory() throws IOException {
        long size = channel.size();
        if (size < END_BYTES || bytes(0, Integer.BYTES).getInt() != LOCAL) {
            throw broken("neither a zip archive nor pickles of PyTorch before 1.6");
        }
        ByteBuffer end = bytes(size - END_BYTES, END_BYTES);
        if (end.getInt(0) != END || end.getShort(20) != 0) {
            throw broken("the archive does not end with its directory");
        }
        long directoryEnd = size - END_BYTES;
        long count = Short.toUnsignedLong(end.getShort(10));
        long bytes = Integer.toUnsignedLong(end.getInt(12));
        directoryStart = Integer.toUnsignedLong(end.getInt(16));
        long locatorAt = directoryEnd - LOCATOR64_BYTES;
        if (locatorAt >= END64_BYTES && bytes(locatorAt, Integer.BYTES).getInt() == LOCATOR64) {
            directoryEnd = locatorAt - END64_BYTES;
            ByteBuffer end64 = bytes(directoryEnd, END64_BYTES);
            if (end64.getInt(0) != END64
                    || end64.getLong(4) != END64_BYTES - 12
                    || bytes(locatorAt, LOCATOR64_BYTES).getLong(8) != directoryEnd) {
                throw broken("the ZIP64 records of the archive contradict each other");
            }
            count = end64.getLong(32);
            bytes = end64.getLong(40);
            directoryStart = end64.getLong(48);
        }
        if (count < 0 || count > MAX_ENTRIES) {
            throw broken("the archive claims " + Long.toUnsignedString(count) + " entries, at most " + MAX_ENTRIES
                    + " are allowed");
        }
        if (bytes < 0 || bytes > MAX_DIRECTORY_BYTES || directoryStart != directoryEnd - bytes) {
            throw broken("the archive's directory is not where its end says");
        }
        ByteBuffer directory = bytes(directoryStart, (int) bytes);
        for (long i = 0; i < count; i++) {
            add(directory);
        }
        if (directory.hasRemaining()) {
            throw broken("the archive's directory has more entries than its end says");
        }
    }

    private void add(ByteBuffer directory) throws IOException {
        if (directory.remaining() < CENTRAL_BYTES || directory.getInt(directory.position()) != CENTRAL) {
            throw broken("the archive's directory is cut off");
        }
        ByteBuffer head = take(directory, CENTRAL_BYTES);
        String name = name(take(directory, Short.toUnsignedInt(head.getShort(28))));
        ByteBuffer extra = take(directory, Short.toUnsignedInt(head.getShort(30)));
        take(directory, Short.toUnsignedInt(head.getShort(32)));
        int flags = Short.toUnsignedInt(head.getShort(8));
        if (head.getShort(10) != 0 || (flags & ~(SIZES_FOLLOW | UTF8)) != 0) {
            throw broken("entry " + quote(name) + " is compressed or encrypted, allowed is stored");
        }
        ByteBuffer wide = zip64(extra, name);
        long bytes = wide(Integer.toUnsignedLong(head.getInt(24)), wide, name);
        long stored = wide(Integer.toUnsignedLong(head.getInt(20)), wide, name);
        long local = wide(Integer.toUnsignedLong(head.getInt(42)), wide, name);
        if (bytes < 0 || bytes != stored || local < 0 || local > directoryStart - LOCAL_BYTES) {
            throw broken("entry " + quote(name) + " has sizes or a place that cannot be");
        }
        long offset = contentOf(local, flags, name);
        if (bytes > directoryStart - offset) {
            throw broken("entry " + quote(name) + " has " + bytes + " bytes, beyond the directory");
        }
        Entry entry = new Entry(name, local, offset, bytes, Integer.toUnsignedLong(head.getInt(16)));
        if (entries.put(name, entry) != null) {
            throw broken("entry " + quote(name) + " is there twice");
        }
    }

    /** Where the content begins, after a local header that must repeat what the directory says. */
    private long contentOf(long local, int flags, String name) throws IOException {
        ByteBuffer head = bytes(local, LOCAL_BYTES);
        int nameBytes = Short.toUnsignedInt(head.getShort(26));
        long offset = local + LOCAL_BYTES + nameBytes + Short.toUnsignedInt(head.getShort(28));
        boolean same = head.getInt(0) == LOCAL
                && Short.toUnsignedInt(head.getShort(6)) == flags
                && head.getShort(8) == 0
                && offset <= directoryStart
                && name(bytes(local + LOCAL_BYTES, nameBytes)).equals(name);
        if (!same) {
            throw broken("entry " + quote(name) + " differs between the directory and its own header");
        }
        return offset;
    }

    private ByteBuffer zip64(ByteBuffer extra, String name) {
        while (extra.remaining() >= 4) {
            int id = Short.toUnsignedInt(extra.getShort());
            ByteBuffer content = take(extra, Short.toUnsignedInt(extra.getShort()));
            if (id == EXTRA_ZIP64) {
                return content;
            }
        }
        return ByteBuffer.allocate(0);
    }

    private long wide(long narrow, ByteBuffer zip64, String name) {
        if (narrow != IN_ZIP64) {
            return narrow;
        }
        if (zip64.remaining() < Long.BYTES) {
            throw broken("entry " + quote(name) + " lacks its ZIP64 sizes");
        }
        return zip64.getLong();
    }

    private void requireSeparate() {
        long end = 0;
        for (Entry entry : entries.values().stream()
                .sorted(Comparator.comparingLong(Entry::start))
                .toList()) {
            if (entry.start() < end) {
                throw broken("entry " + quote(entry.name()) + " overlaps another one");
            }
            end = entry.offset() + entry.bytes();
        }
    }

    private String name(ByteBuffer bytes) {
        String name;
        try {
            name = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw broken("the name of an entry is not UTF-8");
        }
        for (String part : name.split("/", -1)) {
            if (part.isEmpty() || part.equals("..") || part.equals(".") || part.indexOf('\\') >= 0) {
                throw broken("entry " + quote(name) + " is not a plain relative path");
            }
        }
        return name;
    }

    private ByteBuffer take(ByteBuffer from, int bytes) {
        if (bytes > from.remaining()) {
            throw broken("the archive's directory is cut off");
        }
        ByteBuffer part = from.slice(from.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
        from.position(from.position() + bytes);
        return part;
    }

    private ByteBuffer bytes(long offset, int count) throws IOException {
        return bytes(channel, offset, count);
    }

    /** Reads {@code count} bytes at {@code offset}. */
    static ByteBuffer bytes(FileChannel channel, long offset, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, offset + buffer.position()) < 0) {
                throw new EOFException("the file is cut off");
            }
        }
        return buffer.flip();
    }

    private CheckpointException broken(String what) {
        return new CheckpointException("not a PyTorch weight file: " + what + ", in " + file);
    }
}
