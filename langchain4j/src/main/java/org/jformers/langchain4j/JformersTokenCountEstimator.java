package org.jformers.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jformers.pipeline.LoadOptions;
import org.jformers.text.chat.ChatRequest;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.chat.ChatTemplateException;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Counts tokens as a model reads them, without its weights. A text counts without the special tokens around it.
 * Messages count as the chat template writes them, up to where the answer begins: as many as a request with them has.
 * Where the model has no template, or its template refuses them, such as an answer without a question, they count as
 * their texts.
 */
public final class JformersTokenCountEstimator implements TokenCountEstimator {
    private final Tokenizer tokenizer;
    private final Optional<ChatTemplate> template;

    private JformersTokenCountEstimator(Tokenizer tokenizer, Optional<ChatTemplate> template) {
        this.tokenizer = tokenizer;
        this.template = template;
    }

    /** That of a model: its folder, its id on the hub, or whatever else {@code Jformers} takes. */
    public static JformersTokenCountEstimator of(String model) {
        return of(model, options -> options);
    }

    /** The same, looking for the model as options say. */
    public static JformersTokenCountEstimator of(String model, UnaryOperator<LoadOptions> options) {
        Path folder = options.apply(LoadOptions.DEFAULT).folder(model);
        return new JformersTokenCountEstimator(
                AutoTokenizer.load(folder), ChatTemplate.source(folder).map(source -> ChatTemplate.load(folder)));
    }

    @Override
    public int estimateTokenCountInText(String text) {
        return tokenizer.encodePlain(text).length();
    }

    /** The message alone, without the beginning of an answer. */
    @Override
    public int estimateTokenCountInMessage(ChatMessage message) {
        return count(List.of(message), false);
    }

    @Override
    public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
        List<ChatMessage> all = new ArrayList<>();
        messages.forEach(all::add);
        return count(all, true);
    }

    private int count(List<ChatMessage> messages, boolean answered) {
        List<Map<String, Object>> plain = TemplateMessages.of(messages);
        if (template.isPresent()) {
            try {
                return template.get().render(ChatRequest.builder(plain).addGenerationPrompt(answered).build())
                        .encode(tokenizer).length();
            } catch (ChatTemplateException e) {
                return texts(plain);
            }
        }
        return texts(plain);
    }

    private int texts(List<Map<String, Object>> messages) {
        return messages.stream().mapToInt(message -> estimateTokenCountInText(
                String.valueOf(message.get("content")))).sum();
    }
}
