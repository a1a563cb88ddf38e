package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Training runs that a page follows: what each was told to do, what it has measured, what came out. */
public interface Runs {

    /** Their names, each once, in the order in which they are shown. Runs that begin later may be there later. */
    List<String> names();

    /**
     * What is known of a run: an object with {@code settings}, a tree; {@code updated}, when it last measured
     * something, seconds since 1970; and where it has ended {@code report}, an object with what came out.
     *
     * @throws org.jformers.JformersException if it cannot be read
     */
    JsonNode about(String name);

    /**
     * What a run has measured: an object with {@code rows}, each an object with {@code step}, {@code split}, {@code
     * time} and numbers; {@code last}, the place of the last of them, from which the next call reads on; and {@code
     * more}, whether further rows are there. An answer is of bounded size.
     *
     * @param from {@code last} of the call before, 0 at first: the first row is then the one that was the last, unless
     *     the run has begun anew from an earlier step
     * @throws org.jformers.JformersException if it cannot be read
     */
    JsonNode metrics(String name, long from);
}
