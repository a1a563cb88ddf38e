package org.jformers.nn.attention;

import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Scopes;

/**
 * Keys and values as they come, in one buffer each. With a window, tokens that no query will see any more go when room
 * is needed; some stay, so that tokens can be taken back.
 */
final class PlainKeys implements LayerKeys {
    /** How many tokens may be taken back under a window. */
    static final long SLACK = 64;

    private final long window;
    private final long firstRoom;
    private final Buffer keys;
    private final Buffer values;
    private long first;
    private long length;

    /**
     * @param window how many tokens a query sees, itself among them
     * @param firstRoom tokens that there is room for from the beginning
     */
    PlainKeys(long window, long firstRoom) {
        this(window, firstRoom, new Buffer(), new Buffer(), 0, 0);
    }

    private PlainKeys(long window, long firstRoom, Buffer keys, Buffer values, long first, long length) {
        this.window = window;
        this.firstRoom = firstRoom;
        this.keys = keys;
        this.values = values;
        this.first = first;
        this.length = length;
    }

    @Override
    public void prepare(long tokens) {
        if (keys.room() > 0 && length - first + tokens > keys.room()) {
            Scopes.run(() -> makeRoom(keys.part(0, 1), values.part(0, 1), tokens));
        }
    }

    @Override
    public void append(Tensor key_1GTD, Tensor value_1GTD) {
        long added = key_1GTD.size(2);
        if (keys.room() == 0) {
            makeRoom(key_1GTD, value_1GTD, added);
        }
        Scopes.run(() -> {
            keys.put(length - first, key_1GTD);
            values.put(length - first, value_1GTD);
        });
        length += added;
    }

    private void makeRoom(Tensor key_1GTD, Tensor value_1GTD, long added) {
        long gone = Math.max(0, length - first - bound());
        long kept = length - first - gone;
        long room = Math.max(Math.max(kept + added, 2 * (kept + added - 1)), firstRoom);
        room = Math.min(room, Math.max(kept + added, bound() <= Long.MAX_VALUE / 4 ? 2 * bound() : Long.MAX_VALUE));
        keys.resize(key_1GTD, room, gone, kept);
        values.resize(value_1GTD, room, gone, kept);
        first += gone;
    }

    /** How many tokens must stay. */
    private long bound() {
        return window >= Long.MAX_VALUE - SLACK ? Long.MAX_VALUE : window + SLACK;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public Tensor keys() {
        return keys.part(0, length - first);
    }

    @Override
    public Tensor values() {
        return values.part(0, length - first);
    }

    @Override
    public void truncate(long shorter) {
        if (first > 0 && length - shorter > SLACK) {
            throw new IllegalArgumentException("cache: got " + (length - shorter)
                    + " tokens to take back under a window, allowed " + SLACK);
        }
        length = Math.min(length, shorter);
    }

    @Override
    public LayerKeys fork() {
        long kept = length - first;
        long room = Math.max(kept + 1, Math.min(keys.room(), 2 * kept));
        return new PlainKeys(window, firstRoom, keys.copy(0, kept, room), values.copy(0, kept, room), first, length);
    }

    @Override
    public void close() {
        keys.close();
        values.close();
    }
}
