package org.jformers.model.kind;

import java.util.Optional;

/**
 * How a model that predicts hidden tokens continues a text: a token behind the last one asks for the next one (XLM).
 *
 * @param id the token
 * @param language of all tokens then, if the model tells languages apart
 */
public record AskingToken(int id, Optional<Integer> language) {}
