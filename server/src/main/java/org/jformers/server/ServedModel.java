package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jformers.generation.EngineSettings;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.model.surgery.Adapters;
import org.jformers.pipeline.LookInside;
import org.jformers.pipeline.TextGeneration;
import org.jformers.pipeline.answer.Conversations;
import org.jformers.pipeline.answer.EngineThread;
import org.jformers.pipeline.call.CallFields;
import org.jformers.pipeline.call.CalledTask;
import org.jformers.pipeline.call.CalledTasks;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;

/** A model that is served: what writes, if it does, and its pipelines, each opened when it is first asked for. */
final class ServedModel implements AutoCloseable {
    static final String WRITING = "text-generation";

    private static final int TOGETHER = 64;
    private static final Map<Task, String> TASKS = Map.ofEntries(
            Map.entry(Task.BASE, "embeddings"), Map.entry(Task.ENCODER, "embeddings"),
            Map.entry(Task.CAUSAL_LM, WRITING), Map.entry(Task.DOUBLE_HEADS, WRITING),
            Map.entry(Task.MASKED_LM, "fill-mask"), Map.entry(Task.SEQUENCE_CLASSIFICATION, "text-classification"),
            Map.entry(Task.TOKEN_CLASSIFICATION, "token-classification"),
            Map.entry(Task.QUESTION_ANSWERING, "question-answering"),
            Map.entry(Task.QUESTION_ANSWERING_BEAM, "question-answering"),
            Map.entry(Task.SEQ2SEQ_LM, "text2text-generation"),
            Map.entry(Task.IMAGE_CLASSIFICATION, "image-classification"),
            Map.entry(Task.CONTRASTIVE, "zero-shot-image-classification"),
            Map.entry(Task.CTC, "automatic-speech-recognition"));

    private final String name;
    private final Path folder;
    private final LoadRequest request;
    private final String task;
    private final Turns calls;
    private final Map<String, ServedText> texts;
    private final Map<String, CalledTask<?, ?>> tasks = new LinkedHashMap<>();
    private final Optional<Tokenizer> tokenizer;
    private final Instant since = Instant.now();
    private Optional<LookInside> inside = Optional.empty();
    private int uses;
    private boolean closing;

    /**
     * How many are at work and wait.
     *
     * @param atOnce answers that one engine writes at a time
     * @param waiting requests that may wait for a model
     * @param perClient requests of one client on a model
     */
    record Room(int atOnce, int waiting, int perClient, EngineSettings engine) {}

    private ServedModel(
            String name, Path folder, LoadRequest request, String task, Map<String, ServedText> texts,
            Optional<Tokenizer> tokenizer, Turns calls) {
        this.name = name;
        this.folder = folder;
        this.request = request;
        this.task = task;
        this.texts = texts;
        this.tokenizer = tokenizer;
        this.calls = calls;
    }

    /**
     * Loads a folder.
     *
     * @param adapters their folders by name
     */
    static ServedModel load(String name, Path folder, LoadRequest request, Map<String, Path> adapters, Room room) {
        Turns calls = new Turns(1, room.waiting(), room.perClient());
        // Adapters have products of their own.
        Model model = AutoModel.load(folder, adapters.isEmpty() ? request.forInference() : request).model();
        Task task = model.identity().task();
        boolean writes = WRITING.equals(TASKS.get(task)) && !(model instanceof Seq2SeqModel);
        if (writes) {
            try {
                Map<String, ServedText> texts = texts(name, folder, model, adapters, room);
                Tokenizer tokenizer = texts.values().iterator().next().tokenizer();
                return new ServedModel(name, folder, request, WRITING, texts, Optional.of(tokenizer), calls);
            } catch (RuntimeException | Error e) {
                model.close();
                throw e;
            }
        }
        int labels = model.config().common().labels().size();
        model.close();
        if (!adapters.isEmpty()) {
            throw new ApiException(ApiException.Kind.INVALID,
                    "adapter: got one for " + name + ", allowed for models that write; others have it merged");
        }
        String known = Optional.ofNullable(TASKS.get(task)).orElse("feature-extraction");
        String declared = task == Task.SEQUENCE_CLASSIFICATION && labels == 1 ? "reranking" : known;
        Optional<Tokenizer> tokenizer = task == Task.IMAGE_CLASSIFICATION
                ? Optional.empty() : Optional.of(AutoTokenizer.load(folder));
        ServedModel served = new ServedModel(name, folder, request, declared, Map.of(), tokenizer, calls);
        served.task(declared);
        return served;
    }

    private static Map<String, ServedText> texts(
            String name, Path folder, Model model, Map<String, Path> adapters, Room room) {
        TextGeneration pipeline = new TextGeneration(
                model, AutoTokenizer.load(folder), GenerationConfig.load(folder), () -> ChatTemplate.load(folder));
        Optional<Conversations> template = Conversations.of(folder);
        Turns turns = new Turns(room.atOnce(), room.waiting(), room.perClient());
        Map<String, ServedText> texts = new LinkedHashMap<>();
        Optional<Adapters> beside = adapters.isEmpty() ? Optional.empty() : Optional.of(Adapters.on(model));
        adapters.forEach((adapter, from) -> beside.orElseThrow().load(adapter, from));
        texts.put("", new ServedText(name, model, pipeline, template,
                new EngineThread(name, model, room.engine(), Optional.empty()), turns));
        adapters.keySet().forEach(adapter -> {
            String full = name + ":" + adapter;
            Optional<EngineThread.Adapter> one =
                    Optional.of(new EngineThread.Adapter(beside.orElseThrow(), adapter));
            texts.put(adapter, new ServedText(full, model, pipeline, template,
                    new EngineThread(full, model, room.engine(), one), turns));
        });
        return texts;
    }

