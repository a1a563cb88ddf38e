package org.jformers.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jformers.JformersException;
import org.jformers.hub.HubContents;
import org.jformers.text.chat.ChatRequest;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.chat.Rendering;
import org.jformers.text.tokenizer.AutoTokenizer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers tokenizer chat}: a conversation as the text or the token ids that a model expects. */
@Command(
        name = "chat",
        description =
                "Print a conversation as the model's chat template writes it. Special tokens in messages stay text.")
final class TokenizerChatCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "DIR|ID",
            required = true,
            description = "Folder with a chat template, or a model's id: org/name[@revision].")
    private String model;

    @Option(
            names = "--template",
            paramLabel = "NAME",
            description = "Which template, if the folder has several; by default tool_use where there are tools.")
    private Optional<String> template;

    @Option(names = "--tools", paramLabel = "FILE", description = "JSON list of functions that the model may call.")
    private Optional<Path> tools;

    @Option(names = "--no-generation-prompt", description = "Do not end where the assistant is to begin.")
    private boolean noGenerationPrompt;

    @Option(names = "--ids", description = "Print token ids instead of the text.")
    private boolean ids;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..1",
            description = "JSON list of messages with role and content; without it, standard input.")
    private Optional<Path> messages;

    @Override
    public void run() {
        Path folder = ModelArgument.folder(model, HubContents.TOKENIZER, spec);
        ChatRequest.Builder builder = ChatRequest.builder(messages.isPresent()
                ? list(messages.get()) : list(String.join("\n", Input.of(List.of())), "standard input"));
        tools.ifPresent(file -> builder.tools(list(file)));
        ChatRequest request = builder.addGenerationPrompt(!noGenerationPrompt).build();
        ChatTemplate chat = template.map(name -> ChatTemplate.load(folder, name))
                .orElseGet(() -> ChatTemplate.load(folder, request));
        Rendering rendering = chat.render(request);
        spec.commandLine().getOut().println(ids
                ? Arrays.stream(rendering.encode(AutoTokenizer.load(folder)).ids()).mapToObj(Integer::toString)
                        .collect(Collectors.joining(" "))
                : rendering.text());
    }

    private static List<?> list(Path file) {
        try {
            return list(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new JformersException("cannot read " + file + ": " + e, e);
        }
    }

    private static List<?> list(String json, String where) {
        if (Json.read(json, Object.class, where) instanceof List<?> list) {
            return list;
        }
        throw new JformersException("expected a JSON list, in " + where);
    }
}
