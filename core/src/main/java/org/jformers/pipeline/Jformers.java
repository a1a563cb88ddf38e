package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jformers.model.auto.LoadRequest;

/**
 * The way in: a pipeline for each task, of a model that is named.
 *
 * <pre>{@code
 * try (Embeddings minilm = Jformers.embeddings("all-minilm-l6-v2")) {
 *     float[] vector = minilm.embed("a charming and often affecting journey");
 * }
 * }</pre>
 *
 * <p>A model is named by its folder; by its id on the hub, {@code org/name} or {@code org/name@revision}; with {@code
 * jformers-artifacts} on the class path by a short name of {@code jformers models} or a Maven artifact, {@code
 * mvn:group:artifact:version}. Options say the rest:
 *
 * <pre>{@code
 * Jformers.classifier("org/name", options -> options.precision(DType.BFLOAT16).device(Device.CPU).offline());
 * }</pre>
 *
 * <p>Whatever is opened serves several threads, frees what its calls make by itself, and is to be closed. All methods
 * throw {@link org.jformers.JformersException} if there is no such model or it does not fit the task.
 */
public final class Jformers {
    private Jformers() {}

    /** Continues texts. */
    public static TextGeneration textGeneration(String model) {
        return textGeneration(model, options -> options);
    }

    /** Continues texts. */
    public static TextGeneration textGeneration(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, TextGeneration::load);
    }

    /** Answers in a conversation. */
    public static Chat chat(String model) {
        return chat(model, options -> options);
    }

    /** Answers in a conversation. */
    public static Chat chat(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, Chat::load);
    }

    /** Writes a text in another language. */
    public static Translation translation(String model) {
        return translation(model, options -> options);
    }

    /** Writes a text in another language. */
    public static Translation translation(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, Translation::load);
    }

    /** Says what a text says in fewer words. */
    public static Text2TextGeneration summarization(String model) {
        return summarization(model, options -> options);
    }

    /** Says what a text says in fewer words. */
    public static Text2TextGeneration summarization(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, (folder, request) ->
                Text2TextGeneration.load(Text2TextGeneration.SUMMARIES, folder, request));
    }

    /** Writes a text for a text, whatever the model was trained for. */
    public static Text2TextGeneration textForText(String model) {
        return textForText(model, options -> options);
    }

    /** Writes a text for a text, whatever the model was trained for. */
    public static Text2TextGeneration textForText(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, (folder, request) ->
                Text2TextGeneration.load(Text2TextGeneration.ANY, folder, request));
    }

    /** Gives texts labels. */
    public static TextClassification classifier(String model) {
        return classifier(model, options -> options);
    }

    /** Gives texts labels. */
    public static TextClassification classifier(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, TextClassification::load);
    }

    /** Gives texts labels that no training named. */
    public static ZeroShotClassification zeroShot(String model) {
        return zeroShot(model, options -> options);
    }

    /** Gives texts labels that no training named. */
    public static ZeroShotClassification zeroShot(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, ZeroShotClassification::load);
    }

    /** Ranks texts for a query. */
    public static Reranking reranking(String model) {
        return reranking(model, options -> options);
    }

    /** Ranks texts for a query. */
    public static Reranking reranking(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, Reranking::load);
    }

    /** Gives words labels and finds the names, places and the like among them. */
    public static TokenClassification tagger(String model) {
        return tagger(model, options -> options);
    }

    /** Gives words labels and finds the names, places and the like among them. */
    public static TokenClassification tagger(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, TokenClassification::load);
    }

    /** Finds the answer to a question in a text. */
    public static QuestionAnswering answering(String model) {
        return answering(model, options -> options);
    }

    /** Finds the answer to a question in a text. */
    public static QuestionAnswering answering(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, QuestionAnswering::load);
    }

    /** Fills the gaps of a text. */
    public static FillMask fillMask(String model) {
        return fillMask(model, options -> options);
    }

    /** Fills the gaps of a text. */
    public static FillMask fillMask(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, FillMask::load);
    }

    /** Gives texts vectors, near each other for texts that mean the same. */
    public static Embeddings embeddings(String model) {
        return embeddings(model, options -> options);
    }

    /** Gives texts vectors, near each other for texts that mean the same. */
    public static Embeddings embeddings(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, Embeddings::load);
    }

    /** Gives each token of a text a vector. */
    public static FeatureExtraction features(String model) {
        return features(model, options -> options);
    }

    /** Gives each token of a text a vector. */
    public static FeatureExtraction features(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, FeatureExtraction::load);
    }

    /** Says what images show. */
    public static ImageClassification images(String model) {
        return images(model, options -> options);
    }

    /** Says what images show. */
    public static ImageClassification images(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, ImageClassification::load);
    }

    /** Gives images labels that no training named. */
    public static ZeroShotImageClassification zeroShotImages(String model) {
        return zeroShotImages(model, options -> options);
    }

    /** Gives images labels that no training named. */
    public static ZeroShotImageClassification zeroShotImages(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, ZeroShotImageClassification::load);
    }

    /** Gives each patch of an image a vector. */
    public static ImageFeatureExtraction imageFeatures(String model) {
        return imageFeatures(model, options -> options);
    }

    /** Gives each patch of an image a vector. */
    public static ImageFeatureExtraction imageFeatures(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, ImageFeatureExtraction::load);
    }

    /** Writes down what is said in recordings. */
    public static AutomaticSpeechRecognition speech(String model) {
        return speech(model, options -> options);
    }

    /** Writes down what is said in recordings. */
    public static AutomaticSpeechRecognition speech(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, AutomaticSpeechRecognition::load);
    }

    /** Says what is heard in recordings. */
    public static AudioClassification sounds(String model) {
        return sounds(model, options -> options);
    }

    /** Says what is heard in recordings. */
    public static AudioClassification sounds(String model, UnaryOperator<LoadOptions> options) {
        return open(model, options, AudioClassification::load);
    }

    private static <P extends Pipeline> P open(
            String model, UnaryOperator<LoadOptions> options, BiFunction<Path, LoadRequest, P> load) {
        LoadOptions chosen = options.apply(LoadOptions.DEFAULT);
        return load.apply(chosen.folder(model), chosen.request());
    }
}
