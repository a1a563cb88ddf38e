package org.jformers.training.report;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * A file of TFRecords: length (uint64), masked CRC32C of the length, data, masked CRC32C of the data; little-endian.
 * Source: {@code tensorflow/core/lib/io/record_writer.h}; the mask is that of LevelDB's log format.
 */
final class EventFile implements AutoCloseable {
    private static final int MASK_DELTA = 0xa282ead8;

    private final OutputStream out;

    EventFile(Path file) throws IOException {
        out = new BufferedOutputStream(Files.newOutputStream(file));
    }

    void append(byte[] data) throws IOException {
        byte[] length = little(Long.BYTES).putLong(data.length).array();
        out.write(length);
        out.write(little(Integer.BYTES).putInt(maskedCrc(length)).array());
        out.write(data);
        out.write(little(Integer.BYTES).putInt(maskedCrc(data)).array());
    }

    void flush() throws IOException {
        out.flush();
    }

    private static int maskedCrc(byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
