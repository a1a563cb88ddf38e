package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.surgery.Lora;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters beside one base, by name and at the same time. */
final class AdapterServingTest {
    @TempDir
    private Path folder;

    private static String written(Server server, String model) {
        return new Client(server).ok("/v1/chat/completions", """
                {"model": "%s", "messages": [{"role": "user", "content": "What is it?"}], "temperature": 0,
                 "max_tokens": 12}""".formatted(model)).at("/choices/0/message/content").asText();
    }

    private Path adapter(Path base, String name, int seed) throws IOException {
        Path adapter = Files.createDirectory(folder.resolve(name));
        try (Seeds.Own seeds = Seeds.own(seed); Model model = AutoModel.load(base)) {
            Lora lora = Lora.attach(model, new Lora.Spec(2, 60, 0, List.of(Lora.ALL_LINEAR), false));
            try (NoGrad noGrad = new NoGrad()) {
                lora.tensors().values().forEach(tensor -> Tensors.fillNormal(tensor, 0, 1));
            }
            lora.save(adapter, base.toString());
        }
        return adapter;
    }

    @Test
    void eachNameWritesAsTheMergedModelDoes() throws IOException {
        Path base = TinyChat.llama(Files.createDirectory(folder.resolve("base")));
        Path law = adapter(base, "law", 5);
        Path poems = adapter(base, "poems", 6);
        List<String> merged;
        try (Server one = Server.builder().model(base.toString()).start();
                Server two = Server.builder().model(base.toString())
                        .request(LoadRequest.DECLARED.withAdapter(law)).start();
                Server three = Server.builder().model(base.toString())
                        .request(LoadRequest.DECLARED.withAdapter(poems)).start()) {
            merged = List.of(written(one, "base"), written(two, "base"), written(three, "base"));
            assertThat(merged).doesNotHaveDuplicates();
        }
        try (Server server = Server.builder().model(base.toString())
                .adapter("base", "law", law.toString()).adapter("base", "poems", poems.toString()).start()) {
            assertThat(server.models()).containsExactly("base", "base:law", "base:poems");
            List<String> names = server.models();
            List<CompletableFuture<String>> all = IntStream.range(0, 30)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> written(server, names.get(i % 3)))).toList();
            for (int i = 0; i < 30; i++) {
                assertThat(all.get(i).join()).as(names.get(i % 3)).isEqualTo(merged.get(i % 3));
            }
            assertThat(new Client(server).post("/pipelines/text-generation",
                    "{\"model\": \"base:law\", \"inputs\": \"a\"}").statusCode()).isEqualTo(400);
        }
    }
}
