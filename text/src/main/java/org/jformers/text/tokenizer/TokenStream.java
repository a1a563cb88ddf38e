package org.jformers.text.tokenizer;

/** Turns a stream of ids into a stream of text, holding bytes back until they form whole characters. */
public interface TokenStream {

    /** Takes the next id; returns the text that has become certain, possibly empty. */
    String next(int id);

    /** Ends the stream; returns what was held back. */
    String finish();
}
