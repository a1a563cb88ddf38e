package org.jformers.generation;

/**
 * What guesses tokens ahead, so that a model reads several at once and keeps those that it would have chosen itself:
 * the text is that of plain search, and where tokens are drawn their distribution is. Kinds: {@link PromptLookup},
 * {@link DraftModel}. Source: arXiv:2211.17192.
 */
public sealed interface Drafts permits PromptLookup, DraftModel {
    /** Most tokens that are guessed at once. */
    int tokens();
}
