package org.jformers.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jformers.pipeline.Jformers;
import org.jformers.pipeline.LoadOptions;
import org.jformers.pipeline.RankedText;
import org.jformers.pipeline.Reranking;

/**
 * A model that says how well texts fit a query, for LangChain4j: {@link Reranking}. Owns its model. May serve several
 * threads.
 */
public final class JformersScoringModel implements ScoringModel, AutoCloseable {
    private final Reranking reranking;

    private JformersScoringModel(Reranking reranking) {
        this.reranking = reranking;
    }

    /** What a model is made of. */
    public static Builder builder() {
        return new Builder();
    }

    /** Larger is better; what the model's configuration makes of its output, usually between 0 and 1. */
    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        List<String> texts = segments.stream().map(TextSegment::text).toList();
        Double[] scores = new Double[texts.size()];
        for (RankedText ranked : reranking.rank(query, texts)) {
            scores[ranked.index()] = ranked.score();
        }
        int tokens = texts.stream().mapToInt(text -> reranking.tokenizer().encode(query, text).length()).sum();
        return Response.from(Arrays.asList(scores), new TokenUsage(tokens));
    }

    @Override
    public void close() {
        reranking.close();
    }

    /** Says which model. */
    public static final class Builder {
        private String model = "";
        private UnaryOperator<LoadOptions> options = chosen -> chosen;

        private Builder() {}

        /** Its folder, its id on the hub, or whatever else {@link Jformers} takes. */
        public Builder model(String name) {
            model = name;
            return this;
        }

        /** How it is loaded. */
        public Builder options(UnaryOperator<LoadOptions> chosen) {
            options = chosen;
            return this;
        }

        /**
         * Loads the model.
         *
         * @throws org.jformers.JformersException if there is no such model, or it does not give pairs one number
         */
        public JformersScoringModel build() {
            return new JformersScoringModel(Jformers.reranking(model, options));
        }
    }
}
