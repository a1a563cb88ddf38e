package org.jformers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jformers.pipeline.Aggregation;
import org.jformers.pipeline.AudioClassification;
import org.jformers.pipeline.AutomaticSpeechRecognition;
import org.jformers.pipeline.Embeddings;
import org.jformers.pipeline.FeatureExtraction;
import org.jformers.pipeline.FillMask;
import org.jformers.pipeline.ImageClassification;
import org.jformers.pipeline.ImageFeatureExtraction;
import org.jformers.pipeline.Pipeline;
import org.jformers.pipeline.QuestionAnswering;
import org.jformers.pipeline.Reranking;
import org.jformers.pipeline.ScoreFunction;
import org.jformers.pipeline.Text2TextGeneration;
import org.jformers.pipeline.TextClassification;
import org.jformers.pipeline.TextGeneration;
import org.jformers.pipeline.TokenClassification;
import org.jformers.pipeline.Translation;
import org.jformers.pipeline.ZeroShotClassification;
import org.jformers.pipeline.ZeroShotImageClassification;
import org.jformers.pipeline.call.CallFields;

/** The tasks of {@code jformers run}, in the order of its help. */
final class RunTasks {
    private static final String FROM = "src_lang";
    private static final String TO = "tgt_lang";
    private static final String WINDOW = "chunk_length_s";
    private static final String STRIDE = "stride_length_s";
    private static final String TIMES = "return_timestamps";
    private static final String LANGUAGES = "return_language";
    private static final String LANGUAGE = "language";
    private static final String TASK = "task";
    private static final String TOP_K = "top_k";
    private static final String TRUNCATION = "truncation";
    private static final String FILE = "inputs is the path of a file";
    private static final String SETTINGS = "and all settings of generation_config.json";

    private static final TaskFlag CUT = TaskFlag.of(TRUNCATION, "Cut texts that are longer than the model takes.");
    private static final TaskFlag FUNCTION = function("what fits the model");
    private static final TaskFlag LABELS = TaskFlag.of(
            CallFields.LABELS, String.class, "LABELS", "The labels, with commas between them.");

    private static final String[] OF_TOKENIZER = {TRUNCATION, "max_length", "padding", "add_special_tokens"};
    private static final String[] OF_WRITING = {
        "return_tensors", "clean_up_tokenization_spaces", TRUNCATION, "stop_sequence", "seed"};

    private static final TaskFlag[] GENERATION = {
        TaskFlag.of("max_new_tokens", Integer.class, "N", "Most tokens to write; by default 256."),
        TaskFlag.of("num_beams", Integer.class, "N", "Beams of the search; 1 for none."),
        TaskFlag.of("do_sample", Boolean.class, "",
                "Draw tokens at random, or take the best; by default as the task and the model have it."),
        TaskFlag.of("temperature", Double.class, "X", "Below 1 safer, above 1 bolder, where drawn."),
        TaskFlag.of("num_return_sequences", Integer.class, "N", "How many results for each text."),
        TaskFlag.of("seed", Long.class, "N", "Where random draws start, for each text anew.")
    };

    /** All of them. */
    static final List<TaskEntry> ALL = Stream.of(labels(), texts(), vectors(), files()).flatMap(List::stream).toList();

    private RunTasks() {}

    private static TaskFlag count(String what, String otherwise) {
        return TaskFlag.of(TOP_K, Integer.class, "N", "How many " + what + " to show; by default " + otherwise + ".");
    }

    private static TaskFlag function(String otherwise) {
        return TaskFlag.of("function_to_apply", ScoreFunction.class, "FUNCTION",
                "What is made of the scores: ${COMPLETION-CANDIDATES}; by default " + otherwise + ".");
    }

    private static TaskFlag template(String what, String otherwise) {
        return TaskFlag.of("hypothesis_template", String.class, "TEXT", "What is said of " + what
                + ", with {} where the label goes; by default \"" + otherwise + "\"");
    }

