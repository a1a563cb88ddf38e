package org.jformers.text.training;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jformers.text.tokenizer.WordSplitter;

/** Gives the model of a tokenizer definition a vocabulary that is learned from texts, special tokens first. */
final class ModelTraining {
    private final ObjectNode model;
    private final TrainerBuilder<?> settings;

    private ModelTraining(ObjectNode model, TrainerBuilder<?> settings) {
        this.model = model;
        this.settings = settings;
    }

    /**
     * Learns from the texts, which are read once, as the definition's normalizer and pre-tokenizer cut them.
     *
     * @param definition a tokenizer.json whose model has all but vocabulary and merges
     */
    static void learn(ObjectNode definition, TrainerBuilder<?> settings, Iterable<String> texts) {
        ModelTraining training = new ModelTraining((ObjectNode) definition.get("model"), settings);
        Map<String, Long> counts = WordCounts.of(texts, WordSplitter.of(definition), settings.progress);
        switch (training.model.get("type").asText()) {
            case "BPE" -> training.bpe(counts);
            case "WordPiece" -> training.vocabulary(training.merged(counts).tokens());
            case "WordLevel" -> training.vocabulary(training.words(counts));
            default -> training.unigram(counts);
        }
    }

    private void vocabulary(List<String> tokens) {
        ObjectNode vocabulary = model.putObject("vocab");
        tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
    }

    private void bpe(Map<String, Long> counts) {
        BpeLearner learner = merged(counts);
        vocabulary(learner.tokens());
        ArrayNode merges = model.putArray("merges");
        learner.merges().forEach(merge -> merges.addArray().add(merge[0]).add(merge[1]));
    }

    private BpeLearner merged(Map<String, Long> counts) {
        BpeLearner learner = new BpeLearner(
                settings.vocabSize,
                settings.minFrequency,
                model.path("continuing_subword_prefix").asText(""),
                model.path("end_of_word_suffix").asText(""),
                settings.maxTokenLength,
                settings.progress);
        settings.specialTokens.forEach(learner::add);
        Alphabet.of(counts, settings.initialAlphabet, settings.alphabetLimit).forEach(learner::add);
        learner.learn(counts);
        return learner;
    }

    /** The special tokens, then the words; the more frequent one has the smaller id. */
    private List<String> words(Map<String, Long> counts) {
        List<String> tokens = new ArrayList<>(settings.specialTokens);
        counts.entrySet().stream()
                .filter(entry -> entry.getValue() >= settings.minFrequency && !tokens.contains(entry.getKey()))
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey(ModelTraining::compareCodePoints)))
                .limit(settings.vocabSize - tokens.size())
                .map(Map.Entry::getKey)
                .toList()
                .forEach(tokens::add);
        settings.progress.update(TrainingProgress.Stage.LEARNING, tokens.size(), tokens.size());
        return tokens;
    }

    /** The order of UTF-8, which is not that of UTF-16. */
    private static int compareCodePoints(String first, String second) {
        return Arrays.compare(first.codePoints().toArray(), second.codePoints().toArray());
    }

    private void unigram(Map<String, Long> counts) {
        UnigramLearner learner = new UnigramLearner(
                settings.vocabSize,
                settings.specialTokens.size(),
                settings.subIterations,
                settings.shrinkingFactor,
                settings.longestPiece,
                settings.progress);
        ArrayNode vocabulary = model.putArray("vocab");
        settings.specialTokens.forEach(token -> vocabulary.addArray().add(token).add(0.0));
        learner.learn(counts, settings.initialAlphabet)
                .forEach(piece -> vocabulary.addArray().add(piece.text()).add(piece.score()));
    }
}
