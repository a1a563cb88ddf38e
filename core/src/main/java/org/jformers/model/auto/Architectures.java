package org.jformers.model.auto;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.Task;

/** What the names of classes in {@code architectures} say a model is for. */
final class Architectures {
    /** Parts of names and what they say, those that contain others first; from the classes of many libraries. */
    private static final List<Map.Entry<String, List<Task>>> WORDS = List.of(
            Map.entry("ForQuestionAnswering", List.of(Task.QUESTION_ANSWERING)),
            Map.entry("ForSequenceClassification", List.of(Task.SEQUENCE_CLASSIFICATION)),
            Map.entry("ForTokenClassification", List.of(Task.TOKEN_CLASSIFICATION)),
            Map.entry("ForMultipleChoice", List.of(Task.MULTIPLE_CHOICE)),
            Map.entry("ForNextSentencePrediction", List.of(Task.NEXT_SENTENCE)),
            Map.entry("ForImageClassification", List.of(Task.IMAGE_CLASSIFICATION)),
            Map.entry("ForMaskedImageModeling", List.of(Task.MASKED_IMAGE)),
            Map.entry("ForMaskedLM", List.of(Task.MASKED_LM)),
            Map.entry("ForCTC", List.of(Task.CTC)),
            Map.entry("ForTextToSpeech", List.of(Task.TEXT_TO_SPEECH)),
            Map.entry("ForConditionalGeneration", List.of(Task.SEQ2SEQ_LM, Task.CAUSAL_LM)),
            Map.entry("ForCausalLM", List.of(Task.CAUSAL_LM, Task.SEQ2SEQ_LM)),
            Map.entry("DoubleHeads", List.of(Task.DOUBLE_HEADS)),
            Map.entry("ForPreTraining", List.of(Task.PRETRAINING, Task.REPLACED_TOKENS)),
            Map.entry("LMHead", List.of(Task.CAUSAL_LM, Task.SEQ2SEQ_LM, Task.MASKED_LM)),
            Map.entry("MTModel", List.of(Task.SEQ2SEQ_LM)));

    private Architectures() {}

    /** What the first name says, if it says anything that the family has. */
    static Optional<Task> declared(ModelFamily<?> family, List<String> names) {
        if (names.isEmpty()) {
            return Optional.empty();
        }
        String name = names.get(0);
        Task known = family.architectures().get(name);
        if (known != null) {
            return Optional.of(known);
        }
        return WORDS.stream()
                .filter(word -> name.contains(word.getKey()))
                .flatMap(word -> word.getValue().stream())
                .filter(family.architectures()::containsValue)
                .findFirst();
    }

    /** The declared task if it is wanted, otherwise the first wanted one that the family has. */
    static Task wanted(ModelFamily<?> family, List<String> names, List<Task> wanted) {
        return declared(family, names)
                .filter(wanted::contains)
                .or(() -> wanted.stream().filter(family.architectures()::containsValue).findFirst())
                .orElseThrow(() -> new ConfigException(family.modelType() + ": got "
                        + (names.isEmpty() ? "no architecture" : names.get(0)) + " for " + wanted.get(0)
                        + ", which the family does not have, allowed " + family.architectures().values()));
    }
}