    private static List<TaskEntry> labels() {
        return List.of(
                TaskEntry.of("text-classification", TextClassification.class,
                                "Say which label a text has, one line per text.")
                        .with(TaskFlag.of(TOP_K, OptionalInt.class, "N|all",
                                "How many labels to show; by default the best one."), FUNCTION, CUT)
                        .with(with(OF_TOKENIZER, "top_k (null for all)", "function_to_apply"))
                        .where("inputs may be a pair: {\"text\": ..., \"text_pair\": ...}"),
                TaskEntry.of("zero-shot-classification", ZeroShotClassification.class,
                                "Say which of any labels texts have, one line per text, by a model that was trained on"
                                        + " entailment.")
                        .with(LABELS, template("a text", ZeroShotClassification.Options.TEMPLATE),
                                TaskFlag.of("multi_label", "A text may have several labels, or none of them."))
                        .with("candidate_labels (a list, or a text with commas)", "hypothesis_template",
                                "multi_label"),
                TaskEntry.of("token-classification", TokenClassification.class,
                                "Find what in a text has a label: a line for each with label, score, place and text,"
                                        + " and a blank line behind each text.")
                        .with(TaskFlag.of("aggregation_strategy", Aggregation.class, "STRATEGY",
                                "How tokens become entities: ${COMPLETION-CANDIDATES}; by default not at all."))
                        .with("aggregation_strategy", "ignore_labels", "stride", "is_split_into_words", "delimiter"),
                TaskEntry.of("question-answering", QuestionAnswering.class,
                                "Find the answer to a question in a text: a line for each answer with score, place and"
                                        + " text.")
                        .with(TaskFlag.of("question", String.class, "TEXT", "The question to all texts."),
                                count("answers", "the best one"), TaskFlag.of("handle_impossible_answer",
                                        "The answer may be that the text has none, which is empty."))
                        .with("question", TOP_K, "doc_stride", "max_seq_len", "max_answer_len", "max_question_len",
                                "handle_impossible_answer")
                        .where("inputs may be both: {\"question\": ..., \"context\": ...}"),
                TaskEntry.of("fill-mask", FillMask.class,
                                "Say which tokens fit where a text has the mask token, such as [MASK]: one line per"
                                        + " gap.")
                        .with(count("tokens", "5"), TaskFlag.of("targets", String[].class, "TOKEN",
                                "Tokens among which to choose; by default all."))
                        .with(TOP_K, "targets (a text or a list of them)",
                                "tokenizer_kwargs with " + String.join(", ", OF_TOKENIZER)));
    }

    private static List<TaskEntry> texts() {
        return List.of(
                TaskEntry.of("text-generation", TextGeneration.class,
                                "Continue texts, one after another, or, with --json, conversations.")
                        .with(with(GENERATION,
                                TaskFlag.of("return_full_text", Boolean.class, "",
                                        "Print the text with what was written behind it, or that alone; by default"
                                                + " both."),
                                TaskFlag.of("prefix", String.class, "TEXT", "Put before each text, and not printed.")))
                        .with(with(OF_TOKENIZER, "return_full_text", "return_tensors", "prefix",
                                "clean_up_tokenization_spaces", "skip_special_tokens", "continue_final_message",
                                "handle_long_generation", "stop_sequence", "tokenizer_encode_kwargs", "seed"))
                        .where(SETTINGS + "; inputs may be a list of messages with role and content"),
                writing("text2text-generation", Text2TextGeneration.class,
                                "Write a text for each text with an encoder-decoder."),
                writing("summarization", Text2TextGeneration.class, "Write a summary of each text."),
                writing("translation", Translation.class, "Translate each text.")
                        .with(with(GENERATION, CUT,
                                TaskFlag.of(FROM, String.class, "CODE",
                                        "The language of the texts, as the model calls it: en_XX for mBART, en for"
                                                + " T5."),
                                TaskFlag.of(TO, String.class, "CODE", "The language to translate into.")))
                        .with(with(OF_WRITING, FROM, TO)));
    }

    private static TaskEntry writing(
            String name, Class<? extends Pipeline> pipeline, String description) {
        return TaskEntry.of(name, pipeline, description)
                .with(with(GENERATION, CUT)).with(OF_WRITING).where(SETTINGS);
    }

