package org.jformers.corpora;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jformers.data.Corpus;
import org.jformers.data.DataException;
import org.jformers.data.DataFile;
import org.jformers.data.DataSource;
import org.jformers.data.Delimited;
import org.jformers.data.DelimitedSource;

/**
 * The pronunciations of 105,217 English words, from CMUDICT 0.4 in the form of the Centre for Speech Technology
 * Research, Edinburgh (artifact {@code de.dfki.mary:marytts-lexicon-en_US-cmudict}).
 *
 * <p>Columns: {@code word}; {@code phonemes}, separated by single spaces: 40 phonemes in SAMPA, and {@code '} before
 * each stressed syllable. The file's syllable marks {@code -} are left out: {@code abacus|' { - b @ - k @ s} reads as
 * {@code ' { b @ k @ s}.
 */
public final class CmuLexicon implements Corpus {
    private static final String FOLDER = "marytts/language/en_US/lexicon/";

    @Override
    public String name() {
        return "cmudict";
    }

    /** A word may have several pronunciations. */
    @Override
    public String key() {
        return "word";
    }

    @Override
    public DataSource source() {
        Delimited format = Delimited.CSV.withDelimiter('|').withoutQuotes().withColumns("word", "phonemes");
        return DelimitedSource.of(DataFile.resource(FOLDER + "en_US_lexicon.dict"), format)
                .map("phonemes", phonemes -> phonemes.replace(" -", ""));
    }

    /** The copyright notice, which must go wherever the lexicon goes. */
    public static String copying() {
        DataFile notice = DataFile.resource(FOLDER + "COPYING");
        try (InputStream in = notice.open()) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new DataException(notice.name() + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
