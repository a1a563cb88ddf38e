package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.function.Function;

/**
 * What a case calls.
 *
 * @param keys keys of {@code case.json} that it reads
 * @param result what it gives for a case, in the form of {@code expected}
 */
record Operation(Set<String> keys, Function<Case, JsonNode> result) {}
