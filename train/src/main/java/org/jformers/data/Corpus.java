package org.jformers.data;

import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Rows that come as an artifact, known by a name. Modules list theirs as services in {@code META-INF/services}; two of
 * one name are an error.
 */
public interface Corpus {

    /** The name, such as {@code cmudict}. */
    String name();

    /** The column whose equal values belong together when rows are held out. */
    String key();

    /** The rows. */
    DataSource source();

    /**
     * The corpus of that name; empty if there is none.
     *
     * @throws DataException if there are two
     */
    static Optional<Corpus> find(String name) {
        Corpus found = null;
        for (Corpus corpus : ServiceLoader.load(Corpus.class)) {
            if (corpus.name().equals(name)) {
                if (found != null) {
                    throw new DataException("corpus " + name + ": got two of that name, " + found.getClass().getName()
                            + " and " + corpus.getClass().getName());
                }
                found = corpus;
            }
        }
        return Optional.ofNullable(found);
    }
}
