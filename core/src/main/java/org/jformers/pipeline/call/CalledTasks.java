package org.jformers.pipeline.call;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jformers.JformersException;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.TextGeneration;

/** The tasks that calls may ask for, by the names of the reference. */
public final class CalledTasks {
    /** Their inputs are paths of files. */
    private static final List<String> OF_FILES = List.of(
            "image-classification", "zero-shot-image-classification", "image-feature-extraction",
            "automatic-speech-recognition", "audio-classification");

    private static final Map<String, BiFunction<Path, LoadRequest, ? extends CalledTask<?, ?>>> ALL = all();

    private CalledTasks() {}

    private static Map<String, BiFunction<Path, LoadRequest, ? extends CalledTask<?, ?>>> all() {
        Map<String, BiFunction<Path, LoadRequest, ? extends CalledTask<?, ?>>> all = new LinkedHashMap<>();
        all.put("text-classification", TextClassificationRun::new);
        all.put("zero-shot-classification", ZeroShotRun::texts);
        all.put("token-classification", TokenClassificationRun::new);
        all.put("question-answering", QuestionAnsweringRun::new);
        all.put("fill-mask", FillMaskRun::new);
        all.put("text-generation", TextGenerationRun::new);
        all.put("text2text-generation", Text2TextRun::any);
        all.put("summarization", Text2TextRun::summaries);
        all.put("translation", Text2TextRun::translations);
        all.put("feature-extraction", FeatureExtractionRun::new);
        all.put("embeddings", EmbeddingsRun::new);
        all.put("sentence-similarity", SentenceSimilarityRun::new);
        all.put("reranking", RerankingRun::new);
        all.put("image-classification", FileLabelsRun::images);
        all.put("zero-shot-image-classification", ZeroShotRun::images);
        all.put("image-feature-extraction", ImageFeatureExtractionRun::new);
        all.put("automatic-speech-recognition", SpeechRecognitionRun::new);
        all.put("audio-classification", FileLabelsRun::sounds);
        return Collections.unmodifiableMap(all);
    }

    /** The names of all tasks. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** Whether the inputs of a task are paths of files. */
    public static boolean readsFiles(String task) {
        return OF_FILES.contains(task);
    }

    /**
     * Makes the task of a model's folder; the caller closes it.
     *
     * @throws JformersException if there is no such task, or the model does not fit it
     */
    public static CalledTask<?, ?> load(String task, Path folder, LoadRequest request) {
        return Optional.ofNullable(ALL.get(task))
                .orElseThrow(() -> new JformersException("task: got " + task + ", allowed " + names()))
                .apply(folder, request);
    }

    /** The task {@code text-generation} by a pipeline, which it takes over. */
    public static CalledTask<?, ?> of(TextGeneration pipeline) {
        return new TextGenerationRun(pipeline);
    }
}
