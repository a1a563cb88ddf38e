package org.jformers.server;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.nn.Embedding;
import org.jformers.pipeline.TextGeneration;
import org.jformers.pipeline.answer.Conversations;
import org.jformers.pipeline.answer.EngineThread;
import org.jformers.text.chat.ChatTemplateException;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * A model that writes, or one of its adapters.
 *
 * @param name by which it is asked for
 * @param pipeline the model with its tokenizer
 * @param template of conversations; empty if the model has none
 * @param engine what writes
 * @param turns who is at work on the model, adapters included
 */
record ServedText(
        String name, Model model, TextGeneration pipeline, Optional<Conversations> template, EngineThread engine,
        Turns turns) {

    Tokenizer tokenizer() {
        return pipeline.tokenizer();
    }

    GenerationConfig config() {
        return pipeline.config();
    }

    /** The tokens of a prompt. */
    int[] tokens(String prompt) {
        return pipeline.tokens(prompt, TextGeneration.PROMPT);
    }

    /** The tokens of a conversation; throws {@link ApiException} if the template refuses it. */
    int[] tokens(List<?> messages, List<?> tools) {
        try {
            return template.orElseThrow().tokens(messages, tools, tokenizer());
        } catch (ChatTemplateException e) {
            throw new ApiException(ApiException.Kind.INVALID, "messages", String.valueOf(e.getMessage()));
        }
    }

    /** Tokens that it can tell apart by place; empty for any number. */
    OptionalInt positions() {
        return model.identity().spec().room();
    }

    /** Tokens that it has vectors of. */
    int vocabulary() {
        return model.identity().spec().tokenTable().map(Embedding.Spec::entries).orElse(tokenizer().vocabSize());
    }

    /** How many new tokens there is room for behind a prompt; throws {@link ApiException} if for none. */
    int room(int[] prompt) {
        if (prompt.length == 0) {
            throw new ApiException(ApiException.Kind.INVALID, "prompt: got no token, allowed one or more");
        }
        for (int id : prompt) {
            if (id < 0 || id >= vocabulary()) {
                throw new ApiException(ApiException.Kind.INVALID,
                        "prompt: got token " + id + ", allowed 0 to " + (vocabulary() - 1));
            }
        }
        int room = positions().orElse(Integer.MAX_VALUE) - prompt.length + 1; // the last one is chosen, but not read
        if (room < 1) {
            throw new ApiException(ApiException.Kind.TOO_LONG, "prompt: got " + prompt.length
                    + " tokens, allowed up to " + positions().getAsInt() + ", as many as the model has positions");
        }
        return room;
    }
}
