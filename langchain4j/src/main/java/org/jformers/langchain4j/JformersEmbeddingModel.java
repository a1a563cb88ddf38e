package org.jformers.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.embedding.DimensionAwareEmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jformers.pipeline.Embeddings;
import org.jformers.pipeline.Jformers;
import org.jformers.pipeline.LoadOptions;

/**
 * A model that gives texts vectors, for LangChain4j: {@link Embeddings}. Parameters of requests are refused by name, as
 * {@code EmbeddingModel} does by itself, and so are images. Owns its model. May serve several threads.
 */
public final class JformersEmbeddingModel extends DimensionAwareEmbeddingModel implements AutoCloseable {
    private final String name;
    private final Embeddings embeddings;
    private final List<EmbeddingModelListener> listeners;

    private JformersEmbeddingModel(String name, Embeddings embeddings, List<EmbeddingModelListener> listeners) {
        this.name = name;
        this.embeddings = embeddings;
        this.listeners = listeners;
    }

    /** What a model is made of. */
    public static Builder builder() {
        return new Builder();
    }

    /** Long texts are cut as the model's folder says; tokens are counted before that. */
    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        List<String> texts = request.inputs().stream().map(EmbeddingInput::text).toList();
        List<Embedding> vectors = Arrays.stream(embeddings.embed(texts)).map(Embedding::from).toList();
        int tokens = texts.stream().mapToInt(text -> embeddings.tokenizer().encode(text).length()).sum();
        return EmbeddingResponse.builder()
                .embeddings(vectors)
                .modelName(name)
                .tokenUsage(new TokenUsage(tokens))
                .build();
    }

    @Override
    protected Integer knownDimension() {
        return embeddings.embed("a").length;
    }

    @Override
    public String modelName() {
        return name;
    }

    @Override
    public List<EmbeddingModelListener> listeners() {
        return listeners;
    }

    @Override
    public void close() {
        embeddings.close();
    }

    /** Says which model. */
    public static final class Builder {
        private String model = "";
        private UnaryOperator<LoadOptions> options = chosen -> chosen;
        private List<EmbeddingModelListener> listeners = List.of();

        private Builder() {}

        /** Its folder, its id on the hub, its short name, or whatever else {@link Jformers} takes. */
        public Builder model(String name) {
            model = name;
            return this;
        }

        /** How it is loaded. */
        public Builder options(UnaryOperator<LoadOptions> chosen) {
            options = chosen;
            return this;
        }

        /** They hear of requests, vectors and errors. */
        public Builder listeners(List<EmbeddingModelListener> hear) {
            listeners = List.copyOf(hear);
            return this;
        }

        /**
         * Loads the model.
         *
         * @throws org.jformers.JformersException if there is no such model, or it gives no vectors
         */
        public JformersEmbeddingModel build() {
            return new JformersEmbeddingModel(model, Jformers.embeddings(model, options), listeners);
        }
    }
}
