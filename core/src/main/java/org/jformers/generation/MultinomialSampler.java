package org.jformers.generation;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.tensor.Scopes;

/**
 * Draws by the softmax of the scores, without putting back, from a random generator of its own: the same seed draws the
 * same, and what Python draws after {@code torch.manual_seed} of that seed. Owns the generator until closed.
 */
public final class MultinomialSampler implements Sampler {
    private final Generator generator;
    private final GeneratorOptional random;

    /** A sampler that starts from a seed. */
    public MultinomialSampler(long seed) {
        generator = Scopes.keep(torch.make_generator_cpu(seed));
        random = Scopes.keep(new GeneratorOptional(generator));
    }

    @Override
    public Tensor choose(Tensor scores_BV, int count) {
        return scores_BV.softmax(-1).multinomial(count, false, random);
    }

    @Override
    public void close() {
        random.close();
        generator.close();
    }
}
