package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jformers.text.chat.Rendering.Span;

/**
 * Finds what the assistant said where a template does not mark it: what it writes with a message, but not without it.
 * The beginning that the template gives to an answer is not the assistant's, what ends the answer is.
 */
final class AnswerMarks {
    private static final String ASSISTANT = "assistant";

    private AnswerMarks() {}

    static Rendering of(ChatTemplate template, ChatRequest request) {
        List<?> messages = request.messages();
        Rendering whole = template.render(part(request, messages.size(), false));
        if (template.marksAnswers()) {
            return whole;
        }
        String text = whole.text();
        List<Span> answers = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            if (messages.get(i) instanceof Map<?, ?> message && ASSISTANT.equals(message.get("role"))) {
                String before = template.render(part(request, i, true)).text();
                String through = template.render(part(request, i + 1, false)).text();
                if (!through.startsWith(before)) {
                    throw refusal(i, "begins it otherwise than it asks for it");
                }
                if (!text.startsWith(through)) {
                    throw refusal(i, "writes it, or what stands before it, otherwise where messages follow");
                }
                answers.add(new Span(before.length(), through.length()));
            }
        }
        return new Rendering(whole.segments(), answers);
    }

    private static ChatTemplateException refusal(int message, String why) {
        return new ChatTemplateException("chat template: the answer in message " + (message + 1)
                + " cannot be told from the rest, the template " + why
                + "; allowed: templates that mark answers with {% generation %}, or leave what they wrote as it is");
    }

    private static ChatRequest part(ChatRequest request, int messages, boolean prompt) {
        return new ChatRequest(request.messages().subList(0, messages), request.tools(), request.documents(), prompt,
                request.variables(), request.now(), request.timeLimit());
    }
}