    private static List<TaskEntry> vectors() {
        return List.of(
                TaskEntry.of("feature-extraction", FeatureExtraction.class,
                                "Print the last hidden state of a model's body: a line for each token with its"
                                        + " numbers, and a blank line behind each text.")
                        .with(CUT)
                        .with(TRUNCATION, "tokenize_kwargs with " + String.join(", ", OF_TOKENIZER)),
                TaskEntry.of("embeddings", Embeddings.class,
                                "Print one vector for each text, as the folder's modules.json says, or the mean of its"
                                        + " tokens.")
                        .with(CUT).with(OF_TOKENIZER),
                TaskEntry.of("sentence-similarity", Embeddings.class,
                                "Say how alike texts are to one of them: the cosine of the angle between their"
                                        + " vectors, 1 for those of one direction.")
                        .with(TaskFlag.of("source_sentence", String.class, "TEXT",
                                "The text that the others are compared with.").named("--source"), CUT)
                        .with(with(OF_TOKENIZER, "source_sentence"))
                        .where("inputs may be both: {\"source_sentence\": ..., \"sentences\": [...]}"),
                TaskEntry.of("reranking", Reranking.class,
                                "Order texts by how well they fit a query, the best first: score and text.")
                        .with(TaskFlag.of("query", String.class, "TEXT", "What the texts are to fit."),
                                count("texts", "all"),
                                TaskFlag.of(TRUNCATION, "Cut pairs that are longer than the model takes."))
                        .with(with(OF_TOKENIZER, "query", "top_k (null for all)", "return_documents"))
                        .where("inputs is a list of documents, or both: {\"query\": ..., \"documents\": [...]}")
                        .together());
    }

    private static List<TaskEntry> files() {
        return List.of(
                TaskEntry.of("image-classification", ImageClassification.class,
                                "Say what images show, one line per file; the texts are paths of files.")
                        .with(count("labels", "5"), FUNCTION)
                        .with("top_k (5)", "function_to_apply").where(FILE),
                TaskEntry.of("zero-shot-image-classification", ZeroShotImageClassification.class,
                                "Say which of any labels images have, one line per file; the texts are paths of"
                                        + " files.")
                        .with(LABELS, template("an image", ZeroShotImageClassification.Options.TEMPLATE))
                        .with("candidate_labels (a list, or a text with commas)", "hypothesis_template",
                                "tokenizer_kwargs with " + String.join(", ", OF_TOKENIZER)).where(FILE),
                TaskEntry.of("image-feature-extraction", ImageFeatureExtraction.class,
                                "Print the last hidden state of a model's body for images: a line of numbers for each"
                                        + " patch, and a blank line behind each image; or one vector for each. The"
                                        + " texts are paths of files.")
                        .with(TaskFlag.of("pool", "One vector for each image, as the model's pooler makes it."))
                        .with("pool").where(FILE),
                TaskEntry.of("automatic-speech-recognition", AutomaticSpeechRecognition.class,
                                "Write down what is said in WAV files, one line per file, or per part with times; the"
                                        + " texts are paths of files.")
                        .with(speech())
                        .with(WINDOW, STRIDE + " (a number or two)",
                                TIMES + " (char or word of models of frames, true of Whisper)",
                                LANGUAGES, "generate_kwargs", LANGUAGE, TASK,
                                "condition_on_prev_tokens")
                        .where("of Whisper, also within generate_kwargs, the settings of text-generation but those"
                                + " that draw; " + FILE),
                TaskEntry.of("audio-classification", AudioClassification.class,
                                "Say what is heard in WAV files, one line per file; the texts are paths of files.")
                        .with(count("labels", "all"), function("SOFTMAX"))
                        .with("top_k (null for all)", "function_to_apply").where(FILE));
    }

    private static TaskFlag[] speech() {
        return new TaskFlag[] {
            TaskFlag.of(WINDOW, Double.class, "SECONDS",
                    "Read long recordings in windows of this length."),
            TaskFlag.of(STRIDE, Double[].class, "SECONDS",
                    "How far windows overlap at each end, or left and right; by default a sixth of a window."),
            TaskFlag.of(TIMES, JsonNode.class, "KIND",
                    "Show times: of each char or word from models of frames, true from Whisper."),
            TaskFlag.of(LANGUAGES, "Show the language that Whisper hears."),
            TaskFlag.of(LANGUAGE, String.class, "NAME",
                    "The language that is spoken, for Whisper; by default it hears which."),
            TaskFlag.of(TASK, String.class, "NAME",
                    "What Whisper does: transcribe, or translate into English.")
        };
    }

    private static String[] with(String[] last, String... first) {
        return Stream.concat(Stream.of(first), Stream.of(last)).toArray(String[]::new);
    }

    private static TaskFlag[] with(TaskFlag[] first, TaskFlag... last) {
        return Stream.concat(Stream.of(first), Stream.of(last)).toArray(TaskFlag[]::new);
    }
}
