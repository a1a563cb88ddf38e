package org.jformers.langchain4j;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's own tests of models that give vectors. */
final class LangChain4jEmbeddingTest extends AbstractEmbeddingModelIT {
    @TempDir
    private static Path folder;

    private final List<JformersEmbeddingModel> opened = new ArrayList<>();

    @BeforeAll
    static void make() throws IOException {
        TinyChat.reader(folder);
    }

    @AfterAll
    void free() {
        opened.forEach(JformersEmbeddingModel::close);
    }

    private JformersEmbeddingModel open(List<EmbeddingModelListener> listeners) {
        JformersEmbeddingModel model =
                JformersEmbeddingModel.builder().model(folder.toString()).listeners(listeners).build();
        opened.add(model);
        return model;
    }

    @Override
    protected List<EmbeddingModel> models() {
        return List.of(open(List.of()));
    }

    @Override
    protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
        return open(List.of(listener));
    }

    @Override
    protected EmbeddingModel failingModelWith(EmbeddingModelListener listener) {
        JformersEmbeddingModel closed = open(List.of(listener));
        closed.close();
        return closed;
    }

    @Override
    protected boolean supportsInputTypeParameter() {
        return false;
    }

    @Override
    protected boolean supportsDimensionsParameter() {
        return false;
    }

    @Override
    protected boolean supportsImageInput() {
        return false;
    }
}
