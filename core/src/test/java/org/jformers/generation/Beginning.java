package org.jformers.generation;

import java.util.List;
import java.util.stream.IntStream;
import org.jformers.model.Model;

/** Prompts that begin alike, and what a model writes behind one that nothing else is computed beside. */
final class Beginning {
    /** 22 tokens. */
    static final int[] BEGINNING = IntStream.range(0, 22).map(i -> 3 + i * 5 % 100).toArray();

    private Beginning() {}

    static int[] with(int... more) {
        return IntStream.concat(IntStream.of(BEGINNING), IntStream.of(more)).toArray();
    }

    static GenerationConfig config(int count) {
        return GenerationConfig.builder().maxNewTokens(count).build();
    }

    static int[] alone(Model model, int[] prompt, GenerationConfig config) {
        return new Generator(model).generate(List.of(prompt), config, Controls.NONE).get(0).get(0).ids();
    }
}
