package org.jformers.model.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.data.Offset;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.testkit.Handles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several adapters beside one base: each as if it were alone, and none as if there were none. */
final class AdaptersTest {

    /** What each adapter gives alone. */
    private static Map<String, float[]> alone(Forms forms, String... names) {
        Map<String, float[]> logits = new LinkedHashMap<>();
        for (String name : names) {
            try (Model model = forms.load()) {
                Lora.load(model, forms.adapter(name));
                logits.put(name, forms.logits(model));
            }
        }
        return logits;
    }

    private static Adapters adapters(Model model, Forms forms, String... names) {
        Adapters adapters = Adapters.on(model);
        for (String name : names) {
            adapters.load(name, forms.adapter(name));
        }
        return adapters;
    }

    @ParameterizedTest
    @CsvSource({"gpt2,ranks,gaussian", "llama,excluded,output", "llama,output,layers"})
    void eachComputesAsItDoesAlone(String name, String first, String second) {
        Forms forms = Forms.of(name);
        Map<String, float[]> alone = alone(forms, first, second);
        try (Model model = forms.load()) {
            float[] base = forms.logits(model);
            Adapters adapters = adapters(model, forms, first, second);
            assertThat(adapters.names()).containsExactlyInAnyOrder(first, second);
            assertThat(forms.logits(model)).isEqualTo(base);
            for (String used : List.of(first, second, first)) {
                try (Adapters.Use use = adapters.use(used)) {
                    assertThat(forms.logits(model)).as(used).isEqualTo(alone.get(used));
                }
                assertThat(forms.logits(model)).as("after " + used).isEqualTo(base);
            }
            try (Adapters.Use outer = adapters.use(first)) {
                try (Adapters.Use inner = adapters.use(second)) {
                    assertThat(forms.logits(model)).isEqualTo(alone.get(second));
                }
                assertThat(forms.logits(model)).isEqualTo(alone.get(first));
            }
        }
    }

    /** Constants of queries alone, and heads of their own, among them. */
    @Test
    void headsAndConstantsChangeWithTheAdapter() {
        Forms forms = Forms.of("bert");
        try (Model model = forms.load()) {
            Adapters adapters = adapters(model, forms, "plain", "lora-only");
            for (String name : List.of("plain", "lora-only")) {
                try (Adapters.Use use = adapters.use(name)) {
                    assertThat(forms.logits(model)).as(name)
                            .containsExactly(forms.expected(name), Offset.offset(1e-5f));
                }
            }
            assertThat(forms.logits(model)).containsExactly(forms.expectedOfBase(), Offset.offset(1e-5f));
            assertThatThrownBy(() -> adapters.load("biases", forms.adapter("regex-all-biases")))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageMatching("adapter: got \\S*LayerNorm.bias whole, which is merged only .*");
            assertThat(adapters.names()).containsExactly("lora-only", "plain");
        }
    }

    @Test
    void threadsComputeWithDifferentAdaptersAtTheSameTime() throws Exception {
        Forms forms = Forms.of("gpt2");
        Map<String, float[]> alone = alone(forms, "ranks", "gaussian");
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try (Model model = forms.load()) {
            alone.put("none", forms.logits(model));
            Adapters adapters = adapters(model, forms, "ranks", "gaussian");
            List<Future<?>> done = new ArrayList<>();
            alone.forEach((name, logits) -> done.add(threads.submit(() -> {
                for (int i = 0; i < 30; i++) {
                    if (name.equals("none")) {
                        assertThat(forms.logits(model)).isEqualTo(logits);
                        continue;
                    }
                    try (Adapters.Use use = adapters.use(name)) {
                        assertThat(forms.logits(model)).as(name).isEqualTo(logits);
                    }
                }
            })));
            for (Future<?> one : done) {
                one.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void callsAndRefusedAdaptersLeaveNothing() {
        Forms forms = Forms.of("bert");
        try (Model model = forms.load()) {
            Adapters adapters = adapters(model, forms, "plain", "lora-only");
            Handles.assertNoGrowth(() -> {
                for (String name : adapters.names()) {
                    try (Adapters.Use use = adapters.use(name)) {
                        forms.logits(model);
                    }
                }
                assertThatThrownBy(() -> adapters.load("biases", forms.adapter("regex-all-biases")));
            });
        }
    }

    @Test
    void refusesNamesThatAreTakenOrUnknown() {
        Forms forms = Forms.of("gpt2");
        try (Model model = forms.load()) {
            Adapters adapters = adapters(model, forms, "ranks");
            assertThatThrownBy(() -> adapters.load("ranks", forms.adapter("gaussian")))
                    .isInstanceOf(ConfigException.class)
                    .hasMessage("adapters: got ranks a second time, allowed others than [ranks]");
            assertThatThrownBy(() -> adapters.use("law"))
                    .isInstanceOf(ConfigException.class).hasMessage("adapters: got law, allowed [ranks]");
            assertThatThrownBy(() -> Lora.load(model, forms.adapter("gaussian")))
                    .isInstanceOf(ConfigException.class).hasMessageContaining("got a model that has one");
            assertThatThrownBy(() -> Adapters.on(model)).isInstanceOf(ConfigException.class);
        }
    }
}
