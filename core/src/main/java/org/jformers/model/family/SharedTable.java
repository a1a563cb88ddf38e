package org.jformers.model.family;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.CommonConfig;
import org.jformers.nn.stack.EncoderDecoder;

/**
 * The token table that an encoder, a decoder and an output layer share, and which of them do: a checkpoint may hold the
 * table of any of them apart. Reference: {@code tie_weights} of transformers 5.18.
 */
final class SharedTable {
    /** Who may read the table. */
    enum Reader {
        ENCODER,
        DECODER,
        OUTPUT
    }

    private final String stored;
    private final Map<Reader, String> names;
    private final Set<Reader> sharing = EnumSet.noneOf(Reader.class);

    /**
     * @param tied whether the configuration shares the table at all
     * @param stored its name in checkpoints
     * @param names what checkpoints call each reader's own table, in the order in which the reference ties them; those
     *     without an encoder or a decoder leave it out
     */
    SharedTable(CommonConfig common, boolean tied, String stored, Map<Reader, String> names) {
        this.stored = stored;
        this.names = names;
        names.forEach((reader, name) -> {
            if (tied && !common.apart(name)) {
                sharing.add(reader);
            }
        });
    }

    /** Whose tables the two stacks have. */
    EncoderDecoder.Tokens tokens() {
        if (sharing.contains(Reader.ENCODER)) {
            return sharing.contains(Reader.DECODER)
                    ? EncoderDecoder.Tokens.SHARED
                    : EncoderDecoder.Tokens.SEPARATE_OUTPUT_OF_ENCODER;
        }
        return EncoderDecoder.Tokens.SEPARATE;
    }

    /** Whether the output layer reads the table of a stack. */
    boolean tiesOutput() {
        return sharing.contains(Reader.OUTPUT) && sharing.size() > 1;
    }

    /** Adds the names of all tables. */
    void addTo(WeightMap.Builder map) {
        if (sharing.isEmpty()) {
            map.ignored(stored);
        } else {
            map.map(stored, parameter());
        }
        names.forEach((reader, name) -> {
            if (sharing.contains(reader)) {
                map.tied(name, parameter());
            } else {
                map.map(name, own(reader));
            }
        });
    }

    /** The table's parameter: that of the first reader where not both stacks share it. */
    private String parameter() {
        return sharing.containsAll(Set.of(Reader.ENCODER, Reader.DECODER))
                ? "body.embedding.weight"
                : own(sharing.iterator().next());
    }

    private String own(Reader reader) {
        boolean whole = names.containsKey(Reader.ENCODER) && names.containsKey(Reader.DECODER);
        String stack = whole ? "body." + (reader == Reader.ENCODER ? "encoder" : "decoder") : "body";
        return reader == Reader.OUTPUT ? "head.weight" : stack + ".input.tokens.weight";
    }
}
