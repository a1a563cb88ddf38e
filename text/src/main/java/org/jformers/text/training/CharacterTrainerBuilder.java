package org.jformers.text.training;

/**
 * The settings of trainings that begin with the characters of the texts, which may make the vocabulary larger than
 * asked for.
 *
 * @param <B> the builder itself
 */
public abstract class CharacterTrainerBuilder<B extends CharacterTrainerBuilder<B>> extends TrainerBuilder<B> {
    String prefix;
    boolean lowercase = true;

    CharacterTrainerBuilder(int vocabSize, String prefix, String... specialTokens) {
        super(vocabSize, specialTokens);
        this.prefix = prefix;
        alphabetLimit = 1000;
    }

    /** How often a pair must occur to become a token; 2 by default. */
    public B minFrequency(long frequency) {
        minFrequency = frequency;
        return self();
    }

    /** How many different characters are kept, the most frequent ones; 1000 by default. */
    public B limitAlphabet(int characters) {
        alphabetLimit = characters;
        return self();
    }

    /** Characters that are kept in any case, also where the texts do not have them. */
    public B initialAlphabet(String characters) {
        initialAlphabet = characters;
        return self();
    }

    /** What marks a token that continues a word; empty for no mark. */
    public B continuingSubwordPrefix(String mark) {
        prefix = mark;
        return self();
    }

    /** Keeps upper case and accents; by default the text becomes lower case without accents. */
    public B cased() {
        lowercase = false;
        return self();
    }
}