    String name() {
        return name;
    }

    /** What it is for. */
    String task() {
        return task;
    }

    /** Since when it is there. */
    Instant since() {
        return since;
    }

    /** Its tokenizer; throws {@link ApiException} for models of images, which have none. */
    Tokenizer tokenizer() {
        return tokenizer.orElseThrow(() -> new ApiException(ApiException.Kind.INVALID, "model",
                "model: got one for " + task + ", allowed one that reads texts"));
    }

    /** Its adapters. */
    List<String> adapters() {
        return texts.keySet().stream().filter(adapter -> !adapter.isEmpty()).toList();
    }

    /** What writes with an adapter, or without for an empty name. */
    Optional<ServedText> text(String adapter) {
        return Optional.ofNullable(texts.get(adapter));
    }

    /** Requests at work and waiting. */
    int[] load() {
        int working = calls.working();
        int queued = calls.queued();
        Optional<ServedText> text = text("");
        return new int[] {
            working + text.map(one -> one.turns().working()).orElse(0),
            queued + text.map(one -> one.turns().queued()).orElse(0)
        };
    }

    /** Whether all that writes is at work. */
    boolean alive() {
        return texts.values().stream().allMatch(text -> text.engine().alive());
    }

    /**
     * Answers calls of a pipeline that have the same options, some at a time; others get their turn between them.
     *
     * @throws org.jformers.JformersException if the model does not fit the task, or a call is wrong
     */
    List<JsonNode> call(String wanted, List<ObjectNode> calls, Exchange exchange, Json json) {
        List<JsonNode> results = new ArrayList<>();
        for (int from = 0; from < calls.size(); from += TOGETHER) {
            List<ObjectNode> some = calls.subList(from, Math.min(calls.size(), from + TOGETHER));
            try (Turns.Turn turn = this.calls.take(exchange, 1)) {
                exchange.requireOpen();
                answered(task(wanted), some).forEach(result -> results.add(json.tree(result)));
            }
        }
        return results;
    }

    /**
     * Looks inside the model.
     *
     * @throws org.jformers.JformersException if it has not one stack, or the text is wrong
     */
    <R> R looking(Exchange exchange, Function<LookInside, R> look) {
        try (Turns.Turn turn = calls.take(exchange, 1)) {
            exchange.requireOpen();
            return look.apply(inside());
        }
    }

    private synchronized LookInside inside() {
        if (inside.isEmpty()) {
            inside = Optional.of(text("").map(text -> new LookInside(text.model(), text.tokenizer()))
                    .orElseGet(() -> LookInside.load(folder, request)));
        }
        return inside.get();
    }

    private static <C extends CalledTask.Call, R> List<Object> answered(CalledTask<C, R> task, List<ObjectNode> some) {
        List<C> calls = new ArrayList<>();
        for (ObjectNode json : some) {
            CallFields fields = CallFields.ofJson(json, CallFields.empty());
            calls.add(task.read(fields));
            fields.requireNothingElse();
        }
        List<R> results = task.answer(calls);
        return IntStream.range(0, calls.size()).mapToObj(i -> task.json(calls.get(i), results.get(i))).toList();
    }

    private synchronized CalledTask<?, ?> task(String wanted) {
        return tasks.computeIfAbsent(wanted, added -> added.equals(WRITING) && !texts.isEmpty()
                ? CalledTasks.of(text("").orElseThrow().pipeline())
                : CalledTasks.load(added, folder, request));
    }

    /** A message without the place of the folder, which is nobody's business. */
    String withoutPlace(String message) {
        return message.replace(folder.toAbsolutePath().toString(), name).replace(folder.toString(), name);
    }

    /** Begins to use it; false if it is being closed. */
    synchronized boolean enter() {
        if (!closing) {
            uses++;
        }
        return !closing;
    }

    /** Ends a use. */
    synchronized void leave() {
        uses--;
        notifyAll();
    }

    /** Lets nobody in any more and waits until nobody uses it, but not for ever; then it ends what is written. */
    synchronized void drain(Duration longest) {
        closing = true;
        long until = System.nanoTime() + longest.toNanos();
        for (long left = longest.toMillis(); uses > 0 && left > 0;
                left = (until - System.nanoTime()) / 1_000_000) {
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Frees it. What is still written ends with an error. */
    @Override
    public void close() {
        texts.values().forEach(text -> text.engine().close());
        synchronized (this) {
            closing = true;
            inside.ifPresent(LookInside::close);
            tasks.forEach((called, pipeline) -> {
                if (!called.equals(WRITING) || texts.isEmpty()) {
                    pipeline.close();
                }
            });
        }
        text("").ifPresent(text -> text.pipeline().close());
    }
}
