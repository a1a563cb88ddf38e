package org.jformers.generation;

/**
 * Says which tokens may follow a text: {@code prefix_allowed_tokens_fn} of the reference, for all prompts of a request
 * alike. Source: arXiv:2010.00904, 3.2.
 */
@FunctionalInterface
public interface AllowedTokens {
    /**
     * The tokens that may come next.
     *
     * @param ids the tokens so far, prompt and padding included
     * @return at least one, each in [0, vocabSize)
     */
    int[] after(long[] ids);
}
