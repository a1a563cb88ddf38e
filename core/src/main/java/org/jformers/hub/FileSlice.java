package org.jformers.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** A part of a file on its way out; tells how many bytes have gone. */
final class FileSlice extends InputStream {
    private final FileChannel file;
    private final LongConsumer gone;
    private final long start;
    private final long end;
    private long position;

    FileSlice(Path path, long start, long length, LongConsumer gone) throws IOException {
        file = FileChannel.open(path);
        this.gone = gone;
        this.start = start;
        end = start + length;
        position = start;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (position == end) {
            return -1;
        }
        int most = (int) Math.min(length, end - position);
        int read = file.read(ByteBuffer.wrap(into, offset, most), position);
        if (read < 0) {
            throw new IOException("the file became shorter while it was sent");
        }
        position += read;
        gone.accept(position - start);
        return read;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
